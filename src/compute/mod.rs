//! Definitions of `stats` in batches, on the processor or on a CUDA device.
//!
//! What is here proposes and never decides: every number that is stored comes from the plain path
//! in `stats` and `sim`, so a device can make a run faster and cannot change a row. Where a kernel's number
//! is listed or reaches a row, the device has the processor's bits. [`Backend`] is the list of verbs, [`Cpu`] its
//! form on the processor and [`Cuda`] its form on a device; [`zscore_rules`] is the z-score rule on many pairs.
//! [`probe`] asks whether there is a device, and if not, why not.
//!
//! The driver library is looked for when it is first needed. A binary built with the feature
//! `cuda` runs on machines without device, driver or toolkit, and one built without it answers
//! [`NoDevice::NotBuilt`].

mod backend;
mod cpu;
#[cfg(feature = "cuda")]
mod cuda;
mod device;
#[cfg(not(feature = "cuda"))]
mod no_cuda;
mod pair_set;
mod pairs;

mod triangle;

pub use backend::{Backend, Take};
pub use cpu::{Cpu, zscore_rules};
#[cfg(feature = "cuda")]
pub use cuda::{Cuda, DeviceRates, PTX, SOURCES, source};
pub use device::{DeviceFacts, DeviceTimes, DeviceUse, NoDevice, probe};
#[cfg(not(feature = "cuda"))]
pub use no_cuda::{Cuda, DeviceRates};
pub use pair_set::PairSet;
pub use pairs::{
    BasketTests, Baskets, EngleGrangerScreen, JohansenBasket, JohansenPair, JohansenScreen,
    JohansenTests, PairProblem, PairStatistic, PairTests,
};
pub use triangle::{CrossMoments, PairwiseTriangles, ShrunkTriangle, Steps, Triangle};

//! Definitions of `stats` in batches, on the processor or on a CUDA device.
//!
//! What is here proposes and never decides: every number that is stored comes from the plain path
//! in `stats` and `sim`, so a device can make a run faster and cannot change a row. [`Backend`] is
//! the list of verbs and [`Cpu`] its form on the processor; [`zscore_rules`] is the z-score rule on many
//! pairs. For a device there is so far the question every batch begins with, [`probe`]: is there one,
//! and if not, why not.
//!
//! The driver library is looked for when it is first needed. A binary built with the feature
//! `cuda` runs on machines without device, driver or toolkit, and one built without it answers
//! [`NoDevice::NotBuilt`].

use std::fmt;

mod backend;
mod cpu;
#[cfg(feature = "cuda")]
mod cuda;
mod pair_set;
mod pairs;

mod triangle;

pub use backend::{Backend, Take};
pub use cpu::{Cpu, zscore_rules};
pub use pair_set::PairSet;
pub use pairs::{
    BasketTests, Baskets, EngleGrangerScreen, JohansenBasket, JohansenPair, JohansenScreen,
    JohansenTests, PairStatistic, PairTests,
};
pub use triangle::{CrossMoments, PairwiseTriangles, ShrunkTriangle, Steps, Triangle};

/// The CUDA device that batches would run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFacts {
    /// Name, as the driver gives it.
    pub name: String,
    /// Devices that the driver shows to this process; the first one is used.
    pub devices: usize,
    /// Compute capability, major and minor.
    pub capability: (i32, i32),
    /// Memory of the device.
    pub total_bytes: u64,
    /// Memory that is free now, with a context of ours in place.
    pub free_bytes: u64,
    /// The CUDA version the driver supports, major and minor.
    pub driver: (i32, i32),
}

/// Why there is no device to run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoDevice {
    /// Barline was built without the feature `cuda`.
    NotBuilt,
    /// The driver's library (`libcuda`) is not on this machine.
    NoDriver,
    /// The driver is there and refuses: its own words.
    Refused(String),
    /// The driver's library lacks a function that is needed: older than our oldest, or a stub.
    Unusable(String),
}

impl fmt::Display for NoDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBuilt => f.write_str("none: built without the feature cuda"),
            Self::NoDriver => f.write_str("none: no driver (libcuda is not on this machine)"),
            Self::Refused(words) => write!(f, "none: the driver says {words}"),
            Self::Unusable(words) => {
                write!(f, "none: the driver's library cannot be used ({words})")
            }
        }
    }
}

/// Looks for a CUDA device, by making a context on the first one and letting go of it. Never
/// panics; costs a few hundred milliseconds where there is a device.
pub fn probe() -> Result<DeviceFacts, NoDevice> {
    #[cfg(feature = "cuda")]
    return cuda::probe();
    #[cfg(not(feature = "cuda"))]
    Err(NoDevice::NotBuilt)
}

#[cfg(test)]
mod tests {
    use super::{NoDevice, probe};

    #[test]
    fn every_cause_is_one_line() {
        for cause in [
            NoDevice::NotBuilt,
            NoDevice::NoDriver,
            NoDevice::Refused("CUDA_ERROR_NO_DEVICE".into()),
            NoDevice::Unusable("Missing symbol cuInit".into()),
        ] {
            let text = cause.to_string();
            assert!(text.starts_with("none: ") && !text.contains('\n'), "{text}");
        }
    }

    #[test]
    fn a_probe_answers_on_any_machine() {
        match probe() {
            Ok(facts) => assert!(facts.devices > 0 && facts.total_bytes >= facts.free_bytes),
            Err(cause) => assert!(cause.to_string().starts_with("none: ")),
        }
    }
}

//! CUDA through its driver.
//!
//! `launch` holds the unsafe steps; `device` is a device in use, with its budget and its counts; `batches` moves
//! items over it, two lanes at a time. What is asked: `windows` (covariances of many windows), `stepped` (windows that
//! step, columns with gaps), `moments` (lagged products), `pairs` with `resident`, `pair_kind` and `pair_kinds` (tests
//! of all pairs). `verbs` is the list of them; `kernels` what the device runs.

mod batches;
mod context;
mod device;
mod fading;
mod fault;
mod kernels;
mod launch;
mod moments;
mod pair_kind;
mod pair_kinds;
mod pairs;
mod product;
mod rates;
mod resident;
mod stepped;
mod verbs;
mod windows;

pub(super) use context::probe;
pub use kernels::{PTX, SOURCES, source};
pub use rates::DeviceRates;
pub use verbs::Cuda;

//! The unsafe steps towards the driver; everything else on this floor is safe.
#![allow(unsafe_code)]

use cudarc::driver::{result::DriverError, sys};

/// True if the driver's library can be loaded. To be asked before anything else: without the
/// library every other call panics.
pub(super) fn is_driver_present() -> bool {
    // SAFETY: loads libcuda by its usual names and lets go of it; the driver's own initializers
    // are all that runs, as they would for any program that uses CUDA.
    unsafe { sys::is_culib_present() }
}

/// The CUDA version that the driver supports: 1000 x major + 10 x minor.
pub(super) fn driver_version() -> Result<i32, DriverError> {
    let mut version = 0;
    // SAFETY: cuDriverGetVersion writes one int to the address given and needs no context.
    unsafe { sys::cuDriverGetVersion(&raw mut version) }.result()?;
    Ok(version)
}

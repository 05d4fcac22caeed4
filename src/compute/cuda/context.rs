//! The context on the first device, and what it says about the device.
//!
//! A library that lacks a function (a stub, or a driver older than the bindings) is met as a panic
//! in `cudarc`; the panic is caught here and becomes a cause like every other.

use std::panic::{self, UnwindSafe};

use cudarc::driver::{CudaContext, DriverError};

use super::{
    fault::{described, words},
    kernels::LEAST_DRIVER,
    launch,
};
use crate::compute::{DeviceFacts, NoDevice};

/// Asks the driver for its first device.
pub(in crate::compute) fn probe() -> Result<DeviceFacts, NoDevice> {
    if !launch::is_driver_present() {
        return Err(NoDevice::NoDriver);
    }
    guarded(facts)
}

/// What `act` answers; a panic of the bindings is a library that cannot be used.
pub(super) fn guarded<T>(
    act: impl FnOnce() -> Result<T, NoDevice> + UnwindSafe,
) -> Result<T, NoDevice> {
    panic::catch_unwind(act)
        .unwrap_or_else(|payload| Err(NoDevice::Unusable(words(payload.as_ref()))))
}

fn facts() -> Result<DeviceFacts, NoDevice> {
    let version = launch::driver_version().map_err(refused)?;
    let driver = (version / 1000, version % 1000 / 10);
    if version < LEAST_DRIVER {
        let (least, part) = (LEAST_DRIVER / 1000, LEAST_DRIVER % 1000 / 10);
        return Err(NoDevice::TooOld(format!(
            "the driver supports CUDA {}.{}, and {least}.{part} is needed",
            driver.0, driver.1
        )));
    }
    let devices = CudaContext::device_count().map_err(refused)?;
    if devices < 1 {
        return Err(NoDevice::Refused("that there is no device".into()));
    }
    let context = CudaContext::new(0).map_err(refused)?;
    let (free, total) = context.mem_get_info().map_err(refused)?;
    Ok(DeviceFacts {
        name: context.name().map_err(refused)?,
        devices: usize::try_from(devices).unwrap_or(0),
        capability: context.compute_capability().map_err(refused)?,
        total_bytes: total as u64,
        free_bytes: free as u64,
        driver,
    })
}

/// A refusal in the driver's words.
pub(super) fn refused(error: DriverError) -> NoDevice {
    NoDevice::Refused(described(error))
}

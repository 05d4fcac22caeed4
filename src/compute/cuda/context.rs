//! The context on the first device, and what it says about the device.
//!
//! A library that lacks a function (a stub, or a driver older than the bindings) is met as a panic
//! in `cudarc`; the panic is caught here and becomes a cause like every other.

use std::panic;

use cudarc::driver::{CudaContext, DriverError};

use super::launch;
use crate::compute::{DeviceFacts, NoDevice};

/// Asks the driver for its first device.
pub(in crate::compute) fn probe() -> Result<DeviceFacts, NoDevice> {
    if !launch::is_driver_present() {
        return Err(NoDevice::NoDriver);
    }
    panic::catch_unwind(facts)
        .unwrap_or_else(|payload| Err(NoDevice::Unusable(words(payload.as_ref()))))
}

fn facts() -> Result<DeviceFacts, NoDevice> {
    let version = launch::driver_version().map_err(refused)?;
    let devices = CudaContext::device_count().map_err(refused)?;
    let context = CudaContext::new(0).map_err(refused)?;
    let (free, total) = context.mem_get_info().map_err(refused)?;
    Ok(DeviceFacts {
        name: context.name().map_err(refused)?,
        devices: usize::try_from(devices).unwrap_or(0),
        capability: context.compute_capability().map_err(refused)?,
        total_bytes: total as u64,
        free_bytes: free as u64,
        driver: (version / 1000, version % 1000 / 10),
    })
}

/// The name and the text that the driver has for its error.
fn refused(error: DriverError) -> NoDevice {
    let text = |words: Result<&std::ffi::CStr, DriverError>| {
        words.map(|words| words.to_string_lossy().into_owned())
    };
    match (text(error.error_name()), text(error.error_string())) {
        (Ok(name), Ok(meaning)) => NoDevice::Refused(format!("{name}: {meaning}")),
        _ => NoDevice::Refused(format!("{:?}", error.0)),
    }
}

/// What a panic said, its first line.
fn words(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    text.lines().next().unwrap_or_default().to_owned()
}

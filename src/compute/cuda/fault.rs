//! What can go wrong between us and the device, and the driver's words for it.

use std::ffi::CStr;

use cudarc::driver::{DriverError, sys};

/// A call of the driver that did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// No room on the device, or none left in the budget.
    Memory,
    /// The device, or our context on it, is of no use any more.
    Lost(String),
}

/// Answers of the driver.
pub(super) type Done<T> = Result<T, Fault>;

impl From<DriverError> for Fault {
    fn from(error: DriverError) -> Self {
        if error.0 == sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY {
            Self::Memory
        } else {
            Self::Lost(described(error))
        }
    }
}

/// The name and the text that the driver has for its error.
pub(super) fn described(error: DriverError) -> String {
    let text =
        |words: Result<&CStr, DriverError>| words.map(|words| words.to_string_lossy().into_owned());
    match (text(error.error_name()), text(error.error_string())) {
        (Ok(name), Ok(meaning)) => format!("{name}: {meaning}"),
        _ => format!("{:?}", error.0),
    }
}

/// What a panic said, its first line.
pub(super) fn words(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    text.lines().next().unwrap_or_default().to_owned()
}

//! The device as others see it: what it is, why there is none, what it did.

use std::fmt;

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
    /// The driver is older than the code that we have for it: what it supports, and what is needed.
    TooOld(String),
    /// The driver's library lacks a function that is needed: a stub; or the device gives wrong numbers.
    Unusable(String),
    /// The device has less free memory than anything takes, or the budget is too small.
    NoMemory {
        /// Bytes that could be used.
        budget: u64,
        /// Bytes that are free.
        free: u64,
    },
}

impl fmt::Display for NoDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBuilt => f.write_str("none: built without the feature cuda"),
            Self::NoDriver => f.write_str("none: no driver (libcuda is not on this machine)"),
            Self::Refused(words) => write!(f, "none: the driver says {words}"),
            Self::TooOld(words) => write!(f, "none: the driver is too old ({words})"),
            Self::Unusable(words) => {
                write!(f, "none: the driver's library cannot be used ({words})")
            }
            Self::NoMemory { budget, free } => {
                write!(f, "none: no memory ({budget} bytes may be used, {free} are free)")
            }
        }
    }
}

/// What a device did for a run.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceUse {
    /// Name, as the driver gives it.
    pub name: String,
    /// Windows whose covariances it made.
    pub windows: u64,
    /// Pairs that it tested, whatever their directions.
    pub pairs: u64,
    /// Memory that it could use.
    pub budget_bytes: u64,
    /// Most memory that was planned to be held together.
    pub planned_bytes: u64,
    /// Most memory that was held together, as the driver gave it.
    pub measured_bytes: u64,
    /// Batches that were made smaller because there was no room.
    pub halvings: u64,
    /// Answers that were compared with the processor's.
    pub compared: u64,
    /// How far the furthest of them was off, in units of its scale.
    pub deviation: f64,
    /// Why it was given up, if it was.
    pub lost: Option<String>,
    /// True if cuBLAS is here.
    pub blas: bool,
}

/// Milliseconds by the device's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DeviceTimes {
    /// Of kernels.
    pub kernels: f64,
    /// Of copies to the device.
    pub up: f64,
    /// Of copies from it.
    pub down: f64,
}

/// Looks for a CUDA device, by making a context on the first one and letting go of it. Never
/// panics; costs a few hundred milliseconds where there is a device.
pub fn probe() -> Result<DeviceFacts, NoDevice> {
    #[cfg(feature = "cuda")]
    return super::cuda::probe();
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
            NoDevice::TooOld("the driver supports CUDA 11.4".into()),
            NoDevice::Unusable("Missing symbol cuInit".into()),
            NoDevice::NoMemory { budget: 1, free: 2 },
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

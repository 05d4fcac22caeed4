//! Where the kernels of a run work: on the processor, or on a CUDA device where that pays.
//!
//! A device gives the answers of the processor, bit for bit where they reach a row, so the choice is one of time
//! alone. Opening it, and bringing columns to it, takes a while, and two to four assets never pay: `auto` uses it
//! above a break-even that was measured on this machine ([`BreakEven`]).

use std::{fmt, str::FromStr};

use super::break_even::BreakEven;
use crate::{
    compute::{Backend, Cpu, Cuda, NoDevice},
    error::{Error, Result},
    store::RunDevice,
};

/// Where kernels are asked to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// On a device where there is one and the work is worth it.
    #[default]
    Auto,
    /// On the processor.
    Cpu,
    /// On a device, or not at all.
    Cuda,
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda),
            _ => Err(Error::usage(format!("'{text}' is not a device"))
                .with_hint("one of auto, cpu, cuda")),
        }
    }
}

/// Which device, and how much of its memory. Never changes a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceRequest {
    /// `--device`.
    pub choice: DeviceChoice,
    /// `--vram-budget`; 85 % of what is free when `None`.
    pub vram_bytes: Option<u64>,
}

/// What a run asks of its kernels: pairs times the rows that each is tested on, or cells of covariances times
/// theirs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size(pub(super) f64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} G pair-rows", self.0 / 1e9)
    }
}

/// Where the kernels of a run work.
#[derive(Debug)]
pub(super) struct Kernels {
    cpu: Cpu,
    device: Option<Cuda>,
}

impl Kernels {
    /// The processor alone.
    pub(super) fn on_cpu(workers: usize) -> Self {
        Self { cpu: Cpu { workers }, device: None }
    }

    /// What was asked for, for work of some size; `spare_bytes` of the memory budget are left for it.
    /// `tell` hears in one line which, and why, wherever there is a choice.
    ///
    /// # Errors
    /// Device, where one was asked for and there is none that can be used; budget, where it leaves no room
    /// for the driver.
    pub(super) fn settle(
        request: DeviceRequest,
        workers: usize,
        size: Size,
        spare_bytes: u64,
        tell: &dyn Fn(String),
    ) -> Result<Self> {
        let none = Self::on_cpu(workers);
        let device = match request.choice {
            DeviceChoice::Cpu => return Ok(none),
            DeviceChoice::Cuda => {
                let open = || Cuda::open(request.vram_bytes, workers);
                let device = quietly(open).map_err(|cause| refused(&cause))?;
                if spare_bytes < Cuda::HOST_BYTES {
                    return Err(no_room(spare_bytes));
                }
                tell(format!("device: {}, as asked", device.used().name));
                device
            }
            DeviceChoice::Auto => {
                if spare_bytes < Cuda::HOST_BYTES {
                    return Ok(none);
                }
                match BreakEven::decide(request.vram_bytes, workers, size) {
                    Ok((device, why)) => {
                        tell(why);
                        match device {
                            Some(device) => device,
                            None => return Ok(none),
                        }
                    }
                    // Nothing to choose from, and nothing to tell.
                    Err(NoDevice::NotBuilt | NoDevice::NoDriver) => return Ok(none),
                    Err(cause) => {
                        tell(format!("device: the processor; {}", because(&cause)));
                        return Ok(none);
                    }
                }
            }
        };
        Ok(Self { device: Some(device), ..none })
    }

    /// Who answers.
    pub(super) fn backend(&self) -> &(dyn Backend + Sync) {
        match &self.device {
            Some(device) => device,
            None => &self.cpu,
        }
    }

    /// The device, if there is one.
    pub(super) fn device(&self) -> Option<&Cuda> {
        self.device.as_ref()
    }

    /// Its name, as a row has it.
    pub(super) fn name(&self) -> String {
        match &self.device {
            Some(device) => format!("cuda: {}", device.used().name),
            None => "cpu".to_owned(),
        }
    }

    /// Bytes of the machine's memory that it takes.
    pub(super) fn host_bytes(&self) -> u64 {
        if self.device.is_some() { Cuda::HOST_BYTES } else { 0 }
    }

    /// What the device did, as a row has it.
    pub(super) fn row(&self) -> Option<RunDevice> {
        let used = self.device.as_ref()?.used();
        Some(RunDevice {
            budget_bytes: used.budget_bytes,
            planned_bytes: used.planned_bytes,
            measured_bytes: used.measured_bytes,
            windows: used.windows,
            pairs: used.pairs,
            compared: used.compared,
            deviation: used.deviation,
            lost: used.lost,
        })
    }

    /// A line for whoever should hear that the device was given up.
    pub(super) fn lost(&self) -> Option<String> {
        let why = self.device.as_ref()?.used().lost?;
        Some(format!("the device was given up and its work done by the processor: {why}"))
    }
}

/// Does something without the words of a panic that is caught: they are in the answer.
pub(super) fn quietly<T>(act: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let answer = act();
    std::panic::set_hook(hook);
    answer
}

/// The first device, with the usual share of its memory.
///
/// # Errors
/// Why there is none that can be used.
pub fn open_device(workers: usize) -> std::result::Result<Cuda, NoDevice> {
    quietly(|| Cuda::open(None, workers))
}

fn because(cause: &NoDevice) -> String {
    let text = cause.to_string();
    text.strip_prefix("none: ").map_or(text.clone(), str::to_owned)
}

fn refused(cause: &NoDevice) -> Error {
    Error::device(format!("--device cuda: {}", because(cause))).with_hint(
        "--device cpu needs none and gives the same rows; 'barline doctor' shows the device",
    )
}

fn no_room(spare_bytes: u64) -> Error {
    let (needed, spare) = (Cuda::HOST_BYTES >> 20, spare_bytes >> 20);
    Error::new(
        crate::error::ErrorKind::Budget,
        format!("--device cuda: the driver takes {needed} MiB of the memory budget, which has {spare} MiB left"),
    )
    .with_hint("give --memory-budget more, or --device cpu")
}

//! What was typed about the device, and what it means.

use clap::Args as ClapArgs;

use super::{
    byte_size,
    typed_value::{at_flag, optional},
};
use crate::{error::Result, run::DeviceRequest};

/// Where kernels work. Never changes a result.
#[derive(Debug, Default, ClapArgs)]
pub(super) struct DeviceArgs {
    /// Where kernels work: auto (cuda where it pays), cpu or cuda; never changes a result [default: auto]
    #[arg(long, value_name = "WHICH", help_heading = "Limits")]
    pub(super) device: Option<String>,
    /// Memory of the CUDA device that this may take [default: 85% of what is free]
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) vram_budget: Option<String>,
}

impl DeviceArgs {
    /// The device that was asked for.
    ///
    /// # Errors
    /// Usage, naming the flag and its value.
    pub(super) fn request(&self) -> Result<DeviceRequest> {
        let bytes = |text: &str| {
            byte_size::parse(text).map_err(|error| at_flag("--vram-budget", text, &error))
        };
        Ok(DeviceRequest {
            choice: optional("--device", self.device.as_deref())?.unwrap_or_default(),
            vram_bytes: self.vram_budget.as_deref().map(bytes).transpose()?,
        })
    }
}

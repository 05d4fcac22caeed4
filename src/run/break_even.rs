//! From how much work on a device pays on this machine: measured once, kept in a file of the user's cache.
//!
//! Both sides test all pairs of the same walks (one lag), a small universe and a larger one; what the time of the
//! device does not grow with is its overhead. `break-even = overhead / (1 / processor - 1 / device)`, in pairs times
//! rows. The file says which device, driver and Barline it was measured with, and is measured anew for another.

use std::{env, fs, ops::ControlFlow, path::PathBuf, time::Instant};

use serde::{Deserialize, Serialize};

use super::device::{Size, quietly};
use crate::{
    compute::{Backend, Cpu, Cuda, EngleGrangerScreen, NoDevice},
    stats::{LagRule, Trend},
};

/// Assets of the two universes that are timed, and rows.
const ASSETS: [usize; 2] = [64, 768];
const ROWS: usize = 500;

/// A break-even and what it was measured with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BreakEven {
    /// Name of the device.
    pub device: String,
    /// Barline's version.
    pub engine: String,
    /// Threads of the processor that it was compared with.
    pub workers: usize,
    /// Pair-rows from which on the device is the faster one; infinite where it never is.
    pub pair_rows: f64,
    /// Time that using the device takes before anything is done.
    pub overhead_secs: f64,
    /// Pair-rows a second.
    pub device_rate: f64,
    /// Pair-rows a second of the processor.
    pub cpu_rate: f64,
}

impl BreakEven {
    /// A device where work of a size is worth it, and in one line why or why not.
    ///
    /// # Errors
    /// Why there is no device.
    pub(super) fn decide(
        vram_bytes: Option<u64>,
        workers: usize,
        size: Size,
    ) -> Result<(Option<Cuda>, String), NoDevice> {
        let of_now =
            |known: &Self| known.workers == workers && known.engine == env!("CARGO_PKG_VERSION");
        let known = Self::stored().filter(of_now);
        // What is too small is so for whatever device there is: it need not be opened.
        if let Some(known) = known.as_ref().filter(|known| size.0 < known.pair_rows) {
            return Ok((None, known.why_not(size)));
        }
        let begun = Instant::now();
        let device = quietly(|| Cuda::open(vram_bytes, workers))?;
        let opened = begun.elapsed().as_secs_f64();
        let name = device.used().name;
        let known = match known.filter(|known| known.device == name) {
            Some(known) => known,
            None => Self::measure(&device, workers, opened),
        };
        if size.0 < known.pair_rows {
            return Ok((None, known.why_not(size)));
        }
        let least = Size(known.pair_rows);
        let why = format!("device: {name}; {size} are above the break-even of {least}");
        Ok((Some(device), why))
    }

    fn why_not(&self, size: Size) -> String {
        let least = Size(self.pair_rows);
        format!(
            "device: the processor; {size} are below the break-even of {least} on {}",
            self.device
        )
    }

    /// Times both, and keeps what comes out where there is a place for it.
    fn measure(device: &Cuda, workers: usize, opened: f64) -> Self {
        let small = timed(device, ASSETS[0]);
        let large = timed(device, ASSETS[1]);
        let cpu = Cpu { workers };
        let processor = timed(&cpu, ASSETS[1]);
        let work = |assets: usize| (assets * (assets - 1) / 2 * ROWS) as f64;
        let device_rate = (work(ASSETS[1]) - work(ASSETS[0])) / (large - small).max(1e-9);
        let cpu_rate = work(ASSETS[1]) / processor.max(1e-9);
        let overhead_secs = opened + (small - work(ASSETS[0]) / device_rate).max(0.0);
        let found = Self {
            device: device.used().name,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            workers,
            pair_rows: break_even(overhead_secs, device_rate, cpu_rate),
            overhead_secs,
            device_rate,
            cpu_rate,
        };
        if let (Some(path), Ok(text)) = (path(), serde_json::to_string_pretty(&found)) {
            // Where it cannot be kept it is measured again.
            let _ = path.parent().map(fs::create_dir_all);
            let _ = fs::write(path, text);
        }
        found
    }

    /// What was measured on this machine before.
    pub fn stored() -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(path()?).ok()?).ok()
    }
}

/// Where the device catches up.
fn break_even(overhead_secs: f64, device_rate: f64, cpu_rate: f64) -> f64 {
    let gained = 1.0 / cpu_rate - 1.0 / device_rate;
    // JSON has no infinity.
    if gained > 0.0 { overhead_secs / gained } else { f64::MAX }
}

/// The file.
fn path() -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("barline").join("break-even.json"))
}

/// Seconds that a screen of so many walks takes.
fn timed(backend: &dyn Backend, assets: usize) -> f64 {
    let walk = |seed: u64| {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut level = 0.0;
        let step = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            level += (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            level
        };
        (0..ROWS).map(step).collect::<Vec<f64>>()
    };
    let walks: Vec<Vec<f64>> = (1..=assets as u64).map(walk).collect();
    let columns: Vec<&[f64]> = walks.iter().map(Vec::as_slice).collect();
    let screen = EngleGrangerScreen {
        trend: Trend::Constant,
        rule: LagRule::Fixed(1),
        min_rows: 3,
        keep_below: -5.0,
        only_kernel: false,
    };
    let begun = Instant::now();
    let tested = backend.engle_granger(&columns, &screen, &mut |_| ControlFlow::Continue(()));
    debug_assert!(tested.is_ok(), "walks are complete");
    begun.elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::break_even;

    #[test]
    fn a_device_pays_where_its_overhead_is_gained_back() {
        // 0.5 s to begin; a second of the processor's work takes it 0.01 s.
        let found = break_even(0.5, 1e11, 1e9);
        assert!((found / 1e9 * (1.0 - 0.01) - 0.5).abs() < 1e-12);
        assert!(break_even(0.5, 1e9, 1e9) >= f64::MAX);
    }
}

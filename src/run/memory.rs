//! What a run took: the anonymous and shared memory of the process, sampled while it works.
//!
//! Measured peak = max over time of RssAnon + RssShmem as the kernel reports them. Pages of mapped
//! files (the binary, the page cache) are not ours to answer for and are not counted.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

/// Bytes at the stages of a run, and what was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemoryReport {
    /// Before any work.
    pub initial_bytes: u64,
    /// Predicted peak.
    pub planned_bytes: u64,
    /// Measured peak.
    pub peak_bytes: u64,
    /// After the last commit.
    pub final_bytes: u64,
    /// What the run was allowed.
    pub budget_bytes: u64,
}

/// Distance between samples: short against the stages of a run, too long to be felt by it.
const SAMPLE_EVERY: Duration = Duration::from_millis(10);

/// RssAnon + RssShmem of this process in bytes; 0 where the kernel does not tell.
pub(super) fn resident_bytes() -> u64 {
    fs::read_to_string("/proc/self/status").map_or(0, |status| parse_status(&status))
}

fn parse_status(status: &str) -> u64 {
    status
        .lines()
        .filter(|line| line.starts_with("RssAnon:") || line.starts_with("RssShmem:"))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .map(|kib| kib * 1024)
        .sum()
}

/// Keeps the highest sample seen.
#[derive(Debug, Default)]
pub(super) struct Meter {
    initial: u64,
    peak: AtomicU64,
    done: AtomicBool,
}

impl Meter {
    /// A meter whose initial value is read now.
    pub(super) fn start() -> Self {
        let initial = resident_bytes();
        Self { initial, peak: AtomicU64::new(initial), done: AtomicBool::new(false) }
    }

    /// Takes a sample now.
    pub(super) fn sample(&self) -> u64 {
        let bytes = resident_bytes();
        self.peak.fetch_max(bytes, Ordering::Relaxed);
        bytes
    }

    /// Samples until [`Self::finish`]; runs on a thread of its own.
    pub(super) fn watch(&self) {
        while !self.done.load(Ordering::Relaxed) {
            self.sample();
            thread::park_timeout(SAMPLE_EVERY);
        }
    }

    /// Ends [`Self::watch`].
    pub(super) fn finish(&self) {
        self.done.store(true, Ordering::Relaxed);
    }

    /// The report so far.
    pub(super) fn report(&self, planned_bytes: u64, budget_bytes: u64) -> MemoryReport {
        let final_bytes = self.sample();
        MemoryReport {
            initial_bytes: self.initial,
            planned_bytes,
            peak_bytes: self.peak.load(Ordering::Relaxed),
            final_bytes,
            budget_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Meter, parse_status, resident_bytes};

    #[test]
    fn anonymous_and_shared_memory_are_counted_and_mapped_files_are_not() {
        let status =
            "VmHWM:\t  900 kB\nRssAnon:\t  100 kB\nRssFile:\t 5000 kB\nRssShmem:\t   7 kB\n";
        assert_eq!(parse_status(status), 107 * 1024);
        assert_eq!(parse_status("nothing of the kind"), 0);
    }

    #[test]
    fn the_peak_is_kept_after_memory_is_given_back() {
        if resident_bytes() == 0 {
            return; // a kernel that does not tell
        }
        let meter = Meter::start();
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        let held = meter.sample();
        drop(block);
        let report = meter.report(0, 0);
        // Other tests run beside this one: only what holds whatever they do is asserted.
        assert!(held >= 64 << 20);
        assert!(report.peak_bytes >= held.max(report.final_bytes));
    }
}

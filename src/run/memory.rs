//! What a run took: the anonymous and shared memory of its process tree, sampled while it works.
//!
//! Measured peak = max over time of RssAnon + RssShmem as the kernel reports them, summed over the
//! process and all below it. Pages of mapped files (the binary, a mapped panel, the page cache) are
//! not ours to answer for and are not counted. Beside it: the kernel's own high-water mark, which
//! counts those pages, the peak of the control group, which counts everything in it, and the peak
//! of what Rust allocated.

use std::{
    fmt::Write,
    fs,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{allocator, cgroup, machine::Machine};
use crate::store::MemorySample;

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
    /// The kernel's high-water mark of the process, file pages included.
    pub kernel_peak_bytes: Option<u64>,
    /// The peak of the control group, page cache and neighbours included.
    pub cgroup_peak_bytes: Option<u64>,
    /// The most that Rust had allocated.
    pub allocated_peak_bytes: Option<u64>,
    /// Times a worker waited for memory before it took work, or handed it on.
    pub admission_waits: u64,
}

/// Distance between samples: short against the stages of a run, too long to be felt by it.
const SAMPLE_EVERY: Duration = Duration::from_millis(10);
/// Samples between two looks at the machine and at the process tree.
const LOOK_EVERY: u32 = 10;

/// RssAnon + RssShmem of this process and all below it in bytes; 0 where the kernel does not tell.
pub fn resident_bytes() -> u64 {
    let below: u64 = descendants("self").iter().map(|id| resident_of(id)).sum();
    resident_of("self") + below
}

fn resident_of(process: &str) -> u64 {
    fs::read_to_string(format!("/proc/{process}/status"))
        .map_or(0, |status| kib_of(&status, &["RssAnon:", "RssShmem:"]))
}

/// Sum of the lines of a status that begin with one of `names`, in bytes.
fn kib_of(status: &str, names: &[&str]) -> u64 {
    status
        .lines()
        .filter(|line| names.iter().any(|name| line.starts_with(name)))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .map(|kib| kib * 1024)
        .sum()
}

/// The processes below one, all generations.
fn descendants(process: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut asked = vec![process.to_owned()];
    while let Some(process) = asked.pop() {
        let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { continue };
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            let children = children.split_whitespace().map(str::to_owned);
            asked.extend(children.clone());
            found.extend(children);
        }
    }
    found
}

/// Keeps the highest sample seen, and one for every stage.
#[derive(Debug)]
pub(super) struct Meter {
    started: Instant,
    initial: u64,
    last: AtomicU64,
    peak: AtomicU64,
    /// The highest sample since it was asked for last.
    lap: AtomicU64,
    /// What the machine, or the control group, could still give when it was last asked.
    available: AtomicU64,
    waits: AtomicU64,
    done: AtomicBool,
    stages: Mutex<Stages>,
}

#[derive(Debug, Default)]
struct Stages {
    /// What the run is doing.
    now: &'static str,
    samples: Vec<MemorySample>,
    /// The highest sample.
    peak: Option<MemorySample>,
}

impl Meter {
    /// A meter whose initial value is read now.
    pub(super) fn start() -> Self {
        let meter = Self {
            started: Instant::now(),
            initial: resident_bytes(),
            last: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            lap: AtomicU64::new(0),
            available: AtomicU64::new(u64::MAX),
            waits: AtomicU64::new(0),
            done: AtomicBool::new(false),
            stages: Mutex::default(),
        };
        meter.stage("initial");
        meter
    }

    /// Takes a sample now.
    pub(super) fn sample(&self) -> u64 {
        let bytes = resident_bytes();
        self.last.store(bytes, Ordering::Relaxed);
        self.lap.fetch_max(bytes, Ordering::Relaxed);
        if self.peak.fetch_max(bytes, Ordering::Relaxed) < bytes {
            let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
            let stage = format!("peak, while {}", stages.now);
            stages.peak = Some(self.sampled(stage, bytes));
        }
        bytes
    }

    /// The highest sample since this was asked last, with one that is taken now.
    pub(super) fn lap(&self) -> u64 {
        let now = self.sample();
        self.lap.swap(0, Ordering::Relaxed).max(now)
    }

    /// Takes a sample at the end of what the run was doing; `next` is what it does from now on.
    pub(super) fn stage(&self, next: &'static str) {
        let bytes = self.sample();
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let name = std::mem::replace(&mut stages.now, next);
        if !name.is_empty() {
            let sample = self.sampled(name.to_owned(), bytes);
            tracing::info!(stage = name, bytes, "ended");
            stages.samples.push(sample);
        }
    }

    fn sampled(&self, stage: String, bytes: u64) -> MemorySample {
        let elapsed_micros = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        MemorySample { elapsed_micros, stage, bytes }
    }

    /// The samples at the ends of stages, and the highest one, in order of time.
    pub(super) fn samples(&self) -> Vec<MemorySample> {
        let stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let mut samples = stages.samples.clone();
        samples.extend(stages.peak.clone());
        samples.sort_by_key(|sample| sample.elapsed_micros);
        samples
    }

    /// Samples until [`Self::finish`]; runs on a thread of its own. Calls `high` once, with the
    /// sample, when one is above `warn_bytes`.
    pub(super) fn watch(&self, warn_bytes: u64, high: &dyn Fn(u64)) {
        let (mut round, mut told) = (0_u32, false);
        while !self.done.load(Ordering::Relaxed) {
            if round.is_multiple_of(LOOK_EVERY) {
                let available = Machine::available_now().unwrap_or(u64::MAX);
                self.available.store(available, Ordering::Relaxed);
            }
            let bytes = self.sample();
            if bytes > warn_bytes && !told {
                told = true;
                high(bytes);
            }
            round = round.wrapping_add(1);
            thread::park_timeout(SAMPLE_EVERY);
        }
    }

    /// The last sample.
    pub(super) fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    /// What could be taken beyond it without swapping or being killed.
    pub(super) fn available(&self) -> u64 {
        self.available.load(Ordering::Relaxed)
    }

    /// Notes that somebody waited for memory.
    pub(super) fn waited(&self) {
        self.waits.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends [`Self::watch`].
    pub(super) fn finish(&self) {
        self.done.store(true, Ordering::Relaxed);
    }

    /// The report so far.
    pub(super) fn report(&self, planned_bytes: u64, budget_bytes: u64) -> MemoryReport {
        let final_bytes = self.sample();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let high_water = kib_of(&status, &["VmHWM:"]);
        MemoryReport {
            initial_bytes: self.initial,
            planned_bytes,
            peak_bytes: self.peak.load(Ordering::Relaxed),
            final_bytes,
            budget_bytes,
            kernel_peak_bytes: (high_water > 0).then_some(high_water),
            cgroup_peak_bytes: cgroup::memory_peak(Path::new("/")),
            allocated_peak_bytes: allocator::allocated_peak_bytes(),
            admission_waits: self.waits.load(Ordering::Relaxed),
        }
    }
}

impl MemoryReport {
    /// What others say of the same peak, in MB (10^6 bytes); empty where nobody does.
    pub fn beside(&self) -> String {
        let mut text = String::new();
        for (who, bytes) in [
            ("kernel", self.kernel_peak_bytes),
            ("control group", self.cgroup_peak_bytes),
            ("allocated", self.allocated_peak_bytes),
        ] {
            let Some(bytes) = bytes else { continue };
            let comma = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{comma}{who} {:.1} MB", bytes as f64 / 1e6);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::{Meter, descendants, kib_of, resident_bytes, resident_of};

    #[test]
    fn anonymous_and_shared_memory_are_counted_and_mapped_files_are_not() {
        let status =
            "VmHWM:\t  900 kB\nRssAnon:\t  100 kB\nRssFile:\t 5000 kB\nRssShmem:\t   7 kB\n";
        assert_eq!(kib_of(status, &["RssAnon:", "RssShmem:"]), 107 * 1024);
        assert_eq!(kib_of(status, &["VmHWM:"]), 900 * 1024);
        assert_eq!(kib_of("nothing of the kind", &["VmHWM:"]), 0);
    }

    #[test]
    fn a_child_is_part_of_the_tree() {
        let mut child =
            Command::new("sleep").arg("20").stdin(Stdio::null()).spawn().expect("a child");
        let id = child.id().to_string();
        let seen = descendants("self").contains(&id);
        let bytes = resident_of(&id);
        child.kill().expect("ended");
        child.wait().expect("gone");
        // A kernel may be built without lists of children; it is the same for every process then.
        assert!(seen || descendants("1").is_empty());
        assert!(bytes > 0 || resident_bytes() == 0);
    }

    #[test]
    fn the_peak_is_kept_after_memory_is_given_back() {
        if resident_bytes() == 0 {
            return; // a kernel that does not tell
        }
        let meter = Meter::start();
        meter.stage("holding");
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        let held = meter.sample();
        drop(block);
        meter.stage("letting go");
        let report = meter.report(0, 0);
        // Other tests run beside this one: only what holds whatever they do is asserted.
        assert!(held >= 64 << 20);
        assert!(report.peak_bytes >= held.max(report.final_bytes));
        assert!(report.kernel_peak_bytes >= Some(held));
        let samples = meter.samples();
        let of = |stage: &str| samples.iter().any(|sample| sample.stage == stage);
        assert!(of("initial") && of("holding"), "{samples:?}");
        assert!(samples.iter().any(|sample| sample.stage.starts_with("peak, while ")));
    }

    #[test]
    fn a_high_sample_is_told_once() {
        let meter = Meter::start();
        let told = std::sync::atomic::AtomicU64::new(0);
        std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                meter.watch(0, &|_| {
                    told.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                });
            });
            while meter.last() == 0 && resident_bytes() > 0 {
                std::thread::yield_now();
            }
            std::thread::sleep(super::SAMPLE_EVERY * 5);
            meter.finish();
            watcher.join().expect("watched");
        });
        assert_eq!(told.into_inner(), u64::from(resident_bytes() > 0));
    }
}

//! What a command without a run took: measured as a run is, from its beginning to its end.

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use super::memory::{MemoryReport, Meter};

/// A command whose memory is sampled until it is dropped.
#[derive(Debug)]
pub struct Watched {
    meter: Arc<Meter>,
    watcher: Option<JoinHandle<()>>,
}

impl Watched {
    /// Begins to sample on a thread of its own; without one, only where it is asked.
    pub fn start() -> Self {
        let meter = Arc::new(Meter::start());
        let watched = Arc::clone(&meter);
        let named = thread::Builder::new().name("memory".to_owned());
        let watcher = named.spawn(move || watched.watch(u64::MAX, &|_| {})).ok();
        Self { meter, watcher }
    }

    /// The highest sample since this was asked last.
    pub fn lap(&self) -> u64 {
        self.meter.lap()
    }

    /// What was taken so far, beside what was planned and allowed.
    pub fn report(&self, planned_bytes: u64, budget_bytes: u64) -> MemoryReport {
        self.meter.report(planned_bytes, budget_bytes)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.meter.finish();
        if let Some(watcher) = self.watcher.take() {
            watcher.thread().unpark();
            // It only reads numbers of the kernel: there is nothing that its panic would leave.
            let _ = watcher.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Watched;

    #[test]
    fn a_lap_has_its_own_peak_and_the_report_the_highest() {
        let watched = Watched::start();
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        let high = watched.lap();
        drop(block);
        let report = watched.report(7, 9);
        assert!(report.peak_bytes >= high && high >= report.final_bytes.min(high));
        assert_eq!((report.planned_bytes, report.budget_bytes), (7, 9));
        // A kernel that does not tell says nothing of both.
        assert!(high >= 64 << 20 || report.peak_bytes == 0);
        assert!(watched.lap() > 0 || report.peak_bytes == 0);
    }
}

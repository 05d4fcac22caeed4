//! What it costs to write finished jobs, told by writing some of them.

use std::time::Instant;

use super::job_rows::record_bytes;
use crate::{
    domain::{Interval, JobRecord, Timestamp},
    error::Result,
    store::{Batch, RunKind, RunStart, Store, StoreOptions},
};

/// Jobs and bytes of a batch, whichever is first.
const BATCH_JOBS: usize = 1_000;
const BATCH_BYTES: u64 = 4 << 20;
/// A row is written to the log, and again, compressed, at the next checkpoint: beside the appending
/// that a store in memory shows.
const WRITTEN_AGAIN: f64 = 3.0;

/// Seconds of the writer for each byte of `records`; 0 without any.
///
/// # Errors
/// What the store in memory reports.
pub(super) fn secs_per_byte(records: &[JobRecord]) -> Result<f64> {
    let bytes: u64 = records.iter().map(record_bytes).sum();
    if bytes == 0 {
        return Ok(0.0);
    }
    // A batch of the usual size: one of a few jobs costs what beginning and ending it does.
    let copies = (BATCH_BYTES / bytes).min((BATCH_JOBS / records.len()) as u64).max(1);
    let jobs: Vec<JobRecord> = (0..copies).flat_map(|_| records.iter().cloned()).collect();
    let store = Store::in_memory(&StoreOptions::default())?;
    let mut writer = store.writer()?;
    writer.begin_run(&nothing())?;
    let started = Instant::now();
    writer.write_batch(&Batch { jobs: &jobs, ..Batch::default() })?;
    Ok(WRITTEN_AGAIN * started.elapsed().as_secs_f64() / (copies * bytes) as f64)
}

/// A run of nothing.
fn nothing() -> RunStart {
    RunStart {
        kind: RunKind::Backtest,
        configuration_json: "{}".to_owned(),
        configuration_hash: String::new(),
        engine_version: String::new(),
        device: String::new(),
        workers: 1,
        budget_bytes: 0,
        planned_peak_bytes: 0,
        planned_jobs: 0,
        panel: String::new(),
        started_at: Timestamp(0),
        interval: Interval::DAY,
        end_ts: Timestamp(0),
        universe_size: 0,
        screen: None,
        instruments: Vec::new(),
        reaches: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::secs_per_byte;

    #[test]
    fn nothing_costs_nothing() {
        assert!(secs_per_byte(&[]).expect("told").abs() < f64::EPSILON);
    }
}

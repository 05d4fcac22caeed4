//! What a batch costs in a store that holds many jobs: what it costs in an empty one.

use std::{fs, path::Path};

use barline::{
    domain::{JobRecord, Outcome},
    store::{Batch, Store},
};

use super::{empty, fit, job, options, run_start};

/// Jobs of the full store.
const STORED: i64 = 2_000_000;
/// Jobs of a batch, and batches that are timed.
const BATCH: usize = 200;
const BATCHES: usize = 30;

/// Time this thread has run on a processor, in nanoseconds; `None` where the kernel does not tell.
fn processor_nanos() -> Option<u64> {
    fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// Fills a store with jobs of an earlier run, by statements of our own: ten minutes by the writer.
fn fill(path: &Path) {
    let config = duckdb::Config::default();
    let connection = duckdb::Connection::open_with_flags(path, config).expect("a database");
    connection
        .execute_batch(&format!(
            "INSERT INTO job
               SELECT n, uuidv4(), 1, 2, concat('S', n % 9000, ',T', n % 77), 'hrp', '{{}}', 30,
                      'done', false, NULL, 'trades'
               FROM range(1, {STORED} + 1) AS jobs(n);
             INSERT INTO run_job SELECT 1, n, false FROM range(1, {STORED} + 1) AS jobs(n);
             INSERT INTO measure (job_id, bars, trades)
               SELECT n, 1, 1 FROM range(1, {STORED} + 1) AS jobs(n);
             CHECKPOINT"
        ))
        .expect("filled");
}

/// Processor time of the cheapest of some batches: of several like ones, since a checkpoint falls
/// into some of them.
fn cheapest_batch(path: &Path) -> Option<u64> {
    let store = Store::open(path, &options()).expect("a store");
    let mut writer = store.writer().expect("a writer");
    writer.begin_run(&run_start("two")).expect("begun");
    let costs: Option<Vec<u64>> = (0..BATCHES)
        .map(|batch| {
            let jobs: Vec<JobRecord> =
                (0..BATCH).map(|n| job(&format!("S{batch},T{n}"), 30, Outcome::Done)).collect();
            let fits = [fit("A", "B", 30, u32::try_from(batch).expect("few"), true)];
            let before = processor_nanos()?;
            writer
                .write_batch(&Batch { jobs: &jobs, fits: &fits, ..Batch::default() })
                .expect("written");
            Some(processor_nanos()? - before)
        })
        .collect();
    costs?.into_iter().min()
}

#[test]
fn a_batch_costs_the_same_however_many_jobs_the_store_holds() {
    let (_folder, few, store) = empty();
    store.close().expect("closed");
    let (_other_folder, many, store) = empty();
    store.close().expect("closed");
    fill(&many);
    let (Some(few), Some(many)) = (cheapest_batch(&few), cheapest_batch(&many)) else {
        return; // a kernel that does not tell
    };
    // One join of a batch's keys with two million of them costs as much as two batches.
    assert!(many < 2 * few, "{many} ns a batch among {STORED} jobs, {few} ns among none");
}

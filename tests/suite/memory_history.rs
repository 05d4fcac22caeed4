//! Runs on a store with the rows of others: what DuckDB merges of them at the end is planned, measured, and
//! put off where the budget has no room.

use std::path::Path;

use barline::domain::{CalendarClass, Interval};

use crate::{
    binary::{barline, numbers, said},
    memory_limits::{least, resident, watched},
    small_store::{HOUR, Series, series, store, walk},
};

const STORE: &str = "small.duckdb";
const SYMBOLS: usize = 100;
const ROWS: usize = 10 * 24;
/// Jobs of a run, each with a row in table `job`.
const JOBS: u64 = 5_000;
/// Runs after which as many rows as those of eight are merged.
const RUNS: usize = 8;

fn market() -> Vec<Series> {
    let one = |at: usize| {
        let name: &'static str = Box::leak(format!("S{at:03}").into_boxed_str());
        series(name, CalendarClass::Continuous, HOUR, &walk(at as u64, ROWS), |_, _| true)
    };
    (1..=SYMBOLS).map(one).collect()
}

/// Runs of equal size, told apart by what a fill costs.
fn run(folder: &Path, number: usize, more: &[&str]) -> (std::process::Output, u64) {
    let bps = number.to_string();
    let run = ["backtest", "--multi-pair", "--db", STORE, "-q", "--horizons", "3", "--sizes", "2"];
    let what = ["--strategies", "cointegration,equal-weight", "--max-combinations", "2500"];
    let line = [&run[..], &what, &["--slippage-bps", &bps], more].concat();
    watched(folder, &line, &resident)
}

fn of_last(folder: &Path, columns: &str) -> Vec<u64> {
    numbers(folder, STORE, &format!("SELECT {columns} FROM run ORDER BY run_id DESC LIMIT 1"))
}

/// Row groups of the table of jobs.
fn groups(folder: &Path) -> u64 {
    let sql = "SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('job')";
    numbers(folder, STORE, sql)[0]
}

#[test]
fn rows_of_earlier_runs_are_merged_within_the_plan_or_not_yet() {
    let (folder, _) = store(Interval::HOUR, &market(), true);
    let folder = folder.path();
    let mut merged = 0;
    for number in 1..=RUNS {
        let before = groups(folder);
        let (done, seen) = run(folder, number, &[]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let of = of_last(folder, "computed, planned_peak_bytes, measured_peak_bytes");
        let (computed, planned, measured) = (of[0], of[1], of[2]);
        assert_eq!(computed, JOBS);
        assert!(measured <= planned, "run {number}: {measured} of {planned}");
        assert!(seen <= planned, "run {number}: {seen} of {planned}, {measured} told");
        merged += u64::from(groups(folder) <= before);
    }
    assert!(merged >= 3, "{merged} of {RUNS} runs merged");
    assert!(groups(folder) <= 4, "{}", groups(folder));
    // The least budget has no room for the rows of all runs: they wait, and results are the same.
    let (mut number, mut waited) = (RUNS, 0);
    while waited == 0 && number < 2 * RUNS {
        number += 1;
        let (refused, _) = run(folder, number, &["--memory-budget", "1MB"]);
        let budget = least(&said(&refused));
        let before = groups(folder);
        let (done, seen) = run(folder, number, &["--memory-budget", &format!("{budget}MiB")]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        assert!(seen <= budget << 20, "run {number}: {seen} of {budget} MiB");
        waited += u64::from(groups(folder) > before && before > 1);
    }
    assert_eq!(waited, 1, "{number} runs");
    let jobs = numbers(folder, STORE, "SELECT count(*), count(DISTINCT job_key) FROM job");
    assert_eq!(jobs, [number as u64 * JOBS; 2]);
    let checked = barline(folder, &["doctor", "--db", STORE]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
}

//! Runs on a store with the rows of others: what DuckDB merges of them at the end is planned, measured, and
//! put off where the budget has no room.

use std::{fmt::Write, fs, path::Path, process::Output};

use barline::domain::{CalendarClass, Interval};

use crate::{
    binary::{barline, numbers, said},
    memory_limits::{least, resident, watched},
    small_store::{DAY, HOUR, Series, series, store, walk},
};

const STORE: &str = "small.duckdb";
const SYMBOLS: usize = 100;
const ROWS: usize = 10 * 24;
/// Jobs of a run, each with a row in table `job`.
const JOBS: u64 = 5_000;
/// Runs after which as many rows as those of eight are merged.
const RUNS: usize = 8;
const FILES: usize = 24;
/// A budget that has room for the largest file, and not for the merging of more.
const TIGHT: &str = "22MiB";

fn market() -> Vec<Series> {
    let one = |at: usize| {
        let name: &'static str = Box::leak(format!("S{at:03}").into_boxed_str());
        series(name, CalendarClass::Continuous, HOUR, &walk(at as u64, ROWS), |_, _| true)
    };
    (1..=SYMBOLS).map(one).collect()
}

/// Runs of equal size, told apart by what a fill costs.
fn run(folder: &Path, number: usize, more: &[&str]) -> (Output, u64) {
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

/// Bars of a file, one in three of which is small.
fn bars_of(file: usize) -> usize {
    if file.is_multiple_of(3) { 2_000 } else { 15_000 }
}

fn files(folder: &Path) {
    fs::create_dir(folder.join("bars")).expect("a folder");
    for file in 0..FILES {
        let mut text = String::from("ts,open,high,low,close,volume\n");
        for (row, level) in walk(file as u64 + 1, bars_of(file)).iter().enumerate() {
            let (ts, close) = (1_600_000_000 + 3_600 * row, level.exp());
            let (high, low) = (close * 1.001, close * 0.999);
            writeln!(text, "{ts},{close},{high},{low},{close},{row}").expect("memory");
        }
        fs::write(folder.join(format!("bars/S{file:02}.csv")), text).expect("written");
    }
}

/// Planned and measured peak of each file of an import.
fn peaks(output: &Output) -> Vec<[u64; 2]> {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| ["planned_bytes", "peak_bytes"].map(|name| row[name].as_u64().expect("bytes")))
        .collect()
}

#[test]
fn bars_of_many_files_are_merged_within_the_plan_or_not_yet() {
    let all: usize = (0..FILES).map(bars_of).sum();
    let import = |what: &str, more: &[&str], folder: &Path| {
        let line = [&["import", what, "--db", STORE, "--format", "json", "-q"], more].concat();
        watched(folder, &line, &resident)
    };
    let stored = |folder: &Path| numbers(folder, STORE, "SELECT count(*) FROM bar")[0];
    // In one command, and each file in its own.
    let folder = tempfile::tempdir().expect("a folder");
    files(folder.path());
    let (done, seen) = import("bars", &[], folder.path());
    let most = peaks(&done).iter().map(|[planned, _]| *planned).max().expect("files");
    assert!(seen <= most, "{seen} of {most}");
    for (file, [planned, peak]) in peaks(&done).into_iter().enumerate() {
        assert!(peak <= planned, "file {file}: {peak} of {planned}");
    }
    assert_eq!(stored(folder.path()), all as u64);
    fs::remove_file(folder.path().join(STORE)).expect("removed");
    for file in 0..FILES {
        let (done, seen) = import(&format!("bars/S{file:02}.csv"), &[], folder.path());
        let [planned, peak] = peaks(&done)[0];
        assert!(peak <= planned && seen <= planned, "file {file}: {peak}, {seen} of {planned}");
    }
    assert_eq!(stored(folder.path()), all as u64);
    // Where there is no room to merge all of them, more is read of them: the least that is named does.
    fs::remove_file(folder.path().join(STORE)).expect("removed");
    let (refused, _) = import("bars", &["--memory-budget", TIGHT], folder.path());
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    let named = said(&refused);
    let least =
        named.split("BARLINE_MEMORY_BUDGET=").nth(1).and_then(|rest| rest.split("MiB").next());
    let least: u64 = least.and_then(|mib| mib.parse().ok()).expect("the least");
    let budget = format!("{least}MiB");
    let (done, seen) = import("bars", &["--memory-budget", &budget], folder.path());
    assert_eq!(peaks(&done).len(), FILES);
    assert!(seen <= least << 20, "{seen} of {budget}");
    assert_eq!(stored(folder.path()), all as u64);
}

/// Runs whose plan is little more than what a process and DuckDB take, on a store of more bars than a row group
/// has: all of the file that is read counts, the fits of pairs, and tables that get their first rows.
#[test]
fn a_small_run_on_a_store_of_many_bars_keeps_to_its_plan_under_the_least_budget() {
    let days = 4_000;
    let one = |at: usize| {
        let name: &'static str = Box::leak(format!("S{at:03}").into_boxed_str());
        series(name, CalendarClass::Continuous, DAY, &walk(at as u64, days), |_, _| true)
    };
    let market: Vec<Series> = (1..=40).map(one).collect();
    let (folder, _) = store(Interval::DAY, &market, true);
    let folder = folder.path();
    for (number, what) in [
        &["--multi-pair", "--sizes", "2", "--strategies", "cointegration"][..],
        &["--multi-pair", "--sizes", "2", "--strategies", "equal-weight"],
        &["--strategies", "buy-and-hold"],
    ]
    .into_iter()
    .enumerate()
    {
        let run = ["backtest", "--db", STORE, "-q", "--horizons", "365"];
        let line = [&run[..], what].concat();
        let refused = barline(folder, &[&line[..], &["--memory-budget", "1MiB"]].concat());
        let budget = format!("{}MiB", least(&said(&refused)));
        let (done, _) =
            watched(folder, &[&line[..], &["--memory-budget", &budget]].concat(), &resident);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let took = of_last(folder, "run_id, measured_peak_bytes, planned_peak_bytes, budget_bytes");
        assert_eq!(took[0], number as u64 + 1);
        assert!(took[1] <= took[2] && took[2] <= took[3], "{what:?} under {budget}: {took:?}");
    }
}

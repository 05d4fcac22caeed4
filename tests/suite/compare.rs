//! `barline compare` from outside: what is planted between two runs is named, row by row.

use std::{fs, path::Path, sync::OnceLock};

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::{answer, barline, said};

const RUN: [&str; 8] = [
    "backtest",
    "--multi-pair",
    "--sizes",
    "2",
    "--strategies",
    "bollinger-breakout,equal-weight",
    "--horizons",
    "120",
];

/// A store of an exchange's days in a folder of its own, with one run.
fn folder() -> TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let bars = Path::new(env!("CARGO_MANIFEST_DIR")).join("regress/bars/daily.csv");
        fs::copy(bars, folder.path().join("bars.csv")).expect("a copy");
        answer(folder.path(), &["import", "bars.csv"]);
        answer(folder.path(), &RUN);
        folder
    });
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["bars.csv", "barline.duckdb"] {
        fs::copy(made.path().join(name), folder.path().join(name)).expect("a copy");
    }
    folder
}

fn run(folder: &Path, further: &[&str]) {
    answer(folder, &[&RUN, further].concat());
}

/// The store, past Barline.
fn database(folder: &Path) -> duckdb::Connection {
    let path = folder.join("barline.duckdb");
    duckdb::Connection::open_with_flags(path, duckdb::Config::default()).expect("the store")
}

/// Rows of a comparison, and its exit code.
fn compared(folder: &Path, arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
    let output = barline(folder, &[&["compare"], arguments, &["--format", "json"]].concat());
    let rows = serde_json::from_slice(&output.stdout);
    (rows.unwrap_or_else(|_| panic!("{}", said(&output))), output.status.code())
}

fn of<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

/// The causes, `what: why`, and the other rows.
fn divided(rows: &[Value]) -> (Vec<String>, Vec<&Value>) {
    let is_cause = |row: &&Value| of(row, "found") == "cause";
    let told = |row: &Value| format!("{}: {}", of(row, "differs"), of(row, "why"));
    let causes = rows.iter().filter(is_cause).map(told).collect();
    (causes, rows.iter().filter(|row| !is_cause(row)).collect())
}

#[test]
fn a_basis_point_of_commission_is_named() {
    let folder = folder();
    run(folder.path(), &["--commission-bps", "11"]);
    let (rows, code) = compared(folder.path(), &["--exact"]);
    assert_eq!(code, Some(1));
    let (causes, jobs) = divided(&rows);
    assert_eq!(causes, ["configuration costs.commission_bps: 11.0 in run 2, 10.0 in run 1"]);
    assert_eq!(jobs.len(), 6);
    let sizes: Vec<f64> =
        jobs.iter().map(|row| row["return_change"].as_f64().expect("a change").abs()).collect();
    assert!(sizes.windows(2).all(|two| two[0] >= two[1]), "{sizes:?}");
    for row in jobs {
        assert_eq!(of(row, "why"), "configuration costs.commission_bps");
        assert!(of(row, "differs").starts_with("parameters,"), "{row}");
    }
    assert_eq!(compared(folder.path(), &[]).1, Some(0), "it is only asked");
    assert_eq!(compared(folder.path(), &["--tolerance", "1"]).1, Some(0));
    let (rows, code) = compared(folder.path(), &["2", "1", "--tolerance", "1e-9"]);
    assert_eq!((divided(&rows).1.len(), code), (6, Some(1)));
    assert_eq!(compared(folder.path(), &["2", "2", "--exact"]), (Vec::new(), Some(0)));
}

#[test]
fn a_bar_of_delay_and_a_parameter_are_named_where_they_reach() {
    let folder = folder();
    run(folder.path(), &["--fill", "next-close"]);
    let (rows, _) = compared(folder.path(), &[]);
    let (causes, jobs) = divided(&rows);
    assert_eq!(causes, ["configuration fill: next-close in run 2, next-open in run 1"]);
    assert!(jobs.iter().all(|row| of(row, "why") == "configuration fill"));
    fs::write(folder.path().join("a.toml"), "[strategy.bollinger-breakout]\nwidth_sd = 1.5\n")
        .expect("written");
    run(folder.path(), &["--config", "a.toml"]);
    let (rows, _) = compared(folder.path(), &["last", "1"]);
    let (causes, jobs) = divided(&rows);
    let cause = "configuration strategies.bollinger-breakout.width_sd";
    assert_eq!(causes, [format!("{cause}: 1.5 in run 3, 2.0 in run 1")]);
    assert!(
        jobs.iter()
            .all(|row| of(row, "strategy") == "bollinger-breakout" && of(row, "why") == cause)
    );
    let rules = "[rules]\nstop_loss = 0.02\n";
    fs::write(folder.path().join("b.toml"), rules).expect("written");
    run(folder.path(), &["--config", "b.toml"]);
    let (rows, _) = compared(folder.path(), &["last", "1"]);
    let (causes, jobs) = divided(&rows);
    assert!(causes[1].starts_with("configuration rules.stop_loss: 0.02 in run 4"), "{causes:?}");
    // A stop reads highs and lows: the bars are the same.
    assert!(causes[2].starts_with("bars 120d of every symbol, or what is read"), "{causes:?}");
    let why = "configuration rules.reentry, configuration rules.stop_loss";
    assert!(jobs.iter().all(|row| of(row, "why") == why), "{jobs:?}");
}

#[test]
fn a_changed_bar_is_named() {
    let folder = folder();
    let bars = fs::read_to_string(folder.path().join("bars.csv")).expect("bars");
    let line = bars.lines().find(|line| line.starts_with("2024-01-15,BASSO")).expect("a bar");
    let mut cells: Vec<&str> = line.split(',').collect();
    cells[3] = "10000";
    let close = format!("{:.6}", cells[5].parse::<f64>().expect("a close") + 1.0);
    cells[5] = &close;
    let header = bars.lines().next().expect("a header");
    fs::write(folder.path().join("one.csv"), format!("{header}\n{}\n", cells.join(",")))
        .expect("written");
    let replace = ["import", "one.csv", "--interval", "1d", "--on-conflict", "replace"];
    answer(folder.path(), &replace);
    run(folder.path(), &[]);
    let (rows, code) = compared(folder.path(), &["--exact"]);
    assert_eq!(code, Some(1));
    let (causes, jobs) = divided(&rows);
    assert_eq!(causes.len(), 1, "{causes:?}");
    assert!(causes[0].starts_with("bars 120d default:BASSO: "), "{causes:?}");
    assert!(causes[0].contains(" bars 2023-") && causes[0].contains(" in run 1"), "{causes:?}");
    assert!(!jobs.is_empty());
    for row in jobs {
        assert!(of(row, "symbols").contains("BASSO"), "{row}");
        assert_eq!(of(row, "why"), "bars 120d default:BASSO");
    }
}

#[test]
fn a_job_that_only_one_has_is_named_with_the_reason_or_as_lost() {
    let folder = folder();
    run(folder.path(), &["--ranks", "0..2"]);
    let (rows, _) = compared(folder.path(), &[]);
    let (causes, jobs) = divided(&rows);
    assert_eq!(causes, ["configuration ranks: 0..2 in run 2, not set in run 1"]);
    assert!(!jobs.is_empty());
    assert!(jobs.iter().all(|row| of(row, "found") == "only in other"));
    assert!(jobs.iter().all(|row| of(row, "why") == "configuration ranks"), "{jobs:?}");
    // The same again, and one of its jobs is gone.
    run(folder.path(), &[]);
    assert_eq!(compared(folder.path(), &["last", "1", "--exact"]), (Vec::new(), Some(0)));
    let store = database(folder.path());
    let lost = "DELETE FROM run_job WHERE run_id = 3 AND job_id = (SELECT min(job_id) FROM job)";
    store.execute_batch(lost).expect("a job is lost");
    drop(store);
    let (rows, code) = compared(folder.path(), &["last", "1", "--exact"]);
    let (causes, jobs) = divided(&rows);
    assert_eq!((causes.len(), jobs.len(), code), (0, 1, Some(1)));
    assert_eq!(of(jobs[0], "why"), "unexplained: both ask for it, and one has lost it");
}

#[test]
fn a_result_that_nothing_explains_is_said_to_be_so() {
    let folder = folder();
    run(folder.path(), &[]);
    let store = database(folder.path());
    // As another engine would have left it: another job of the same key.
    store
        .execute_batch(
            "INSERT INTO job SELECT 1000, job_key, 2, size, symbols, strategy, parameters, \
             horizon_days, outcome, failure, reason, kept FROM job WHERE job_id = 1;
             INSERT INTO measure SELECT * REPLACE (1000 AS job_id, total_return + 1e-6 AS \
             total_return) FROM measure WHERE job_id = 1;
             UPDATE run_job SET job_id = 1000 WHERE run_id = 2 AND job_id = 1",
        )
        .expect("another result");
    drop(store);
    let (rows, code) = compared(folder.path(), &["--exact"]);
    let (causes, jobs) = divided(&rows);
    assert_eq!((causes.len(), jobs.len(), code), (0, 1, Some(1)));
    assert_eq!(of(jobs[0], "why"), "unexplained: the same question on the same bars");
    let told = barline(folder.path(), &["compare"]);
    assert!(said(&told).contains("1 jobs differ, 1 of them unexplained"), "{}", said(&told));
}

#[test]
fn two_screens_are_compared_and_runs_of_two_kinds_are_refused() {
    let folder = folder();
    let screen = ["screen", "--all", "--formation-days", "365"];
    answer(folder.path(), &screen);
    answer(folder.path(), &[&screen[..], &["--lag", "2"]].concat());
    let (rows, code) = compared(folder.path(), &["--exact"]);
    assert_eq!(code, Some(1));
    let (causes, tests) = divided(&rows);
    assert!(causes.iter().any(|cause| cause.starts_with("configuration screen")), "{causes:?}");
    assert_eq!(tests.len(), 3);
    for row in tests {
        assert!(of(row, "why").contains("configuration screen"), "{row}");
        assert!(row["p_change"].is_number() && of(row, "differs").contains("statistic"), "{row}");
    }
    let refused = barline(folder.path(), &["compare", "last", "1"]);
    assert_eq!(refused.status.code(), Some(2));
    let line = "error: run 3 is a screen, run 1 is a backtest: they have no row in common";
    assert!(said(&refused).contains(line), "{}", said(&refused));
    let refused = barline(folder.path(), &["compare", "last", "3"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("last and 3 are one run: 3"), "{}", said(&refused));
    let refused = barline(folder.path(), &["compare", "last", "9"]);
    assert!(said(&refused).contains("there is no run '9' in this store"), "{}", said(&refused));
}

#[test]
fn a_changed_volume_is_named_where_another_strategy_reaches_further_back() {
    let folder = folder();
    let two = ["--strategies", "vwap-reversion,sma-crossover"];
    let ask = |folder: &Path| {
        let sizes = ["backtest", "--multi-pair", "--sizes", "2", "--horizons", "120"];
        answer(folder, &[&sizes[..], &two].concat());
    };
    ask(folder.path());
    let bars = fs::read_to_string(folder.path().join("bars.csv")).expect("bars");
    let line = bars.lines().find(|line| line.starts_with("2024-01-15,BASSO")).expect("a bar");
    let mut cells: Vec<&str> = line.split(',').collect();
    cells[6] = "77000000";
    let header = bars.lines().next().expect("a header");
    fs::write(folder.path().join("one.csv"), format!("{header}\n{}\n", cells.join(",")))
        .expect("written");
    let replace = ["import", "one.csv", "--interval", "1d", "--on-conflict", "replace"];
    answer(folder.path(), &replace);
    ask(folder.path());
    let (rows, code) = compared(folder.path(), &["--exact"]);
    assert_eq!(code, Some(1));
    let (causes, jobs) = divided(&rows);
    assert!(
        matches!(&causes[..], [one] if one.starts_with("bars 120d default:BASSO: ")),
        "{causes:?}"
    );
    assert!(!jobs.is_empty());
    for row in jobs {
        assert_eq!(of(row, "strategy"), "vwap-reversion", "{row}");
        assert_eq!(of(row, "why"), "bars 120d default:BASSO");
    }
}

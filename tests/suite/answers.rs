//! Answers from outside: Parquet files, the health of bars, and what the doctor sees.

use std::{fs, io::Cursor, path::Path, process::Output};

use assert_cmd::Command;
use barline::{
    domain::{Bar, CalendarClass, Interval, Timestamp},
    store::{Cell, ImportSource, Store, StoreOptions, Table},
};
use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader};
use tempfile::TempDir;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// 2024-01-01T00:00:00Z, a Monday.
const MONDAY: i64 = 1_704_067_200_000_000;

fn options() -> StoreOptions {
    StoreOptions::default()
}

fn new_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::create(&folder.path().join("a.duckdb"), &options()).expect("created");
    (folder, store)
}

fn bar(ts: i64, close: f64) -> Bar {
    Bar { ts: Timestamp(ts), open: close, high: close, low: close, close, volume: 1.0 }
}

fn import(store: &Store, interval: Interval, calendar: CalendarClass, series: &[(&str, Vec<Bar>)]) {
    let mut import = store
        .begin_import(ImportSource {
            name: "test".into(),
            market: "here".into(),
            interval,
            calendar,
            detail: String::new(),
            content: String::new(),
        })
        .expect("an import");
    for (symbol, bars) in series {
        let id = import.instrument("here", symbol).expect("an instrument");
        import.append(id, bars).expect("bars");
    }
    import.finish().expect("finished");
}

fn health(store: &Store, given: &[(&str, &str)]) -> Table {
    let given: Vec<_> = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    store.query("import-health", &given).expect("answered")
}

/// The cell of the only row, or of row `at`.
fn value(table: &Table, at: usize, name: &str) -> Cell {
    table.rows[at][table.position(name).expect(name)].clone()
}

fn moving(stamps: impl IntoIterator<Item = i64>) -> Vec<Bar> {
    stamps.into_iter().enumerate().map(|(at, ts)| bar(ts, 100.0 + at as f64)).collect()
}

#[test]
fn a_market_that_never_closes_misses_every_bar_between_first_and_last() {
    let (_folder, store) = new_store();
    let bars = moving([0, 1, 2, 6, 7, 9].map(|hour| MONDAY + hour * HOUR));
    import(&store, Interval::HOUR, CalendarClass::Continuous, &[("A", bars)]);
    let table = health(&store, &[]);
    for (name, expected) in [
        ("bars", Cell::Int(6)),
        ("expected_bars", Cell::Int(10)),
        ("gaps", Cell::Int(2)),
        ("longest_gap_bars", Cell::Int(3)),
        ("longest_gap_after", Cell::Time(MONDAY + 2 * HOUR)),
        ("longest_unchanged_bars", Cell::Int(1)),
        ("faults", Cell::Null),
    ] {
        assert_eq!(value(&table, 0, name), expected, "{name}");
    }
    assert_eq!(value(&health(&store, &[("max_gap_bars", "3")]), 0, "faults"), Cell::Null);
    let faults = value(&health(&store, &[("max_gap_bars", "2")]), 0, "faults");
    assert_eq!(faults, Cell::Text("a gap of 3 bars".into()));
}

#[test]
fn weekends_are_no_gaps_where_the_market_rests_and_a_missing_wednesday_is_one() {
    let (_folder, store) = new_store();
    // Three weeks, Sunday 22:00 to Friday 21:00 as foreign exchange trades them.
    let open = |hour: &i64| {
        let of_week = (hour + 24) % 168; // 0 is Sunday 00:00
        (22..6 * 24 - 2).contains(&of_week)
    };
    let hours: Vec<i64> = (0..21 * 24).filter(open).collect();
    let whole = moving(hours.iter().map(|hour| MONDAY + hour * HOUR));
    let without = moving(
        hours.iter().filter(|hour| !(48..53).contains(*hour)).map(|hour| MONDAY + hour * HOUR),
    );
    let series = [("WHOLE", whole), ("HOLED", without)];
    import(&store, Interval::HOUR, CalendarClass::Weekdays, &series);
    let table = health(&store, &[]);
    assert_eq!(value(&table, 0, "symbol"), Cell::Text("HOLED".into()));
    assert_eq!(value(&table, 0, "gaps"), Cell::Int(1));
    assert_eq!(value(&table, 0, "longest_gap_bars"), Cell::Int(5));
    assert_eq!(value(&table, 1, "gaps"), Cell::Int(0));
    assert_eq!(value(&table, 0, "expected_bars"), value(&table, 1, "expected_bars"));
}

#[test]
fn an_exchange_symbol_misses_the_sessions_that_its_market_had() {
    let (_folder, store) = new_store();
    // Four weeks of weekdays; Thursday of week two is a holiday of the whole market.
    let sessions: Vec<i64> = (0..28).filter(|day| day % 7 < 5 && *day != 10).collect();
    let whole = moving(sessions.iter().map(|day| MONDAY + day * DAY));
    let holed = moving(
        sessions.iter().filter(|day| ![15, 16, 22].contains(*day)).map(|day| MONDAY + day * DAY),
    );
    let late = moving(sessions.iter().filter(|day| **day > 13).map(|day| MONDAY + day * DAY));
    let series = [("HOLED", holed), ("LATE", late), ("WHOLE", whole)];
    import(&store, Interval::DAY, CalendarClass::Exchange, &series);
    let table = health(&store, &[]);
    let column = |name: &str| (0..3).map(|at| value(&table, at, name)).collect::<Vec<_>>();
    assert_eq!(column("gaps"), [2, 0, 0].map(Cell::Int));
    assert_eq!(column("bars"), [16, 10, 19].map(Cell::Int));
    assert_eq!(column("expected_bars"), [19, 10, 19].map(Cell::Int));
    assert_eq!(column("longest_gap_bars"), [2, 0, 0].map(Cell::Int));
    assert_eq!(column("longest_gap_after")[0], Cell::Time(MONDAY + 14 * DAY));
    let two = health(&store, &[("symbols", "LATE,WHOLE")]);
    assert_eq!(two.rows.len(), 2);
    assert_eq!(two.rows, table.rows[1..], "the market's sessions are those of all its symbols");
}

#[test]
fn prices_that_cannot_be_are_faults() {
    let (_folder, store) = new_store();
    let mut bars = moving((0..8).map(|hour| MONDAY + hour * HOUR));
    bars[1].close = -1.0;
    bars[1].low = -1.0;
    bars[2] = bar(bars[2].ts.micros(), 0.0);
    bars[3].close = f64::NAN;
    bars[4].high = bars[4].close - 0.5;
    for unmoved in &mut bars[5..] {
        *unmoved = bar(unmoved.ts.micros(), 7.0);
    }
    let fine = moving((0..3).map(|hour| MONDAY + hour * HOUR));
    let series = [("BAD", bars), ("FINE", fine)];
    import(&store, Interval::HOUR, CalendarClass::Continuous, &series);
    let table = health(&store, &[("max_unchanged_bars", "2")]);
    assert_eq!(
        value(&table, 0, "faults"),
        Cell::Text(
            "1 without close; 1 with a negative price; 1 with a price of zero; 1 with a price \
             outside low..high; close unchanged for 3 bars"
                .into()
        )
    );
    assert_eq!(value(&table, 1, "faults"), Cell::Null);
    assert_eq!(value(&table, 0, "longest_unchanged_bars"), Cell::Int(3));
}

fn barline(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_barline"));
    command.env_remove("BARLINE_DB").env_remove("BARLINE_LOG").env_remove("LD_LIBRARY_PATH");
    command.current_dir(folder).args(arguments).output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn answered(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn with_a_run() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let line = [
        "backtest",
        "--multi-pair",
        "--sizes",
        "2",
        "--max-combinations",
        "12",
        "--horizons",
        "90,180",
    ];
    let made = barline(folder.path(), &line);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    folder
}

fn frame(bytes: &[u8]) -> DataFrame {
    ParquetReader::new(Cursor::new(bytes.to_vec())).finish().expect("a Parquet file")
}

#[test]
fn every_list_is_to_be_had_as_parquet_with_the_rows_of_its_csv() {
    let folder = with_a_run();
    for line in [
        vec!["query"],
        vec!["query", "leaderboard"],
        vec!["query", "best"],
        vec!["query", "pairs"],
        vec!["query", "trades"],
        vec!["query", "outcomes"],
        vec!["query", "runs"],
        vec!["query", "rejects"],
        vec!["sql", "SELECT * FROM results ORDER BY ALL"],
        vec!["strategies"],
        vec!["check"],
        vec!["doctor"],
        vec!["backtest", "--dry-run"],
        vec!["backtest", "--horizons", "90"],
    ] {
        let of = |format: &str| {
            let output = barline(folder.path(), &[&line[..], &["--format", format]].concat());
            assert_eq!(output.status.code(), Some(0), "{line:?}: {}", said(&output));
            output.stdout
        };
        let rows = frame(&of("parquet"));
        let listed = of("csv");
        let mut csv = csv::Reader::from_reader(listed.as_slice());
        let headers = csv.headers().expect("a header").clone();
        let names: Vec<&str> = rows.columns().iter().map(|c| c.name().as_str()).collect();
        assert_eq!(names, headers.iter().collect::<Vec<_>>(), "{line:?}");
        assert_eq!(rows.height(), csv.records().count(), "{line:?}");
    }
    let runs = frame(&barline(folder.path(), &["query", "runs", "--format", "parquet"]).stdout);
    let of = |name: &str| runs.column(name).expect(name).dtype().clone();
    assert_eq!(of("run_id"), DataType::Int64);
    assert_eq!(of("wall_secs"), DataType::Float64);
    assert_eq!(of("status"), DataType::String);
    assert!(matches!(of("started_at"), DataType::Datetime(..)));
    let rejects = barline(folder.path(), &["query", "rejects", "--format", "parquet"]);
    let reason = frame(&rejects.stdout).column("reason").expect("a column").dtype().clone();
    assert_eq!(reason, DataType::String, "an empty answer keeps its types");
}

#[test]
fn named_queries_filter_as_a_person_types() {
    let folder = with_a_run();
    let rows = |line: &[&str]| {
        let output = barline(folder.path(), &[line, &["--format", "json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{line:?}: {}", said(&output));
        let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
        rows.as_array().expect("rows").clone()
    };
    let best = rows(&["query", "best", "--top", "2"]);
    let ranks: Vec<(i64, i64)> = best
        .iter()
        .map(|row| (row["horizon_days"].as_i64().unwrap(), row["rank"].as_i64().unwrap()))
        .collect();
    assert_eq!(ranks, [(90, 1), (90, 2), (180, 1), (180, 2)]);
    let all = rows(&["query", "trades", "--top", "all"]);
    let symbols = all
        .iter()
        .filter_map(|row| row["symbols"].as_str())
        .find(|symbols| symbols.contains(','))
        .expect("a combination that traded");
    let turned = symbols.split(',').rev().collect::<Vec<_>>().join(",");
    let of = |symbols: &str| {
        rows(&["query", "trades", "--top", "all", "--param", &format!("symbols={symbols}")])
    };
    assert!(!of(symbols).is_empty());
    assert_eq!(of(symbols), of(&turned), "symbols in any order");
    for pair in rows(&["query", "pairs", "--param", "horizon=180"]) {
        let share = pair["accepted_share"].as_f64().expect("a share");
        let refits = pair["refits"].as_f64().unwrap();
        assert!((share - pair["refits_accepted"].as_f64().unwrap() / refits).abs() < 1e-15);
        if let Some(bars) = pair["half_life_bars"].as_f64() {
            let hours = pair["half_life_hours"].as_f64().unwrap();
            assert!((bars - hours).abs() <= 1e-12 * bars, "bars of the demo are hours");
        }
    }
    let beats = rows(&["query", "beats-benchmark"]);
    assert!(!beats.is_empty() && beats.iter().all(|row| row["strategy"] != "buy-and-hold"));
}

#[test]
fn check_ends_with_one_only_where_something_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = barline(folder.path(), &["demo"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let well = barline(folder.path(), &["check"]);
    assert_eq!(well.status.code(), Some(0), "{}", said(&well));
    assert!(said(&well).contains("0 with faults"), "{}", said(&well));
    let strict = barline(folder.path(), &["check", "--max-gap-bars", "2"]);
    assert_eq!(strict.status.code(), Some(1), "{}", said(&strict));
    assert!(answered(&strict).contains("a gap of "), "{}", answered(&strict));
    let unknown = barline(folder.path(), &["check", "--symbols", "ADAGIOO"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains("did you mean ADAGIO?"), "{}", said(&unknown));
}

#[test]
fn the_doctor_says_who_holds_a_store_and_does_not_disturb_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("barline.duckdb");
    let store = Store::create(&path, &options()).expect("created");
    let held = barline(folder.path(), &["doctor"]);
    assert_eq!(held.status.code(), Some(1), "{}", said(&held));
    let holder = format!("pid {}", std::process::id());
    assert!(answered(&held).contains(&holder), "{}", answered(&held));
    store.close().expect("closed");
    let free = barline(folder.path(), &["doctor", "--format", "json"]);
    assert_eq!(free.status.code(), Some(0), "{}", answered(&free));
    let rows: serde_json::Value = serde_json::from_slice(&free.stdout).expect("json");
    let items: Vec<_> = rows.as_array().expect("rows").iter().map(|row| &row["item"]).collect();
    for item in ["processor", "memory limit", "memory budget", "duckdb", "cuda", "made by", "runs"]
    {
        assert!(items.iter().any(|listed| *listed == item), "{item} is not in {items:?}");
    }
}

/// What the doctor says of the device in an environment, on one line and without noise.
fn device_in(folder: &Path, variable: &str, value: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_barline"))
        .env_remove("BARLINE_DB")
        .env(variable, value)
        .current_dir(folder)
        .args(["doctor", "--format", "csv"])
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(said(&output), "");
    let text = answered(&output);
    let line = text.lines().find_map(|line| line.strip_prefix("device,cuda,"));
    line.expect("a line about the device").to_owned()
}

#[test]
fn no_device_is_said_in_one_line_whatever_stands_in_for_the_driver() {
    let folder = tempfile::tempdir().expect("a folder");
    let hidden = device_in(folder.path(), "CUDA_VISIBLE_DEVICES", "");
    assert!(hidden.contains("none: "), "{hidden}");
    // A driver library without a single function, as some containers have.
    let source = folder.path().join("stub.c");
    fs::write(&source, "int barline_stub;\n").expect("written");
    let library = folder.path().join("libcuda.so");
    let compiled = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .status()
        .expect("a C compiler, which DuckDB needs too");
    assert!(compiled.success());
    let stub = device_in(folder.path(), "LD_LIBRARY_PATH", &folder.path().to_string_lossy());
    if cfg!(feature = "cuda") {
        assert!(stub.contains("driver's library cannot be used"), "{stub}");
        assert!(stub.contains("cuDriverGetVersion"), "{stub}");
    }
}

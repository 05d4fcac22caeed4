//! `barline export`: what is written out reads back elsewhere, under the names that are promised.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use tempfile::TempDir;

use crate::binary::{answer, barline, said};

/// The folder of a copy, one for each test: a store has one holder at a time.
fn store() -> PathBuf {
    thread_local! {
        static COPY: TempDir = {
            let folder = tempfile::tempdir().expect("a folder");
            fs::copy(built().join("s.duckdb"), folder.path().join("s.duckdb")).expect("a copy");
            folder
        };
    }
    COPY.with(|folder| folder.path().to_path_buf())
}

/// A store of a demo with one run of a few portfolios, everything kept.
fn built() -> &'static Path {
    static STORE: OnceLock<TempDir> = OnceLock::new();
    let folder = STORE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        answer(folder.path(), &["demo", "--db", "s.duckdb"]);
        let sql = "SELECT string_agg(symbol, ',' ORDER BY symbol) FROM
                   (SELECT symbol FROM instrument ORDER BY symbol LIMIT 3)";
        let text = answer(folder.path(), &["sql", sql, "--db", "s.duckdb", "--format", "csv"]);
        let symbols = text.lines().nth(1).expect("symbols").trim_matches('"');
        let run = [
            "backtest",
            "--multi-pair",
            "--symbols",
            symbols,
            "--horizons",
            "30",
            "--sizes",
            "2",
            "--strategies",
            "equal-weight",
            "--keep",
            "all",
            "--db",
            "s.duckdb",
            "--format",
            "csv",
        ];
        answer(folder.path(), &run);
        folder
    });
    folder.path()
}

fn export(arguments: &[&str]) -> String {
    answer(&store(), &[&["export", "--db", "s.duckdb"], arguments].concat())
}

fn refused(arguments: &[&str], says: &str) {
    let output = barline(&store(), &[&["export", "--db", "s.duckdb"], arguments].concat());
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
    assert!(said(&output).contains(says), "{arguments:?}: {}", said(&output));
}

/// The first job of the run.
fn job() -> String {
    let text = answer(&store(), &["query", "leaderboard", "--db", "s.duckdb", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    rows[0]["job"].as_str().expect("a key").to_owned()
}

fn header(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[test]
fn bars_written_out_are_imported_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = "SELECT market, symbol, interval_us, ts, open, high, low, close, volume FROM bar
               JOIN instrument USING (instrument_id) ORDER BY ALL LIMIT 2000";
    let there = answer(&store(), &["sql", all, "--db", "s.duckdb", "--format", "csv"]);
    let market = there.lines().nth(1).and_then(|line| line.split(',').next()).expect("a market");
    let from = ["--from", "2020-01-01", "--to", "2100-01-01"];
    for name in ["bars.csv", "bars.parquet"] {
        let path = folder.path().join(name);
        let path = path.to_str().expect("a path");
        let written =
            [&["export", "bars", "--db", "s.duckdb", "--output", path], &from[..]].concat();
        let output = barline(&store(), &written);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains("9 columns"), "{}", said(&output));
        let flags =
            format!("barline import {path} --market {market} --interval 1h --calendar 24/7");
        assert!(said(&output).contains(&flags), "{}", said(&output));
        let db = format!("{name}.duckdb");
        let import = [
            "import",
            name,
            "--market",
            market,
            "--calendar",
            "24/7",
            "--db",
            &db,
            "--format",
            "csv",
        ];
        let output = barline(folder.path(), &import);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let here = answer(folder.path(), &["sql", all, "--db", &db, "--format", "csv"]);
        assert_eq!(here, there, "{name}");
    }
    let part = export(&["bars", "--from", "2100-01-01"]);
    assert_eq!(part.lines().count(), 1, "{part}");
}

#[test]
fn results_have_the_names_that_their_users_know() {
    let job = job();
    let of_job = |what: &str| export(&[what, "--job", &job]);
    assert_eq!(header(&of_job("returns")), "date,returns");
    assert_eq!(header(&of_job("portfolio")), "datetime,account,return,cost,value,cash");
    assert_eq!(header(&of_job("weights")), "ts,symbol,weight");
    for name in ["pair", "stake_amount", "open_date", "close_rate", "profit_ratio", "is_short"] {
        assert!(header(&of_job("trades")).split(',').any(|have| have == name), "{name}");
    }
    for name in ["instrument_id", "order_side", "last_px", "last_qty", "ts_event"] {
        assert!(header(&of_job("fills")).split(',').any(|have| have == name), "{name}");
    }
    assert!(export(&["fills"]).lines().count() > of_job("fills").lines().count());
}

#[test]
fn returns_compound_to_what_the_run_measured() {
    let job = job();
    let sql =
        format!("SELECT total_return, bars FROM job_result WHERE starts_with(job_key, '{job}')");
    let text = answer(&store(), &["sql", &sql, "--db", "s.duckdb", "--format", "csv"]);
    let row: Vec<f64> =
        text.lines().nth(1).expect("a row").split(',').map(|x| x.parse().expect("x")).collect();
    let returns = export(&["returns", "--job", &job]);
    let values: Vec<f64> = returns
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).expect("a return").parse().expect("a number"))
        .collect();
    assert!((values.len() as f64 - row[1]).abs() < 0.5, "a return per scored bar");
    let compounded: f64 = values.iter().map(|value| 1.0 + value).product::<f64>() - 1.0;
    // A thousand roundings of doubles.
    assert!((compounded - row[0]).abs() < 1e-9, "{compounded} and {}", row[0]);
}

#[test]
fn weights_written_out_are_played_again() {
    let path = store().join("weights.csv");
    let name = path.to_str().expect("a path");
    barline(
        &store(),
        &["export", "weights", "--job", &job(), "--db", "s.duckdb", "--output", name],
    );
    let run = ["backtest", "--signals", name, "--horizons", "30", "--db", "s.duckdb", "--dry-run"];
    let output = barline(&store(), &run);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn what_cannot_be_written_out_says_why() {
    refused(&["prices"], "there is nothing called 'prices' to export");
    refused(&["returns"], "returns are of one job, and 3 match");
    refused(&["returns", "--job", "ffffffffffffffff"], "there is no such job");
    refused(&["trades", "--symbols", "A"], "--symbols says nothing about trades");
    refused(&["bars", "--run", "last"], "--run says nothing about bars");
    refused(&["bars", "--from", "soon"], "--from soon: not a moment");
    refused(&["bars", "--output", "bars.xlsx"], "its ending names no form");
    fs::write(store().join("mine.csv"), "notes").expect("written");
    refused(&["bars", "--output", "mine.csv"], "mine.csv exists");
    assert_eq!(fs::read_to_string(store().join("mine.csv")).expect("kept"), "notes");
}

#[test]
fn what_was_not_kept_is_asked_for_by_its_flag() {
    let folder = tempfile::tempdir().expect("a folder");
    let quick = ["backtest", "--horizons", "30", "--strategies", "buy-and-hold", "--format", "csv"];
    answer(folder.path(), &quick);
    let output = barline(folder.path(), &["export", "returns"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("run them again with --keep equity"), "{}", said(&output));
    assert!(answer(folder.path(), &["export", "trades"]).lines().count() > 1);
}

#[test]
fn a_symbol_that_a_spreadsheet_would_run_is_made_harmless() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "ts,symbol,close\n2024-01-01,=1+1,1\n2024-01-02,=1+1,2\n2024-01-03,=1+1,3\n";
    fs::write(folder.path().join("a.csv"), text).expect("written");
    barline(folder.path(), &["import", "a.csv"]);
    let csv = answer(folder.path(), &["export", "bars"]);
    assert!(csv.contains(",'=1+1,1d,"), "{csv}");
}

/// Reads what was written with pandas, and hands it to the tools that are there.
const READ_BACK: &str = r"
import sys
import pandas as pd
csv, parquet, rows, total = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
series = pd.read_csv(csv, index_col='date', parse_dates=True)['returns']
assert isinstance(series.index, pd.DatetimeIndex) and series.index.is_monotonic_increasing
assert len(series) == rows and series.dtype == 'float64', (len(series), series.dtype)
assert abs((1 + series).prod() - 1 - total) < 1e-9, (1 + series).prod() - 1
try:
    other = pd.read_parquet(parquet).set_index('date')['returns']
    assert (other.to_numpy() == series.to_numpy()).all()
    print('parquet')
except ImportError:
    pass
try:
    import quantstats.stats as qs
    assert abs(qs.comp(series) - total) < 1e-9
    print('quantstats')
except ImportError:
    pass
try:
    import skfolio
    frame = series.to_frame('job')
    portfolio = skfolio.Portfolio(X=frame, weights=[1.0])
    assert abs(portfolio.mean - series.mean()) < 1e-12
    print('skfolio')
except ImportError:
    pass
try:
    import empyrical
    assert abs(empyrical.cum_returns_final(series) - total) < 1e-9
    print('empyrical')
except ImportError:
    pass
";

#[test]
#[allow(clippy::print_stderr, reason = "what was skipped is said")]
fn returns_are_read_by_pandas_where_it_is() {
    let has_pandas = Command::new("python3").args(["-c", "import pandas"]).output();
    if !has_pandas.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no python3 with pandas");
        return;
    }
    let job = job();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let (csv, parquet) = (path("returns.csv"), path("returns.parquet"));
    for output in [&csv, &parquet] {
        let arguments =
            ["export", "returns", "--job", &job, "--db", "s.duckdb", "--output", output];
        answer(&store(), &arguments);
    }
    let sql =
        format!("SELECT bars, total_return FROM job_result WHERE starts_with(job_key, '{job}')");
    let text = answer(&store(), &["sql", &sql, "--db", "s.duckdb", "--format", "csv"]);
    let (bars, total) = text.lines().nth(1).and_then(|row| row.split_once(',')).expect("a row");
    let output = Command::new("python3")
        .args(["-c", READ_BACK, &csv, &parquet, bars, total])
        .output()
        .expect("python runs");
    eprintln!("read by pandas {}", String::from_utf8_lossy(&output.stdout).replace('\n', " "));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn bars_of_closes_alone_are_written_out_and_imported_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let lines = |columns: &str, symbol: &str, cells: &dyn Fn(f64) -> String| {
        let days = (1..=20).map(|day| {
            let row = cells(100.0 + f64::from(day));
            format!("2024-01-{day:02},{symbol},{row}\n")
        });
        format!("ts,symbol,{columns}\n{}", days.collect::<String>())
    };
    let closes = lines("close", "INDEX", &|close| close.to_string());
    let whole = lines("open,high,low,close,volume", "SHARE", &|close| {
        format!("{close},{},{},{close},5", close + 1.0, close - 1.0)
    });
    fs::write(path.join("closes.csv"), closes).expect("written");
    fs::write(path.join("whole.csv"), whole).expect("written");
    answer(path, &["import", "closes.csv", "whole.csv", "--interval", "1d", "--db", "a.duckdb"]);
    let all = "SELECT symbol, ts, open, high, low, close, volume FROM bar
               JOIN instrument USING (instrument_id) ORDER BY ALL";
    let there = answer(path, &["sql", all, "--db", "a.duckdb", "--format", "csv"]);
    assert_eq!(there.lines().count(), 41, "{there}");
    for name in ["bars.csv", "bars.parquet"] {
        answer(path, &["export", "bars", "--db", "a.duckdb", "--output", name]);
        let db = format!("{name}.duckdb");
        answer(path, &["import", name, "--interval", "1d", "--db", &db]);
        let here = answer(path, &["sql", all, "--db", &db, "--format", "csv"]);
        assert_eq!(here, there, "{name}");
    }
    // One price that is missing is no bar of a close alone.
    let holes = "ts,symbol,open,high,low,close\n2024-01-01,A,1,,1,1\n2024-01-02,A,,,,1\n";
    fs::write(path.join("holes.csv"), holes).expect("written");
    let output = barline(path, &["import", "holes.csv", "--interval", "1d", "--db", "b.duckdb"]);
    assert!(said(&output).contains("line 2, high: no value"), "{}", said(&output));
    let count =
        answer(path, &["sql", "SELECT count(*) FROM bar", "--db", "b.duckdb", "--format", "csv"]);
    assert!(count.ends_with("\n1\n"), "{count}");
}

#[test]
fn bars_of_two_lengths_or_markets_are_not_written_into_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let hour =
        |hour| format!("2024-01-{:02}T{:02}:00:00Z,A,{}", 1 + hour / 24, hour % 24, 100 + hour);
    let hours = (0..48).map(hour).collect::<Vec<String>>().join("\n");
    fs::write(path.join("a.csv"), format!("ts,symbol,close\n{hours}")).expect("written");
    let import = ["import", "a.csv", "--calendar", "24/7", "--db", "s.duckdb"];
    answer(path, &import);
    answer(path, &["resample", "1h", "4h", "--db", "s.duckdb"]);
    answer(path, &[&import[..], &["--market", "other"]].concat());
    for (flags, told) in [
        (&[][..], "bars of 2 markets: default, other"),
        (&["--market", "default"], "bars of 2 lengths: 1h, 4h"),
    ] {
        let line = [&["export", "bars", "--db", "s.duckdb", "--output", "x.csv"], flags].concat();
        let output = barline(path, &line);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(told), "{}", said(&output));
        assert!(!path.join("x.csv").exists());
    }
    let one = ["export", "bars", "--db", "s.duckdb", "--market", "default", "--interval", "4h"];
    assert_eq!(answer(path, &one).lines().count(), 13);
}

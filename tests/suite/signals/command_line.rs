//! Signals by the command line: what it plays, what it refuses, and a million of them.

use std::{fmt::Write, fs};

use barline::{domain::CalendarClass, store::Cell};

use super::{CROSSOVER, small};
use crate::{
    binary::{answer, barline, said},
    small_store::{self, START, Series, series, sql, walk},
};

#[test]
fn the_command_line_plays_files_and_refuses_what_does_not_go_together() {
    let (folder, path) = small();
    let folder = folder.path();
    assert_eq!(path.file_name().and_then(|name| name.to_str()), Some("small.duckdb"));
    fs::write(folder.join("s.sql"), CROSSOVER).expect("written");
    fs::write(folder.join("s.csv"), "ts,symbol,weight\n2024-03-11T04:00:00Z,A,1\n")
        .expect("written");
    fs::write(folder.join("bad.csv"), "ts,symbol,weight\n2024-03-11T04:00:00Z,A,inf\n")
        .expect("written");
    fs::write(
        folder.join("twice.csv"),
        "ts,symbol,weight\n2024-03-11,A,1\n2024-03-11T00:00:00Z,A,2\n",
    )
    .expect("written");
    fs::write(folder.join("empty.csv"), "ts,symbol,weight\n").expect("written");
    fs::write(folder.join("runs.toml"), "signals = \"s.csv\"\nhorizons = [20]\n").expect("written");
    let db = ["--db", "small.duckdb", "--horizons", "20"];
    let with = |more: &[&'static str]| [&["backtest"][..], &db[..], more].concat();
    let table = answer(folder, &with(&["--signals", "s.sql", "--format", "csv"]));
    assert!(table.lines().nth(1).is_some_and(|line| line.starts_with("1,scripted,20,\"A,B,C\",")));
    let named = with(&["--signals", "s.csv", "--strategies", "scripted"]);
    assert!(answer(folder, &named).contains("planned 1 = computed 1 + already stored 0"));
    let config = ["backtest", "--db", "small.duckdb", "--config", "runs.toml"];
    assert!(answer(folder, &config).contains("planned 1 = computed 0 + already stored 1"));
    assert!(
        answer(folder, &with(&["--signals", "s.sql", "--dry-run"]))
            .contains("  computing signals ")
    );
    assert!(answer(folder, &["strategies"]).contains("scripted (signals)"));
    for (more, says) in [
        (
            &["--signals", "s.csv", "--strategies", "hrp"][..],
            "--strategies hrp: with --signals only",
        ),
        (&["--strategies", "scripted"], "--strategies scripted: it plays signals"),
        (
            &["--signals", "s.csv", "--multi-pair", "--sizes", "2"],
            "--sizes cannot be used with --signals",
        ),
        (&["--signals", "absent.csv"], "cannot read absent.csv"),
        (&["--signals", "absent.sql"], "cannot read absent.sql"),
        (&["--signals", "bad.csv"], "bad.csv: line 2, weight: not a finite number: 2024"),
        (&["--signals", "twice.csv"], "twice.csv: line 3: A has a second weight at 2024-03-11"),
        (&["--signals", "empty.csv"], "empty.csv holds no signal"),
    ] {
        let output = barline(folder, &with(more));
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {said}");
        let errors: Vec<_> = said.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(errors.len() == 1 && errors[0].contains(says), "{more:?}: {said}");
        assert!(said.contains("\nhint: ") || says.starts_with("cannot read"), "{more:?}: {said}");
    }
}

#[test]
fn a_million_rows_stay_within_the_plan() {
    let minute = 60_000_000;
    let names: [&'static str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];
    let bars = 125_000;
    let all: Vec<Series> = (names.iter().zip(1..))
        .map(|(&name, seed)| {
            series(name, CalendarClass::Continuous, minute, &walk(seed, bars), |_, _| true)
        })
        .collect();
    let interval = "1m".parse().expect("an interval");
    let (folder, _) = small_store::store(interval, &all, true);
    let mut text = String::from("ts,symbol,weight\n");
    for row in 0..bars {
        let ts = START + i64::try_from(row).expect("few") * minute;
        for (at, name) in names.iter().enumerate() {
            let weight = ((row * 7 + at * 13) % 100) as f64 / 1_000.0;
            writeln!(text, "{ts},{name},{weight}").expect("text");
        }
    }
    fs::write(folder.path().join("big.csv"), &text).expect("written");
    let table = answer(
        folder.path(),
        &[
            "backtest",
            "--db",
            "small.duckdb",
            "--signals",
            "big.csv",
            "--horizons",
            "86",
            "--keep",
            "measures",
            "--memory-budget",
            "400MiB",
            "--format",
            "csv",
        ],
    );
    assert!(table.contains(",done,"), "{table}");
    let memory = sql(
        &folder.path().join("small.duckdb"),
        "SELECT planned_peak_bytes, measured_peak_bytes FROM run",
    );
    let [Cell::Int(planned), Cell::Int(measured)] = memory.rows[0][..] else {
        panic!("{memory:?}")
    };
    assert!(measured < planned && planned < 400 << 20, "{measured} of {planned}");
}

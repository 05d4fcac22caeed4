//! Signals without sense: refused in one line with its place, its value and a remedy.

use std::path::Path;

use barline::{domain::WeightRows, run::Signals};

use super::{request, run, small};
use crate::small_store::{DAY, HOUR, START, number};

/// The one line that a run of these signals is refused with, and its hint.
fn refused(path: &Path, days: u32, signals: Signals) -> (String, String) {
    let error = run(path, &request(days, signals)).expect_err("wrong signals");
    (error.to_string(), error.hint().expect("a remedy").to_owned())
}

#[test]
fn rows_without_sense_are_refused_with_their_place_value_and_remedy() {
    let (_folder, path) = small();
    let ts = START + 70 * DAY;
    let hour = |at: i64| ts + at * HOUR;
    let missing = (0..7).find(|at| (70 * 24 + at) % 7 == 3).expect("a gap");
    for (symbol, at, says, remedy) in [
        ("A", hour(2) + 1, "rows: line 9: A has no bar that opens at", "opening time"),
        ("B", hour(missing), "rows: line 9: B has no bar that opens at", "opening time"),
        ("AA", hour(2), "rows: line 9: symbol 'AA' is not in the store", "did you mean A?"),
        ("A", hour(-2_000), "rows: no signal lies in a scored window", "--horizons"),
    ] {
        let mut rows = WeightRows::default();
        rows.push(symbol, at, 0.125, 9);
        let (line, hint) = refused(&path, 20, Signals::rows("rows", rows).expect("rows"));
        assert!(line.starts_with(says) && !line.contains('\n'), "{line}");
        assert!(hint.contains(remedy), "{hint}");
    }
    assert_eq!(number(&path, "SELECT count(*) FROM run"), 0, "nothing was begun");
}

#[test]
fn statements_without_sense_are_refused_likewise() {
    let (_folder, path) = small();
    let select = |weight: &str, more: &str| {
        format!("SELECT ts, symbol, {weight} AS weight FROM bars {more}")
    };
    let in_order = "ORDER BY ts, symbol";
    for (text, says) in [
        (select("'x'", in_order), "s.sql: the column weight of the signals is Utf8"),
        (
            select("NULL::DOUBLE", in_order),
            "s.sql: signals: row 1: weight is not a finite number: 2024",
        ),
        (select("'nan'::DOUBLE", in_order), "s.sql: signals: row 1: weight is not a finite number"),
        (select("1 / 0", in_order), "s.sql: signals: row 1: weight is not a finite number"),
        (
            select("1", "ORDER BY symbol, ts"),
            "s.sql: signals: row 721: out of the order (ts, symbol)",
        ),
        (
            select("1", "CROSS JOIN range(2) ORDER BY ts, symbol"),
            "s.sql: signals: row 2: the row before has the same ts and symbol: 2024-02-23T08:00:00Z,A,1",
        ),
        (
            select("1", "WHERE close < 0 ORDER BY ts, symbol"),
            "s.sql: no signal lies in a scored window",
        ),
        (
            "SELECT ts + INTERVAL 1 MINUTE AS ts, symbol, 1 AS weight FROM bars ORDER BY 1, 2"
                .into(),
            "s.sql: row ",
        ),
        (
            "SELECT ts, 'Z' AS symbol, 1 AS weight FROM bars WHERE symbol = 'A' ORDER BY 1".into(),
            "s.sql: row 1: symbol 'Z' is not in the store",
        ),
        (
            "SELECT ts, symbol FROM bars ORDER BY 1, 2".into(),
            "s.sql: the signals have no column 'weight'",
        ),
        (
            "SELECT ts, symbol, ? AS weight FROM bars ORDER BY 1, 2".into(),
            "s.sql: the signals have a parameter",
        ),
        ("SELECT * FROM job ORDER BY 1".into(), "s.sql: cannot run the signals: Catalog Error"),
        (
            "SELECT * FROM read_csv('s.csv') ORDER BY 1".into(),
            "s.sql: cannot run the signals: Permission Error",
        ),
        ("SELEKT 1 ORDER BY 1".into(), "s.sql: 'SELEKT' is not a question"),
        (
            "SELECT ts,, symbol FROM bars ORDER BY 1".into(),
            "s.sql: cannot run the signals: Parser Error",
        ),
    ] {
        let error = Signals::statement("s.sql", &text)
            .and_then(|signals| run(&path, &request(20, signals)))
            .expect_err(&text);
        let line = error.to_string();
        assert!(line.starts_with(says) && !line.contains('\n'), "{text}: {line}");
        assert!(error.hint().is_some(), "{text}: {line}");
    }
    assert_eq!(number(&path, "SELECT count(*) FROM run"), 0, "nothing was begun");
}

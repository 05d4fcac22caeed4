//! Events from files: what is said of those that the bars contradict, and of files with bad rows.

use std::{fmt::Write, path::Path, process::Output};

use serde_json::Value;
use tempfile::TempDir;

use super::{barline, cell, folder, import, said, write};

/// Daily bars of January 2024: `A` stands near 100, `B` halves on the 20th.
fn with_days() -> TempDir {
    let folder = folder();
    let mut text = String::from("ts,symbol,open,close\n");
    for (symbol, halves) in [("A", false), ("B", true)] {
        for day in 1..=31 {
            let price = if halves && day >= 20 { 50.0 } else { 100.0 } + f64::from(day % 3);
            writeln!(text, "2024-01-{day:02},{symbol},{price},{price}").expect("memory");
        }
    }
    write(&folder, "days.csv", text);
    import(folder.path(), 0, &["days.csv"]);
    folder
}

fn events(folder: &TempDir, kind: &str, name: &str, rows: &str) -> Output {
    write(folder, name, rows);
    barline(folder.path(), &["import", "--kind", kind, name])
}

fn checked(folder: &Path, more: &[&str]) -> (Option<i32>, Value, String) {
    let output = barline(folder, &[&["check", "--format", "json"], more].concat());
    let health = serde_json::from_slice(&output.stdout).expect("JSON");
    (output.status.code(), health, said(&output))
}

#[test]
fn a_split_that_the_bars_do_not_show_is_said_everywhere() {
    let folder = with_days();
    let both = "ts,symbol,ratio\n2024-01-20,A,2\n2024-01-20,B,2\n";
    let unseen = "A: the 1d bars do not show the split of 2 at 2024-01-20T00:00:00Z: close before \
                  101, open after 102";
    write(&folder, "try.csv", both);
    let tried = barline(folder.path(), &["import", "--kind", "splits", "try.csv", "--dry-run"]);
    assert!(said(&tried).contains(unseen), "{}", said(&tried));
    assert_eq!(checked(folder.path(), &[]).0, Some(0), "nothing was stored");
    let output = events(&folder, "splits", "splits.csv", both);
    assert_eq!(output.status.code(), Some(0));
    let warnings = said(&output);
    let warnings: Vec<_> = warnings.lines().filter(|l| l.starts_with("warning:")).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains(unseen), "{warnings:?}");

    let (code, health, text) = checked(folder.path(), &[]);
    assert_eq!(code, Some(1), "{text}");
    assert_eq!(health[0]["faults"], "1 split that the bars do not show");
    assert_eq!(health[1]["faults"], Value::Null);
    assert!(text.contains(unseen) && text.contains("1 with faults"), "{text}");
    assert_eq!(checked(folder.path(), &["--symbols", "B"]).0, Some(0));

    let of = |symbol, horizon| {
        let line = ["backtest", "--strategies", "buy-and-hold", "--symbols", symbol];
        let output = barline(folder.path(), &[&line[..], &["--horizons", horizon]].concat());
        said(&output)
    };
    assert!(of("A", "20").contains(unseen), "{}", of("A", "20"));
    assert!(!of("B", "20").contains("do not show"), "{}", of("B", "20"));
}

#[test]
fn splits_are_judged_by_what_lies_between_two_bars() {
    let folder = with_days();
    // Upside down; twice what the bars show; too little to be told; two that make one of two.
    for (rows, unseen) in [
        ("2024-01-20,B,0.5", 1),
        ("2024-01-20,B,5", 1),
        ("2024-01-20,B,2", 0),
        ("2024-01-21,B,2", 1),
        ("2024-01-19T12:00:00Z,B,2", 0),
        ("2024-01-10,A,1.05", 0),
        ("2024-01-19T06:00:00Z,B,4\n2024-01-19T18:00:00Z,B,0.5", 0),
        ("2024-01-19T06:00:00Z,B,4\n2024-01-20T18:00:00Z,B,0.5", 2),
    ] {
        write(&folder, "one.csv", format!("ts,symbol,ratio\n{rows}\n"));
        let tried = barline(folder.path(), &["import", "--kind", "splits", "one.csv", "--dry-run"]);
        let told = said(&tried).matches("do not show the split").count();
        assert_eq!(told, unseen, "{rows}: {}", said(&tried));
    }
}

#[test]
fn bars_that_come_after_a_split_are_held_to_it() {
    let folder = with_days();
    let output = events(&folder, "splits", "s.csv", "ts,symbol,ratio\n2024-02-10,A,3\n");
    let text = said(&output);
    assert!(text.contains("A: splits after the last bar: 1,"), "{text}");
    let days = (1..=20).map(|day| format!("2024-02-{day:02},A,100\n")).collect::<Vec<_>>();
    write(&folder, "more.csv", "ts,symbol,close\n".to_owned() + &days.concat());
    let output = barline(folder.path(), &["import", "more.csv"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).contains("do not show the split of 3"), "{}", said(&output));
}

#[test]
fn events_that_meet_no_bar_are_named_and_are_no_fault() {
    let folder = with_days();
    let rows = "ts,symbol,amount\n2024-01-10,A,1\n2023-01-01,A,1\n2023-02-01,A,1\n2024-03-01,A,1\n\
                2024-01-10,EUR/USD,1\n";
    let lines = [
        "A: dividends after the last bar: 1, up to 2024-03-01T00:00:00Z; they act when bars come",
        "A: dividends before the first bar: 2, from 2023-01-01T00:00:00Z; they change nothing",
        "EUR/USD: dividends without bars in market default: 1; they act when bars come",
    ];
    let text = said(&events(&folder, "dividends", "d.csv", rows));
    let (code, _, later) = checked(folder.path(), &[]);
    assert_eq!(code, Some(0));
    for line in lines {
        assert!(text.contains(&format!("warning: {line}")), "{line}: {text}");
        assert!(later.contains(line), "{line}: {later}");
    }
    // A rate before the first bar holds when the bars begin.
    let text = said(&events(&folder, "borrow", "b.csv", "ts,symbol,bps\n2023-01-01,A,30\n"));
    assert!(!text.contains("warning"), "{text}");
    write(&folder, "m.csv", "ts,symbol,rate\n2024-01-10,A,0.001\n");
    let line = ["import", "--kind", "funding", "m.csv", "--market", "futures"];
    let text = said(&barline(folder.path(), &line));
    assert!(text.contains("bars of A are in default: is --market right?"), "{text}");
}

#[test]
fn events_that_contradict_the_stored_ones_are_told_apart() {
    let folder = with_days();
    events(&folder, "dividends", "a.csv", "ts,symbol,amount\n2024-01-10,A,1\n2024-01-11,A,1\n");
    let rows = "ts,symbol,amount\n2024-01-10,A,2\n2024-01-11,A,1\n2024-01-12,A,1\n2024-01-12,A,3\n";
    let text = said(&events(&folder, "dividends", "b.csv", rows));
    let told =
        "b.csv: 2 of 3 duplicate dividends differ from the one that came first, which is kept";
    assert!(text.contains(told), "{text}");
    assert_eq!(cell(folder.path(), "SELECT differing FROM import WHERE name = 'b.csv'"), "2");
    let kept = "SELECT string_agg(value::INT::VARCHAR, '' ORDER BY ts) FROM instrument_event";
    assert_eq!(cell(folder.path(), kept), "111");
}

#[test]
fn what_is_wrong_with_an_event_is_said_in_its_own_words() {
    let folder = with_days();
    for (kind, column, value, says, reason) in [
        ("dividends", "amount", "-0.1", "amount: below zero", "negative"),
        ("splits", "ratio", "0", "ratio: not above zero", "not_positive"),
        ("funding", "rate", "inf", "rate: not a finite number", "not_finite"),
        ("borrow", "bps", "1e9", "bps: more than 1000000 basis points a year", "too_large"),
        ("borrow", "bps", "-1", "bps: below zero", "negative"),
        ("splits", "ratio", "2:1", "ratio: not a number", "not_a_number"),
    ] {
        let rows = format!("ts,symbol,{column}\n2024-01-10,A,{value}\n");
        write(&folder, "bad.csv", &rows);
        let line = ["import", "--kind", kind, "bad.csv", "--max-rejects", "0"];
        let given_up = barline(folder.path(), &line);
        assert_eq!(given_up.status.code(), Some(1), "as with bars: {}", said(&given_up));
        let text = said(&given_up);
        assert!(text.contains(&format!("line 2, {says}")) && !text.contains("close"), "{text}");
        let output = barline(folder.path(), &line[..4]);
        assert!(said(&output).contains(&format!("line 2, {says}")), "{}", said(&output));
        let again = barline(folder.path(), &line);
        assert_eq!(again.status.code(), Some(1), "judged by what was stored: {}", said(&again));
        assert!(said(&again).contains("more than 0 bad rows"), "{}", said(&again));
        let stored =
            "SELECT field || ' ' || reason FROM import_reject ORDER BY import_id DESC LIMIT 1";
        assert_eq!(cell(folder.path(), stored), format!("{column} {reason}"));
    }
}

#[test]
fn the_column_of_an_event_is_named_by_its_own_name() {
    let folder = with_days();
    write(&folder, "s.csv", "ts,symbol,factor\n2024-01-20,B,2\n");
    let of = |more: &[&str]| {
        barline(folder.path(), &[&["import", "--kind", "splits", "s.csv"], more].concat())
    };
    let refused = of(&[]);
    assert_eq!(refused.status.code(), Some(2));
    let text = said(&refused);
    assert!(
        text.contains("no column for 'ratio'") && text.contains("--columns ratio=NAME"),
        "{text}"
    );
    let text = said(&of(&["--columns", "close=factor"]));
    assert!(text.contains("the columns are ts, symbol, ratio"), "{text}");
    assert_eq!(of(&["--columns", "ratio=factor"]).status.code(), Some(0));
    assert_eq!(cell(folder.path(), "SELECT value FROM instrument_event"), "2.0");
}

#[test]
fn a_file_of_events_that_is_given_up_does_not_keep_others_out() {
    let folder = with_days();
    write(&folder, "1.csv", "ts,symbol,amount\n2024-01-10,A,x\n");
    write(&folder, "2.csv", "ts,symbol,amount\n2024-01-11,A,1\n");
    write(&folder, "3.csv", "ts,symbol,close\n2024-01-11,A,1\n");
    let kind = ["import", "--kind", "dividends", "--max-rejects", "0"];
    let of = |files: &[&str]| barline(folder.path(), &[&kind[..], files].concat()).status.code();
    assert_eq!(of(&["1.csv", "2.csv", "3.csv"]), Some(1));
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM instrument_event"), "1");
    assert_eq!(of(&["3.csv"]), Some(2));
    assert_eq!(of(&["1.csv"]), Some(1));
}

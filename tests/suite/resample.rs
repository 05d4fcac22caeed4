//! `barline resample`: longer bars, their labels, and what is said of those that are not whole.

use std::{fmt::Write, fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::{answer, barline, said};

/// Hourly bars of A for so many hours from Monday, 2024-01-01, closes counting up from 1.
fn store(hours: u32) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("ts,symbol,open,high,low,close,volume\n");
    for hour in 0..hours {
        let (day, of_day, close) = (1 + hour / 24, hour % 24, f64::from(hour + 1));
        writeln!(
            text,
            "2024-01-{day:02}T{of_day:02}:00:00Z,A,{},{},{},{close},2",
            close - 0.5,
            close + 1.0,
            close - 0.75
        )
        .expect("memory");
    }
    fs::write(folder.path().join("a.csv"), text).expect("written");
    answer(folder.path(), &["import", "a.csv", "--calendar", "24/7", "--format", "csv"]);
    folder
}

fn resampled(folder: &Path, arguments: &[&str]) -> Value {
    let text = answer(folder, &[&["resample", "--format", "json"], arguments].concat());
    let rows: Value = serde_json::from_str(&text).expect("JSON");
    rows[0].clone()
}

fn bars(folder: &Path, interval: &str) -> Vec<String> {
    let sql = format!(
        "SELECT strftime(ts, '%d %H'), open, high, low, close, volume FROM bar
         WHERE interval_name(interval_us) = '{interval}' ORDER BY ts"
    );
    let text = answer(folder, &["sql", &sql, "--format", "csv"]);
    text.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn bars_are_made_labelled_and_counted() {
    let folder = store(26);
    let made = resampled(folder.path(), &["1h", "4h"]);
    let numbers = ["series", "bars", "made", "stored", "duplicate", "partial", "dropped"]
        .map(|name| made[name].as_u64().expect(name));
    assert_eq!(numbers, [1, 26, 6, 6, 0, 0, 1]);
    let found = bars(folder.path(), "4h");
    assert_eq!(found[0], "01 00,0.5,5.0,0.25,4.0,8.0");
    assert_eq!(found[5], "01 20,20.5,25.0,20.25,24.0,8.0");
    let again = resampled(folder.path(), &["1h", "4h"]);
    assert_eq!((&again["stored"], &again["duplicate"]), (&0.into(), &6.into()));
    let kept = resampled(folder.path(), &["1h", "4h", "--last", "keep"]);
    assert_eq!((&kept["stored"], &kept["partial"]), (&1.into(), &1.into()));
    assert_eq!(bars(folder.path(), "4h")[6], "02 00,24.5,27.0,24.25,26.0,4.0");
    let detail = answer(
        folder.path(),
        &["sql", "SELECT detail FROM import WHERE import_id = 2", "--format", "csv"],
    );
    assert!(detail.contains("labelled by the open in UTC"), "{detail}");
}

#[test]
fn longer_bars_can_be_made_of_longer_bars_and_run() {
    let folder = store(24 * 15);
    resampled(folder.path(), &["1h", "1d"]);
    resampled(folder.path(), &["1d", "1w"]);
    assert_eq!(bars(folder.path(), "1w").len(), 2, "weeks from Monday");
    assert_eq!(bars(folder.path(), "1w")[1], "08 00,168.5,337.0,168.25,336.0,336.0");
    let check = barline(folder.path(), &["check", "--format", "csv"]);
    assert_eq!(check.status.code(), Some(0), "{}", said(&check));
}

#[test]
fn what_makes_no_bars_is_refused_in_one_line() {
    let folder = store(24);
    for (arguments, says) in [
        (&["4h", "1h"][..], "bars of 4h make none of 1h: they are not shorter"),
        (&["1h", "90m"], "it is no multiple"),
        (&["1h", "7h"], "so its labels would wander"),
        (&["15m", "1h"], "there are no 15m bars"),
        (&["1h", "4h", "--symbols", "B"], "there are no 1h bars of B"),
        (&["1h", "4h", "--last", "maybe"], "a last bar is kept or dropped"),
        (&["1h", "soon"], "is not an interval"),
    ] {
        let output = barline(folder.path(), &[&["resample"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(says), "{arguments:?}: {}", said(&output));
    }
    assert!(bars(folder.path(), "4h").is_empty());
}

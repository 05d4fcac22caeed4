//! What strangers' files can be: one clear line, the right exit code, nothing damaged.

use std::{fs, fs::File, path::Path, process::Command};

use polars::prelude::{ParquetWriter, df};
use tempfile::TempDir;

use super::{cell, counts, csv, folder, import, run, said, write};
use crate::{
    bad_ends::{bound, permit},
    binary::{answer, barline, contents},
};

/// The one `error:` line of an import that must end with exit 2.
fn refusal(folder: &TempDir, arguments: &[&str]) -> String {
    let output = run(folder.path(), arguments);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(lines.len(), 1, "{arguments:?}: {text}");
    assert!(text.lines().count() <= 3, "{arguments:?}: {text}");
    lines[0].to_owned()
}

fn parquet(path: &Path) {
    let times: Vec<i64> = (0..600).map(|hour| 1_704_067_200 + hour * 3_600).collect();
    let mut frame = df!("ts" => times, "close" => vec![1.5; 600]).expect("columns");
    ParquetWriter::new(File::create(path).expect("a file")).finish(&mut frame).expect("written");
}

#[test]
fn what_is_no_file_of_bars_is_refused_in_one_line_and_makes_no_store() {
    let folder = folder();
    parquet(&folder.path().join("whole.parquet"));
    let whole = fs::read(folder.path().join("whole.parquet")).expect("bytes");
    let header = "ts,symbol,open,high,low,close,volume";
    let long = "x".repeat(70_000);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty.csv", Vec::new(), "is empty"),
        ("header.csv", header.into(), "holds no row below its header"),
        ("lines.csv", b"\n\n \n".to_vec(), "holds no line"),
        ("wrong.csv", b"ts,symbol,price\n2024-01-01,A,1\n".to_vec(), "no column for 'close'"),
        ("twice.csv", b"ts,close,Close\n2024-01-01,1,1\n".to_vec(), "two columns named 'close'"),
        ("bare.csv", b"2024-01-01,A,1\n2024-01-02,A,1\n".to_vec(), "begins with values"),
        ("one.csv", b"ts,close\n2024-01-01,1\n".to_vec(), "the interval cannot be told"),
        ("bad.csv", b"ts,close\nx,1\ny,2\n".to_vec(), "all of its 2 rows are rejected"),
        ("page.csv", b"<!doctype html><html></html>".to_vec(), "is an HTML page"),
        ("wide.csv", long.into_bytes(), "no column for 'ts'"),
        ("bars.csv.gz", vec![0x1f, 0x8b, 8, 0, 0], "cannot be unpacked"),
        ("bars.xlsx", b"PK\x03\x04....".to_vec(), "cannot be unpacked"),
        ("utf16.csv", b"\xff\xfet\0s\0".to_vec(), "is UTF-16 text"),
        ("cut.parquet", whole[..whole.len() / 2].to_vec(), "not a whole Parquet file"),
        ("garbage.parquet", b"PAR1 this is not what it says PAR1".to_vec(), "garbage.parquet"),
        ("text.parquet", b"this is text\n".to_vec(), "no column for 'ts'"),
    ];
    for (name, bytes, says) in cases {
        write(&folder, name, bytes);
        let line = refusal(&folder, &[name]);
        assert!(line.contains(says) && line.contains(name), "{line}");
        assert!(line.chars().count() < 2_000, "{name}: a line of {}", line.len());
        assert!(!folder.path().join("barline.duckdb").exists(), "{name}");
    }
    assert!(refusal(&folder, &["none.csv"]).contains("there is no file none.csv"));
    fs::create_dir(folder.path().join("hollow")).expect("made");
    assert!(refusal(&folder, &["hollow"]).contains("hollow holds no .csv or .parquet file"));
    let pipe = Command::new("mkfifo").arg(folder.path().join("pipe.csv")).status();
    assert!(pipe.expect("mkfifo").success());
    assert!(refusal(&folder, &["pipe.csv"]).contains("pipe.csv is not a regular file"));
    assert!(refusal(&folder, &["barline.duckdb"]).contains("there is no file"));
}

#[test]
fn events_without_a_store_are_told_that_bars_come_first_and_make_none() {
    let folder = folder();
    write(&folder, "splits.csv", "ts,symbol,ratio\n2024-01-02,A,2\n");
    let output = barline(folder.path(), &["import", "--kind", "splits", "splits.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        said(&output),
        "error: there is no store at barline.duckdb to put splits into\n\
         hint: import bars first: 'barline import PATH', then the same with --kind for their events\n"
    );
    assert!(!folder.path().join("barline.duckdb").exists());
}

#[test]
fn every_bad_row_is_counted_with_its_line_field_and_reason() {
    let folder = folder();
    let rows = [
        ("2024-02-01T00:00:00Z,A,1,2,1,NaN,1", "close", "missing"),
        ("2024-02-01T01:00:00Z,A,1,inf,1,1,1", "high", "not_finite"),
        ("2024-02-01T02:00:00Z,A,1,2,1,-1,1", "close", "not_positive"),
        ("2024-02-01T03:00:00Z,A,0,2,1,1,1", "open", "not_positive"),
        ("2024-02-01T04:00:00Z,A,1,1,2,1,1", "high", "high_below_low"),
        ("2024-02-01T05:00:00Z,A,1,2,1,1,-1", "volume", "negative"),
        ("2024-02-01T06:00:00Z,A,1,2,1,1", "", "too_few_fields"),
        ("2024-02-01T07:00:00Z,A,1,2,1,1,1,1", "", "too_many_fields"),
        ("yesterday,A,1,2,1,1,1", "ts", "not_a_moment"),
        ("1704067200000000000000,A,1,2,1,1,1", "ts", "year_out_of_range"),
        ("2024-02-01T08:00:00Z,\"A,B\",1,2,1,1,1", "symbol", "comma_in_symbol"),
        ("2024-02-01T09:00:00Z,,1,2,1,1,1", "symbol", "missing"),
        ("2024-02-01T10:00:00Z,\"A,1,2,1,1,1", "", "open_quote"),
    ];
    let bad = rows.map(|(row, ..)| row.to_owned() + "\r\n").concat();
    write(&folder, "bars.csv", csv(&["A"], 400) + &bad);
    let output = run(folder.path(), &["bars.csv"]);
    assert_eq!(output.status.code(), Some(0));
    let text = said(&output);
    let warned =
        "warning: bars.csv: 13 of 413 rows are rejected, the first at line 402, close: no value";
    assert!(text.contains(warned), "{text}");
    assert!(text.contains("barline query rejects"), "{text}");
    let listed = answer(folder.path(), &["query", "rejects", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    for (at, (row, field, reason)) in rows.iter().enumerate() {
        let found = &listed[at];
        assert_eq!(found["line"], 402 + at, "{found}");
        assert_eq!(found["field"].as_str().unwrap_or_default(), *field, "{found}");
        assert_eq!(found["reason"], *reason, "{found}");
        assert_eq!(found["raw"], *row, "{found}");
    }
}

#[test]
fn a_limit_on_bad_rows_gives_the_file_up_and_leaves_the_store_alone() {
    let folder = folder();
    write(&folder, "good.csv", csv(&["A"], 400));
    import(folder.path(), 0, &["good.csv"]);
    write(&folder, "bad.csv", csv(&["B"], 400) + "2024-02-01,B,1,2,1,x,1\n");
    let files = import(folder.path(), 1, &["bad.csv", "--max-rejects", "0"]);
    assert_eq!(files[0]["status"], "given up");
    assert!(files[0]["reason"].as_str().expect("why").contains("line 402, close: not a number"));
    for table in ["import_reject", "instrument WHERE symbol = 'B'"] {
        assert_eq!(cell(folder.path(), &format!("SELECT count(*) FROM {table}")), "0", "{table}");
    }
    let files = import(folder.path(), 0, &["bad.csv", "--max-rejects", "1"]);
    assert_eq!(counts(&files[0]), [402, 400, 0, 1, 0]);
    // An unchanged file is not read again, and judged by what was written down of it.
    let output = run(folder.path(), &["bad.csv", "good.csv", "--max-rejects", "0"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&files[0]["status"], &files[1]["status"]),
        (&"given up".into(), &"already imported".into())
    );
    let errors = said(&output).lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 1, "{}", said(&output));
    let told =
        "bad.csv has more than 0 bad rows: 1 were left out when it was imported, as import 2";
    assert!(said(&output).contains(told), "{}", said(&output));
    let files = import(folder.path(), 0, &["bad.csv", "--max-rejects", "1"]);
    assert_eq!(files[0]["status"], "already imported");
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM bar"), "800");
}

#[test]
fn order_and_duplicates_of_a_file_are_settled_and_told() {
    let folder = folder();
    let text = csv(&["A"], 400);
    let mut lines: Vec<&str> = text.lines().collect();
    let (first, other) = (lines[1], "2024-01-01T00:00:00Z,A,7,8,7,7.5,0");
    lines[1..].reverse();
    lines.extend([first, other]);
    let dressed = format!("\u{feff}{}\r\n", lines.join("\r\n"));
    write(&folder, "bars.csv", dressed);
    let output = run(folder.path(), &["bars.csv"]);
    let text = said(&output);
    assert!(text.contains("1 of 1 symbols were not in order of time"), "{text}");
    assert!(text.contains("1 of 2 duplicate bars differ from the one that came first"), "{text}");
    let files: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(counts(&files[0]), [403, 400, 2, 0, 0]);
    let ordered = "SELECT bool_and(ts >= before) FROM \
                   (SELECT ts, lag(ts) OVER (ORDER BY rowid) AS before FROM bar)";
    assert_eq!(cell(folder.path(), ordered), "true");
}

#[test]
fn hostile_symbols_and_file_names_are_only_names() {
    let folder = folder();
    let symbols = [
        "'; DROP TABLE bar;--",
        "<script>alert(1)</script>",
        "000001",
        "Zürich\u{202e}",
        "=1+1",
        "$1",
        "NULL",
        "../etc",
        "a b",
    ];
    let text: String = symbols
        .iter()
        .flat_map(|symbol| (1..9).map(move |day| format!("2024-01-{day:02},{symbol},{day}\n")))
        .collect();
    write(&folder, "symbols.csv", "ts,symbol,close\n".to_owned() + &text);
    import(folder.path(), 0, &["symbols.csv"]);
    let mut expected = symbols.to_vec();
    expected.sort_unstable();
    let stored = "SELECT string_agg(symbol, '|' ORDER BY symbol) FROM instrument";
    assert_eq!(cell(folder.path(), stored), expected.join("|"));
    let days = "ts,close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n";
    let names = ["a[1].csv", "b*.csv", "it's.csv", "two words.csv", "-rf.csv", "%s.csv", "q?.csv"];
    for name in names {
        write(&folder, name, days);
        let files = import(folder.path(), 0, &["--", name]);
        assert_eq!(files[0]["file"], name);
    }
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM instrument"), "16");
}

#[test]
fn a_question_outside_the_bars_is_refused_in_one_line() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A", "B"], 600));
    import(folder.path(), 0, &["bars.csv"]);
    for (arguments, says) in [
        (["--as-of", "2023-06-01"], "no bar is complete at --as-of 2023-06-01"),
        (["--symbols", "C"], "symbol 'C' is not in the store"),
        (["--interval", "1d"], "the store holds no 1d bars"),
    ] {
        let line = [&["backtest", "--quick"], &arguments[..]].concat();
        let output = barline(folder.path(), &line);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(says), "{}", said(&output));
    }
    // Long after the last bar: every job says so, none fails.
    let line = ["backtest", "--quick", "--as-of", "2025-06-01", "--format", "csv"];
    let output = barline(folder.path(), &line);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let outcomes = "SELECT string_agg(DISTINCT outcome, ',') FROM results";
    assert_eq!(cell(folder.path(), outcomes), "no_bars");
}

#[test]
fn a_folder_that_may_not_be_written_is_named_and_left_as_it_was() {
    let outer = folder();
    let inner = outer.path().join("fixed");
    fs::create_dir(&inner).expect("made");
    fs::write(inner.join("bars.csv"), csv(&["A"], 400)).expect("written");
    permit(&inner, 0o555);
    permit(outer.path(), 0o755);
    let before = contents(&inner);
    let output = bound(&inner, &["import", "bars.csv"]).output().expect("the binary runs");
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("barline.duckdb") && text.contains("Permission denied"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{text}");
    permit(&inner, 0o755);
    assert_eq!(contents(&inner), before);
}

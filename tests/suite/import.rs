//! `barline import` from outside: what is stored, what is said, what is refused, and that every
//! row of a file is accounted for.

mod bad_files;
mod conflicts;
mod events;
pub(crate) mod layouts;
mod mutations;
mod terms;

use std::{fmt::Write, fs, path::Path, process::Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::{answer, barline, said};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Hourly bars of `symbols` from 2024-01-01, all prices of a bar derived from its number.
fn csv(symbols: &[&str], hours: u64) -> String {
    let mut text = String::from("ts,symbol,open,high,low,close,volume\n");
    for symbol in symbols {
        for hour in 0..hours {
            let (day, of_day) = (1 + hour / 24, hour % 24);
            let price = 100 + hour % 7;
            writeln!(
                text,
                "2024-01-{day:02}T{of_day:02}:00:00Z,{symbol},{price},{}.5,{}.25,{price}.125,{hour}",
                price + 1,
                price - 1
            )
            .expect("memory");
        }
    }
    text
}

fn write(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) {
    fs::write(folder.path().join(name), text).expect("written");
}

/// Imports with `--format json` added, which must end with `code`; a value per file.
fn import(folder: &Path, code: i32, arguments: &[&str]) -> Vec<Value> {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    answer.as_array().expect("a list of files").clone()
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    barline(folder, &[&["import", "--format", "json"], arguments].concat())
}

/// read, stored, duplicate, rejected, blank of a file; they must add up with its comments and headers.
fn counts(file: &Value) -> [u64; 5] {
    let counts = ["read", "stored", "duplicate", "rejected", "blank"]
        .map(|name| file[name].as_u64().unwrap_or_else(|| panic!("{name} of {file}")));
    let others = ["replaced", "comment", "header"]
        .map(|name| file[name].as_u64().unwrap_or_else(|| panic!("{name} of {file}")));
    let sum = others.iter().sum::<u64>() + counts[1..].iter().sum::<u64>();
    assert_eq!(counts[0], sum, "{file}");
    counts
}

/// The one cell that `sql` answers.
fn cell(folder: &Path, sql: &str) -> String {
    let text = answer(folder, &["sql", sql, "--format", "csv"]);
    text.lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_file_is_stored_shown_and_written_down() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A", "B"], 400) + "\n  \n");
    let output = run(folder.path(), &["bars.csv"]);
    let text = said(&output);
    assert!(text.contains("made a new store: barline.duckdb"), "{text}");
    assert!(text.contains("next: barline backtest --multi-pair"), "{text}");
    let file = &serde_json::from_slice::<Value>(&output.stdout).expect("JSON")[0];
    assert_eq!(counts(file), [803, 800, 0, 0, 2]);
    for (name, value) in [
        ("status", "imported"),
        ("format", "csv"),
        ("interval", "1h"),
        ("calendar", "24/7"),
        ("first", "2024-01-01T00:00:00Z"),
        ("last", "2024-01-17T15:00:00Z"),
    ] {
        assert_eq!(file[name], value, "{name}");
    }
    assert_eq!(
        answer(folder.path(), &["query", "imports", "--format", "csv"]).lines().nth(1),
        Some(
            "1,bars.csv,default,bars,1h,24/7,803,800,0,0,0,0,2,0,1,keep,bars stamped at their open; times \
             without a zone in UTC"
        )
    );
    assert_eq!(cell(folder.path(), "SELECT sum(volume) FROM bar"), (400 * 399).to_string() + ".0");
}

#[test]
fn an_unchanged_file_is_not_imported_again_whatever_its_name() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A"], 400));
    write(&folder, "copy.csv", csv(&["A"], 400));
    import(folder.path(), 0, &["bars.csv"]);
    let again = import(folder.path(), 0, &["bars.csv", "copy.csv"]);
    assert!(again.iter().all(|file| file["status"] == "already imported"), "{again:?}");
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM import"), "1");
    let other = import(folder.path(), 0, &["copy.csv", "--market", "other"]);
    assert_eq!(counts(&other[0]), [401, 400, 0, 0, 0], "another market is another instrument");
}

#[test]
fn a_file_whose_symbol_is_its_name_is_known_by_its_name_too() {
    let folder = folder();
    for name in ["A.csv", "B.csv"] {
        write(&folder, name, "ts,close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n");
    }
    let files = import(folder.path(), 0, &["A.csv", "B.csv", "A.csv"]);
    let status: Vec<_> = files.iter().map(|file| file["status"].clone()).collect();
    assert_eq!(status, ["imported", "imported", "already imported"]);
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM instrument"), "2");
}

#[test]
fn a_longer_file_adds_its_new_bars_and_what_was_there_is_kept() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A"], 400));
    import(folder.path(), 0, &["bars.csv"]);
    let longer = csv(&["A"], 450).replace(",100.125,0\n", ",100.75,0\n");
    write(&folder, "bars.csv", &longer);
    let output = run(folder.path(), &["bars.csv"]);
    assert!(said(&output).contains("1 of 400 duplicate bars differ"), "{}", said(&output));
    let file = &serde_json::from_slice::<Value>(&output.stdout).expect("JSON")[0];
    assert_eq!(counts(file), [451, 50, 400, 0, 0]);
    assert_eq!(cell(folder.path(), "SELECT close FROM bar ORDER BY ts LIMIT 1"), "100.125");
    assert_eq!(cell(folder.path(), "SELECT differing FROM import WHERE import_id = 2"), "1");
}

#[test]
fn a_folder_is_its_files_and_one_bad_file_does_not_keep_the_others_out() {
    let folder = folder();
    fs::create_dir(folder.path().join("in")).expect("made");
    write(&folder, "in/b.csv", csv(&["B"], 400));
    write(&folder, "in/a.csv", csv(&["A"], 400));
    write(&folder, "in/c.csv", "");
    write(&folder, "in/notes.txt", "not bars");
    let output = run(folder.path(), &["in"]);
    assert_eq!(output.status.code(), Some(1));
    let files: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let shown: Vec<_> =
        files.as_array().expect("files").iter().map(|f| (&f["file"], &f["status"])).collect();
    let text = said(&output);
    assert_eq!(shown[0].0, "in/a.csv");
    assert_eq!([shown[0].1, shown[1].1, shown[2].1], ["imported", "imported", "failed"]);
    assert!(text.contains("error: in/c.csv is empty"), "{text}");
    assert!(
        text.contains("3 files, 0 of them imported before and 1 not usable: 802 rows"),
        "{text}"
    );
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM bar"), "800");
}

#[test]
fn synthetic_and_real_bars_are_not_mixed_by_accident() {
    let folder = folder();
    answer(folder.path(), &["demo"]);
    write(&folder, "bars.csv", csv(&["A"], 400));
    import(folder.path(), 0, &["bars.csv"]);
    assert!(folder.path().join("barline.duckdb").is_file());
    let of_demo = answer(
        folder.path(),
        &["query", "imports", "--db", "barline-demo.duckdb", "--format", "csv"],
    );
    assert_eq!(of_demo.lines().count(), 2, "{of_demo}");
    import(folder.path(), 0, &["bars.csv", "--db", "barline-demo.duckdb"]);
}

#[test]
fn a_dry_run_counts_and_stores_nothing() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A"], 400) + "2024-02-01,A,1,2,1,x,1\n");
    let files = import(folder.path(), 0, &["bars.csv", "--dry-run"]);
    assert_eq!(counts(&files[0]), [402, 400, 0, 1, 0]);
    assert!(!folder.path().join("barline.duckdb").exists());
    import(folder.path(), 0, &["bars.csv"]);
    write(&folder, "more.csv", csv(&["A"], 410));
    let files = import(folder.path(), 0, &["more.csv", "--dry-run"]);
    assert_eq!(counts(&files[0]), [411, 10, 400, 0, 0]);
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM bar"), "400");
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM import"), "1");
}

#[test]
fn a_killed_import_leaves_nothing_and_the_next_one_does_it_all() {
    let folder = folder();
    write(&folder, "bars.csv", csv(&["A"], 400));
    let names: Vec<String> = (0..300).map(|at| format!("S{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    write(&folder, "many.csv", csv(&names, 700));
    import(folder.path(), 0, &["bars.csv"]);
    let mut killed = 0;
    for _ in 0..6 {
        let mut child = crate::binary::command(folder.path(), &["import", "-q", "many.csv"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the binary runs");
        let started = std::time::Instant::now();
        while started.elapsed() < std::time::Duration::from_millis(60 * (1 + killed)) {
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        killed += 1;
        let bars = cell(folder.path(), "SELECT count(*) FROM bar");
        let imports = cell(folder.path(), "SELECT count(*) FROM import");
        let whole = [("400".to_owned(), "1".to_owned()), ("210400".to_owned(), "2".to_owned())];
        assert!(whole.contains(&(bars.clone(), imports)), "{bars} bars after kill {killed}");
    }
    run(folder.path(), &["many.csv"]);
    assert_eq!(cell(folder.path(), "SELECT count(*) FROM bar"), "210400");
    assert_eq!(cell(folder.path(), "SELECT sum(read - stored - header) FROM import"), "0");
}

//! `barline report` from outside: a file, one line for every mistake, nothing half written.

use std::{fs, path::Path};

use crate::{
    binary::{answer, barline, contents, said},
    demo_store,
};

const STORE: &str = "store.duckdb";

/// A folder with a store that has a small run.
fn folder() -> tempfile::TempDir {
    let (folder, _) = demo_store::copy();
    let run = [
        "backtest",
        "--db",
        STORE,
        "--symbols",
        "ADAGIO,BOLERO,CADENZA",
        "--horizons",
        "30",
        "--strategies",
        "sma-crossover,buy-and-hold",
        "--format",
        "csv",
    ];
    answer(folder.path(), &run);
    folder
}

fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let arguments = [&["report", "--db", STORE], arguments].concat();
    let before = contents(folder);
    let output = barline(folder, &arguments);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() <= 2 && lines[0].starts_with("error: "), "{arguments:?}: {text}");
    assert!(contents(folder) == before, "{arguments:?} left something");
    text
}

#[test]
fn the_last_run_is_written_to_a_file_of_its_number() {
    let folder = folder();
    let output = barline(folder.path(), &["report", "--db", STORE]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(output.stdout.is_empty());
    assert!(said(&output).starts_with("run 1: report-1.html, "), "{}", said(&output));
    let first = fs::read(folder.path().join("report-1.html")).expect("a report");
    assert!(first.starts_with(b"<!DOCTYPE html>") && first.ends_with(b"</html>"));
    // A report is replaced by a report; another process gives the same bytes.
    answer(folder.path(), &["report", "--db", STORE]);
    assert!(fs::read(folder.path().join("report-1.html")).expect("a report") == first);
    let printed = answer(folder.path(), &["report", "1", "--db", STORE, "--output", "-"]);
    assert!(printed.as_bytes() == first);
}

#[test]
fn a_file_of_somebody_else_is_replaced_only_by_force() {
    let folder = folder();
    fs::write(folder.path().join("notes.html"), "mine").expect("written");
    let text = refusal(folder.path(), &["--output", "notes.html"]);
    assert!(
        text.contains("notes.html exists and is no report") && text.contains("--force"),
        "{text}"
    );
    answer(folder.path(), &["report", "--db", STORE, "--output", "notes.html", "--force"]);
    let now = fs::read(folder.path().join("notes.html")).expect("a report");
    assert!(now.starts_with(b"<!DOCTYPE html>"));
}

#[test]
fn what_is_not_there_is_named() {
    let folder = folder();
    for (arguments, expected) in [
        (vec!["9"], "there is no run '9'"),
        (vec!["soon"], "'soon' does not name a run"),
        (vec!["last~4"], "there is no run 'last~4'"),
        (vec!["--job", "xyz"], "job = 'xyz' is not the head of a job key"),
        (vec!["--job", "0123456789abcdef"], "no job of this run has such a key"),
        (vec!["--output", "."], "this is a folder"),
        (vec!["--output", "absent/a.html"], "cannot write absent/a.html"),
        (vec!["--memory-budget", "8MiB"], "the memory budget is"),
    ] {
        let text = refusal(folder.path(), &arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}

#[test]
fn a_store_without_runs_says_how_to_make_one() {
    let (folder, _) = demo_store::copy();
    let text = refusal(folder.path(), &[]);
    assert!(text.contains("the store holds no run") && text.contains("barline backtest"), "{text}");
}

#[test]
fn a_full_disk_is_one_line() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = folder();
    let text = refusal(folder.path(), &["--output", "/dev/full"]);
    assert!(text.contains("cannot write /dev/full"), "{text}");
}

#[test]
fn too_small_a_budget_leaves_the_charts_out_and_says_why() {
    let folder = folder();
    let arguments = ["report", "--db", STORE, "--memory-budget", "100MiB"];
    let output = barline(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let page = fs::read_to_string(folder.path().join("report-1.html")).expect("a report");
    assert!(page.contains("data-chart=\"equity\"") || said(&output).contains("is not drawn: "));
}

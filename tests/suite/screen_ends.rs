//! Screens that a signal or a kill ends while rows are stored: heard, and nothing of them stays.

use std::{
    fmt::Write,
    fs,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    binary::{answer, barline, command, contents, said, signal},
    crash::require_whole,
    small_store::walk,
};

const STORE: &str = "store.duckdb";
const SYMBOLS: usize = 240;
const ROWS: usize = 72;
/// Tries to meet a screen between its first rows and its last.
const TRIES: usize = 20;
const SCREEN: [&str; 12] = [
    "screen",
    "--db",
    STORE,
    "--formation-days",
    "3",
    "--lag",
    "1",
    "--fdr",
    "none",
    "--max-p",
    "1",
    "--format=csv",
];

/// A store of so many walks that a screen of them is stored in several batches; a screen that has finished is
/// in it.
fn folder_with_store() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = "ts,symbol,open,high,low,close,volume\n".to_owned();
    for symbol in 0..SYMBOLS {
        for (hour, log) in walk(7 + symbol as u64, ROWS).iter().enumerate() {
            let (day, hour, price) = (1 + hour / 24, hour % 24, log.exp());
            writeln!(
                text,
                "2024-01-{day:02} {hour:02}:00,S{symbol:03},{price},{price},{price},{price},1"
            )
            .expect("text");
        }
    }
    fs::write(folder.path().join("bars.csv"), text).expect("written");
    answer(folder.path(), &["import", "bars.csv", "--interval", "1h", "--db", STORE]);
    fs::remove_file(folder.path().join("bars.csv")).expect("removed");
    finished(folder.path());
    folder
}

/// A screen of ten rows that comes to its end.
fn finished(folder: &Path) {
    let line = ["screen", "--db", STORE, "--formation-days", "3", "--lag", "1", "--top", "10"];
    answer(folder, &line);
}

/// The number of the last batch that was acknowledged; `None` where the store is closed.
fn batch(folder: &Path) -> Option<u64> {
    let mark = fs::read(folder.join("store.duckdb.highwater")).ok()?;
    let numbers = mark.chunks(512).filter_map(|slot| {
        let line = std::str::from_utf8(slot).ok()?;
        line.split_once(": batch ")?.1.split(' ').next()?.parse().ok()
    });
    numbers.max()
}

/// Starts a screen and waits until some of its rows are stored; `None` if it was through before.
fn storing(folder: &Path) -> Option<Child> {
    let mut child = command(folder, &SCREEN)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut before = None;
    while child.try_wait().expect("a child").is_none() {
        let now = batch(folder);
        before = before.or(now);
        if now > before {
            return Some(child);
        }
        thread::sleep(Duration::from_micros(200));
    }
    None
}

/// Ends a screen by a signal while its rows are stored; what it said, and rows in the store of screens that are
/// not through.
fn ended_by(folder: &Path, name: &str, code: i32) -> String {
    for _ in 0..TRIES {
        let Some(mut child) = storing(folder) else { continue };
        signal(&mut child, &[name]);
        let output = child.wait_with_output().expect("it ends");
        if output.status.code() != Some(0) {
            if name != "KILL" {
                assert_eq!(output.status.code(), Some(code), "{}", said(&output));
            }
            return said(&output);
        }
    }
    panic!("no screen was met while its rows were stored");
}

fn of(folder: &Path, sql: &str) -> String {
    let csv = answer(folder, &["sql", sql, "--db", STORE, "--format", "csv"]);
    csv.lines().nth(1).expect("a row").to_owned()
}

const LEFT: &str = "SELECT count(*) FROM screen ANTI JOIN screen_run USING (run_id)";
const KEPT: &str =
    "SELECT count(*) FROM screen SEMI JOIN screen_run USING (run_id) WHERE run_id = 1";

#[test]
fn a_signal_is_heard_while_rows_are_stored_and_none_of_them_stays() {
    let folder = folder_with_store();
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let text = ended_by(folder.path(), name, code);
        assert!(text.contains("stopping: rows of an unfinished screen are not kept"), "{text}");
        assert!(text.contains("nothing is listed"), "{text}");
        assert_eq!(of(folder.path(), LEFT), "0");
        assert_eq!(of(folder.path(), KEPT), "10");
        let status = "SELECT arg_max(status, run_id) FROM run";
        assert_eq!(of(folder.path(), status), "interrupted");
        require_whole(folder.path());
    }
    let names: Vec<String> = contents(folder.path()).into_keys().collect();
    assert_eq!(names, [STORE]);
}

#[test]
fn what_a_killed_screen_left_goes_with_the_next_that_writes_and_nothing_else() {
    let folder = folder_with_store();
    ended_by(folder.path(), "KILL", 0);
    let left: u64 = of(folder.path(), LEFT).parse().expect("a count");
    assert!(left > 0, "a killed screen leaves rows");
    // As if it had put something aside when it was killed.
    let aside = folder.path().join("store.duckdb.tmp");
    fs::create_dir_all(&aside).expect("a folder");
    fs::write(aside.join("duckdb_temp_storage_DEFAULT-0.tmp"), [0; 64]).expect("written");
    finished(folder.path());
    assert_eq!(of(folder.path(), LEFT), "0");
    assert_eq!(of(folder.path(), KEPT), "10");
    let through = "SELECT count(*) FROM screen SEMI JOIN screen_run USING (run_id)";
    assert_eq!(of(folder.path(), through), "20");
    require_whole(folder.path());
    let names: Vec<String> = contents(folder.path()).into_keys().collect();
    assert_eq!(names, [STORE]);
}

#[test]
fn what_is_printed_is_what_the_query_says_and_is_measured() {
    let folder = folder_with_store();
    for listing in [&["--top", "500"][..], &["--all"], &["--max-p", "0.1"]] {
        let line =
            ["screen", "--db", STORE, "--formation-days", "3", "--lag", "1", "--fdr", "none"];
        let line = [&line[..], listing, &["--format", "csv"]].concat();
        let printed = answer(folder.path(), &line);
        let query = ["query", "screen", "--db", STORE, "--top", "all", "--format", "csv"];
        assert!(printed == answer(folder.path(), &query), "{listing:?}");
        assert!(printed.lines().count() > 100, "{listing:?}");
    }
    let stage = "SELECT count(*) FROM memory_sample WHERE stage = 'answering'";
    assert_eq!(of(folder.path(), stage), "4");
    let told = "SELECT count(*) FROM run JOIN (SELECT run_id, max(bytes) AS most FROM memory_sample \
                GROUP BY run_id) USING (run_id) WHERE measured_peak_bytes < most";
    assert_eq!(of(folder.path(), told), "0");
}

#[test]
fn bounds_that_exclude_each_other_are_named() {
    let folder = folder_with_store();
    for (flags, named) in [
        (
            "--min-half-life 20d --max-half-life 2d",
            "--min-half-life 20d is above --max-half-life 2d",
        ),
        (
            "--min-half-life 50 --max-half-life 2d",
            "--min-half-life 50 bars is above --max-half-life 2d, with bars of 1h",
        ),
        ("--min-observations 100", "--min-observations 100: the window has 72 bars"),
    ] {
        let flags: Vec<&str> = flags.split_whitespace().collect();
        let line = [&["screen", "--db", STORE, "--formation-days", "3"][..], &flags].concat();
        let output = barline(folder.path(), &line);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(named), "{}", said(&output));
    }
}

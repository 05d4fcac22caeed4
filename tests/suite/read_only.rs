//! Stores in folders that cannot be written: asked as any other, changed in nothing, held by one.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::{
    bad_ends::{bound, permit, refusal},
    binary::{Watched, answer, contents, said, signal},
    demo_store,
};

const STORE: &str = "store.duckdb";

/// A folder with what a kill leaves of a run: a store, its log and its mark.
pub(crate) fn killed_run() -> TempDir {
    let (folder, _) = demo_store::copy();
    let mut watched = Watched::start(folder.path(), &KILLED_RUN);
    assert!(watched.until(12), "{}", watched.said);
    signal(&mut watched.child, &["KILL"]);
    assert_eq!(watched.end().code(), 137);
    folder
}

/// A run that is long enough to be killed, in small batches.
const KILLED_RUN: [&str; 10] = [
    "backtest",
    "--multi-pair",
    "--db",
    STORE,
    "--sizes",
    "2..4",
    "--batch-jobs",
    "64",
    "--strategies",
    "equal-weight,buy-and-hold",
];

#[test]
fn what_a_kill_left_in_a_folder_that_cannot_be_written_is_asked_and_left_as_it_was() {
    let killed = killed_run();
    let outer = tempfile::tempdir().expect("a folder");
    permit(outer.path(), 0o755);
    let folder = outer.path().join("read_only");
    fs::create_dir(&folder).expect("a folder");
    copy_all(killed.path(), &folder);
    fs::write(folder.join("bars.csv"), "ts,symbol,close\n2024-01-01,NEW,1\n2024-01-02,NEW,2\n")
        .expect("written");
    permit(&folder, 0o555);
    let before = contents(&folder);
    let count = ["sql", "SELECT count(*) FROM job", "--db", STORE, "--format", "csv"];
    let inside = |arguments: &[&str]| bound(&folder, arguments).output().expect("the binary runs");
    let counted = inside(&count);
    assert_eq!(counted.status.code(), Some(0), "{}", said(&counted));
    assert_eq!(said(&counted), "", "nothing is said of it");
    let jobs = String::from_utf8(counted.stdout).expect("text");
    for asked in [
        &["query", "leaderboard", "--db", STORE][..],
        &["check", "--db", STORE],
        &["doctor", "--db", STORE],
        &["backtest", "--strategies", "buy-and-hold", "--dry-run", "--db", STORE],
        &["import", "bars.csv", "--interval", "1d", "--dry-run", "--db", STORE],
    ] {
        let output = inside(asked);
        assert_eq!(output.status.code(), Some(0), "{asked:?}: {}", said(&output));
    }
    assert!(contents(&folder) == before, "something was changed or made");
    permit(&folder, 0o755); // so that it can be removed
    // The log was read back: where it can be written the answer is the same.
    assert_eq!(answer(&folder, &count), jobs);
    assert_ne!(jobs.lines().nth(1), Some("0"));
}

#[test]
fn a_store_in_a_folder_that_cannot_be_written_is_refused_while_it_is_held() {
    let (outer, _) = demo_store::copy();
    permit(outer.path(), 0o755);
    // The binary is copied for the user who may not write before the run begins.
    bound(outer.path(), &["--version"]).output().expect("the binary runs");
    let mut watched = Watched::start(outer.path(), &KILLED_RUN);
    assert!(watched.until(1), "{}", watched.said);
    permit(outer.path(), 0o555);
    let asked = ["query", "runs", "--db", STORE];
    let text = refusal(&bound(outer.path(), &asked).output().expect("the binary runs"), "held");
    permit(outer.path(), 0o755);
    signal(&mut watched.child, &["KILL"]);
    let held = format!("is held by another process (pid {}: ", watched.child.id());
    assert!(text.contains(&held), "{text}");
    watched.end();
}

fn copy_all(from: &Path, to: &Path) {
    for name in contents(from).into_keys().filter(|name| name.strip_suffix(".lock").is_none()) {
        fs::copy(from.join(&name), to.join(&name)).expect("a copy");
        permit(&to.join(&name), 0o444);
    }
}

//! A store whose log or mark was cut, flipped or taken away after a kill: never older in silence.

use std::{
    fs,
    path::{Path, PathBuf},
};

use barline::{
    domain::Outcome,
    store::{Batch, Cell, Store},
};
use tempfile::TempDir;

use super::{empty, fill, job, options, run_start};

/// Batches in the log of [`killed`].
const BATCHES: u32 = 6;

/// What a process leaves that is killed after [`BATCHES`] acknowledged batches of one job each.
fn killed() -> (TempDir, PathBuf) {
    let (_folder, path, store) = empty();
    fill(&store, &[("A", 0..50), ("B", 0..50)]);
    let mut writer = store.writer().expect("a writer");
    writer.begin_run(&run_start("one")).expect("begun");
    for days in 1..=BATCHES {
        let jobs = [job("A,B", days, Outcome::Done)];
        writer.write_batch(&Batch { jobs: &jobs, ..Batch::default() }).expect("written");
    }
    let left = tempfile::tempdir().expect("a folder");
    let copy = left.path().join("test.duckdb");
    for suffix in ["", ".wal", ".highwater"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        fs::copy(name(&path), name(&copy)).expect("a copy");
    }
    (left, copy)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn jobs(store: &Store) -> Cell {
    store.sql("SELECT count(*) FROM job").expect("counted").rows[0][0].clone()
}

/// The same files in a folder of their own, with `change` applied to the one with `suffix`.
fn changed(path: &Path, suffix: &str, change: impl FnOnce(&mut Vec<u8>)) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("test.duckdb");
    for one in ["", ".wal", ".highwater"] {
        fs::copy(beside(path, one), beside(&copy, one)).expect("a copy");
    }
    let mut bytes = fs::read(beside(&copy, suffix)).expect("bytes");
    change(&mut bytes);
    fs::write(beside(&copy, suffix), bytes).expect("written");
    (folder, copy)
}

/// Opens a changed store: true if it holds everything, false if it was refused for what it is;
/// anything else is a loss that nobody was told of.
fn is_whole(path: &Path, what: &str) -> bool {
    let before = fs::read(path).expect("bytes");
    match Store::open(path, &options()) {
        Ok(store) => {
            assert_eq!(jobs(&store), Cell::Int(BATCHES.into()), "{what}: lost in silence");
            true
        }
        Err(error) => {
            assert!(!error.to_string().contains('\n'), "{error}");
            assert!(error.hint().expect("a hint").contains("doctor --db"), "{what}: {error}");
            assert!(fs::read(path).expect("bytes") == before, "{what}: changed");
            false
        }
    }
}

#[test]
fn what_a_killed_process_acknowledged_is_there_and_its_mark_goes_with_the_log() {
    let (_folder, path) = killed();
    assert!(is_whole(&path, "as it was left"));
    assert!(!beside(&path, ".wal").exists(), "the log is in the file now");
    assert!(is_whole(&path, "opened again"));
    assert!(!beside(&path, ".highwater").exists(), "nothing is left that could be lost");
    let (_folder, path, store) = empty();
    fill(&store, &[("A", 0..5)]);
    assert!(beside(&path, ".highwater").exists());
    store.close().expect("closed");
    assert!(!beside(&path, ".highwater").exists());
}

#[test]
fn a_log_that_is_gone_is_a_loss_and_named() {
    let (_folder, path) = killed();
    fs::remove_file(beside(&path, ".wal")).expect("removed");
    let error = Store::open(&path, &options()).expect_err("a loss").to_string();
    assert!(error.contains("has lost what was committed"), "{error}");
    assert!(error.contains("6 batches (batch 2 to 7)"), "{error}");
    assert!(error.contains("run 1, 6 jobs (job 1 to 6)"), "{error}");
}

#[test]
fn a_log_cut_anywhere_is_refused_or_whole() {
    let (_folder, path) = killed();
    let length = fs::read(beside(&path, ".wal")).expect("bytes").len();
    let mut whole = 0;
    for at in (0..60).map(|point| point * length / 60).chain([length - 1, length]) {
        let (_copy, cut) = changed(&path, ".wal", |bytes| bytes.truncate(at));
        whole += u32::from(is_whole(&cut, &format!("cut at {at} of {length}")));
    }
    // The tail after the last commit may be nothing that was acknowledged.
    assert!((1..10).contains(&whole), "{whole}");
}

#[test]
fn a_log_with_a_flipped_bit_is_refused_or_whole() {
    let (_folder, path) = killed();
    let length = fs::read(beside(&path, ".wal")).expect("bytes").len();
    let mut refused = 0;
    for point in 0..60 {
        let at = point * length / 60 + point % 7;
        let (_copy, flipped) =
            changed(&path, ".wal", |bytes| bytes[at.min(length - 1)] ^= 1 << (point % 8));
        refused += u32::from(!is_whole(&flipped, &format!("bit at {at} of {length}")));
    }
    assert!(refused > 50, "{refused} of 60");
}

#[test]
fn a_mark_that_says_nothing_whole_is_refused() {
    let (_folder, path) = killed();
    let (_copy, torn) = changed(&path, ".highwater", |bytes| bytes[20] ^= 1);
    assert!(is_whole(&torn, "one slot of two"));
    let (_copy, damaged) = changed(&path, ".highwater", |bytes| bytes.fill(b'x'));
    assert!(!is_whole(&damaged, "both slots"));
    let error = Store::open(&damaged, &options()).expect_err("damaged").to_string();
    assert!(error.contains("test.duckdb.highwater is damaged"), "{error}");
}

#[test]
fn another_store_in_its_place_is_noticed() {
    let (_folder, path) = killed();
    let (_other_folder, other, store) = empty();
    fill(&store, &[("A", 0..50), ("C", 0..50)]);
    store.close().expect("closed");
    fs::remove_file(beside(&path, ".wal")).expect("removed");
    fs::copy(&other, &path).expect("a copy");
    assert!(!is_whole(&path, "another store"));
}

#[test]
fn a_commit_is_looked_up_after_opening_again() {
    let (_folder, path, store) = empty();
    let mut writer = store.writer().expect("a writer");
    writer.begin_run(&run_start("one")).expect("begun");
    let batch = [job("A,B", 1, Outcome::Done), job("A,C", 1, Outcome::NoTrade)];
    writer.write_batch(&Batch { jobs: &batch, ..Batch::default() }).expect("written");
    drop(writer);
    let reader = store.reader().expect("a reader");
    assert!(store.to_read_again().expect_err("in use").to_string().contains("in use"));
    drop(reader);
    let store = Store::open(&path, &options()).expect("opened").to_read_again().expect("again");
    let run = store.newest_run().expect("looked up").expect("a run");
    assert_eq!((run.run_id, run.planned, run.stored, run.computed), (1, 3, 2, 2));
    assert!(Store::open(&path, &options()).expect_err("still ours").is_locked());
}

//! A store whose log or mark was cut, flipped or taken away after a kill: never older in silence.

use std::{
    fs,
    path::{Path, PathBuf},
};

use barline::{
    domain::Outcome,
    store::{Batch, Cell, Store, examine, repair},
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
    let (_folder, path) = killed();
    Store::open(&path, &options()).expect("opened").close().expect("closed");
    for left in [".wal", ".highwater"] {
        assert!(!beside(&path, left).exists(), "{left} is left though nothing was written");
    }
    assert!(is_whole(&path, "closed and opened again"));
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

/// Repairs a store, which stays as it is; what was done, and the copy opened.
fn repaired(path: &Path) -> (Vec<String>, Store) {
    let folder = path.parent().expect("a folder");
    let before = crate::binary::contents(folder);
    let done = repair(path, &options()).expect("repaired");
    let mut after = crate::binary::contents(folder);
    assert_eq!(done.copy, beside(&path.canonicalize().expect("a path"), ".repaired"));
    after.remove("test.duckdb.repaired");
    assert!(before == after, "something else was changed");
    let found = examine(&done.copy, &options()).expect("examined");
    assert_eq!(found.troubles, Vec::<String>::new());
    (done.steps, Store::open(&done.copy, &options()).expect("the copy opens"))
}

#[test]
fn a_whole_store_has_no_trouble_and_is_copied_as_it_is() {
    let (_folder, path) = killed();
    let found = examine(&path, &options()).expect("examined");
    assert_eq!(found.troubles, Vec::<String>::new());
    assert!(found.rebuild.is_empty(), "{}", found.rebuild);
    let marked = found.acknowledged.expect("a mark");
    assert_eq!(marked, "everything up to batch 7 (run 1, job 6, import 1)");
    let rows = |name| found.tables.iter().find(|table| table.name == name).expect(name).rows;
    assert_eq!((rows("bar"), rows("job"), rows("batch")), (100, 6, 7));
    assert!(beside(&path, ".wal").exists(), "looked at, not changed");
    let (steps, store) = repaired(&path);
    assert_eq!(steps, Vec::<String>::new());
    assert_eq!(jobs(&store), Cell::Int(6));
    let error = repair(&path, &options()).expect_err("a copy is there").to_string();
    assert!(error.contains("test.duckdb.repaired exists already"), "{error}");
}

#[test]
fn a_damaged_log_is_repaired_up_to_its_first_damaged_entry() {
    let (_folder, path) = killed();
    let length = fs::read(beside(&path, ".wal")).expect("bytes").len();
    let mut kept = Vec::new();
    let early = (1..8).map(|point| point * length / 96);
    for at in early.chain((1..12).map(|point| point * length / 12)) {
        let (_copy, flipped) = changed(&path, ".wal", |bytes| bytes[at] ^= 0x10);
        let found = examine(&flipped, &options()).expect("examined");
        if found.troubles.is_empty() {
            continue; // a bit that nothing reads
        }
        let (steps, store) = repaired(&flipped);
        let Cell::Int(jobs) = jobs(&store) else { panic!("no count") };
        let lost = i64::from(BATCHES) - jobs;
        let said = steps.join("; ");
        assert_eq!(said.contains("lost: "), lost > 0, "{lost}: {said}");
        assert!(said.contains("the log"), "{said}");
        kept.push(jobs);
    }
    assert!(kept.is_sorted() && kept.len() > 15, "{kept:?}");
    assert!(kept.first() < kept.last(), "{kept:?}");
}

/// Wherever it breaks off: within its first transaction, where nothing of it can be used, too.
#[test]
fn a_log_cut_anywhere_is_repaired_and_its_loss_said() {
    let (_folder, path) = killed();
    let length = fs::read(beside(&path, ".wal")).expect("bytes").len();
    for at in [0, 1, 20, 60, 100, 500, length / 20, length / 7, length / 2, length - 1] {
        let (_copy, cut) = changed(&path, ".wal", |bytes| bytes.truncate(at));
        let (steps, store) = repaired(&cut);
        let Cell::Int(jobs) = jobs(&store) else { panic!("no count") };
        let lost = i64::from(BATCHES) - jobs;
        let said = steps.join("; ");
        assert_eq!(said.contains("lost: "), lost > 0, "{at}, {lost}: {said}");
        assert_eq!(said.contains("the log "), lost > 0, "{at}, {lost}: {said}");
    }
}

#[test]
fn a_log_that_is_gone_is_said_with_what_went_with_it() {
    let (_folder, path) = killed();
    fs::remove_file(beside(&path, ".wal")).expect("removed");
    let found = examine(&path, &options()).expect("examined");
    assert_eq!(found.troubles.len(), 1, "{:?}", found.troubles);
    assert!(found.troubles[0].starts_with("lost: 6 batches (batch 2 to 7)"), "{found:?}");
    let (steps, store) = repaired(&path);
    assert_eq!(steps, found.troubles);
    assert_eq!(jobs(&store), Cell::Int(0));
}

/// More than a row group of bars.
const LARGE: [(&str, std::ops::Range<i64>); 2] = [("A", 0..125_000), ("B", 0..5_000)];

/// A store of one file, with enough rows that they stand in blocks of their own.
fn large() -> (TempDir, PathBuf) {
    let (folder, path, store) = empty();
    fill(&store, &LARGE);
    let mut writer = store.writer().expect("a writer");
    writer.begin_run(&run_start("one")).expect("begun");
    for days in 1..=BATCHES {
        let jobs = [job("A,B", days, Outcome::Done)];
        writer.write_batch(&Batch { jobs: &jobs, ..Batch::default() }).expect("written");
    }
    drop(writer);
    store.close().expect("closed");
    (folder, path)
}

#[test]
fn damaged_blocks_lose_their_rows_and_the_same_import_brings_them_back() {
    let (_folder, path) = large();
    let whole = fs::read(&path).expect("bytes");
    let block = 256 * 1024;
    let (mut saved, mut lost_bars) = (0, 0);
    for at in (12_288 + 4_096..whole.len()).step_by(block) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("test.duckdb");
        fs::write(&path, &bytes).expect("written");
        let found = examine(&path, &options()).expect("examined");
        if found.troubles.is_empty() {
            // A block that no table uses.
            assert_eq!(jobs(&Store::open(&path, &options()).expect("whole")), Cell::Int(6));
            continue;
        }
        if let Err(error) = repair(&path, &options()) {
            assert!(error.to_string().contains("can be saved"), "{error}");
            assert!(error.hint().expect("a hint").contains("import the files again"), "{error}");
            assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
            continue;
        }
        saved += 1;
        let copy = beside(&path, ".repaired");
        let store = Store::open(&copy, &options()).expect("opened");
        let bars = store.sql("SELECT count(*) FROM bar").expect("counted").rows[0][0].clone();
        let Cell::Int(bars) = bars else { panic!("no count") };
        lost_bars += i64::from(bars < 130_000);
        fill(&store, &LARGE);
        let again = "SELECT count(*), count(DISTINCT (instrument_id, ts)), sum(close) FROM bar";
        let total: f64 = 125_000.0 * 125_001.0 / 2.0 + 5_000.0 * 5_001.0 / 2.0;
        assert_eq!(
            store.sql(again).expect("counted").rows[0],
            [Cell::Int(130_000), Cell::Int(130_000), Cell::Float(total)],
            "block at {at}"
        );
        store.close().expect("closed");
        assert_eq!(examine(&copy, &options()).expect("examined").troubles, Vec::<String>::new());
    }
    assert!(saved > 0 && lost_bars > 0, "{saved} saved, {lost_bars} without some bars");
}

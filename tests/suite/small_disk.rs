//! Disks that are full: one line that names the place and the bytes that are enough, and nothing
//! changed that was there.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{
    bad_ends::{ended_by_error, refusal},
    binary::{answer, barline, numbers, said},
    demo_store,
};

const STORE: &str = "store.duckdb";

/// A small disk of its own, unmounted when dropped.
pub(crate) struct Disk(TempDir);

impl Disk {
    /// `None` where nothing may be mounted.
    #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub(crate) fn of(kilobytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Self::mount(folder.path(), &format!("size={kilobytes}k"));
        if !mounted {
            eprintln!("skipped: a small disk cannot be mounted here");
        }
        mounted.then(|| Self(folder))
    }

    pub(crate) fn grow(&self, kilobytes: u64) {
        assert!(Self::mount(self.0.path(), &format!("remount,size={kilobytes}k")));
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn mount(folder: &Path, options: &str) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder);
        mount.output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_ends_the_run_and_free_space_continues_it() {
    let run = "backtest --multi-pair --db store.duckdb --horizons 90,180 --sizes 2 \
               --strategies cointegration,hrp,equal-weight,buy-and-hold";
    let run: Vec<&str> = run.split_whitespace().collect();
    let (whole, path) = demo_store::copy();
    let kilobytes = fs::metadata(&path).expect("a store").len() / 1024;
    let Some(disk) = Disk::of(kilobytes + 400) else { return };
    let folder = disk.0.path();
    fs::copy(&path, folder.join(STORE)).expect("a copy");
    let output = barline(folder, &[&run[..], &["--batch-jobs", "50"]].concat());
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    // A slow machine is told how far the run is.
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains(" per second, ")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("error: ") && lines[0].contains(STORE), "{text}");
    assert!(lines[0].contains("No space left on device"), "{text}");
    assert!(lines[1].starts_with("hint: free some space"), "{text}");
    let kept: u64 = lines[1]
        .split("; ")
        .find_map(|part| part.split_once(" of ")?.0.parse().ok())
        .expect("a number of jobs");
    assert!(kept > 0, "{text}");
    assert!(numbers(folder, STORE, "SELECT count(*) FROM job")[0] >= kept);
    // Exactly the room it asks for is enough.
    let needed: u64 = lines[1]
        .split("; ")
        .find_map(|part| part.split_once(" bytes (")?.0.parse().ok())
        .expect("a number of bytes");
    let used: u64 = fs::read_dir(folder)
        .expect("a disk")
        .map(|entry| entry.expect("an entry").metadata().expect("a file").len())
        .sum();
    disk.grow((used + needed).div_ceil(1024));
    answer(folder, &run);
    answer(whole.path(), &run);
    let results = ["query", "results", "--db", STORE, "--format", "csv"];
    assert_eq!(answer(folder, &results), answer(whole.path(), &results));
    let twice = "SELECT count(*) - count(DISTINCT job_key) FROM job";
    assert_eq!(numbers(folder, STORE, twice), [0]);
}

#[test]
fn a_demo_that_does_not_fit_on_the_disk_leaves_nothing() {
    let Some(disk) = Disk::of(4_000) else { return };
    let output = barline(disk.0.path(), &["demo", "--db", STORE]);
    let text = ended_by_error(&output, 1, "a full disk");
    assert!(text.contains("No space left on device") && text.contains(STORE), "{text}");
    assert_eq!(fs::read_dir(disk.0.path()).expect("a disk").count(), 0);
    // Exactly the room it asks for is enough.
    disk.grow(named_bytes(&text, " bytes (").div_ceil(1024));
    answer(disk.0.path(), &["demo", "--db", STORE]);
}

/// The number before `unit` in what was said.
fn named_bytes(text: &str, unit: &str) -> u64 {
    let before = text.split_once(unit).unwrap_or_else(|| panic!("no{unit} in {text}")).0;
    let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next();
    digits.expect("a word").parse().unwrap_or_else(|_| panic!("no number: {text}"))
}

fn used_bytes(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("a disk").map(|entry| entry.expect("an entry"));
    files.map(|file| file.metadata().expect("a file").len()).sum()
}

#[test]
fn a_first_import_and_events_that_do_not_fit_on_the_disk_name_the_room_they_need() {
    let Some(disk) = Disk::of(200) else { return };
    let folder = disk.0.path();
    let lines = |days: u32, header: &str| {
        let day = |day| format!("{},A,{}\n", 1_500_000_000 + day * 3_600, 1 + day % 7);
        header.to_owned() + &(0..days).map(day).collect::<String>()
    };
    fs::write(folder.join("bars.csv"), lines(5_000, "ts,symbol,close\n")).expect("written");
    let import = ["import", "bars.csv", "--db", STORE];
    let text = ended_by_error(&barline(folder, &import), 1, "a full disk");
    assert!(text.contains("No space left on device") && text.contains(STORE), "{text}");
    assert!(!folder.join(STORE).exists());
    disk.grow((used_bytes(folder) + named_bytes(&text, " bytes free")).div_ceil(1024));
    answer(folder, &import);

    disk.grow(20_000);
    fs::write(folder.join("d.csv"), lines(60_000, "ts,symbol,amount\n")).expect("written");
    let events = ["import", "--kind", "dividends", "d.csv", "--db", STORE];
    disk.grow(used_bytes(folder).div_ceil(1024) + 300);
    let text = ended_by_error(&barline(folder, &events), 1, "a full disk");
    assert!(text.contains("No space left on device") && text.contains(STORE), "{text}");
    let count = "SELECT count(*) FROM instrument_event";
    assert_eq!(numbers(folder, STORE, count), [0]);
    let needed = named_bytes(&text, " bytes more");
    disk.grow((used_bytes(folder) + needed).div_ceil(1024));
    answer(folder, &events);
    assert_eq!(numbers(folder, STORE, count), [60_000]);
}

#[test]
fn a_commit_that_does_not_fit_ends_the_import_of_one_file_and_of_several_alike() {
    let Some(disk) = Disk::of(6_000) else { return };
    let folder = disk.0.path();
    let lines = |symbol: &str, rows: u32| {
        let row = |row| format!("{},{symbol},{}\n", 1_500_000_000 + row * 3_600, 1 + row % 7);
        "ts,symbol,close\n".to_owned() + &(0..rows).map(row).collect::<String>()
    };
    fs::write(folder.join("a.csv"), lines("A", 2_000)).expect("written");
    answer(folder, &["import", "a.csv", "--db", STORE]);
    for name in ["b", "c"] {
        fs::write(folder.join(name).with_extension("csv"), lines(name, 60_000)).expect("written");
    }
    for files in [&["b.csv"][..], &["b.csv", "c.csv"]] {
        let output = barline(folder, &[&["import"], files, &["--db", STORE]].concat());
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{files:?}: {text}");
        assert!(text.contains("No space left on device") && text.contains(STORE), "{text}");
        assert_eq!(numbers(folder, STORE, "SELECT count(*) FROM bar"), [2_000]);
    }
}

#[test]
fn a_disk_that_is_full_of_what_memory_has_no_room_for_is_named() {
    let (_folder, path) = demo_store::copy();
    let kilobytes = fs::metadata(&path).expect("a store").len() / 1024;
    let Some(disk) = Disk::of(kilobytes + 2_000) else { return };
    let folder = disk.0.path();
    fs::copy(&path, folder.join(STORE)).expect("a copy");
    let sort = "SELECT max(place) FROM (SELECT row_number() OVER \
                (ORDER BY close, ts, volume, high, low, open) AS place FROM bar, range(5))";
    let asked = ["sql", sort, "--db", STORE, "--memory-budget", "100MiB"];
    let text = refusal(&barline(folder, &asked), "a full disk");
    let named = format!("no space left on the disk for {STORE}.tmp, where ");
    assert!(text.contains(&named) && text.contains(" more are needed at least"), "{text}");
    assert!(text.contains("hint: free some space, or raise --memory-budget"), "{text}");
    disk.grow(kilobytes + 200_000);
    answer(folder, &asked);
}

//! Disks that fill up at random points: nothing that was told is lost, and room lets it go on.

use std::{fs, path::Path};

use crate::{
    binary::{Watched, answer, numbers},
    crash::{Dice, long_form, require_whole},
    crash_import::{folder_with_files, require_files, rows, undisturbed},
    demo_store,
    small_disk::Disk,
};

const STORE: &str = "store.duckdb";
/// Jobs without fits, with enough kept of each that the disk fills up.
const RUN: [&str; 14] = [
    "backtest",
    "--multi-pair",
    "--db",
    STORE,
    "--horizons",
    "30,90",
    "--sizes",
    "2,3",
    "--max-combinations",
    "100",
    "--batch-jobs",
    "20",
    "--strategies",
    "equal-weight,buy-and-hold",
];
const KEEP: [&str; 2] = ["--keep", "equity"];
const IMPORT: [&str; 4] = ["import", "bars", "--db", STORE];
/// Room that is enough for everything.
const ROOMY_KILOBYTES: u64 = 200_000;

fn kilobytes(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let bytes = |entry: fs::DirEntry| match entry.metadata().expect("a file") {
        meta if meta.is_dir() => kilobytes(&entry.path()) * 1024,
        meta => meta.len(),
    };
    files.map(bytes).sum::<u64>().div_ceil(1024)
}

fn copy_of(folder: &Path, disk: &Path) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = disk.join(path.file_name().expect("a name"));
        if path.is_dir() {
            fs::create_dir(&to).expect("a folder");
            copy_of(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}

fn results(folder: &Path) -> String {
    answer(folder, &["query", "results", "--db", STORE, "--format", "csv"])
}

/// What a command does on disks of random room; how many of them were full.
struct Trial<'a> {
    /// What stands on the disk before.
    folder: &'a Path,
    command: &'a [&'a str],
    /// Most room it is given, in kilobytes.
    most: u64,
}

impl Trial<'_> {
    /// `None` where no disk can be mounted; true if it filled up.
    fn run(&self, dice: &mut Dice, check: &dyn Fn(&Path, &Watched)) -> Option<(Disk, bool)> {
        let room = kilobytes(self.folder) + 64 + dice.below(self.most);
        let disk = Disk::of(room)?;
        copy_of(self.folder, disk.path());
        let mut watched = Watched::start(disk.path(), self.command);
        watched.until(u32::MAX);
        let status = watched.child.wait().expect("it ends");
        if status.success() {
            return Some((disk, false));
        }
        assert!([Some(1), Some(2)].contains(&status.code()), "{status}: {}", watched.said);
        let said = watched.said.lines().filter(|line| line.starts_with("error: "));
        let errors: Vec<&str> = said.collect();
        assert!(!errors.is_empty(), "{}", watched.said);
        assert!(errors.iter().all(|line| line.contains(STORE)), "{}", watched.said);
        assert!(
            ["No space left", "disk space", "no space left"]
                .iter()
                .any(|told| watched.said.contains(told)),
            "{}",
            watched.said
        );
        if disk.path().join(STORE).exists() {
            check(disk.path(), &watched);
        }
        disk.grow(room + ROOMY_KILOBYTES);
        answer(disk.path(), self.command);
        Some((disk, true))
    }
}

/// Backtests on `disks` disks; how many filled up.
fn backtests(disks: u64, seed: u64) -> u64 {
    let (whole, _) = demo_store::copy();
    let command = [&RUN[..], &KEEP].concat();
    let trial_folder = demo_store::copy().0;
    answer(whole.path(), &command);
    let expected = results(whole.path());
    let most = 2 * (kilobytes(whole.path()) - kilobytes(trial_folder.path()));
    let trial = Trial { folder: trial_folder.path(), command: &command, most };
    let mut dice = Dice(seed);
    let mut full = 0;
    for _ in 0..disks {
        let check = |folder: &Path, watched: &Watched| {
            require_whole(folder);
            let counts = "SELECT count(*), count(DISTINCT job_key) FROM job";
            let [jobs, distinct] = numbers(folder, STORE, counts)[..] else { panic!("two counts") };
            assert_eq!(jobs, distinct, "jobs twice");
            assert!(jobs >= watched.jobs, "{jobs} of {} told: {}", watched.jobs, watched.said);
        };
        let Some((disk, was_full)) = trial.run(&mut dice, &check) else { return full };
        assert!(results(disk.path()) == expected, "other results than on a large disk");
        full += u64::from(was_full);
    }
    full
}

/// Imports on `disks` disks; how many filled up.
fn imports(disks: u64, seed: u64) -> u64 {
    let expected = undisturbed();
    let folder = folder_with_files();
    let trial = Trial { folder: folder.path(), command: &IMPORT, most: 8_000 };
    let mut dice = Dice(seed);
    let mut full = 0;
    for _ in 0..disks {
        let check = |folder: &Path, watched: &Watched| {
            require_whole(folder);
            require_files(folder, &watched.files);
        };
        let Some((disk, was_full)) = trial.run(&mut dice, &check) else { return full };
        // An answer that is set down beside the store needs room too.
        let roomy = tempfile::tempdir().expect("a folder");
        fs::copy(disk.path().join(STORE), roomy.path().join(STORE)).expect("a copy");
        assert!(rows(roomy.path()) == expected, "other rows than on a large disk");
        full += u64::from(was_full);
    }
    full
}

/// True where a small disk can be mounted.
fn can_mount() -> bool {
    Disk::of(64).is_some()
}

#[test]
fn a_disk_that_fills_up_loses_nothing_that_was_told() {
    if can_mount() {
        let full = backtests(3, 1) + imports(3, 2);
        assert!(full >= 2, "{full} of 6 disks filled up");
    }
}

/// `BARLINE_KILLS` disks (50), half for backtests, half for imports; says what it saw.
#[test]
#[ignore = "the long form of the test above: minutes"]
#[allow(clippy::print_stderr, reason = "the figures are the point")]
fn fifty_disks_that_fill_up_lose_nothing_that_was_told() {
    if can_mount() {
        let disks = long_form(50);
        let (runs, files) = (backtests(disks.div_ceil(2), 11), imports(disks / 2, 12));
        eprintln!(
            "{disks} small disks: {runs} filled up during a backtest and {files} during an import; \
             nothing that was told lost, results and rows equal after room was made"
        );
        assert!(2 * (runs + files) >= disks, "{runs} and {files} of {disks} disks filled up");
    }
}

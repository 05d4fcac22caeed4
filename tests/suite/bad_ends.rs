//! Paths that are no store, folders that cannot be written, disks that are full: one line each,
//! the documented exit code, and nothing changed that was there.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use tempfile::TempDir;

use crate::{
    binary::{answer, barline, command, command_of, contents, numbers, said},
    demo_store,
};

const STORE: &str = "store.duckdb";
/// The user `nobody`, for whom permissions hold.
const NOBODY: u32 = 65_534;

/// Asserts exit 2, one `error:` line and one `hint:` line at most; returns both.
fn refusal(output: &Output, what: &str) -> String {
    let text = said(output);
    assert_eq!(output.status.code(), Some(2), "{what}: {text}");
    assert!(output.stdout.is_empty(), "{what}");
    let lines: Vec<&str> = text.lines().collect();
    assert!((1..=2).contains(&lines.len()), "{what}: {text}");
    assert!(lines[0].starts_with("error: "), "{what}: {text}");
    assert!(lines.get(1).is_none_or(|line| line.starts_with("hint: ")), "{what}: {text}");
    text
}

fn a_database(path: &Path, sql: &str) {
    let config = duckdb::Config::default();
    let connection = duckdb::Connection::open_with_flags(path, config).expect("a database");
    connection.execute_batch(sql).expect("made");
}

/// Every kind of thing that can stand where a store is looked for.
fn folder_of_bad_paths() -> TempDir {
    let (folder, path) = demo_store::copy();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder.duckdb")).expect("a folder");
    fs::write(at("bars.csv"), "ts,close\n2024-01-01,1\n").expect("written");
    fs::write(at("other.sqlite"), b"SQLite format 3\0and more").expect("written");
    fs::write(at("empty.duckdb"), "").expect("written");
    fs::write(at("zeros.duckdb"), [0; 5_000]).expect("written");
    fs::write(at("head.duckdb"), &fs::read(&path).expect("a store")[..20_000]).expect("written");
    a_database(&at("foreign.duckdb"), "CREATE TABLE bars (x INTEGER)");
    fs::copy(&path, at("newer.duckdb")).expect("a copy");
    let newer = "UPDATE store_meta SET value = '999' WHERE key = 'schema_version'; CHECKPOINT";
    a_database(&at("newer.duckdb"), newer);
    fs::copy(&path, at("blocked.duckdb")).expect("a copy");
    fs::write(at("blocked.duckdb.lock"), "a file of mine").expect("written");
    std::os::unix::fs::symlink("nowhere", at("link.duckdb")).expect("a link");
    folder
}

#[test]
fn what_is_no_store_is_refused_by_every_command_and_left_as_it_was() {
    let folder = folder_of_bad_paths();
    let before = contents(folder.path());
    for (path, expected) in [
        ("folder.duckdb", "is a directory"),
        ("bars.csv", "holds text"),
        ("other.sqlite", "SQLite"),
        ("empty.duckdb", "is empty"),
        ("zeros.duckdb", "DuckDB did not write it"),
        ("head.duckdb", "head.duckdb"),
        ("foreign.duckdb", "not a Barline store"),
        ("newer.duckdb", "version 999"),
        ("blocked.duckdb", "blocked.duckdb.lock is in the way"),
        ("link.duckdb", "no store at link.duckdb"),
        ("no/store.duckdb", "no store at no/store.duckdb"),
        ("bars.csv/store.duckdb", "bars.csv/store.duckdb"),
    ] {
        for arguments in
            [vec!["backtest", "--quick"], vec!["query", "runs"], vec!["sql", "SELECT 1"]]
        {
            let line = [&arguments[..], &["--db", path]].concat();
            let text = refusal(&barline(folder.path(), &line), path);
            assert!(text.contains(expected), "{line:?}: {text}");
        }
        refusal(&barline(folder.path(), &["demo", "--db", path]), path);
        assert_eq!(contents(folder.path()), before, "{path}");
    }
}

/// A command as a user whom permissions bind: `nobody` where this test runs as root.
pub(crate) fn bound(folder: &Path, arguments: &[&str]) -> Command {
    static COPY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    if !is_root(folder) {
        return command(folder, arguments);
    }
    // Root's folders are closed to nobody, the one the binary stands in maybe among them.
    let (_, program) = COPY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("barline");
        // By a process of its own: a file that this one has open for writing while another thread
        // starts a child stays open in the child until it runs, and cannot be run itself before.
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_barline")).arg(&program).status();
        assert!(copied.expect("cp runs").success());
        permit(folder.path(), 0o755);
        (folder, program)
    });
    let mut command = command_of(program, folder, arguments);
    command.uid(NOBODY).gid(NOBODY);
    command
}

/// True if `folder`, which this process made, is root's.
fn is_root(folder: &Path) -> bool {
    folder.metadata().expect("a folder").uid() == 0
}

pub(crate) fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions");
}

#[test]
fn what_may_not_be_read_or_written_is_named_and_left_as_it_was() {
    let (outer, path) = demo_store::copy();
    let at = |name: &str| outer.path().join(name);
    for (name, mode) in [("closed", 0o600), ("read_only", 0o555)] {
        fs::create_dir(at(name)).expect("a folder");
        fs::copy(&path, at(name).join(STORE)).expect("a copy");
        permit(&at(name), mode);
    }
    fs::create_dir(at("open")).expect("a folder");
    permit(&at("open"), 0o777);
    for (name, mode) in [("secret.duckdb", 0o200), ("fixed.duckdb", 0o444)] {
        fs::copy(&path, at("open").join(name)).expect("a copy");
        permit(&at("open").join(name), mode);
    }
    permit(outer.path(), 0o755);
    for (path, named) in [
        ("closed/store.duckdb", "closed/store.duckdb"),
        ("read_only/store.duckdb", "read_only/store.duckdb.lock: Permission denied"),
        ("open/secret.duckdb", "open/secret.duckdb: Permission denied"),
        ("open/fixed.duckdb", "open/fixed.duckdb cannot be opened"),
    ] {
        for arguments in [["backtest", "--quick"], ["query", "runs"]] {
            let line = [&arguments[..], &["--db", path]].concat();
            let output = bound(outer.path(), &line).output().expect("the binary runs");
            let text = refusal(&output, path);
            assert!(text.contains(named) && text.contains("ermi"), "{line:?}: {text}");
        }
    }
    for new in ["closed/new.duckdb", "read_only/new.duckdb"] {
        let output = bound(outer.path(), &["demo", "--db", new]).output().expect("the binary runs");
        assert!(refusal(&output, new).contains("Permission denied"), "{}", said(&output));
    }
    permit(&at("closed"), 0o755);
    let store = fs::read(&path).expect("a store");
    for name in ["closed/store.duckdb", "read_only/store.duckdb", "open/fixed.duckdb"] {
        assert!(fs::read(at(name)).expect("a store") == store, "{name} has changed");
    }
    let names: Vec<String> = contents(outer.path()).into_keys().collect();
    assert!(!names.iter().any(|name| name.contains(".lock") || name.contains("new")), "{names:?}");
    permit(&at("read_only"), 0o755); // so that it can be removed
}

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
    let text = refusal(&barline(disk.0.path(), &["demo", "--db", STORE]), "a full disk");
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
    let text = refusal(&barline(folder, &import), "a full disk");
    assert!(text.contains("No space left on device") && text.contains(STORE), "{text}");
    assert!(!folder.join(STORE).exists());
    disk.grow((used_bytes(folder) + named_bytes(&text, " bytes free")).div_ceil(1024));
    answer(folder, &import);

    disk.grow(20_000);
    fs::write(folder.join("d.csv"), lines(60_000, "ts,symbol,amount\n")).expect("written");
    let events = ["import", "--kind", "dividends", "d.csv", "--db", STORE];
    disk.grow(used_bytes(folder).div_ceil(1024) + 300);
    let text = refusal(&barline(folder, &events), "a full disk");
    assert!(text.contains("No space left on device") && text.contains(STORE), "{text}");
    let count = "SELECT count(*) FROM instrument_event";
    assert_eq!(numbers(folder, STORE, count), [0]);
    let needed = named_bytes(&text, " bytes more");
    disk.grow((used_bytes(folder) + needed).div_ceil(1024));
    answer(folder, &events);
    assert_eq!(numbers(folder, STORE, count), [60_000]);
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let (folder, _path) = demo_store::copy();
    let Ok(full) = fs::File::options().write(true).open("/dev/full") else { return };
    let line = ["query", "import-health", "--db", STORE, "--format", "csv"];
    let output = command(folder.path(), &line).stdout(full).output().expect("the binary runs");
    let text = refusal(&output, "a full disk");
    assert!(text.contains("standard output"), "{text}");
}

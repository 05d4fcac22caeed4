//! Paths that are no store and folders that cannot be written: one line each, the documented exit
//! code, and nothing changed that was there.

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
    binary::{barline, command, command_of, contents, said},
    demo_store,
};

const STORE: &str = "store.duckdb";
/// The user `nobody`, for whom permissions hold.
const NOBODY: u32 = 65_534;

/// Asserts exit 2, one `error:` line and one `hint:` line at most; returns both.
pub(crate) fn refusal(output: &Output, what: &str) -> String {
    ended_by_error(output, 2, what)
}

/// The same of a command that may have begun and ends with `code`; what it took until then may stand
/// below.
pub(crate) fn ended_by_error(output: &Output, code: i32, what: &str) -> String {
    let text = said(output);
    assert_eq!(output.status.code(), Some(code), "{what}: {text}");
    assert!(output.stdout.is_empty(), "{what}");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("memory: ")).collect();
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
    fs::write(at("bars.csv"), "ts,close\n2024-01-01,1\n2024-01-02,2\n").expect("written");
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
        // To be asked, a store need not be writable.
        let readable = path.contains("read_only") || path.contains("fixed");
        for (arguments, asks) in [
            (&["backtest", "--quick"][..], false),
            (&["import", "bars.csv"], false),
            (&["query", "runs"], true),
            (&["sql", "SELECT count(*) FROM bar"], true),
            (&["check"], true),
        ] {
            let line = [arguments, &["--db", path]].concat();
            let output = bound(outer.path(), &line).output().expect("the binary runs");
            if asks && readable {
                assert_eq!(output.status.code(), Some(0), "{line:?}: {}", said(&output));
                assert!(!said(&output).contains("ermi"), "{line:?}: {}", said(&output));
                continue;
            }
            let text = refusal(&output, path);
            assert!(text.contains(named) && text.contains("ermi"), "{line:?}: {text}");
            let sends = text.contains("hint: it can be asked as it is (query, sql, check)");
            assert_eq!(sends, readable, "{line:?}: {text}");
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

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let (folder, _path) = demo_store::copy();
    let Ok(full) = fs::File::options().write(true).open("/dev/full") else { return };
    let line = ["query", "import-health", "--db", STORE, "--format", "csv"];
    let output = command(folder.path(), &line).stdout(full).output().expect("the binary runs");
    let text = refusal(&output, "a full disk");
    assert!(text.contains("standard output"), "{text}");
}

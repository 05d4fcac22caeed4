//! Creating and opening: what is refused, in one line each, with nothing damaged.

use std::{fs, path::Path};

use barline::{
    error::{Error, ErrorKind},
    store::Store,
};

use super::{empty, fill, options};

fn refusal(path: &Path) -> Error {
    let before = fs::read(path).ok();
    let error = Store::open(path, &options()).expect_err("not a store");
    assert_eq!(fs::read(path).ok(), before, "nothing is changed");
    assert!(!error.to_string().contains('\n'), "{error}");
    assert!(error.hint().is_some(), "{error}");
    error
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_new_store_is_one_file_and_opens_again() {
    let (folder, path, store) = empty();
    assert_eq!(store.path(), path);
    assert_eq!(files_in(folder.path()), ["test.duckdb", "test.duckdb.lock"]);
    store.close().expect("closed");
    assert_eq!(files_in(folder.path()), ["test.duckdb"]);
    let store = Store::open(&path, &options()).expect("opened");
    assert!(store.instruments().expect("read").is_empty());
}

#[test]
fn what_is_not_a_store_is_refused_for_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("bars.csv"), "ts,symbol,close\n2024-01-01,A,1\n").expect("written");
    fs::write(at("other.db"), b"SQLite format 3\0and more").expect("written");
    fs::write(at("empty.duckdb"), b"").expect("written");
    fs::write(at("cut.duckdb"), b"12345678DUCK").expect("written");
    for (name, said) in [
        ("missing.duckdb", "there is no store"),
        (".", "is a directory"),
        ("bars.csv", "holds text"),
        ("other.db", "SQLite"),
        ("empty.duckdb", "is empty"),
        ("cut.duckdb", "cut.duckdb"),
    ] {
        let error = refusal(&at(name));
        assert_eq!(error.kind(), ErrorKind::Store, "{error}");
        assert!(error.to_string().contains(said), "{error}");
    }
    assert_eq!(files_in(folder.path()), ["bars.csv", "cut.duckdb", "empty.duckdb", "other.db"]);
}

#[test]
fn a_foreign_database_and_another_version_are_refused_unchanged() {
    let folder = tempfile::tempdir().expect("a folder");
    let foreign = folder.path().join("foreign.duckdb");
    let other = folder.path().join("other.duckdb");
    // A setting of the allow list of a test: these two are made by DuckDB itself, not by us.
    let make = |path: &Path, sql: &str| {
        let config = duckdb::Config::default();
        let connection = duckdb::Connection::open_with_flags(path, config).expect("a database");
        connection.execute_batch(sql).expect("made");
    };
    make(&foreign, "CREATE TABLE bars (x INTEGER)");
    let error = refusal(&foreign);
    assert!(error.to_string().contains("not a Barline store"), "{error}");
    Store::create(&other, &options()).expect("a store").close().expect("closed");
    make(&other, "UPDATE store_meta SET value = '999' WHERE key = 'schema_version'; CHECKPOINT");
    let error = refusal(&other);
    assert!(error.to_string().contains("version 999"), "{error}");
}

#[test]
fn a_store_that_was_only_read_is_left_as_it_was() {
    let (_folder, path, store) = empty();
    fill(&store, &[("A", 0..3)]);
    store.close().expect("closed");
    let before = fs::metadata(&path).expect("there").modified().expect("a time");
    let store = Store::open(&path, &options()).expect("opened");
    assert_eq!(store.instruments().expect("read").len(), 1);
    store.close().expect("closed");
    assert_eq!(fs::metadata(&path).expect("there").modified().expect("a time"), before);
}

#[test]
fn a_second_holder_learns_who_the_first_is() {
    let (_folder, path, store) = empty();
    let error = Store::open(&path, &options()).expect_err("held");
    assert!(error.is_locked());
    assert!(error.to_string().contains(&format!("pid {}", std::process::id())), "{error}");
    let reader = store.reader().expect("a reader");
    store.close().expect("closed");
    assert!(Store::open(&path, &options()).expect_err("a reader holds it").is_locked());
    drop(reader);
    Store::open(&path, &options()).expect("free");
}

#[cfg(unix)]
#[test]
fn a_store_has_one_lock_by_whatever_name_it_is_called() {
    let (folder, path, _store) = empty();
    let alias = folder.path().join("alias.duckdb");
    std::os::unix::fs::symlink(&path, &alias).expect("a link");
    assert!(Store::open(&alias, &options()).expect_err("held").is_locked());
}

#[test]
fn creating_never_writes_over_anything() {
    let (_folder, path, store) = empty();
    fill(&store, &[("A", 0..3)]);
    store.close().expect("closed");
    let before = fs::read(&path).expect("bytes");
    let error = Store::create(&path, &options()).expect_err("exists");
    assert!(error.to_string().contains("exists already"), "{error}");
    assert_eq!(fs::read(&path).expect("bytes"), before);
    let error = Store::create(Path::new("no/such/folder/x"), &options()).expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

#[test]
fn the_log_of_a_store_that_is_gone_is_kept_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.duckdb");
    fs::write(folder.path().join("a.duckdb.wal"), b"commits").expect("written");
    fs::write(folder.path().join("a.duckdb.highwater"), b"a mark").expect("written");
    let error = Store::create(&path, &options()).expect_err("a log");
    assert!(error.to_string().ends_with("a.duckdb.wal is there"), "{error}");
    assert!(error.hint().expect("a hint").contains("move the log"), "{error:?}");
    assert_eq!(files_in(folder.path()), ["a.duckdb.highwater", "a.duckdb.wal"]);
}

#[test]
fn what_a_killed_process_left_is_cleared_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.duckdb");
    fs::write(folder.path().join("a.duckdb.new"), b"half").expect("written");
    fs::write(folder.path().join("a.duckdb.new.wal"), b"half").expect("written");
    fs::write(folder.path().join("a.duckdb.lock"), b"pid 1: gone").expect("written");
    Store::create(&path, &options()).expect("a store").close().expect("closed");
    assert_eq!(files_in(folder.path()), ["a.duckdb"]);
}

#[test]
fn a_store_that_cannot_be_filled_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.duckdb");
    let error = Store::create_with(&path, &options(), |store| {
        fill(store, &[("A", 0..3)]);
        Err(Error::data("no more bars"))
    })
    .expect_err("not filled");
    assert!(error.is_data());
    assert!(files_in(folder.path()).is_empty());
    let store = Store::create_with(&path, &options(), |store| {
        fill(store, &[("A", 0..3)]);
        Ok(())
    });
    assert_eq!(store.expect("made").instruments().expect("read").len(), 1);
    assert_eq!(files_in(folder.path()), ["a.duckdb"]);
}

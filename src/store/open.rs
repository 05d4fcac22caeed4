//! Creating, opening and closing a store.
//!
//! A new store is built under `<store>.new`, checkpointed and renamed when it is whole, so a file
//! under the final name is always a store. Opening looks at the path, takes the lock, reads the
//! first bytes, and only then lets DuckDB in; a database with a write-ahead log is first opened
//! read-only, since opening a foreign one for writing would replay the log into it.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use duckdb::{AccessMode, Connection};

use super::{
    StoreOptions, failure::Doing, file_kind, hardening, lock::StoreLock, reader::Reader, schema,
};
use crate::error::{Error, Result};

/// Logs that DuckDB keeps beside a database: the usual one, the one written while a checkpoint is
/// under way, and the one that a recovery writes.
const LOGS: [&str; 3] = [".wal", ".wal.checkpoint", ".wal.recovery"];

/// An open store. Everything made from it (readers, the writer) keeps the lock until it is
/// dropped.
#[derive(Debug)]
pub struct Store {
    pub(super) reader: Reader,
    options: StoreOptions,
}

/// What every connection to one open store shares.
#[derive(Debug)]
pub(super) struct Held {
    /// The path as the user gave it.
    pub(super) shown: PathBuf,
    /// True while a writer or an import exists.
    writing: AtomicBool,
    /// True once there was something to write.
    written: AtomicBool,
    /// Released when the last connection is gone; `None` while a new store is being built, whose
    /// builder holds the lock.
    _lock: Option<StoreLock>,
}

impl Held {
    fn new(shown: &Path, lock: Option<StoreLock>) -> Self {
        Self {
            shown: shown.to_path_buf(),
            writing: AtomicBool::new(false),
            written: AtomicBool::new(false),
            _lock: lock,
        }
    }

    /// Takes the place of the one that writes.
    pub(super) fn begin_writing(&self) -> Result<()> {
        if self.writing.swap(true, Ordering::AcqRel) {
            return Err(Error::internal("the store is being written to already"));
        }
        self.written.store(true, Ordering::Release);
        Ok(())
    }

    /// Gives the place back.
    pub(super) fn end_writing(&self) {
        self.writing.store(false, Ordering::Release);
    }
}

impl Store {
    /// Makes a new store at `path` and opens it.
    ///
    /// # Errors
    /// If something stands there already, if another process is making it, or if the folder
    /// cannot be written.
    pub fn create(path: &Path, options: &StoreOptions) -> Result<Self> {
        Self::create_with(path, options, |_| Ok(()))
    }

    /// Makes a new store at `path`, fills it by `fill`, and opens it. It appears under its name
    /// when it is whole: an error or a kill while it is filled leaves nothing there.
    ///
    /// # Errors
    /// As [`create`](Self::create), and those of `fill`.
    pub fn create_with(
        path: &Path,
        options: &StoreOptions,
        fill: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<Self> {
        let real = real_path_of_new(path)?;
        let lock = StoreLock::take(&real)?;
        if real.symlink_metadata().is_ok() {
            return Err(Error::store(format!("{} exists already", path.display()))
                .with_hint("open it, or name another store with --db"));
        }
        build(path, &real, *options, fill)?;
        Self::connect(path, &real, "", *options, lock)
    }

    /// Makes a store that lives in memory and is gone when it is dropped: nothing is spilled, no
    /// file is made.
    ///
    /// # Errors
    /// What DuckDB reports.
    pub fn in_memory(options: &StoreOptions) -> Result<Self> {
        let configuration = hardening::configuration_in_memory(*options)?;
        let connection = Connection::open_in_memory_with_flags(configuration)
            .map_err(|e| Doing("open a store in memory").failed(&e))?;
        schema::apply(&connection)?;
        let held = Held::new(Path::new(":memory:"), None);
        Ok(Self { reader: Reader { connection, held: Arc::new(held) }, options: *options })
    }

    /// Opens the store at `path`, which must exist.
    ///
    /// # Errors
    /// Each in one line: no such file, a directory, not a store, a store of another version,
    /// held by another process (which is named). Nothing is created or changed then.
    pub fn open(path: &Path, options: &StoreOptions) -> Result<Self> {
        file_kind::require_file(path)?;
        let real = path.canonicalize().map_err(|e| Error::io("find", path, &e))?;
        let lock = StoreLock::take(&real)?;
        let library = file_kind::require_duckdb(&real)?;
        if LOGS.iter().any(|suffix| beside(&real, suffix).exists()) {
            let probe = database(&real, *options, AccessMode::ReadOnly)
                .map_err(|e| unreadable(path, &library, &e))?;
            schema::require_current(&probe, &path.display().to_string())?;
        }
        Self::connect(path, &real, &library, *options, lock)
    }

    fn connect(
        shown: &Path,
        real: &Path,
        library: &str,
        options: StoreOptions,
        lock: StoreLock,
    ) -> Result<Self> {
        let connection = database(real, options, AccessMode::ReadWrite)
            .map_err(|e| unreadable(shown, library, &e))?;
        schema::require_current(&connection, &shown.display().to_string())?;
        let held = Held::new(shown, Some(lock));
        Ok(Self { reader: Reader { connection, held: Arc::new(held) }, options })
    }

    /// The most DuckDB's buffers may take, as it was opened.
    pub fn memory_limit_bytes(&self) -> u64 {
        self.options.memory_limit_bytes
    }

    /// The folder beside the store for files that are made from its bars and can be made again;
    /// `None` for a store in memory.
    pub fn cache_folder(&self) -> Option<PathBuf> {
        let shown = &self.reader.held.shown;
        shown.exists().then(|| beside(shown, ".panels"))
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.reader.held.shown
    }

    /// Brings what was written into the one file and lets go of it. A store that was only read is
    /// left as it was, so that it can be read on a full disk.
    pub fn close(self) -> Result<()> {
        if self.reader.held.written.load(Ordering::Acquire) {
            checkpoint(&self.reader.connection)?;
        }
        Ok(())
    }
}

/// Opens a DuckDB database with our settings.
fn database(path: &Path, options: StoreOptions, mode: AccessMode) -> Result<Connection> {
    let configuration = hardening::configuration(path, options, mode)?;
    Connection::open_with_flags(path, configuration).map_err(|e| Doing("open").failed(&e))
}

/// Brings the write-ahead log into the file.
pub(super) fn checkpoint(connection: &Connection) -> Result<()> {
    connection.execute_batch("CHECKPOINT").map_err(|e| Doing("checkpoint the store").failed(&e))
}

/// Builds a whole store under a temporary name and renames it; what fails leaves nothing.
fn build(
    shown: &Path,
    real: &Path,
    options: StoreOptions,
    fill: impl FnOnce(&Store) -> Result<()>,
) -> Result<()> {
    let temporary = beside(real, ".new");
    // Left by a process that was killed while building: we hold the lock, so nobody uses it.
    remove_database(&temporary)?;
    let built = build_at(&temporary, shown, options, fill);
    if built.is_err() {
        // The first error says what happened.
        let _ = remove_database(&temporary);
        return built;
    }
    fs::rename(&temporary, real).map_err(|e| Error::io("name the new store", real, &e))?;
    sync_folder_of(real)
}

fn build_at(
    temporary: &Path,
    shown: &Path,
    options: StoreOptions,
    fill: impl FnOnce(&Store) -> Result<()>,
) -> Result<()> {
    let connection = database(temporary, options, AccessMode::ReadWrite)?;
    schema::apply(&connection)?;
    let held = Arc::new(Held::new(shown, None));
    held.written.store(true, Ordering::Release);
    let store = Store { reader: Reader { connection, held: Arc::clone(&held) }, options };
    fill(&store)?;
    store.close()?;
    if Arc::strong_count(&held) > 1 {
        return Err(Error::internal("a new store is still in use when it is complete"));
    }
    Ok(())
}

/// Removes a database that was never named.
fn remove_database(temporary: &Path) -> Result<()> {
    let logs = LOGS.map(|suffix| beside(temporary, suffix));
    for file in std::iter::once(temporary.to_path_buf()).chain(logs) {
        if file.symlink_metadata().is_ok() {
            fs::remove_file(&file).map_err(|e| Error::io("remove", &file, &e))?;
        }
    }
    Ok(())
}

/// Makes the rename itself durable.
fn sync_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|e| Error::io("write to disk", folder, &e))
}

/// `<path><suffix>`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Where a file that does not exist yet will stand, with every link of its folder resolved, so
/// that one store has one lock whatever it is called.
fn real_path_of_new(path: &Path) -> Result<PathBuf> {
    let name = path
        .file_name()
        .filter(|name| *name != OsStr::new(".."))
        .ok_or_else(|| Error::usage(format!("'{}' does not name a file", path.display())))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder
        .canonicalize()
        .map_err(|e| Error::io("find the folder", folder, &e).with_hint("make the folder first"))?;
    Ok(folder.join(name))
}

/// DuckDB could not open a file that looks like its own: `library` is the DuckDB that wrote it.
fn unreadable(shown: &Path, library: &str, cause: &Error) -> Error {
    let shown = shown.display();
    let text = cause.to_string();
    let line = text.strip_prefix("cannot open: ").unwrap_or(&text);
    if cause.is_locked() {
        return Error::new(cause.kind(), format!("{shown} is held by another process: {line}"))
            .with_hint("wait for it to end, or name another store with --db");
    }
    let denied = ["Permission denied", "Read-only file system"];
    if denied.iter().any(|why| line.contains(why)) {
        return Error::store(format!("{shown} cannot be opened: {line}"))
            .with_hint("a store must be writable, also to be asked: make it so, or copy it");
    }
    if let Some(hint) = cause.hint() {
        return Error::new(cause.kind(), format!("{shown} cannot be opened: {line}"))
            .with_hint(hint);
    }
    let library = if library.is_empty() { "of another version" } else { library };
    Error::store(format!("{shown} cannot be opened: {line}")).with_hint(format!(
        "the file, or its .wal, is damaged or was written by DuckDB {library}; nothing was changed"
    ))
}

//! Creating, opening and closing a store.
//!
//! A new store is built under `<store>.new`, checkpointed and renamed when it is whole, so a file
//! under the final name is always a store. Opening looks at the path, takes the lock, reads the
//! first bytes, and only then lets DuckDB in; a database with a write-ahead log is first opened
//! read-only, since opening a foreign one for writing would replay the log into it.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use duckdb::{AccessMode, Connection};

use super::{
    StoreOptions,
    beside::{beside, has_log, remove_database, sync_folder_of},
    failure::Doing,
    file_kind, file_length, hardening,
    held::Held,
    high_water,
    lock::{StoreLock, TO_WRITE},
    put_aside::PutAside,
    reader::Reader,
    schema, torn,
};
use crate::error::{Error, ErrorKind, Result};

/// An open store. Everything made from it (readers, the writer) keeps the lock until it is
/// dropped.
#[derive(Debug)]
pub struct Store {
    pub(super) reader: Reader,
    pub(super) options: StoreOptions,
}

impl Store {
    /// Makes a new store at `path` and opens it.
    ///
    /// # Errors
    /// If something stands there already, or the log of a store that is gone, if another process is
    /// making it, or if the folder cannot be written.
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
        if has_log(&real) {
            // What was committed may stand in it alone; DuckDB would hold it against the new store.
            let line =
                format!("{} is gone, but its log {}.wal is there", path.display(), path.display());
            return Err(Error::store(line).with_hint(
                "bring the store's file back to its place; if it is lost, move the log and .highwater \
                 away: a log cannot be read without its store",
            ));
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
        let mode = AccessMode::ReadWrite;
        let configuration = hardening::configuration_without_spill(*options, mode)?;
        let connection = Connection::open_in_memory_with_flags(configuration)
            .map_err(|e| Doing("open a store in memory").failed(&e))?;
        schema::apply(&connection)?;
        let held = Held::in_memory();
        Ok(Self { reader: Reader { connection, held: Arc::new(held) }, options: *options })
    }

    /// Opens the store at `path`, which must exist.
    ///
    /// # Errors
    /// Each in one line: no such file, a directory, not a store, a store of another version,
    /// held by another process (which is named). Nothing is created or changed then.
    pub fn open(path: &Path, options: &StoreOptions) -> Result<Self> {
        let real = found(path)?;
        let lock = StoreLock::take(&real)?;
        Self::open_held(path, &real, *options, lock)
    }

    /// Opens the store at `path` to be asked, for reading only: a log that a kill has left is read back
    /// in memory and stays. In a folder that cannot be written no lock file is made and nothing is
    /// spilled.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_to_read(path: &Path, options: &StoreOptions) -> Result<Self> {
        let real = found(path)?;
        let lock = StoreLock::take_to_read(&real)?;
        let library = file_kind::require_duckdb(&real)?;
        require_length(path, &real)?;
        if lock.is_some() {
            torn::mend(&real)?;
        }
        let connection = looked_at(path, &real, *options, &library, lock.is_some())?;
        let held = Arc::new(Held::locked(path, &real, lock));
        Ok(Self { reader: Reader { connection, held }, options: *options })
    }

    fn open_held(path: &Path, real: &Path, options: StoreOptions, lock: StoreLock) -> Result<Self> {
        let library = file_kind::require_duckdb(real)?;
        require_length(path, real)?;
        torn::mend(real)?;
        let logged = has_log(real);
        if logged || high_water::exists(real) {
            drop(looked_at(path, real, options, &library, true)?);
            if !logged {
                high_water::forget(real);
            }
        }
        let store = Self::connect(path, real, &library, options, lock)?;
        store.reader.held.read_back(logged);
        Ok(store)
    }

    fn connect(
        shown: &Path,
        real: &Path,
        library: &str,
        options: StoreOptions,
        lock: StoreLock,
    ) -> Result<Self> {
        let aside = PutAside::beside(real);
        let connection = database(real, options, AccessMode::ReadWrite)
            .map_err(|e| unreadable(shown, real, library, &e))?;
        aside.remove();
        schema::require_current(&connection, &shown.display().to_string())?;
        let held = Held::locked(shown, real, Some(lock));
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
    /// left as it was, so that it can be read on a full disk; of one that was opened to be written to, what
    /// a kill had left in its log is brought into the file too, where there is room.
    pub fn close(self) -> Result<()> {
        self.brought_in()
    }

    pub(super) fn brought_in(&self) -> Result<()> {
        let Reader { connection, held } = &self.reader;
        if held.was_written() {
            held.checkpoint(connection)?;
            held.end_mark()?;
        } else if held.was_read_back() && held.checkpoint(connection).is_ok() {
            held.forget_mark();
        }
        Ok(())
    }
}

/// Opens a DuckDB database with our settings.
pub(super) fn database(path: &Path, options: StoreOptions, mode: AccessMode) -> Result<Connection> {
    let configuration = hardening::configuration(path, options, mode)?;
    Connection::open_with_flags(path, configuration).map_err(|e| Doing("open").failed(&e))
}

/// Opens a DuckDB database for reading only; without `spills` it makes no file beside it.
pub(super) fn database_to_read(
    path: &Path,
    options: StoreOptions,
    spills: bool,
) -> Result<Connection> {
    let mode = AccessMode::ReadOnly;
    if spills {
        return database(path, options, mode);
    }
    let configuration = hardening::configuration_without_spill(options, mode)?;
    Connection::open_with_flags(path, configuration).map_err(|e| Doing("open").failed(&e))
}

/// The store at `real`, opened for reading only: one of ours, and with everything that was
/// acknowledged.
fn looked_at(
    shown: &Path,
    real: &Path,
    options: StoreOptions,
    library: &str,
    spills: bool,
) -> Result<Connection> {
    let connection = database_to_read(real, options, spills)
        .map_err(|e| unreadable(shown, real, library, &e))?;
    schema::require_current(&connection, &shown.display().to_string())?;
    require_whole(&connection, shown, real)?;
    Ok(connection)
}

/// Where the store at `path` is, with every link resolved.
fn found(path: &Path) -> Result<PathBuf> {
    file_kind::require_file(path)?;
    path.canonicalize().map_err(|e| Error::io("find", path, &e))
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
    PutAside::beside(&temporary).remove();
    let built = build_at(&temporary, shown, options, fill);
    if built.is_err() {
        // The first error says what happened.
        let _ = remove_database(&temporary);
        return built;
    }
    // A mark that an older store of this name left says nothing about the new one.
    high_water::forget(real);
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
    let held = Arc::new(Held::alone(shown));
    let store = Store { reader: Reader { connection, held: Arc::clone(&held) }, options };
    fill(&store)?;
    checkpoint(&store.reader.connection)?;
    drop(store);
    if Arc::strong_count(&held) > 1 {
        return Err(Error::internal("a new store is still in use when it is complete"));
    }
    Ok(())
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

/// Refuses a file that was cut off at its end.
fn require_length(shown: &Path, real: &Path) -> Result<()> {
    match file_length::cut_off(real)? {
        None => Ok(()),
        Some(bytes) => Err(Error::store(cut_off(shown, bytes))
            .with_hint(format!("nothing was changed; {}", examine(shown)))),
    }
}

/// What is wrong with a file that has so many bytes of so many.
pub(super) fn cut_off(shown: &Path, (given, needed): (u64, u64)) -> String {
    format!(
        "{} is cut off at its end: it has {given} bytes of the {needed} that its header asks for",
        shown.display()
    )
}

/// Refuses a store that lacks what was acknowledged.
pub(super) fn require_whole(connection: &Connection, shown: &Path, real: &Path) -> Result<()> {
    let examine = || format!("nothing was changed; {}", examine(shown));
    let mark = high_water::acknowledged(real).map_err(|e| e.with_hint(examine()))?;
    let Some(mark) = mark else { return Ok(()) };
    match high_water::loss(connection, &mark)? {
        None => Ok(()),
        Some(loss) => Err(Error::store(format!(
            "{} has lost what was committed: {loss}; its log (.wal) was cut, removed or replaced",
            shown.display()
        ))
        .with_hint(examine())),
    }
}

/// How a damaged store is looked into.
fn examine(shown: &Path) -> String {
    format!(
        "'barline doctor --db {}' says what is lost and how to rebuild it, and with --repair makes \
         a copy that opens, where that can be done",
        shown.display()
    )
}

/// DuckDB could not open a file that looks like its own: `library` is the DuckDB that wrote it.
pub(super) fn unreadable(shown: &Path, real: &Path, library: &str, cause: &Error) -> Error {
    let name = shown.display();
    let text = cause.to_string();
    let line = text.strip_prefix("cannot open: ").unwrap_or(&text);
    if cause.is_locked() {
        return Error::new(cause.kind(), format!("{name} is held by another process: {line}"))
            .with_hint("wait for it to end, or name another store with --db");
    }
    let denied = ["Permission denied", "Read-only file system"];
    if denied.iter().any(|why| line.contains(why)) {
        return Error::store(format!("{name} cannot be opened: {line}")).with_hint(TO_WRITE);
    }
    if let (Some(hint), false) = (cause.hint(), cause.kind() == ErrorKind::Store) {
        return Error::new(cause.kind(), format!("{name} cannot be opened: {line}"))
            .with_hint(hint);
    }
    let library = if library.is_empty() { "of another version" } else { library };
    let acknowledged = match high_water::acknowledged(real) {
        Ok(Some(mark)) => format!("; {mark} was acknowledged"),
        _ => String::new(),
    };
    Error::store(format!("{name} cannot be opened: {line}{acknowledged}")).with_hint(format!(
        "the file, or its .wal, is damaged or was written by DuckDB {library}; nothing was changed; \
         {}",
        examine(shown)
    ))
}

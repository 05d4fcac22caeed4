//! The lock beside the store: one holder, and its name.
//!
//! `<store>.lock` is held with `flock` for the life of a [`Store`](super::Store) and everything
//! cloned from it. DuckDB's own lock would do for two processes, but it names nobody, and within
//! one process it stops nothing. The file holds `pid N: command line`; the time it was taken is
//! the file's own. It is removed when the store is closed; one that a killed process left behind
//! is not locked and simply taken over. A file of that name that we did not write is never touched.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process, thread,
    time::{Duration, UNIX_EPOCH},
};

use crate::{
    domain::Timestamp,
    error::{Error, ErrorKind, Result},
};

/// A held lock; released and removed when dropped.
#[derive(Debug)]
pub(super) struct StoreLock {
    /// Open, and thereby locked.
    file: File,
    path: PathBuf,
}

/// How often a lock file that its last holder removed under our hands is tried again.
const ATTEMPTS: usize = 16;
/// How often, and how long apart, a holder that has not signed yet is asked for its name.
const ASKED: usize = 20;
const ASK_AGAIN: Duration = Duration::from_millis(10);
/// What every signature begins with.
const SIGNED: &[u8] = b"pid ";
/// Longest signature read.
const MAX_SIGNATURE_BYTES: u64 = 1024;
/// Longest command line written down, in characters.
const MAX_COMMAND_CHARS: usize = 160;

impl StoreLock {
    /// Takes the lock of `store` at once or says who holds it.
    pub(super) fn take(store: &Path) -> Result<Self> {
        let path = lock_path(store);
        for _ in 0..ATTEMPTS {
            let mut file = open(&path).map_err(|e| not_made(store, &path, &e))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(held(store, &mut file)),
                Err(TryLockError::Error(e)) => return Err(Error::io("lock", &path, &e)),
            }
            if is_still(&file, &path) {
                require_ours(&mut file, &path)?;
                return Self { file, path }.signed();
            }
        }
        Err(Error::new(ErrorKind::Locked, format!("{} is changing hands", store.display()))
            .with_hint("try again"))
    }

    /// As [`take`](Self::take) for one that only asks; `None` where no lock file can be made and
    /// nobody holds the store by one that is there. DuckDB's own lock stands between a reader and a
    /// writer then.
    pub(super) fn take_to_read(store: &Path) -> Result<Option<Self>> {
        let path = lock_path(store);
        match open(&path) {
            Err(e) if is_denied(&e) => require_free(store, &path).map(|()| None),
            _ => Self::take(store).map(Some),
        }
    }

    /// A full disk has no room for the holder's name; a store can be read on it all the same.
    fn signed(mut self) -> Result<Self> {
        match sign(&mut self.file) {
            Err(e) if e.kind() != io::ErrorKind::StorageFull => {
                Err(Error::io("write", &self.path, &e))
            }
            _ => Ok(self),
        }
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // Removed while still locked, so that whoever opened it meanwhile sees that it is gone.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn lock_path(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn not_made(store: &Path, path: &Path, cause: &io::Error) -> Error {
    let error = Error::io("create the lock file", path, cause);
    // The lock is not ours, so DuckDB has not opened the store in this process.
    let readable = is_denied(cause) && File::open(store).is_ok();
    if readable { error.with_hint(TO_WRITE) } else { error }
}

/// What is left to do with a store that cannot be written.
pub(super) const TO_WRITE: &str = "it can be asked as it is (query, sql, check); to write to it, make it \
                                   and its folder writable, or copy it";

/// True where this process may not write.
fn is_denied(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// Refuses a store that is held by a lock file which this process cannot write.
fn require_free(store: &Path, path: &Path) -> Result<()> {
    // One that is not there, or is closed to this process, says nothing.
    let Ok(mut file) = File::open(path) else { return Ok(()) };
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Err(held(store, &mut file)),
        _ => Ok(()),
    }
}

/// Refuses a file that happens to have the name of our lock.
fn require_ours(file: &mut File, path: &Path) -> Result<()> {
    let refuse = || {
        Error::store(format!("{} is in the way: it is not a lock of ours", path.display()))
            .with_hint("nothing was changed; move it away, or name another store with --db")
    };
    let meta = file.metadata().map_err(|e| Error::io("read", path, &e))?;
    if !meta.is_file() {
        return Err(refuse());
    }
    let head = signature(file).map_err(|e| Error::io("read", path, &e))?;
    if head.is_empty() || head.starts_with(SIGNED) { Ok(()) } else { Err(refuse()) }
}

/// The first bytes of the file.
fn signature(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(MAX_SIGNATURE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// True if `file` is what `path` names now: the last holder may have removed it after we opened.
fn is_still(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.metadata()) {
        (Ok(ours), Ok(named)) => ours.ino() == named.ino() && ours.dev() == named.dev(),
        _ => false,
    }
}

fn sign(file: &mut File) -> std::io::Result<()> {
    let command: Vec<String> =
        std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let command: String =
        command.join(" ").chars().filter(|c| !c.is_control()).take(MAX_COMMAND_CHARS).collect();
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "pid {}: {command}", process::id())
}

fn held(store: &Path, file: &mut File) -> Error {
    let holder = holder(file).unwrap_or_else(|| "another process".to_owned());
    let since = since(file).map(|ts| format!(", since {ts}")).unwrap_or_default();
    Error::new(
        ErrorKind::Locked,
        format!("{} is held by another process ({holder}{since})", store.display()),
    )
    .with_hint("wait for it to end, or name another store with --db")
}

/// What the holder signed. One that took the lock a moment ago may not have signed yet, and the
/// name in the file may be that of a process that was killed: both are asked again for a while.
fn holder(file: &mut File) -> Option<String> {
    let mut named = None;
    for _ in 0..ASKED {
        let text = signature(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).trim().to_owned();
        if is_alive(&text) {
            return Some(text);
        }
        named = Some(text).filter(|text| !text.is_empty());
        thread::sleep(ASK_AGAIN);
    }
    named
}

/// True if the process that `signature` names exists, as far as `/proc` tells.
fn is_alive(signature: &str) -> bool {
    let pid = signature.strip_prefix("pid ").and_then(|rest| rest.split(':').next());
    pid.is_some_and(|pid| pid.parse::<u32>().is_ok() && Path::new("/proc").join(pid).exists())
}

/// When the holder signed: the file's own time, to the second.
fn since(file: &File) -> Option<Timestamp> {
    let modified = file.metadata().ok()?.modified().ok()?;
    let secs = modified.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(Timestamp(i64::try_from(secs).ok()?.checked_mul(1_000_000)?))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{StoreLock, is_alive};

    #[test]
    fn a_second_holder_is_told_who_the_first_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("a.duckdb");
        let first = StoreLock::take(&store).expect("free");
        let error = StoreLock::take(&store).expect_err("held");
        assert!(error.is_locked());
        let message = error.to_string();
        assert!(message.contains(&format!("pid {}", std::process::id())), "{message}");
        assert!(message.contains("since 20"), "{message}");
        drop(first);
        assert!(!folder.path().join("a.duckdb.lock").exists());
        StoreLock::take(&store).expect("free again");
    }

    #[test]
    fn a_lockfile_left_behind_is_taken_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("a.duckdb");
        fs::write(folder.path().join("a.duckdb.lock"), "pid 1: gone\n").expect("written");
        let lock = StoreLock::take(&store).expect("not locked by anybody");
        let text = fs::read_to_string(folder.path().join("a.duckdb.lock")).expect("signed");
        assert!(text.starts_with(&format!("pid {}", std::process::id())));
        drop(lock);
    }

    #[test]
    fn a_file_that_only_has_the_name_of_a_lock_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("a.duckdb");
        let lock = folder.path().join("a.duckdb.lock");
        fs::write(&lock, "bars of mine\n").expect("written");
        let error = StoreLock::take(&store).expect_err("in the way");
        assert!(error.to_string().contains("in the way"), "{error}");
        assert_eq!(fs::read_to_string(&lock).expect("still there"), "bars of mine\n");
    }

    #[test]
    fn a_name_left_by_a_killed_process_is_not_taken_for_the_holder_s() {
        assert!(is_alive(&format!("pid {}: barline", std::process::id())));
        assert!(!is_alive("pid 4294967294: barline backtest"));
        assert!(!is_alive("") && !is_alive("pid : x") && !is_alive("pid ../self: x"));
    }
}

//! The lock beside the store: one holder, and its name.
//!
//! `<store>.lock` is held with `flock` for the life of a [`Store`](super::Store) and everything
//! cloned from it. DuckDB's own lock would do for two processes, but it names nobody, and within
//! one process it stops nothing. The file holds `pid N: command line`; the time it was taken is
//! the file's own. It is removed when the store is closed; one that a killed process left behind
//! is not locked and simply taken over.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process,
    time::UNIX_EPOCH,
};

use crate::{
    domain::Timestamp,
    error::{Error, ErrorKind, Result},
};

/// A held lock; released and removed when dropped.
#[derive(Debug)]
pub(super) struct StoreLock {
    /// Open, and thereby locked.
    _file: File,
    path: PathBuf,
}

/// How often a lock file that its last holder removed under our hands is tried again.
const ATTEMPTS: usize = 16;
/// Longest command line written down, in characters.
const MAX_COMMAND_CHARS: usize = 160;

impl StoreLock {
    /// Takes the lock of `store` at once or says who holds it.
    pub(super) fn take(store: &Path) -> Result<Self> {
        let path = lock_path(store);
        for _ in 0..ATTEMPTS {
            let mut file = open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(held(store, &mut file)),
                Err(TryLockError::Error(e)) => return Err(Error::io("lock", &path, &e)),
            }
            if is_still(&file, &path) {
                sign(&mut file).map_err(|e| Error::io("write", &path, &e))?;
                return Ok(Self { _file: file, path });
            }
        }
        Err(Error::new(ErrorKind::Locked, format!("{} is changing hands", store.display()))
            .with_hint("try again"))
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

fn open(path: &Path) -> Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|e| Error::io("create the lock file", path, &e))
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
    let mut text = String::new();
    // A holder that has not signed yet is still a holder.
    let _ = file.take(1024).read_to_string(&mut text);
    let holder = match text.trim() {
        "" => "another process",
        signed => signed,
    };
    let since = since(file).map(|ts| format!(", since {ts}")).unwrap_or_default();
    Error::new(
        ErrorKind::Locked,
        format!("{} is held by another process ({holder}{since})", store.display()),
    )
    .with_hint("wait for it to end, or name another store with --db")
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

    use super::StoreLock;

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
    fn a_lock_file_left_behind_is_taken_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("a.duckdb");
        fs::write(folder.path().join("a.duckdb.lock"), "pid 1: gone\n").expect("written");
        let lock = StoreLock::take(&store).expect("not locked by anybody");
        let text = fs::read_to_string(folder.path().join("a.duckdb.lock")).expect("signed");
        assert!(text.starts_with(&format!("pid {}", std::process::id())));
        drop(lock);
    }
}

//! What every connection to one open store shares: its name, its lock, its place for one writer,
//! and the mark of what was acknowledged.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use duckdb::Connection;

use super::{
    failure::Doing,
    high_water::{self, HighWater, Mark},
    lock::StoreLock,
    merging,
    open::checkpoint,
    unfinished_screens,
};
use crate::error::{Error, Result};

const APART: Doing = Doing("keep row groups as they are");
const ADD_NOTHING: &str =
    "BEGIN; INSERT INTO memory_sample SELECT * FROM memory_sample WHERE false";

/// What every connection to one open store shares.
#[derive(Debug)]
pub(super) struct Held {
    /// The path as the user gave it.
    pub(super) shown: PathBuf,
    /// Where the store is; `None` for one in memory, or under a name that is not its own yet.
    pub(super) real: Option<PathBuf>,
    /// True for one that lives in memory: it has no log that could be brought into a file.
    pub(super) in_memory: bool,
    /// True while a writer or an import exists.
    writing: AtomicBool,
    /// True once there was something to write.
    written: AtomicBool,
    /// True where a log was read back that a kill had left, to be brought into the file.
    read_back: AtomicBool,
    /// Bytes that the rows of one answer may take.
    answer_bytes: AtomicU64,
    /// Bytes that row groups may take while they are merged.
    merge_bytes: AtomicU64,
    /// What was acknowledged since the store was first written to.
    high_water: Mutex<Option<HighWater>>,
    /// Released when the last connection is gone; `None` where nobody else can come.
    pub(super) lock: Option<StoreLock>,
}

impl Held {
    /// Of the store at `real`, whose lock is held, unless it is in a folder in which none can be.
    pub(super) fn locked(shown: &Path, real: &Path, lock: Option<StoreLock>) -> Self {
        Self { real: Some(real.to_path_buf()), lock, ..Self::alone(shown) }
    }

    /// Of a store that nobody else can see.
    pub(super) fn alone(shown: &Path) -> Self {
        Self {
            shown: shown.to_path_buf(),
            real: None,
            in_memory: false,
            writing: AtomicBool::new(false),
            written: AtomicBool::new(false),
            read_back: AtomicBool::new(false),
            answer_bytes: AtomicU64::new(u64::MAX),
            merge_bytes: AtomicU64::new(u64::MAX),
            high_water: Mutex::new(None),
            lock: None,
        }
    }

    /// Of a store that lives in memory.
    pub(super) fn in_memory() -> Self {
        Self { in_memory: true, ..Self::alone(Path::new(":memory:")) }
    }

    /// Brings the log into the file, where there is one: in memory a checkpoint would only compress
    /// what is soon gone.
    pub(super) fn checkpoint(&self, connection: &Connection) -> Result<()> {
        if self.in_memory {
            return Ok(());
        }
        let fits = match self.merge_bytes.load(Ordering::Relaxed) {
            0 => false,
            u64::MAX => true,
            room => merging::of(connection)?.merging_bytes(&[]) <= room,
        };
        if fits {
            return checkpoint(connection);
        }
        // While rows are being added elsewhere, if none, DuckDB moves none to another row group.
        let other = connection.try_clone().map_err(|e| APART.failed(&e))?;
        other.execute_batch(ADD_NOTHING).map_err(|e| APART.failed(&e))?;
        let done = checkpoint(connection);
        other.execute_batch("ROLLBACK").map_err(|e| APART.failed(&e))?;
        done
    }

    pub(super) fn merge_within(&self, bytes: u64) {
        self.merge_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn limit_answers(&self, bytes: u64) {
        self.answer_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn answer_bytes(&self) -> u64 {
        self.answer_bytes.load(Ordering::Relaxed)
    }

    /// Takes the place of the one that writes; `connection` shows what is stored.
    pub(super) fn begin_writing(&self, connection: &Connection) -> Result<()> {
        if self.writing.swap(true, Ordering::AcqRel) {
            return Err(Error::internal("the store is being written to already"));
        }
        let mut begun = self.begin_mark(connection);
        if begun.is_ok() && !self.was_written() {
            begun = unfinished_screens::clear(connection);
        }
        if begun.is_err() {
            self.end_writing();
        }
        self.written.fetch_or(begun.is_ok(), Ordering::AcqRel);
        begun
    }

    fn begin_mark(&self, connection: &Connection) -> Result<()> {
        let mut high_water = self.high_water();
        if let (None, Some(real)) = (high_water.as_ref(), &self.real) {
            *high_water = Some(HighWater::begin(real, Mark::of(connection)?)?);
        }
        Ok(())
    }

    /// Gives the place back.
    pub(super) fn end_writing(&self) {
        self.writing.store(false, Ordering::Release);
    }

    /// True once there was something to write.
    pub(super) fn was_written(&self) -> bool {
        self.written.load(Ordering::Acquire)
    }

    /// What was acknowledged last; what `connection` shows, where no mark is kept.
    pub(super) fn mark(&self, connection: &Connection) -> Result<Mark> {
        match self.high_water().as_ref() {
            Some(high_water) => Ok(high_water.mark().clone()),
            None => Mark::of(connection),
        }
    }

    /// Writes down that everything up to `mark` is committed.
    pub(super) fn acknowledge(&self, mark: &Mark) -> Result<()> {
        match self.high_water().as_mut() {
            Some(high_water) => high_water.acknowledge(mark.clone()),
            None => Ok(()),
        }
    }

    /// Says whether a log was read back when it was opened to be written to.
    pub(super) fn read_back(&self, logged: bool) {
        self.read_back.store(logged, Ordering::Release);
    }

    /// True where one was.
    pub(super) fn was_read_back(&self) -> bool {
        self.read_back.load(Ordering::Acquire)
    }

    /// Everything is in the one file, and nothing was written: the mark that a kill had left is done.
    pub(super) fn forget_mark(&self) {
        if let Some(real) = &self.real {
            high_water::forget(real);
        }
    }

    /// Everything is in the one file: the mark has done its duty.
    pub(super) fn end_mark(&self) -> Result<()> {
        self.high_water().take().map_or(Ok(()), HighWater::end)
    }

    fn high_water(&self) -> MutexGuard<'_, Option<HighWater>> {
        self.high_water.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What is stored, looked up after an error.
//!
//! A commit that reports an error may be durable all the same: DuckDB wrote its log and failed in the
//! checkpoint that followed, or the system failed after the last byte. The instance cannot be used
//! any more then, and only the file knows. It is opened again for reading, which writes nothing and
//! so works on a full disk, while the lock stays with us.

use std::{fs, path::Path, sync::Arc};

use duckdb::AccessMode;

use super::{Store, beside::log_bytes, failure::Doing, held::Held, open, reader::Reader};
use crate::error::{Error, Result};

/// How far the newest run of a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredRun {
    /// Its number.
    pub run_id: i64,
    /// Jobs planned.
    pub planned: u64,
    /// Jobs that answer it and are stored.
    pub stored: u64,
    /// Jobs that it computed itself.
    pub computed: u64,
}

impl Store {
    /// Lets go of everything and opens the store again, for reading only, under the same lock.
    ///
    /// # Errors
    /// Internal, while a reader or a writer of the store exists; as [`open`](Self::open).
    pub fn to_read_again(self) -> Result<Self> {
        self.again(AccessMode::ReadOnly)
    }

    /// Brings what was written into the one file, lets go of everything and opens the store again, under the same
    /// lock: DuckDB keeps the blocks of rows that it did not merge.
    ///
    /// # Errors
    /// As [`close`](Self::close) and [`to_read_again`](Self::to_read_again).
    pub fn to_write_again(self) -> Result<Self> {
        self.brought_in()?;
        self.again(AccessMode::ReadWrite)
    }

    fn again(self, mode: AccessMode) -> Result<Self> {
        let Self { reader: Reader { connection, held }, options } = self;
        let shown = held.shown.clone();
        let held = Arc::into_inner(held)
            .ok_or_else(|| Error::internal("the store is in use while it is opened again"))?;
        let (Some(real), Some(lock)) = (held.real.clone(), held.lock) else {
            return Err(Error::internal("a store without a file cannot be opened again"));
        };
        drop(connection);
        let connection = open::database(&real, options, mode)?;
        open::require_whole(&connection, &shown, &real)?;
        let held = Arc::new(Held::locked(&shown, &real, Some(lock)));
        Ok(Self { reader: Reader { connection, held }, options })
    }

    /// The newest run and how far it is; `None` in a store without runs.
    pub fn newest_run(&self) -> Result<Option<StoredRun>> {
        let sql = "
            SELECT run_id, planned_jobs,
                   (SELECT count(*) FROM run_job WHERE run_job.run_id = run.run_id),
                   (SELECT count(*) FROM run_job
                    WHERE run_job.run_id = run.run_id AND NOT cached)
            FROM run
            ORDER BY run_id DESC
            LIMIT 1";
        let doing = Doing("look up what is stored");
        let mut statement = self.reader.connection.prepare(sql).map_err(|e| doing.failed(&e))?;
        let mut rows = statement.query([]).map_err(|e| doing.failed(&e))?;
        let Some(row) = rows.next().map_err(|e| doing.failed(&e))? else { return Ok(None) };
        let read = || -> duckdb::Result<StoredRun> {
            Ok(StoredRun {
                run_id: row.get(0)?,
                planned: row.get(1)?,
                stored: row.get(2)?,
                computed: row.get(3)?,
            })
        };
        read().map(Some).map_err(|e| doing.failed(&e))
    }

    /// Bytes of the store's file and of the logs beside it; zero where they cannot be seen.
    pub fn file_bytes(path: &Path) -> (u64, u64) {
        (fs::metadata(path).map_or(0, |meta| meta.len()), log_bytes(path))
    }
}

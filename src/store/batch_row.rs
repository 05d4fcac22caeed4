//! The row that says that a batch is committed, written in its transaction.

use duckdb::{Connection, params};

use super::{failure::Doing, high_water::Mark};
use crate::error::Result;

/// What a batch of a run, or of an import, brought.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BatchRow {
    pub(super) run_id: Option<i64>,
    pub(super) import_id: Option<i64>,
    /// New jobs.
    pub(super) jobs: u64,
    /// Stored jobs whose details were added.
    pub(super) details: u64,
    /// Links to stored jobs.
    pub(super) links: u64,
    /// Pair fits, found or new.
    pub(super) fits: u64,
    /// Bars, events or rows of a screen.
    pub(super) stored: u64,
}

impl BatchRow {
    /// Writes it down under the number and the identity of `mark`.
    pub(super) fn insert(&self, connection: &Connection, mark: &Mark) -> Result<()> {
        connection
            .execute(
                "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    mark.batch_id,
                    self.run_id,
                    self.import_id,
                    self.jobs,
                    self.details,
                    self.links,
                    self.fits,
                    self.stored,
                    mark.identity,
                ],
            )
            .map_err(|e| Doing("write a batch down").failed(&e))?;
        Ok(())
    }
}

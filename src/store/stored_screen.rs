//! What a screen listed, for a run that takes its combinations from it.

use duckdb::Connection;

use super::{Reader, RunKind, failure::Doing, query_values};
use crate::{
    domain::Timestamp,
    error::{Error, Result},
};

const DOING: Doing = Doing("look up a screen");

/// A screen that is through, and the combinations it listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredScreen {
    /// Its number.
    pub run_id: i64,
    /// Tests behind it.
    pub tests: u64,
    /// End of its window, not included.
    pub window_end: Timestamp,
    /// Symbols of each combination, joined by commas; each combination once, in alphabetical order.
    pub combinations: Vec<String>,
}

impl Reader {
    /// The screen that `text` names: a number, `last`, `last~1`.
    ///
    /// # Errors
    /// Usage, if there is no such run, if it is no screen, or if it was stopped before it was through.
    pub fn stored_screen(&self, text: &str) -> Result<StoredScreen> {
        let none = || {
            Error::usage("there is no screen in this store").with_hint("'barline screen' makes one")
        };
        let run_id = query_values::run_id(&self.connection, Some(RunKind::Screen), text)?;
        let run_id = run_id.ok_or_else(none)?;
        let (tests, window_end) = facts(&self.connection, run_id)?;
        Ok(StoredScreen {
            run_id,
            tests,
            window_end: Timestamp(window_end),
            combinations: combinations(&self.connection, run_id)?,
        })
    }
}

/// Tests, and the end of the window in microseconds.
fn facts(connection: &Connection, run_id: i64) -> Result<(u64, i64)> {
    let sql = "SELECT tests, epoch_us(window_end) FROM screen_run WHERE run_id = ?";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let mut rows = statement.query([run_id]).map_err(|e| DOING.failed(&e))?;
    let Some(row) = rows.next().map_err(|e| DOING.failed(&e))? else {
        return Err(Error::usage(format!("run {run_id} is no screen that is through"))
            .with_hint("'barline query runs' lists the runs with their kind and status"));
    };
    let read = || -> duckdb::Result<(u64, i64)> { Ok((row.get(0)?, row.get(1)?)) };
    read().map_err(|e| DOING.failed(&e))
}

fn combinations(connection: &Connection, run_id: i64) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT symbols FROM screen WHERE run_id = ? ORDER BY symbols";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    statement
        .query_map([run_id], |row| row.get(0))
        .and_then(Iterator::collect)
        .map_err(|e| DOING.failed(&e))
}

//! Rows of screens that never ended.
//!
//! A screen writes its rows as they come and says at last that it is through, in table `screen_run`. What a
//! kill leaves before that is no answer to anything: it goes when the store is written to next. Who writes
//! holds the lock, so that no screen is under way then.

use duckdb::Connection;

use super::failure::Doing;
use crate::error::Result;

const DOING: Doing = Doing("clear away what a screen has left");

/// Screens that did not end. A repaired copy may have lost rows of `screen_run`: what has finished stays.
const UNFINISHED: &str = "
    SELECT run_id FROM run ANTI JOIN screen_run USING (run_id)
    WHERE kind = 'screen' AND status <> 'finished'";

/// Deletes the rows of screens that did not end, all in one transaction; of nothing else.
///
/// # Errors
/// What DuckDB reports; nothing is deleted then.
pub(super) fn clear(connection: &Connection) -> Result<()> {
    let left = format!("SELECT count(*) FROM screen WHERE run_id IN ({UNFINISHED})");
    let rows: i64 =
        connection.query_row(&left, [], |row| row.get(0)).map_err(|e| DOING.failed(&e))?;
    if rows > 0 {
        let delete = format!("DELETE FROM screen WHERE run_id IN ({UNFINISHED})");
        connection.execute(&delete, []).map_err(|e| DOING.failed(&e))?;
    }
    Ok(())
}

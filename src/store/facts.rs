//! What a store is and how much it holds, for a person who wonders; and the library's version.

use duckdb::{Config, Connection};

use super::failure::Doing;
use crate::error::Result;

/// What a store is and how much it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFacts {
    /// Version of its tables and views.
    pub schema_version: String,
    /// Barline that made it.
    pub engine_version: String,
    /// DuckDB that made it.
    pub duckdb_version: String,
    /// Format of the file, as DuckDB names it.
    pub storage_version: String,
    /// Instruments at an interval.
    pub series: u64,
    /// Bars.
    pub bars: u64,
    /// Imports.
    pub imports: u64,
    /// Runs.
    pub runs: u64,
    /// Runs that did not reach their end.
    pub unfinished_runs: u64,
    /// Jobs.
    pub jobs: u64,
    /// Screens that are through.
    pub screens: u64,
}

const FACTS: &str = "
    SELECT (SELECT coalesce(max(value), '') FROM store_meta WHERE key = 'schema_version'),
           (SELECT coalesce(max(value), '') FROM store_meta WHERE key = 'engine_version'),
           (SELECT coalesce(max(value), '') FROM store_meta WHERE key = 'duckdb_version'),
           (SELECT coalesce(max(tags['storage_version']), '') FROM duckdb_databases()
            WHERE database_name = current_database()),
           (SELECT count(*) FROM series), (SELECT count(*) FROM bar),
           (SELECT count(*) FROM import), (SELECT count(*) FROM run),
           (SELECT count(*) FROM run WHERE status <> 'finished'), (SELECT count(*) FROM job),
           (SELECT count(*) FROM screen_run)";

/// The facts of an open store.
pub(super) fn facts(connection: &Connection) -> Result<StoreFacts> {
    connection
        .query_row(FACTS, [], |row| {
            Ok(StoreFacts {
                schema_version: row.get(0)?,
                engine_version: row.get(1)?,
                duckdb_version: row.get(2)?,
                storage_version: row.get(3)?,
                series: row.get(4)?,
                bars: row.get(5)?,
                imports: row.get(6)?,
                runs: row.get(7)?,
                unfinished_runs: row.get(8)?,
                jobs: row.get(9)?,
                screens: row.get(10)?,
            })
        })
        .map_err(|e| Doing("look at the store").failed(&e))
}

/// Version of the DuckDB that is built in.
///
/// # Errors
/// Store, if DuckDB cannot start at all.
pub fn duckdb_version() -> Result<String> {
    let doing = Doing("ask DuckDB for its version");
    let configuration = Config::default().threads(1).map_err(|e| doing.failed(&e))?;
    Connection::open_in_memory_with_flags(configuration)
        .and_then(|connection| connection.version())
        .map_err(|e| doing.failed(&e))
}

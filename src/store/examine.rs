//! A store read to its last block: what opens, what can be read, what agrees with what.
//!
//! The file is opened for reading only, its log is replayed in memory; nothing is changed but the checksum of a
//! block that was half written when a process was killed ([`torn`](super::torn)). Reading
//! a block compares its checksum, so a table that was read is a table that is whole. What cannot be
//! read as a whole is read in pieces of a row group, to count what is lost.

use std::{collections::BTreeMap, path::Path};

use duckdb::Connection;

use super::{
    StoreFacts, StoreOptions, facts,
    failure::Doing,
    file_kind, file_length, high_water,
    lock::StoreLock,
    missing::{self, MissingRows},
    open::{self, database_to_read, unreadable},
    rebuild::{self, Rebuild},
    schema, torn,
};
use crate::error::{Error, Result};

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableState {
    /// Its name.
    pub name: &'static str,
    /// Rows it should hold.
    pub rows: u64,
    /// Numbers its rows have: more than rows where some were replaced.
    pub numbers: u64,
    /// Rows of these that cannot be read.
    pub unread: u64,
    /// Of bars and events, how many of these each import had brought; `None` where that cannot be
    /// read either.
    pub lost_of: Option<BTreeMap<i64, u64>>,
}

/// What an examination found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examination {
    /// Every table that could be opened.
    pub tables: Vec<TableState>,
    /// What the high-water mark says was acknowledged, where there is one.
    pub acknowledged: Option<String>,
    /// Where blocks begin that were half written when a process was killed, and are whole now.
    pub mended: Vec<u64>,
    /// What is wrong, each in one line; empty for a store without fault.
    pub troubles: Vec<String>,
    /// What brings back what is lost; empty for a store that lacks nothing.
    pub rebuild: Rebuild,
    /// What a repair has left out and no import has brought back: the store is whole, and smaller.
    pub missing: Vec<MissingRows>,
    /// What the store is and how much it holds; `None` where that cannot be read.
    pub facts: Option<StoreFacts>,
}

/// Rows of a row group: full ones are written out, and are what is lost with a block; the columns of a smaller
/// one share blocks.
pub(crate) const GROUP_ROWS: u64 = 122_880;
const DOING: Doing = Doing("examine the store");

/// Facts that are zero in a store whose rows belong together, and what they say when they are not.
const AGREEMENTS: [(&str, &str); 8] = [
    ("jobs are stored twice", "SELECT count(*) - count(DISTINCT job_id) FROM job"),
    (
        "jobs of a run are not in the store",
        "SELECT count(*) FROM run_job ANTI JOIN job USING (job_id)",
    ),
    ("measures belong to no job", "SELECT count(*) FROM measure ANTI JOIN job USING (job_id)"),
    (
        "jobs that ended as done have no measures",
        "SELECT count(*) FROM job ANTI JOIN measure USING (job_id) WHERE outcome = 'done'",
    ),
    (
        "rows of trades, fills, equity or weights belong to no job",
        "SELECT count(*)
         FROM (SELECT job_id FROM trade UNION ALL SELECT job_id FROM fill
               UNION ALL SELECT job_id FROM equity UNION ALL SELECT job_id FROM weight)
         ANTI JOIN job USING (job_id)",
    ),
    (
        "screens have not the rows that they listed",
        "SELECT count(*) FROM screen_run
         LEFT JOIN (SELECT run_id, count(*) AS there FROM screen GROUP BY run_id) USING (run_id)
         WHERE coalesce(there, 0) <> listed",
    ),
    (
        "jobs more or less than the batches brought",
        "SELECT abs((SELECT coalesce(sum(jobs), 0) FROM batch)::BIGINT - (SELECT count(*) FROM job))",
    ),
    (
        "bars more or less than the imports brought",
        "SELECT abs((SELECT coalesce(sum(stored), 0) FROM import WHERE kind = 'bars')::BIGINT
                    - (SELECT count(*) FROM bar))",
    ),
];

/// Examines the store at `path` and changes nothing.
///
/// # Errors
/// If there is no store there, or another process holds it. Damage is no error but what was looked
/// for.
pub fn examine(path: &Path, options: &StoreOptions) -> Result<Examination> {
    file_kind::require_file(path)?;
    let real = path.canonicalize().map_err(|e| Error::io("find", path, &e))?;
    let lock = StoreLock::take_to_read(&real)?;
    let library = file_kind::require_duckdb(&real)?;
    let mut found = Examination::default();
    let mark = high_water::acknowledged(&real).unwrap_or_else(|error| {
        found.troubles.push(error.to_string());
        None
    });
    found.acknowledged = mark.as_ref().map(ToString::to_string);
    if let Some(bytes) = file_length::cut_off(&real)? {
        found.troubles.push(open::cut_off(path, bytes));
    }
    if lock.is_some() {
        found.mended = torn::mend(&real)?;
    }
    let open = || database_to_read(&real, *options, lock.is_some());
    let connection = match open() {
        Ok(connection) => connection,
        Err(cause) => {
            found.troubles.push(unreadable(path, &real, &library, &cause).to_string());
            found.rebuild = Rebuild::of_nothing();
            return Ok(found);
        }
    };
    if let Err(error) = schema::stated(&connection) {
        found.troubles.push(error.to_string());
        found.rebuild = Rebuild::of_nothing();
        return Ok(found);
    }
    schema::require_current(&connection, &path.display().to_string())?;
    let connection = read_tables(&open, Some(connection), &mut found).map_or_else(open, Ok)?;
    let whole = |names: &[&str]| {
        let mut tables = found.tables.iter().filter(|table| names.contains(&table.name));
        tables.all(|table| table.unread == 0)
    };
    let named = whole(&["import", "store_meta"]);
    let counted = whole(&["batch", "run", "job", "import"]);
    let mut loss = None;
    if named {
        found.missing = missing::missing(&connection)?;
    }
    if let Some(mark) = mark.filter(|_| counted) {
        loss = high_water::loss(&connection, &mark)?;
        found.troubles.extend(loss.as_ref().map(|loss| format!("lost: {loss}")));
    }
    if found.tables.iter().all(|table| table.unread == 0) {
        found.troubles.extend(disagreements(&connection)?);
        found.facts = Some(facts::facts(&connection)?);
    }
    let names = if named { rebuild::names(&connection)? } else { BTreeMap::new() };
    found.rebuild = Rebuild::of(&found.tables, &names, loss.as_ref(), &found.missing);
    Ok(found)
}

/// Reads every table, by `connection` as long as it lasts: damage can end an instance, and then the next
/// table has one of its own. Returns the one that is left; opening reads back the whole log.
pub(super) fn read_tables(
    open: &impl Fn() -> Result<Connection>,
    mut connection: Option<Connection>,
    found: &mut Examination,
) -> Option<Connection> {
    for name in schema::tables() {
        match table_state(open, &mut connection, name) {
            Ok(table) => {
                if table.unread > 0 {
                    let TableState { rows, unread, .. } = &table;
                    found
                        .troubles
                        .push(format!("table {name}: {unread} of {rows} rows cannot be read"));
                }
                found.tables.push(table);
            }
            Err(error) => {
                found.troubles.push(format!("table {name} cannot be read: {error}"));
                let lost = TableState { name, rows: 1, numbers: 1, unread: 1, lost_of: None };
                found.tables.push(lost);
            }
        }
    }
    connection
}

/// What of a table can be read; `held` is the connection to use and to hand on.
fn table_state(
    open: &impl Fn() -> Result<Connection>,
    held: &mut Option<Connection>,
    name: &'static str,
) -> Result<TableState> {
    let connection = held.take().map_or_else(open, Ok)?;
    let (rows, numbers) = table_rows(&connection, name)?;
    if read(&connection, name, 0, numbers).is_ok() {
        *held = Some(connection);
        return Ok(TableState { name, rows, numbers, unread: 0, lost_of: Some(BTreeMap::new()) });
    }
    drop(connection);
    let (mut unread, mut lost_of) = (0, Some(BTreeMap::new()));
    for (from, to) in groups(numbers) {
        if read(&open()?, name, from, to).is_err() {
            unread += to - from;
            lost_of = lost_of.and_then(|mut lost: BTreeMap<i64, u64>| {
                for (import, rows) in imports_of(&open().ok()?, name, from, to)? {
                    *lost.entry(import).or_default() += rows;
                }
                Some(lost)
            });
        }
    }
    // Read whole after all, or not: what is counted as lost is what cannot be read in pieces.
    Ok(TableState { name, rows: rows.max(unread), numbers, unread, lost_of })
}

/// How many of the rows `from..to` each import brought, where that column can be read; nothing of a
/// table that no import fills.
fn imports_of(connection: &Connection, table: &str, from: u64, to: u64) -> Option<Vec<(i64, u64)>> {
    if !["bar", "instrument_event"].contains(&table) {
        return Some(Vec::new());
    }
    let sql = format!(
        "SELECT import_id, count(*)::UBIGINT FROM {table}
         WHERE rowid >= {from} AND rowid < {to} GROUP BY ALL"
    );
    let mut statement = connection.prepare(&sql).ok()?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).ok()?;
    rows.collect::<duckdb::Result<_>>().ok()
}

/// Rows of a table, and how many numbers they have, which those keep that were deleted: as the
/// table of tables has them.
pub(super) fn table_rows(connection: &Connection, table: &str) -> Result<(u64, u64)> {
    let sql = format!("SELECT count(*), coalesce(max(rowid) + 1, 0) FROM {table}");
    connection
        .query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(|e| DOING.failed(&e))
}

/// Row numbers in pieces of a row group.
pub(super) fn groups(numbers: u64) -> impl Iterator<Item = (u64, u64)> {
    let pieces = numbers.div_ceil(GROUP_ROWS);
    (0..pieces).map(move |at| (at * GROUP_ROWS, numbers.min((at + 1) * GROUP_ROWS)))
}

/// Reads every value of the rows `from..to` of a table.
fn read(connection: &Connection, table: &str, from: u64, to: u64) -> Result<()> {
    let sql = format!(
        "SELECT max(hash(piece)) FROM (SELECT * FROM {table} WHERE rowid >= {from} AND rowid < {to})
         AS piece"
    );
    connection
        .query_row(&sql, [], |row| row.get::<_, Option<u64>>(0))
        .map(|_| ())
        .map_err(|e| DOING.failed(&e))
}

/// What does not belong together.
pub(super) fn disagreements(connection: &Connection) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (says, sql) in AGREEMENTS {
        let count: i64 =
            connection.query_row(sql, [], |row| row.get(0)).map_err(|e| DOING.failed(&e))?;
        if count != 0 {
            found.push(format!("{count} {says}"));
        }
    }
    Ok(found)
}

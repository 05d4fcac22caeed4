//! Rows of a damaged file that can be read, brought into a new one.
//!
//! The new store is an instance of its own that reads the damaged file beside it. It is the one
//! instance of ours that may open another file: no statement of a user reaches it.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use duckdb::Connection;

use super::{
    StoreOptions,
    beside::{beside, remove_database},
    examine::{TableState, groups},
    failure::Doing,
    hardening, missing,
    open::checkpoint,
    schema,
};
use crate::error::{Error, Result};

/// Without every row of these no bar has a name.
const NAMES: [&str; 3] = ["instrument", "series", "import"];
/// What is kept row by row.
const BARS: [&str; 6] =
    ["bar", "instrument_event", "import_reject", "import_gap", "demo_truth", "memory_sample"];
/// What a new store writes itself.
const ITS_OWN: [&str; 2] = ["store_meta", "batch"];
const DOING: Doing = Doing("save rows into a new store");

/// Replaces the database at `working` by a new one with the rows of it that can be read.
pub(super) fn into_new(
    working: &Path,
    tables: &[TableState],
    options: StoreOptions,
    steps: &mut Vec<String>,
) -> Result<()> {
    let lost = |name: &&TableState| name.unread > 0;
    if let Some(table) = tables.iter().filter(lost).find(|table| NAMES.contains(&table.name)) {
        return Err(Error::store(format!(
            "nothing can be saved: rows of table {} are lost, without which bars have no name",
            table.name
        ))
        .with_hint("make a new store: import the files again"));
    }
    let is_result =
        |table: &&TableState| ![&NAMES[..], &BARS, &ITS_OWN].concat().contains(&table.name);
    let results_whole = !tables.iter().filter(is_result).any(|table| table.unread > 0);
    if !results_whole {
        steps.push(left_out(tables));
    }
    let new = beside(working, ".rows");
    remove_database(&new)?;
    let saved = save(working, &new, tables, options, |table| results_whole || !is_result(&table));
    if let Err(error) = saved {
        // The first error says what happened.
        let _ = remove_database(&new);
        return Err(error);
    }
    remove_database(working)?;
    fs::rename(&new, working).map_err(|e| Error::io("name", working, &e))
}

/// What goes where results are left out.
fn left_out(tables: &[TableState]) -> String {
    let rows =
        |name: &str| tables.iter().find(|table| table.name == name).map_or(0, |table| table.rows);
    format!(
        "the results are left out, all {} runs: {} jobs and {} screens; the same commands make them again",
        rows("run"),
        rows("job"),
        rows("screen_run")
    )
}

fn save(
    working: &Path,
    new: &Path,
    tables: &[TableState],
    options: StoreOptions,
    keep: impl Fn(&TableState) -> bool,
) -> Result<()> {
    let mut connection = beside_it(working, new, options)?;
    schema::apply(&connection)?;
    // Where store_meta cannot be read there is no store.
    missing::carry_over(&connection, "damaged")?;
    for table in tables.iter().filter(|table| keep(table) && !ITS_OWN.contains(&table.name)) {
        let name = table.name;
        for (from, to) in groups(table.numbers) {
            let sql = format!(
                "INSERT INTO main.{name}
                 SELECT * FROM damaged.{name} WHERE rowid >= {from} AND rowid < {to}
                 ORDER BY rowid"
            );
            match connection.execute_batch(&sql) {
                Ok(()) => {}
                // Rows that cannot be read can end the instance: it is made anew.
                Err(_) if table.unread > 0 => {
                    drop(connection);
                    connection = beside_it(working, new, options)?;
                }
                Err(e) => return Err(DOING.failed(&e)),
            }
        }
    }
    settle_imports(&connection, tables)?;
    checkpoint(&connection)
}

/// A new database with the damaged one beside it.
fn beside_it(working: &Path, new: &Path, options: StoreOptions) -> Result<Connection> {
    let configuration = hardening::configuration_to_salvage(new, options)?;
    let connection =
        Connection::open_with_flags(new, configuration).map_err(|e| DOING.failed(&e))?;
    let quoted = working.display().to_string().replace('\'', "''");
    connection
        .execute_batch(&format!("ATTACH '{quoted}' AS damaged (READ_ONLY)"))
        .map_err(|e| DOING.failed(&e))?;
    Ok(connection)
}

/// Imports of which rows are lost count what is there, and as not made: their files can be imported
/// again, and add what is missing. What is missing is written down. The batches begin anew.
fn settle_imports(connection: &Connection, tables: &[TableState]) -> Result<()> {
    let mut sql = String::new();
    for (kinds, name) in [("kind = 'bars'", "bar"), ("kind <> 'bars'", "instrument_event")] {
        let Some(table) = tables.iter().find(|table| table.name == name && table.unread > 0) else {
            continue;
        };
        let lost = match &table.lost_of {
            Some(lost) => lost.clone(),
            None => not_there(connection, kinds, name)?,
        };
        for (&import, &rows) in &lost {
            missing::note(connection, import, rows)?;
        }
        let there =
            format!("(SELECT count(*) FROM {name} WHERE {name}.import_id = import.import_id)");
        let ids = lost.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        // Writing to a text cannot fail.
        let _ = write!(
            sql,
            "UPDATE import
             SET content = CASE WHEN import_id IN (NULL, {ids}) THEN '' ELSE content END,
                 read = read - stored - replaced + {there}, stored = {there}, replaced = 0
             WHERE {kinds};",
            ids = if ids.is_empty() { "NULL" } else { &ids }
        );
    }
    sql += "INSERT INTO batch
            SELECT 1, NULL, NULL, (SELECT count(*) FROM job), 0, 0, 0,
                   (SELECT count(*) FROM bar), 'repaired';";
    connection.execute_batch(&sql).map_err(|e| DOING.failed(&e))
}

/// By import, how many of the rows that it brought are not there: at least those that are lost, and
/// those that later imports have replaced.
fn not_there(connection: &Connection, kinds: &str, table: &str) -> Result<BTreeMap<i64, u64>> {
    let sql = format!(
        "SELECT import_id, (stored + replaced - count({table}.import_id))::UBIGINT AS lost_rows
         FROM import
         LEFT JOIN {table} USING (import_id)
         WHERE {kinds}
         GROUP BY import_id, stored, replaced
         HAVING stored + replaced > count({table}.import_id)"
    );
    let mut statement = connection.prepare(&sql).map_err(|e| DOING.failed(&e))?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(|e| DOING.failed(&e))?;
    rows.collect::<duckdb::Result<_>>().map_err(|e| DOING.failed(&e))
}

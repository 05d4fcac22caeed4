//! Rows that a repair could not save, until their files have been imported again.
//!
//! A repaired store opens and agrees with itself, and is smaller: whoever runs on it has to know. The
//! repair writes down in `store_meta`, under `lost_import_N`, how many rows of import N are lost, the
//! newest import then, and what the file held by its hash. They are back once a later import has the
//! same content, or the same name and brought as many rows.

use std::fmt;

use duckdb::{Connection, params};

use super::{Store, failure::Doing};
use crate::error::Result;

/// Rows of an import that a repair could not save and nothing has brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRows {
    /// The import that had brought them.
    pub import_id: i64,
    /// Its name: a file, `demo seed 7`.
    pub name: String,
    /// True if it was a file.
    pub is_file: bool,
    /// What they are: `bars`, `splits`.
    pub kind: String,
    /// How many.
    pub rows: u64,
}

impl fmt::Display for MissingRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { import_id, name, is_file, kind, rows } = self;
        write!(f, "{rows} {kind} of import {import_id} ({name}) are missing since a repair: ")?;
        let remedy = if *is_file { "import the file again" } else { "make the store anew" };
        f.write_str(remedy)
    }
}

const DOING: Doing = Doing("look up what a repair has left out");
const KEY: &str = "lost_import_";

/// Writes down that `rows` rows of an import are lost; before its content is forgotten.
pub(super) fn note(connection: &Connection, import_id: i64, rows: u64) -> Result<()> {
    let sql = "
        INSERT INTO store_meta
        SELECT $1, concat_ws(' ', $2, (SELECT max(import_id) FROM import), content)
        FROM import
        WHERE import_id = $3";
    let key = format!("{KEY}{import_id}");
    connection
        .execute(sql, params![key, rows, import_id])
        .map(|_| ())
        .map_err(|e| Doing("write down what is lost").failed(&e))
}

/// What earlier repairs wrote down in the database that is attached as `from`, for the one that
/// follows it.
pub(super) fn carry_over(connection: &Connection, from: &str) -> Result<()> {
    let sql = format!(
        "INSERT INTO main.store_meta
         SELECT * FROM {from}.store_meta WHERE starts_with(key, '{KEY}')"
    );
    connection.execute_batch(&sql).map_err(|e| DOING.failed(&e))
}

/// What is missing, by import.
pub(super) fn missing(connection: &Connection) -> Result<Vec<MissingRows>> {
    let sql = "
        WITH lost AS (
          SELECT CAST(replace(key, $1, '') AS BIGINT) AS import_id,
                 CAST(split_part(value, ' ', 1) AS UBIGINT) AS lost_rows,
                 CAST(split_part(value, ' ', 2) AS BIGINT) AS newest,
                 split_part(value, ' ', 3) AS content_before
          FROM store_meta
          WHERE starts_with(key, $1)
        )
        SELECT import_id, name, content_before <> '', kind, sum(lost_rows)::UBIGINT
        FROM lost
        JOIN import USING (import_id)
        WHERE NOT EXISTS (
          SELECT 1
          FROM import AS later
          WHERE later.import_id > newest
            AND later.kind = import.kind
            AND ((content_before <> '' AND later.content = content_before)
                 OR (later.name = import.name AND later.stored >= lost_rows))
        )
        GROUP BY ALL
        ORDER BY import_id";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let rows = statement
        .query_map([KEY], |row| {
            Ok(MissingRows {
                import_id: row.get(0)?,
                name: row.get(1)?,
                is_file: row.get(2)?,
                kind: row.get(3)?,
                rows: row.get(4)?,
            })
        })
        .map_err(|e| DOING.failed(&e))?;
    rows.collect::<duckdb::Result<_>>().map_err(|e| DOING.failed(&e))
}

impl Store {
    /// Rows that a repair could not save and no import has brought back since.
    pub fn missing_rows(&self) -> Result<Vec<MissingRows>> {
        missing(&self.reader.connection)
    }
}

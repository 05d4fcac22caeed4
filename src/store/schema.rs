//! Tables and views, and the version a store says it has.
//!
//! The statements are the files of `queries/schema`, one statement each, applied in the order of
//! their numbers. A store of another version is refused, never altered in place: DuckDB replays
//! ALTER badly after a crash, and a copy of the rows into a new store does the same safely.

use duckdb::{Connection, params};

use super::failure::Doing;
use crate::error::{Error, Result};

/// Version of the tables and views. Raised with every change of a statement in `queries/schema`; what
/// their comments say of the columns is no part of it, and stands in `docs/data-dictionary.md`.
pub const SCHEMA_VERSION: u32 = 9;

/// The files of `queries/schema`, in order.
const STATEMENTS: [&str; 32] = [
    include_str!("../../queries/schema/001_store_meta.sql"),
    include_str!("../../queries/schema/002_instrument.sql"),
    include_str!("../../queries/schema/003_series.sql"),
    include_str!("../../queries/schema/004_bar.sql"),
    include_str!("../../queries/schema/005_import.sql"),
    include_str!("../../queries/schema/006_import_reject.sql"),
    include_str!("../../queries/schema/007_import_gap.sql"),
    include_str!("../../queries/schema/008_run.sql"),
    include_str!("../../queries/schema/009_run_instrument.sql"),
    include_str!("../../queries/schema/010_run_job.sql"),
    include_str!("../../queries/schema/012_job.sql"),
    include_str!("../../queries/schema/013_measure.sql"),
    include_str!("../../queries/schema/014_fit.sql"),
    include_str!("../../queries/schema/015_trade.sql"),
    include_str!("../../queries/schema/016_fill.sql"),
    include_str!("../../queries/schema/017_equity.sql"),
    include_str!("../../queries/schema/018_weight.sql"),
    include_str!("../../queries/schema/019_screen.sql"),
    include_str!("../../queries/schema/020_memory_sample.sql"),
    include_str!("../../queries/schema/021_demo_truth.sql"),
    include_str!("../../queries/schema/022_run_fit.sql"),
    include_str!("../../queries/schema/023_instrument_event.sql"),
    include_str!("../../queries/schema/024_batch.sql"),
    include_str!("../../queries/schema/025_run_reach.sql"),
    include_str!("../../queries/schema/026_screen_run.sql"),
    include_str!("../../queries/schema/029_combination.sql"),
    include_str!("../../queries/schema/030_gap.sql"),
    include_str!("../../queries/schema/031_job_result.sql"),
    include_str!("../../queries/schema/032_results.sql"),
    include_str!("../../queries/schema/033_fits_of_run.sql"),
    include_str!("../../queries/schema/034_interval_name.sql"),
    include_str!("../../queries/schema/035_ledger.sql"),
];

/// Names of the tables, in the order in which they are made.
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    STATEMENTS.into_iter().filter_map(table_of)
}

/// The statement that makes a table.
pub(super) fn statement_of(table: &str) -> Option<&'static str> {
    STATEMENTS.into_iter().find(|statement| table_of(statement) == Some(table))
}

/// Name of the table that a statement makes.
fn table_of(statement: &'static str) -> Option<&'static str> {
    let rest = statement.split_once("\nCREATE TABLE ")?.1;
    rest.split_once(' ').map(|(name, _)| name)
}

/// Makes the tables and views of an empty database and writes down whose they are.
pub(super) fn apply(connection: &Connection) -> Result<()> {
    let doing = Doing("make the tables");
    let step = |sql: &str| connection.execute_batch(sql).map_err(|e| doing.failed(&e));
    step("BEGIN TRANSACTION")?;
    for statement in STATEMENTS {
        step(statement)?;
    }
    let duckdb = connection.version().map_err(|e| doing.failed(&e))?;
    let version = SCHEMA_VERSION.to_string();
    for (key, value) in [
        ("application", "barline"),
        ("schema_version", version.as_str()),
        ("engine_version", env!("CARGO_PKG_VERSION")),
        ("duckdb_version", duckdb.as_str()),
    ] {
        connection
            .execute("INSERT INTO store_meta VALUES (?, ?)", params![key, value])
            .map_err(|e| doing.failed(&e))?;
    }
    step("COMMIT")
}

/// Drops the tables of these names and makes them anew, empty.
pub(super) fn renew(connection: &Connection, names: &[&str]) -> Result<()> {
    let doing = Doing("make tables anew");
    for statement in STATEMENTS {
        if let Some(name) = table_of(statement).filter(|name| names.contains(name)) {
            let renewed = format!("DROP TABLE {name}; {statement}");
            connection.execute_batch(&renewed).map_err(|e| doing.failed(&e))?;
        }
    }
    Ok(())
}

/// What `store_meta` says: the schema version and the Barline that wrote it; `None` if the
/// database is not one of ours.
///
/// # Errors
/// If that cannot be read: the database is damaged.
pub(super) fn stated(connection: &Connection) -> Result<Option<(String, String)>> {
    let doing = Doing("read store_meta");
    let ours: i64 = connection
        .query_row(
            "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'store_meta' \
             AND schema_name = 'main' AND column_count = 2",
            [],
            |row| row.get(0),
        )
        .map_err(|e| doing.failed(&e))?;
    if ours == 0 {
        return Ok(None);
    }
    let read = |key: &str| -> Result<String> {
        connection
            .query_row(
                "SELECT coalesce(max(value), '') FROM store_meta WHERE key = ?",
                [key],
                |row| row.get(0),
            )
            .map_err(|e| doing.failed(&e))
    };
    if read("application")? != "barline" {
        return Ok(None);
    }
    Ok(Some((read("schema_version")?, read("engine_version")?)))
}

/// Refuses a database that is not a store, or a store of another version. `shown` is its path.
pub(super) fn require_current(connection: &Connection, shown: &str) -> Result<()> {
    let Some((version, engine)) = stated(connection)? else {
        return Err(Error::store(format!("{shown} is a DuckDB database, but not a Barline store"))
            .with_hint("nothing was changed; name a store with --db"));
    };
    if version == SCHEMA_VERSION.to_string() {
        return Ok(());
    }
    Err(Error::store(format!(
        "{shown} is a store of version {version} (written by Barline {engine}); this Barline \
         reads version {SCHEMA_VERSION}"
    ))
    .with_hint("nothing was changed; use the Barline that wrote it, or make a new store"))
}

#[cfg(test)]
mod tests {
    use super::STATEMENTS;
    use crate::{
        domain::Interval,
        store::{Cell, Store, StoreOptions},
    };

    #[test]
    fn intervals_are_named_alike_in_sql_and_in_rust() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.duckdb");
        let store = Store::create(&path, &StoreOptions::default()).expect("a store");
        for micros in [7, 2_000_000, 900_000_000, 14_400_000_000, 86_400_000_000, 604_800_000_000] {
            let name = store.sql(&format!("SELECT interval_name({micros})")).expect("named");
            let interval = Interval::from_micros(micros).expect("positive");
            assert_eq!(name.rows[0][0], Cell::Text(interval.to_string()));
        }
    }

    #[test]
    fn every_schema_file_says_what_it_holds_and_is_one_statement() {
        for statement in STATEMENTS {
            assert!(statement.starts_with("-- holds: "), "{statement}");
            assert_eq!(statement.matches(';').count(), 1, "{statement}");
            assert!(statement.ends_with(";\n"), "{statement}");
        }
    }
}

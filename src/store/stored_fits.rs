//! Which pair fits the store holds already.

use std::collections::HashSet;

use duckdb::Connection;

use super::{
    columns::{Columns, append},
    failure::Doing,
};
use crate::{domain::FitRecord, error::Result};

const DOING: Doing = Doing("look up stored fits");

/// True if the store holds any fit.
pub(super) fn any(connection: &Connection) -> Result<bool> {
    connection
        .query_row("SELECT EXISTS (FROM fit)", [], |row| row.get(0))
        .map_err(|e| DOING.failed(&e))
}

/// `fits`, each (key, horizon, refit) once.
pub(super) fn distinct(fits: &[FitRecord]) -> Vec<&FitRecord> {
    let mut seen = HashSet::new();
    fits.iter().filter(|fit| seen.insert((fit.key, fit.horizon_days, fit.refit))).collect()
}

/// Those of `fits` that the store does not hold.
pub(super) fn absent<'a>(
    connection: &Connection,
    fits: &[&'a FitRecord],
) -> Result<Vec<&'a FitRecord>> {
    let step = |sql: &str| connection.execute_batch(sql).map_err(|e| DOING.failed(&e));
    step(
        "CREATE OR REPLACE TEMP TABLE wanted_fit
           (position UINTEGER, fit_key UUID, horizon_days UINTEGER, refit UINTEGER)",
    )?;
    let rows = Columns::default()
        .u32("position", (0..).take(fits.len()))
        .key("fit_key", fits.iter().map(|fit| fit.key.bytes()))?
        .u32("horizon_days", fits.iter().map(|fit| fit.horizon_days))
        .u32("refit", fits.iter().map(|fit| fit.refit))
        .batch()?;
    append(connection, "wanted_fit", rows, DOING)?;
    let sql = "
        SELECT position
        FROM wanted_fit
        ANTI JOIN fit USING (fit_key, horizon_days, refit)
        ORDER BY position";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let positions =
        statement.query_map([], |row| row.get::<_, usize>(0)).map_err(|e| DOING.failed(&e))?;
    let positions = positions.collect::<duckdb::Result<Vec<_>>>().map_err(|e| DOING.failed(&e))?;
    step("DROP TABLE wanted_fit")?;
    Ok(positions.into_iter().filter_map(|position| fits.get(position).copied()).collect())
}

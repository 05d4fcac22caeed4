//! Trades, equity, fills and weights of jobs: what a level of detail adds to the one before it.

use std::collections::HashMap;

use duckdb::{Connection, arrow::record_batch::RecordBatch, params};

use super::{
    columns::append,
    failure::Doing,
    known_jobs::{self, Numbers},
    result_rows::{self, Numbered},
};
use crate::{
    domain::{JobRecord, Keep},
    error::{Error, Result},
};

const DOING: Doing = Doing("write the details of jobs");

/// Appends what `jobs` hold beyond the level `stored`.
pub(super) fn append_missing(
    connection: &Connection,
    jobs: &[Numbered<'_>],
    stored: Keep,
) -> Result<()> {
    let put = |table: &str, rows: RecordBatch| append(connection, table, rows, DOING);
    if stored < Keep::Trades {
        put("trade", result_rows::trade_rows(jobs)?)?;
    }
    if stored < Keep::Equity {
        put("equity", result_rows::equity_rows(jobs)?)?;
    }
    if stored < Keep::All {
        put("fill", result_rows::fill_rows(jobs)?)?;
        put("weight", result_rows::weight_rows(jobs)?)?;
    }
    Ok(())
}

/// Adds to stored jobs, by their numbers, what `records` hold beyond them, and writes down their
/// new level. Jobs that keep as much already are left alone, so that the same records handed in
/// again add nothing.
///
/// # Errors
/// Internal, for a record whose job the store does not hold; otherwise what DuckDB reports.
pub(super) fn add(connection: &Connection, records: &[(i64, JobRecord)]) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = records.iter().map(|(job_id, _)| *job_id).collect();
    let kept: HashMap<i64, Keep> = known_jobs::levels(connection, &numbers)?.into_iter().collect();
    if kept.len() != records.len() {
        return Err(Error::internal(format!(
            "details of {} jobs, the store holds {} of them",
            records.len(),
            kept.len()
        )));
    }
    for stored in Keep::ALL {
        for wanted in Keep::ALL.into_iter().filter(|wanted| *wanted > stored) {
            let lacking: Vec<Numbered<'_>> = (records.iter())
                .filter(|(job_id, record)| record.kept == wanted && kept[job_id] == stored)
                .map(|(job_id, record)| (*job_id, record))
                .collect();
            if !lacking.is_empty() {
                append_missing(connection, &lacking, stored)?;
                raise(connection, &lacking, wanted)?;
            }
        }
    }
    Ok(())
}

/// Writes down that `jobs` now keep `level`.
fn raise(connection: &Connection, jobs: &[Numbered<'_>], level: Keep) -> Result<()> {
    let Numbers { text, lowest, highest } = Numbers::of(jobs.iter().map(|(job_id, _)| *job_id));
    connection
        .execute(
            "UPDATE job SET kept = ?
             WHERE job_id BETWEEN ? AND ?
               AND job_id IN (SELECT unnest(string_split(?, ','))::BIGINT)",
            params![level.name(), lowest, highest, text],
        )
        .map_err(|e| DOING.failed(&e))?;
    Ok(())
}

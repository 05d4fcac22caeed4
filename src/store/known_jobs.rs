//! Which jobs the store can answer without computing them again.
//!
//! Asked by the batch: the keys travel as one bound text, become a column, and meet the table of
//! jobs in one join. Nothing here grows with the number of jobs.

use std::{collections::HashMap, fmt::Write};

use duckdb::{Connection, Row, params};

use super::failure::Doing;
use crate::{
    domain::{JobKey, Keep, Measures, Outcome},
    error::{Error, Result},
};

/// A stored job, as far as it can be compared with one computed anew.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredJob {
    /// Its identity.
    pub key: JobKey,
    /// Name of its outcome.
    pub outcome: String,
    /// Why, where the outcome has a reason.
    pub reason: Option<String>,
    /// Its measures; `None` unless its scored window was simulated.
    pub measures: Option<Measures>,
    /// Number of its stored trades.
    pub trades: u64,
    /// How much of it is stored.
    pub kept: Keep,
}

/// A stored job, as far as it can be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownJob {
    /// How it ended.
    pub outcome: Outcome,
    /// How much of it is stored.
    pub kept: Keep,
}

const DOING: Doing = Doing("look up stored jobs");

/// `keys` as one text: hexadecimal, joined by commas.
pub(super) fn joined(keys: impl Iterator<Item = JobKey>) -> String {
    let mut text = String::new();
    for key in keys {
        if !text.is_empty() {
            text.push(',');
        }
        let _ = write!(text, "{key}");
    }
    text
}

/// Those of `keys` with a stored outcome that is not a failure: that outcome, and what is kept.
pub(super) fn known(connection: &Connection, keys: &[JobKey]) -> Result<HashMap<JobKey, KnownJob>> {
    let job = |found: Found| {
        let outcome = outcome_named(&found.outcome)?;
        Ok((keys[found.position], KnownJob { outcome, kept: level(&found.kept)? }))
    };
    found(connection, keys, None)?.into_iter().map(job).collect()
}

/// Number and level of the stored job of each of `keys` that [`known`] would find.
pub(super) fn kept(
    connection: &Connection,
    keys: &[JobKey],
) -> Result<HashMap<JobKey, (i64, Keep)>> {
    let job = |found: Found| Ok((keys[found.position], (found.job_id, level(&found.kept)?)));
    found(connection, keys, None)?.into_iter().map(job).collect()
}

fn outcome_named(name: &str) -> Result<Outcome> {
    Outcome::ALL
        .into_iter()
        .find(|outcome| outcome.name() == name)
        .ok_or_else(|| Error::store(format!("a stored job has the unknown outcome '{name}'")))
}

/// The level of that name.
fn level(name: &str) -> Result<Keep> {
    name.parse().map_err(|_| Error::store(format!("a stored job keeps the unknown '{name}'")))
}

/// A stored job that has one of the keys asked for.
#[derive(Debug)]
pub(super) struct Found {
    /// Position of its key.
    pub(super) position: usize,
    /// Its number.
    job_id: i64,
    outcome: String,
    kept: String,
}

/// The first job of each of `keys` that has a row in `job` which is not a failure, or which `run`
/// has written itself; in the order of `keys`.
pub(super) fn found(
    connection: &Connection,
    keys: &[JobKey],
    run: Option<i64>,
) -> Result<Vec<Found>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "
        WITH wanted AS (
          SELECT unnest(string_split(?, ','))::UUID AS job_key, unnest(range(?)) AS position
        )
        SELECT position, min(job_id), arg_min(outcome, job_id), arg_min(kept, job_id)
        FROM wanted
        JOIN job USING (job_key)
        WHERE NOT failure OR run_id = ?
        GROUP BY position
        ORDER BY position";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let count = i64::try_from(keys.len()).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![joined(keys.iter().copied()), count, run.unwrap_or(0)], |row| {
            let (position, job_id) = (row.get(0)?, row.get(1)?);
            Ok(Found { position, job_id, outcome: row.get(2)?, kept: row.get(3)? })
        })
        .map_err(|e| DOING.failed(&e))?;
    rows.map(|row| {
        let found = row.map_err(|e| DOING.failed(&e))?;
        if found.position < keys.len() {
            Ok(found)
        } else {
            Err(Error::internal("a job key came back from nowhere"))
        }
    })
    .collect()
}

/// Outcome and measures of those of `keys` that [`known`] would find, in the order of `keys`.
pub(super) fn stored(connection: &Connection, keys: &[JobKey]) -> Result<Vec<StoredJob>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "
        WITH wanted AS (
          SELECT unnest(string_split(?, ','))::UUID AS job_key, unnest(range(?)) AS position
        ),
        found AS (
          SELECT position, min(job_id) AS job_id
          FROM wanted
          JOIN job USING (job_key)
          WHERE NOT failure
          GROUP BY position
        )
        SELECT position, outcome, reason,
               (SELECT count(*) FROM trade WHERE trade.job_id = found.job_id), kept,
               measure.* EXCLUDE (job_id)
        FROM found
        JOIN job USING (job_id)
        LEFT JOIN measure USING (job_id)
        ORDER BY position";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let count = i64::try_from(keys.len()).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![joined(keys.iter().copied()), count], |row| stored_job(row, keys))
        .map_err(|e| DOING.failed(&e))?;
    rows.collect::<duckdb::Result<_>>().map_err(|e| DOING.failed(&e))
}

fn stored_job(row: &Row<'_>, keys: &[JobKey]) -> duckdb::Result<StoredJob> {
    let position: usize = row.get(0)?;
    Ok(StoredJob {
        key: *keys.get(position).ok_or(duckdb::Error::InvalidColumnIndex(position))?,
        outcome: row.get(1)?,
        reason: row.get(2)?,
        trades: row.get(3)?,
        kept: level(&row.get::<_, String>(4)?).map_err(|e| {
            duckdb::Error::InvalidColumnType(4, e.to_string(), duckdb::types::Type::Text)
        })?,
        measures: measures(row, 5)?,
    })
}

/// The measures in the columns of `measure` that begin at `at`.
fn measures(row: &Row<'_>, at: usize) -> duckdb::Result<Option<Measures>> {
    let Some(bars) = row.get::<_, Option<u64>>(at)? else { return Ok(None) };
    let optional = |offset: usize| row.get::<_, Option<f64>>(at + offset);
    let real = |offset: usize| optional(offset).map(|value| value.unwrap_or(f64::NAN));
    Ok(Some(Measures {
        bars,
        periods_per_year: real(1)?,
        final_equity: real(2)?,
        total_return: real(3)?,
        cagr: optional(4)?,
        volatility: optional(5)?,
        sharpe: optional(6)?,
        sortino: optional(7)?,
        max_drawdown: real(8)?,
        calmar: optional(9)?,
        exposure: real(10)?,
        turnover_annual: optional(11)?,
        traded_notional: real(12)?,
        trades: row.get(at + 13)?,
        win_rate: optional(14)?,
        profit_factor: optional(15)?,
        commission: real(16)?,
        slippage: real(17)?,
        spread: real(18)?,
        impact: real(19)?,
        borrow: real(20)?,
        financing: real(21)?,
        dividend: real(22)?,
        funding: real(23)?,
        benchmark_return: optional(24)?,
        benchmark_sharpe: optional(25)?,
        benchmark_drawdown: optional(26)?,
    }))
}

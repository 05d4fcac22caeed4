//! Which jobs the store can answer without computing them again.
//!
//! Asked by the chunk: the keys go to a temporary table, which meets the table of jobs in one
//! join. A lookup reads every stored key, so it is worth many jobs; what is read of single jobs
//! afterwards is read by their numbers, which are clustered, since jobs are numbered as they are
//! written.

use duckdb::{Connection, Row, params};

use super::{
    columns::{Columns, append},
    failure::Doing,
};
use crate::{
    domain::{JobKey, Keep, Measures, Outcome},
    error::{Error, Result},
};

/// A stored job, as far as it can be compared with one computed anew.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredJob {
    /// Its identity.
    pub key: JobKey,
    /// Its number in the store.
    pub job_id: i64,
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
    /// Its number in the store.
    pub job_id: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// How much of it is stored.
    pub kept: Keep,
}

const DOING: Doing = Doing("look up stored jobs");

/// Numbers as one text, joined by commas, with the lowest and the highest of them: what is asked
/// for them reads the part of a table that holds that range.
pub(super) struct Numbers {
    pub(super) text: String,
    pub(super) lowest: i64,
    pub(super) highest: i64,
}

impl Numbers {
    pub(super) fn of(numbers: impl Iterator<Item = i64> + Clone) -> Self {
        let text: Vec<String> = numbers.clone().map(|number| number.to_string()).collect();
        let (lowest, highest) = (numbers.clone().min(), numbers.max());
        Self { text: text.join(","), lowest: lowest.unwrap_or(0), highest: highest.unwrap_or(0) }
    }
}

/// The highest number of a stored job; 0 in a store without jobs.
pub(super) fn newest(connection: &Connection) -> Result<i64> {
    connection
        .query_row("SELECT coalesce(max(job_id), 0) FROM job", [], |row| row.get(0))
        .map_err(|e| DOING.failed(&e))
}

/// For each of `keys`, in order, the first stored job with it that is not a failure and whose
/// number is at most `newest`.
pub(super) fn known(
    connection: &Connection,
    keys: &[JobKey],
    newest: i64,
) -> Result<Vec<Option<KnownJob>>> {
    let mut known = vec![None; keys.len()];
    if keys.is_empty() || newest <= 0 {
        return Ok(known);
    }
    let step = |sql: &str| connection.execute_batch(sql).map_err(|e| DOING.failed(&e));
    step("CREATE OR REPLACE TEMP TABLE wanted_job (position UINTEGER, job_key UUID)")?;
    let rows = Columns::default()
        .u32("position", (0..).take(keys.len()))
        .key("job_key", keys.iter().map(|key| key.bytes()))?
        .batch()?;
    append(connection, "wanted_job", rows, DOING)?;
    let sql = "
        SELECT position, min(job_id), arg_min(outcome, job_id), arg_min(kept, job_id)
        FROM wanted_job
        JOIN job USING (job_key)
        WHERE NOT failure AND job_id <= ?
        GROUP BY position
        ORDER BY position";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let mut rows = statement.query(params![newest]).map_err(|e| DOING.failed(&e))?;
    while let Some(row) = rows.next().map_err(|e| DOING.failed(&e))? {
        let (position, job) = known_job(row)?;
        let slot = known.get_mut(position);
        *slot.ok_or_else(|| Error::internal("a job key came back from nowhere"))? = Some(job);
    }
    drop(rows);
    step("DROP TABLE wanted_job")?;
    Ok(known)
}

fn known_job(row: &Row<'_>) -> Result<(usize, KnownJob)> {
    let read = || -> duckdb::Result<(usize, i64, String, String)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    };
    let (position, job_id, outcome, kept) = read().map_err(|e| DOING.failed(&e))?;
    let (outcome, kept) = (outcome_named(&outcome)?, level(&kept)?);
    Ok((position, KnownJob { job_id, outcome, kept }))
}

/// Level of each of the jobs `numbers` that the store holds, with their numbers.
pub(super) fn levels(connection: &Connection, numbers: &[i64]) -> Result<Vec<(i64, Keep)>> {
    let Numbers { text, lowest, highest } = Numbers::of(numbers.iter().copied());
    let sql = "
        SELECT job_id, kept
        FROM job
        WHERE job_id BETWEEN ? AND ?
          AND job_id IN (SELECT unnest(string_split(?, ','))::BIGINT)
        ORDER BY job_id";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let rows = statement
        .query_map(params![lowest, highest, text], |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?))
        })
        .map_err(|e| DOING.failed(&e))?;
    rows.map(|row| {
        let (job_id, kept) = row.map_err(|e| DOING.failed(&e))?;
        Ok((job_id, level(&kept)?))
    })
    .collect()
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

/// Outcome and measures of `jobs`, keys with numbers that [`known`] found, in their order.
pub(super) fn stored(connection: &Connection, jobs: &[(JobKey, i64)]) -> Result<Vec<StoredJob>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "
        WITH wanted AS (
          SELECT unnest(string_split($1, ','))::BIGINT AS job_id, unnest(range($2)) AS position
        ),
        traded AS (
          SELECT job_id, count(*) AS trades
          FROM trade
          WHERE job_id BETWEEN $3 AND $4
          GROUP BY job_id
        )
        SELECT position, outcome, reason, coalesce(traded.trades, 0), kept,
               measure.* EXCLUDE (job_id)
        FROM wanted
        JOIN (SELECT * FROM job WHERE job_id BETWEEN $3 AND $4) AS job USING (job_id)
        LEFT JOIN (SELECT * FROM measure WHERE job_id BETWEEN $3 AND $4) AS measure USING (job_id)
        LEFT JOIN traded USING (job_id)
        ORDER BY position";
    let mut statement = connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
    let Numbers { text, lowest, highest } = Numbers::of(jobs.iter().map(|job| job.1));
    let count = i64::try_from(jobs.len()).unwrap_or(i64::MAX);
    let rows = statement
        .query_map(params![text, count, lowest, highest], |row| stored_job(row, jobs))
        .map_err(|e| DOING.failed(&e))?;
    rows.collect::<duckdb::Result<_>>().map_err(|e| DOING.failed(&e))
}

fn stored_job(row: &Row<'_>, jobs: &[(JobKey, i64)]) -> duckdb::Result<StoredJob> {
    let position: usize = row.get(0)?;
    let &(key, job_id) = jobs.get(position).ok_or(duckdb::Error::InvalidColumnIndex(position))?;
    Ok(StoredJob {
        key,
        job_id,
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

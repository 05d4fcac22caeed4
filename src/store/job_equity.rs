//! The equity of one job, where it is kept.

use duckdb::Connection;

use super::failure::Doing;
use crate::{
    domain::{EquityRecord, JobKey, Timestamp},
    error::Result,
};

const EQUITY: &str = "
    SELECT epoch_us(ts), cash, equity, gross, commission, slippage, spread, impact, borrow,
           financing, dividend, funding
    FROM equity
    WHERE job_id = (SELECT job_id FROM job WHERE job_key = CAST(? AS UUID))
    ORDER BY ts";

/// Bar by bar; empty where the store keeps less of the job, or does not hold it.
pub(super) fn job_equity(connection: &Connection, key: JobKey) -> Result<Vec<EquityRecord>> {
    let doing = Doing("read the equity of a job");
    let mut statement = connection.prepare(EQUITY).map_err(|e| doing.failed(&e))?;
    let rows = statement
        .query_map([key.to_string()], |row| {
            Ok(EquityRecord {
                ts: Timestamp(row.get(0)?),
                cash: row.get(1)?,
                equity: row.get(2)?,
                gross: row.get(3)?,
                commission: row.get(4)?,
                slippage: row.get(5)?,
                spread: row.get(6)?,
                impact: row.get(7)?,
                borrow: row.get(8)?,
                financing: row.get(9)?,
                dividend: row.get(10)?,
                funding: row.get(11)?,
            })
        })
        .map_err(|e| doing.failed(&e))?;
    rows.collect::<duckdb::Result<_>>().map_err(|e| doing.failed(&e))
}

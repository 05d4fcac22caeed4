//! The bars of one instrument at one interval, as they are stored.

use duckdb::{Connection, params};

use super::{
    columns::{extend_from_f64, extend_from_i64},
    failure::Doing,
};
use crate::{
    domain::{Bar, Interval, Timestamp},
    error::Result,
};

const SQL: &str = "SELECT epoch_us(ts), open, high, low, close, volume FROM bar
                   WHERE interval_us = ? AND instrument_id = ?
                     AND ts BETWEEN make_timestamp(?) AND make_timestamp(?)
                   ORDER BY ts";

/// The bars that an instrument has in `[first, last]` (microseconds), increasing in time.
pub(super) fn stored_bars(
    connection: &Connection,
    (interval, instrument_id): (Interval, u32),
    (first, last): (i64, i64),
    doing: Doing,
) -> Result<Vec<Bar>> {
    let mut statement = connection.prepare(SQL).map_err(|e| doing.failed(&e))?;
    let stream = statement
        .stream_arrow(params![interval.micros(), instrument_id, first, last])
        .map_err(|e| doing.failed(&e))?;
    let mut stamps = Vec::new();
    let mut prices: [Vec<f64>; 5] = Default::default();
    for batch in stream {
        let batch = batch.map_err(|e| doing.failed(&e))?;
        extend_from_i64(&mut stamps, batch.column(0))?;
        for (at, values) in prices.iter_mut().enumerate() {
            extend_from_f64(values, batch.column(at + 1))?;
        }
    }
    let [open, high, low, close, volume] = prices;
    Ok((0..stamps.len())
        .map(|at| Bar {
            ts: Timestamp(stamps[at]),
            open: open[at],
            high: high[at],
            low: low[at],
            close: close[at],
            volume: volume[at],
        })
        .collect())
}

//! Bars as rows of table `bar`.

use duckdb::arrow::record_batch::RecordBatch;

use super::super::columns::Columns;
use crate::{
    domain::{Bar, Interval},
    error::Result,
};

/// Bars of an instrument at an interval, as rows that an import brought.
pub(in crate::store) fn bar_rows(
    (interval, instrument_id, import_id): (Interval, u32, i64),
    bars: &[Bar],
) -> Result<RecordBatch> {
    Columns::default()
        .i64("interval_us", bars.iter().map(|_| interval.micros()))
        .u32("instrument_id", bars.iter().map(|_| instrument_id))
        .time("ts", bars.iter().map(|bar| bar.ts.micros()))
        .real("open", bars.iter().map(|bar| bar.open))
        .real("high", bars.iter().map(|bar| bar.high))
        .real("low", bars.iter().map(|bar| bar.low))
        .real("close", bars.iter().map(|bar| bar.close))
        .real("volume", bars.iter().map(|bar| bar.volume))
        .i64("import_id", bars.iter().map(|_| import_id))
        .batch()
}

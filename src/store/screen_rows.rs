//! What a screen leaves behind, on its way into the store.
//!
//! Rows go in as they come, a transaction at a time; the row of `screen_run` is written last, so that
//! a screen that was stopped is never taken for a whole one.

use duckdb::{Connection, arrow::record_batch::RecordBatch, params};

use super::{
    ResultWriter,
    batch_row::BatchRow,
    columns::{Columns, append},
    failure::Doing,
    unfinished_screens,
};
use crate::{
    domain::{ScreenRecord, ScreenRunRecord},
    error::Result,
};

const DOING: Doing = Doing("write a screen");

impl ResultWriter {
    /// Writes rows of the screen that is being written, the `batch`-th of its batches, in one
    /// transaction.
    ///
    /// # Errors
    /// As [`write_batch`](Self::write_batch).
    pub fn write_screen(&mut self, batch: u64, rows: &[ScreenRecord]) -> Result<()> {
        let run = self.open_run()?;
        let row = BatchRow { stored: rows.len() as u64, ..BatchRow::default() };
        self.commit(run, identity(batch, rows), row, |writer| {
            append(writer.connection(), "screen", screen_rows(run.number, rows)?, DOING)
        })
    }

    /// Takes back the rows of a screen that does not come to its end.
    ///
    /// # Errors
    /// Internal, before [`begin_run`](Self::begin_run); otherwise what `DuckDB` reports. The rows go with
    /// the next opening for writing then.
    pub fn discard_screen(&mut self) -> Result<()> {
        self.run_id()?;
        unfinished_screens::clear(self.connection())
    }

    /// Says that the screen is through.
    ///
    /// # Errors
    /// Internal, before [`begin_run`](Self::begin_run); otherwise what `DuckDB` reports.
    pub fn complete_screen(&mut self, screen: &ScreenRunRecord) -> Result<()> {
        let run_id = self.open_run()?.number;
        self.in_transaction(|writer| insert_screen_run(writer.connection(), run_id, screen))
    }
}

fn identity(batch: u64, rows: &[ScreenRecord]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"screen").update(&batch.to_le_bytes());
    for row in rows {
        hasher.update(row.symbol_y.as_bytes()).update(&[0]).update(row.symbol_x.as_bytes());
        hasher.update(&row.statistic.to_bits().to_le_bytes());
    }
    hasher.finalize()
}

fn screen_rows(run_id: i64, rows: &[ScreenRecord]) -> Result<RecordBatch> {
    let critical =
        |at: usize| rows.iter().map(move |row| row.critical_values.map(|values| values[at]));
    Columns::default()
        .i64("run_id", rows.iter().map(|_| run_id))
        .text("symbols", rows.iter().map(|row| row.symbols.as_str()))
        .text("symbol_y", rows.iter().map(|row| row.symbol_y.as_str()))
        .text("symbol_x", rows.iter().map(|row| row.symbol_x.as_str()))
        .text("direction", rows.iter().map(|row| row.direction))
        .time("window_start", rows.iter().map(|row| row.window.0.micros()))
        .time("window_end", rows.iter().map(|row| row.window.1.micros()))
        .u32("observations", rows.iter().map(|row| row.observations))
        .real("statistic", rows.iter().map(|row| row.statistic))
        .real("p_value", rows.iter().map(|row| row.p_value))
        .real("q_value", rows.iter().map(|row| row.q_value))
        .real("critical_1", critical(0))
        .real("critical_5", critical(1))
        .real("critical_10", critical(2))
        .optional_u32("lag_bars", rows.iter().map(|row| row.lag_bars))
        .real("hedge_ratio", rows.iter().map(|row| row.hedge_ratio))
        .real("intercept", rows.iter().map(|row| row.intercept))
        .optional_text("weights", rows.iter().map(|row| row.weights.as_deref()))
        .real("half_life_bars", rows.iter().map(|row| row.half_life_bars))
        .text("numeric_path", rows.iter().map(|row| row.numeric_path))
        .batch()
}

fn insert_screen_run(connection: &Connection, run_id: i64, screen: &ScreenRunRecord) -> Result<()> {
    connection
        .execute(
            "INSERT INTO screen_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, make_timestamp(?),
               make_timestamp(?), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                run_id,
                screen.test,
                screen.trend,
                screen.lag,
                screen.direction,
                screen.price,
                screen.sizes,
                screen.horizon_days,
                screen.window_start.micros(),
                screen.window_end.micros(),
                screen.min_observations,
                screen.min_correlation,
                screen.fdr,
                screen.listing,
                screen.tests,
                screen.refused,
                screen.filtered,
                screen.judged,
                screen.listed,
            ],
        )
        .map_err(|e| DOING.failed(&e))?;
    Ok(())
}

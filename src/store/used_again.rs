//! A store in memory that is used again: other bars, and none of the results.
//!
//! Opening an instance and making its tables takes longer than a short run on it. Whoever makes
//! hundreds of runs on bars that differ a little keeps the store and gives it the next bars: the
//! tables of bars and of results are dropped and made anew, which gives their memory back at once
//! (deleted rows would stay until a checkpoint), while instruments, series and the import stay.

use duckdb::Connection;

use super::{Store, columns::append, failure::Doing, held::Held, import::bar_rows, schema};
use crate::{
    domain::{Bar, Instrument, Interval},
    error::{Error, Result},
};

const DOING: Doing = Doing("give a store in memory other bars");

/// Tables that are made anew: bars, and whatever a run writes.
const RENEWED: [&str; 16] = [
    "bar",
    "run",
    "run_instrument",
    "run_job",
    "job",
    "measure",
    "fit",
    "trade",
    "fill",
    "equity",
    "weight",
    "screen",
    "memory_sample",
    "run_fit",
    "batch",
    "run_reach",
];

impl Store {
    /// Puts `bars` in the place of all bars of a store in memory, and forgets every run: the store
    /// is as if its one import had brought these. Each list is of one instrument that the store
    /// knows, in order of time.
    ///
    /// # Errors
    /// Internal, for a store that is a file, an instrument it does not know, or while a writer exists; what DuckDB reports, which
    /// leaves the store as it was.
    pub fn use_again(&self, interval: Interval, bars: &[(&Instrument, &[Bar])]) -> Result<()> {
        let (connection, held) = (&self.reader.connection, self.reader.held.as_ref());
        if !held.in_memory {
            return Err(Error::internal("a store that is a file was to be used again"));
        }
        held.begin_writing(connection)?;
        let step = |sql: &str| connection.execute_batch(sql).map_err(|e| DOING.failed(&e));
        let done = step("BEGIN TRANSACTION")
            .and_then(|()| renew(connection, interval, bars))
            .and_then(|()| step("COMMIT"));
        if done.is_err() {
            // The first error says what happened.
            let _ = step("ROLLBACK");
        }
        Held::end_writing(held);
        done
    }
}

fn renew(
    connection: &Connection,
    interval: Interval,
    bars: &[(&Instrument, &[Bar])],
) -> Result<()> {
    schema::renew(connection, &RENEWED)?;
    let import: i64 = connection
        .query_row("SELECT coalesce(max(import_id), 0) FROM import", [], |row| row.get(0))
        .map_err(|e| DOING.failed(&e))?;
    for (instrument, bars) in bars {
        let id: u32 = connection
            .query_row(
                "SELECT instrument_id FROM instrument WHERE market = ? AND symbol = ?",
                [&instrument.market, &instrument.symbol],
                |row| row.get(0),
            )
            .map_err(|e| DOING.failed(&e))?;
        append(connection, "bar", bar_rows((interval, id, import), bars)?, DOING)?;
    }
    Ok(())
}

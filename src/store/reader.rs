//! Reading: bars as a stream of Arrow batches, and the axis of time they stand on.
//!
//! A [`Reader`] has a connection of its own and can be sent to another thread. Bars are never
//! held as a whole on our side: DuckDB hands out batches of at most 2,048 rows.

use std::{collections::BTreeMap, sync::Arc};

use duckdb::{Connection, arrow::record_batch::RecordBatch, params_from_iter};

use super::{
    BarQuery, Interrupt, SeriesSummary, Table,
    answer::Bounded,
    bar_sql, events,
    failure::Doing,
    held::Held,
    job_equity, known_jobs,
    known_jobs::{KnownJob, StoredJob},
    named_query, series,
};
use crate::{
    domain::{EquityRecord, EventHistory, Interval, JobKey},
    error::{Error, Result},
};

/// A connection to an open store for reading.
pub struct Reader {
    /// Dropped before the lock is released.
    pub(super) connection: Connection,
    pub(super) held: Arc<Held>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("store", &self.held.shown).finish_non_exhaustive()
    }
}

/// Whole numbers: their order does not matter.
const BAR_SUMS: &str = "
    SELECT instrument_id, count(*), bit_xor(hash(ts, open, high, low, close, volume))
    FROM bar
    WHERE interval_us = ? AND ts >= make_timestamp(?) AND ts < make_timestamp(?)
    GROUP BY instrument_id
    ORDER BY instrument_id";

impl Reader {
    /// A second connection to the same store.
    pub fn try_clone(&self) -> Result<Self> {
        let connection =
            self.connection.try_clone().map_err(|e| Doing("connect to the store").failed(&e))?;
        Ok(Self { connection, held: Arc::clone(&self.held) })
    }

    /// Every instrument at every interval that has bars, in the order (market, symbol, interval).
    pub fn instruments(&self) -> Result<Vec<SeriesSummary>> {
        series::series(&self.connection)
    }

    /// Hands the bars of `query` to `take`, batch by batch, in the order (instrument_id, ts).
    /// Returns the number of rows; without rows `take` is not called.
    ///
    /// # Errors
    /// What DuckDB or `take` reports; a query without columns.
    pub fn stream_bars(
        &self,
        query: &BarQuery,
        take: &mut dyn FnMut(RecordBatch) -> Result<()>,
    ) -> Result<u64> {
        if query.columns.is_empty() {
            return Err(Error::internal("bars were asked for without a column"));
        }
        let doing = Doing("read bars");
        let (sql, values) = bar_sql::statement(query);
        let mut statement = self.connection.prepare(&sql).map_err(|e| doing.failed(&e))?;
        let stream =
            statement.stream_arrow(params_from_iter(values)).map_err(|e| doing.failed(&e))?;
        let mut rows = 0;
        for batch in stream {
            let batch = batch.map_err(|e| doing.failed(&e))?;
            rows += batch.num_rows() as u64;
            take(batch)?;
        }
        Ok(rows)
    }

    /// The statement that [`Reader::stream_bars`] runs, with `?` where a value is bound.
    pub fn bar_sql(query: &BarQuery) -> String {
        bar_sql::statement(query).0
    }

    /// The distinct opening times in `[from, to)` (microseconds) at which at least one of
    /// `instruments` has a bar, increasing.
    pub fn time_axis(
        &self,
        interval: Interval,
        instruments: &[u32],
        from: i64,
        to: i64,
    ) -> Result<Vec<i64>> {
        let doing = Doing("read the time axis");
        let sql = bar_sql::axis(interval, instruments, from, to);
        let mut statement = self.connection.prepare(&sql).map_err(|e| doing.failed(&e))?;
        let mut axis = Vec::new();
        for batch in statement.stream_arrow([]).map_err(|e| doing.failed(&e))? {
            let batch = batch.map_err(|e| doing.failed(&e))?;
            super::columns::extend_from_i64(&mut axis, batch.column(0))?;
        }
        Ok(axis)
    }

    /// For every instrument with bars of `interval` in `[from, to)` (microseconds), by number: how
    /// many there are, and a sum over them that changes when any of them does. For this build of
    /// DuckDB only: it is no part of a result.
    pub fn bar_sums(&self, interval: Interval, from: i64, to: i64) -> Result<Vec<(u32, u64, u64)>> {
        let doing = Doing("sum up the bars");
        let mut statement = self.connection.prepare(BAR_SUMS).map_err(|e| doing.failed(&e))?;
        let sums = statement
            .query_map([interval.micros(), from, to], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .map_err(|e| doing.failed(&e))?;
        sums.collect::<duckdb::Result<_>>().map_err(|e| doing.failed(&e))
    }

    /// A stored job by its key.
    pub fn stored_job(&self, key: JobKey) -> Result<Option<StoredJob>> {
        let known = self.known_jobs(&[key], self.newest_job()?)?.into_iter().flatten().next();
        match known {
            Some(known) => Ok(self.stored_jobs(&[(key, known.job_id)])?.pop()),
            None => Ok(None),
        }
    }

    /// The equity of a job bar by bar; empty where the store keeps less of it, or does not hold it.
    pub fn job_equity(&self, key: JobKey) -> Result<Vec<EquityRecord>> {
        job_equity::job_equity(&self.connection, key)
    }

    /// The splits, dividends, funding and borrow rates of every instrument that has any, by its
    /// number.
    pub fn events(&self) -> Result<BTreeMap<u32, EventHistory>> {
        events::all(&self.connection)
    }

    /// Memory that DuckDB's buffers hold now: blocks of the store that were read, and what is being
    /// worked on.
    pub fn buffer_bytes(&self) -> Result<u64> {
        let sql =
            "SELECT CAST(coalesce(sum(memory_usage_bytes), 0) AS BIGINT) FROM duckdb_memory()";
        let bytes: i64 = (self.connection.query_row(sql, [], |row| row.get(0)))
            .map_err(|e| Doing("ask for the memory of the store").failed(&e))?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// The highest number of a stored job; 0 in a store without jobs.
    pub fn newest_job(&self) -> Result<i64> {
        known_jobs::newest(&self.connection)
    }

    /// For each of `keys`, in order, the stored job that may be used again (not a failure of
    /// ours), if its number is at most `newest`. Reads every stored key: ask for many at a time.
    pub fn known_jobs(&self, keys: &[JobKey], newest: i64) -> Result<Vec<Option<KnownJob>>> {
        known_jobs::known(&self.connection, keys, newest)
    }

    /// The stored outcome and measures of jobs, by key and number as [`Reader::known_jobs`] found
    /// them, in their order.
    pub fn stored_jobs(&self, jobs: &[(JobKey, i64)]) -> Result<Vec<StoredJob>> {
        known_jobs::stored(&self.connection, jobs)
    }

    /// The answer to the named query, with `parameters` in place of its defaults.
    ///
    /// # Errors
    /// Usage, for an unknown query, parameter, value or run.
    pub fn query(&self, name: &str, parameters: &[(String, String)]) -> Result<Table> {
        let mut sink = Bounded::new(self.held.answer_bytes());
        named_query::answer(&self.connection, name, parameters, &mut sink)?;
        Ok(sink.table)
    }

    /// Stops what this reader is doing, from another thread.
    pub fn interrupt_handle(&self) -> Interrupt {
        Interrupt::of(&self.connection)
    }
}

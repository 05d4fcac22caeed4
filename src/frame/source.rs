//! Where lazy frames of bars come from: a reader of the store, and a count of what was read.

use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::{LazyFrame, ScanArgsAnonymous};

use super::{
    collect::from_polars,
    columns,
    scan::{BarScan, ScanLog},
};
use crate::{
    domain::{Instrument, Interval, Timestamp},
    error::Result,
    store::{BarColumn, Reader},
};

/// Makes lazy frames over one reader of the store. Clones share the reader and the counts; scans
/// of one source take turns.
#[derive(Clone)]
pub struct FrameSource {
    reader: Arc<Mutex<Reader>>,
    log: Arc<ScanLog>,
}

impl FrameSource {
    /// A source that reads through `reader`.
    pub fn new(reader: Reader) -> Self {
        Self { reader: Arc::new(Mutex::new(reader)), log: Arc::default() }
    }

    /// All bars of `interval`, ordered by instrument number, then time. Nothing is read before the
    /// frame is collected (with [`super::collect`]).
    ///
    /// # Errors
    /// Only if Polars refuses the plan.
    pub fn bars(&self, interval: Interval) -> Result<LazyFrame> {
        let scan = BarScan::new(Arc::clone(&self.reader), Arc::clone(&self.log), interval);
        let args = ScanArgsAnonymous {
            schema: Some(Arc::new(columns::schema(&BarColumn::ALL))),
            name: "BARS",
            ..ScanArgsAnonymous::default()
        };
        LazyFrame::anonymous_scan(Arc::new(scan), args).map_err(from_polars)
    }

    /// The opening times in `[from, to)` at which any of `instruments` has a bar, increasing,
    /// microseconds.
    pub(super) fn time_axis(
        &self,
        instruments: &[Instrument],
        interval: Interval,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<i64>> {
        let ids: Vec<u32> = instruments.iter().map(|instrument| instrument.id).collect();
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.time_axis(interval, &ids, from.micros(), to.micros())
    }

    /// Rows that scans fetched from the store so far.
    pub fn rows_fetched(&self) -> u64 {
        self.log.rows_fetched()
    }

    /// The queries that scans sent so far, in order.
    pub fn queries(&self) -> Vec<String> {
        self.log.queries()
    }
}

//! Covariances of trailing windows, each computed once and gathered by every combination.
//!
//! The covariance of two instruments over a window depends on these two and the window alone
//! (simple returns between their consecutive common bars), so combinations share it: `N` assets
//! need `N (N + 1) / 2` entries a window, however many combinations hold them.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use super::HorizonBars;
use crate::{domain::Field, stats::common_returns};

/// Entries a shard keeps; beyond, it is emptied and filled again. Never changes a value.
const SHARD_ENTRIES: usize = 1 << 11;
const SHARDS: usize = 64;

/// Entries by instruments and last row of the window.
type Entries = HashMap<(u16, u16, u32), Entry>;

/// Covariance of two instruments over a window, and how many returns it was made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    /// Sample covariance (ddof 1) of simple returns between consecutive common bars; zero when
    /// there are too few.
    pub(super) covariance: f64,
    /// Number of returns.
    pub(super) returns: usize,
}

/// Pairwise covariances of simple returns over trailing windows of one length.
pub(super) struct CovarianceBook<'a> {
    bars: &'a HorizonBars<'a>,
    lookback_micros: i64,
    shards: Vec<Mutex<Entries>>,
}

impl<'a> CovarianceBook<'a> {
    /// A book over windows of `lookback_micros`.
    pub(super) fn new(bars: &'a HorizonBars<'a>, lookback_micros: i64) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(HashMap::new())).collect();
        Self { bars, lookback_micros, shards }
    }

    /// Length of its windows.
    pub(super) fn lookback_micros(&self) -> i64 {
        self.lookback_micros
    }

    /// Rows of the window that ends with `last_row`.
    pub(super) fn window(&self, last_row: usize) -> Range<usize> {
        let end = self.bars.panel.ts()[last_row] + self.bars.interval.micros();
        self.bars.rows_between(end - self.lookback_micros, end)
    }

    /// Moments of two instruments over the window that ends with `last_row`; of one instrument
    /// with itself when `a == b`.
    pub(super) fn entry(&self, a: u16, b: u16, last_row: usize) -> Entry {
        let (a, b) = (a.min(b), a.max(b));
        let row = u32::try_from(last_row).unwrap_or(u32::MAX);
        let shard = &self.shards[(usize::from(a) * 31 + usize::from(b) * 7 + last_row) % SHARDS];
        let known = shard.lock().unwrap_or_else(PoisonError::into_inner).get(&(a, b, row)).copied();
        known.unwrap_or_else(|| {
            let entry = self.compute(a, b, last_row);
            let mut entries = shard.lock().unwrap_or_else(PoisonError::into_inner);
            if entries.len() >= SHARD_ENTRIES {
                entries.clear();
            }
            entries.insert((a, b, row), entry);
            entry
        })
    }

    /// Lets go of all entries.
    pub(super) fn release(&self) {
        for shard in &self.shards {
            *shard.lock().unwrap_or_else(PoisonError::into_inner) = HashMap::new();
        }
    }

    fn compute(&self, a: u16, b: u16, last_row: usize) -> Entry {
        let window = self.window(last_row);
        let closes =
            |asset: u16| &self.bars.panel.column(usize::from(asset), Field::Close)[window.clone()];
        match common_returns(closes(a), closes(b)) {
            Ok(common) => Entry { covariance: common.covariance, returns: common.count },
            Err(_) => Entry { covariance: 0.0, returns: 0 },
        }
    }
}

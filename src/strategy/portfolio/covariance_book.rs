//! Covariances of trailing windows, each computed once and gathered by every combination.
//!
//! The covariance of two instruments over a window depends on these two and the window alone
//! (simple returns between their consecutive common bars), so combinations share it: `N` assets
//! need `N (N + 1) / 2` entries a window, however many combinations hold them.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{domain::Field, stats::common_returns, strategy::HorizonBars};

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

/// The books of one horizon, one for each length of lookback: strategies that look back on the same
/// windows share one.
#[derive(Debug, Default)]
pub struct CovarianceBooks {
    books: Mutex<Vec<Arc<CovarianceBook>>>,
}

impl CovarianceBooks {
    /// Most bytes that a book takes which meets `entries` different entries.
    pub fn bytes_for(entries: u64) -> u64 {
        // A hash map has a power of two of slots, of which seven eighths are used at most. Shards do
        // not fill alike: a quarter more is taken for the fullest.
        let shards = SHARDS as u64;
        let fullest = (entries.div_ceil(shards) * 5 / 4).min(SHARD_ENTRIES as u64);
        let slots = (fullest * 8).div_ceil(7).next_power_of_two();
        shards * slots * (size_of::<((u16, u16, u32), Entry)>() as u64 + 1)
    }

    /// The book over windows of `lookback_micros`.
    pub(super) fn over(&self, lookback_micros: i64) -> Arc<CovarianceBook> {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = books.iter().find(|book| book.lookback_micros == lookback_micros) {
            return Arc::clone(known);
        }
        let book = Arc::new(CovarianceBook::new(lookback_micros));
        books.push(Arc::clone(&book));
        book
    }
}

/// Pairwise covariances of simple returns over trailing windows of one length.
#[derive(Debug)]
pub(super) struct CovarianceBook {
    lookback_micros: i64,
    shards: Vec<Mutex<Entries>>,
}

impl CovarianceBook {
    fn new(lookback_micros: i64) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(HashMap::new())).collect();
        Self { lookback_micros, shards }
    }

    /// Length of its windows.
    pub(super) fn lookback_micros(&self) -> i64 {
        self.lookback_micros
    }

    /// Rows of the window that ends with `last_row`.
    pub(super) fn window(&self, bars: &HorizonBars<'_>, last_row: usize) -> Range<usize> {
        let end = bars.panel.ts()[last_row] + bars.interval.micros();
        bars.rows_between(end - self.lookback_micros, end)
    }

    /// Moments of two instruments over the window of these bars that ends with `last_row`; of one
    /// instrument with itself when `a == b`. A book belongs to one horizon's bars.
    pub(super) fn entry(&self, bars: &HorizonBars<'_>, a: u16, b: u16, last_row: usize) -> Entry {
        let (a, b) = (a.min(b), a.max(b));
        let row = u32::try_from(last_row).unwrap_or(u32::MAX);
        let shard = &self.shards[(usize::from(a) * 31 + usize::from(b) * 7 + last_row) % SHARDS];
        let known = shard.lock().unwrap_or_else(PoisonError::into_inner).get(&(a, b, row)).copied();
        known.unwrap_or_else(|| {
            let entry = self.compute(bars, a, b, last_row);
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

    fn compute(&self, bars: &HorizonBars<'_>, a: u16, b: u16, last_row: usize) -> Entry {
        let window = self.window(bars, last_row);
        let closes =
            |asset: u16| &bars.panel.column(usize::from(asset), Field::Close)[window.clone()];
        match common_returns(closes(a), closes(b)) {
            Ok(common) => Entry { covariance: common.covariance, returns: common.count },
            Err(_) => Entry { covariance: 0.0, returns: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{CovarianceBooks, Entries, Entry, SHARD_ENTRIES, SHARDS};

    /// Bytes that a shard with so many entries takes: a standard hash map has room for seven eighths
    /// of its slots, and a byte beside each.
    fn taken(entries: usize) -> u64 {
        let mut shard: Entries = HashMap::new();
        let entry = Entry { covariance: 0.0, returns: 0 };
        shard.extend((0_u32..).map(|row| ((0, 1, row), entry)).take(entries));
        let slots = (shard.capacity() * 8).div_ceil(7);
        (slots * (size_of::<((u16, u16, u32), Entry)>() + 1)) as u64
    }

    #[test]
    fn a_book_takes_no_more_than_its_formula_and_more_than_a_quarter_of_it() {
        for each in [10, 100, 1_000, 1_332, 1_600, SHARD_ENTRIES] {
            let predicted = CovarianceBooks::bytes_for((each * SHARDS) as u64);
            let held = taken(each) * SHARDS as u64;
            assert!(held <= predicted && predicted < 4 * held, "{each}: {held} of {predicted}");
        }
        // Beyond what shards keep nothing is added.
        let full = CovarianceBooks::bytes_for((SHARD_ENTRIES * SHARDS) as u64);
        assert_eq!(CovarianceBooks::bytes_for(u64::MAX / 16), full);
    }
}

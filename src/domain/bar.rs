//! One bar: what was traded in `[ts, ts + interval)`.

use super::Timestamp;

/// A bar of one instrument. Prices that a source does not give are NaN (close-only panels have
/// only `close`). Known at `ts + interval`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Opening time, UTC.
    pub ts: Timestamp,
    /// First price, quote currency.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Volume in units of the instrument.
    pub volume: f64,
}

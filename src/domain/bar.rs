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

impl Bar {
    /// True if all prices and the volume are equal bit by bit; what is missing in both is equal.
    pub fn is_same(&self, other: &Self) -> bool {
        let fields = |bar: &Self| [bar.open, bar.high, bar.low, bar.close, bar.volume];
        let equal = |(a, b): (&f64, f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        fields(self).iter().zip(fields(other)).all(equal)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bar, Timestamp};

    #[test]
    fn what_is_missing_in_both_is_equal() {
        let nan = f64::NAN;
        let bar = Bar { ts: Timestamp(0), open: nan, high: 2.0, low: 1.0, close: 1.5, volume: nan };
        assert!(bar.is_same(&Bar { open: -nan, ..bar }));
        assert!(!bar.is_same(&Bar { volume: 0.0, ..bar }));
        assert!(!bar.is_same(&Bar { close: 1.5 + f64::EPSILON, ..bar }));
    }
}

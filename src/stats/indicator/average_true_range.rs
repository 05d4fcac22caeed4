//! The average true range: how far a bar usually goes, gaps included.

use super::{Result, WilderAverage};

/// Average true range (ATR) of bars.
///
/// # Formula
/// The [`WilderAverage`] of `max(high, close before) - min(low, close before)`, in quote currency;
/// the first bar, which has no close before it, counts with `high - low`.
///
/// # None
/// Before the `n`-th bar; for a bar with a price that is not finite, which changes nothing.
///
/// # References
/// Wilder (1978), "New Concepts in Technical Trading Systems", section 3.
///
/// ```
/// use barline::stats::indicator::AverageTrueRange;
/// let mut range = AverageTrueRange::new(2)?;
/// assert_eq!(range.update(12.0, 10.0, 11.0), None);
/// assert_eq!(range.update(16.0, 14.0, 15.0), Some(3.5));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct AverageTrueRange {
    close: Option<f64>,
    ranges: WilderAverage,
}

impl AverageTrueRange {
    /// An average over `window` bars, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window.
    pub fn new(window: usize) -> Result<Self> {
        Ok(Self { close: None, ranges: WilderAverage::new(window)? })
    }

    /// The average with one more bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        if !(high.is_finite() && low.is_finite() && close.is_finite()) {
            return None;
        }
        let before = self.close.replace(close);
        let (top, bottom) =
            before.map_or((high, low), |before| (high.max(before), low.min(before)));
        self.ranges.update(top - bottom)
    }
}

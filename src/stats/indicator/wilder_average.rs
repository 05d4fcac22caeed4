//! Wilder's smoothing: an exponential average that starts from a simple one.

use super::{Result, at_least_one, finite};

/// Wilder's average of values.
///
/// # Formula
/// The first value is the mean of the first `n`; then `w_t = w_(t-1) + (x_t - w_(t-1)) / n`, in the
/// unit of the values: an exponential average with a span of `2 n - 1` bars.
///
/// # None
/// Before the `n`-th value; for a value that is not finite, which changes nothing.
///
/// # References
/// Wilder (1978), "New Concepts in Technical Trading Systems", section 3.
///
/// ```
/// use barline::stats::indicator::WilderAverage;
/// let mut average = WilderAverage::new(2)?;
/// let found: Vec<_> = [1.0, 5.0, 7.0].map(|x| average.update(x)).to_vec();
/// assert_eq!(found, [None, Some(3.0), Some(5.0)]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct WilderAverage {
    window: usize,
    seen: usize,
    /// Sum of the first values, then the average.
    value: f64,
}

impl WilderAverage {
    /// An average over `window` values, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window.
    pub fn new(window: usize) -> Result<Self> {
        Ok(Self { window: at_least_one(window, "window")?, seen: 0, value: 0.0 })
    }

    /// Bars of the exponential average that forgets as fast.
    pub fn span_bars(window: usize) -> usize {
        (2 * window).saturating_sub(1)
    }

    /// The average with one more value.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<f64> {
        let value = finite(value)?;
        let bars = self.window as f64;
        if self.seen < self.window {
            self.seen += 1;
            self.value += value;
            if self.seen < self.window {
                return None;
            }
            self.value /= bars;
        } else {
            self.value += (value - self.value) / bars;
        }
        finite(self.value)
    }
}

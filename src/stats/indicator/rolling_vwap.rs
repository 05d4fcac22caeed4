//! The volume-weighted average price of the last `n` bars, and how far prices lay from it.

use super::{Result, SlidingMoments, finite};

/// A value of [`RollingVwap`], in quote currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VwapValue {
    /// Volume-weighted average price.
    pub vwap: f64,
    /// Volume-weighted standard deviation around it.
    pub standard_deviation: f64,
}

impl VwapValue {
    /// Standard deviations between `price` and the average; `None` where there is no deviation.
    #[inline]
    pub fn z_score(&self, price: f64) -> Option<f64> {
        if self.standard_deviation > 0.0 {
            finite((price - self.vwap) / self.standard_deviation)
        } else {
            None
        }
    }
}

/// Rolling volume-weighted average price (VWAP) of bars.
///
/// # Formula
/// `sum v p / sum v` over the last `n` bars with typical price `p = (high + low + close) / 3` and
/// volume `v`; standard deviation `sqrt(sum v (p - vwap)^2 / sum v)`. The session's VWAP restarts
/// every day; this one rolls.
///
/// # None
/// Before the `n`-th bar; where nothing was traded in the window; for a bar with a number that is not
/// finite or a negative volume, which changes nothing.
///
/// # References
/// Berkowitz, Logue and Noser (1988), "The total cost of transactions on the NYSE", Journal of
/// Finance 43(1), for the average.
///
/// ```
/// use barline::stats::indicator::RollingVwap;
/// let mut rolling = RollingVwap::new(2)?;
/// assert_eq!(rolling.update(11.0, 9.0, 10.0, 1.0), None);
/// let found = rolling.update(17.0, 15.0, 16.0, 1.0).expect("two bars");
/// assert_eq!((found.vwap, found.standard_deviation), (13.0, 3.0));
/// assert_eq!(found.z_score(16.0), Some(1.0));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct RollingVwap {
    moments: SlidingMoments,
}

impl RollingVwap {
    /// An average over `window` bars, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window.
    pub fn new(window: usize) -> Result<Self> {
        Ok(Self { moments: SlidingMoments::new(window)? })
    }

    /// The average with one more bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64, volume: f64) -> Option<VwapValue> {
        let typical = finite((high + low + close) / 3.0)?;
        let volume = finite(volume).filter(|&volume| volume >= 0.0)?;
        let moments = self.moments.push(typical, volume)?;
        let standard_deviation = moments.variance.sqrt();
        Some(VwapValue { vwap: moments.mean, standard_deviation })
    }
}

#[cfg(test)]
mod tests {
    use super::RollingVwap;

    #[test]
    fn a_window_without_volume_has_no_average_and_is_forgotten() {
        let mut rolling = RollingVwap::new(2).expect("a window");
        let bars = [(5.0, 0.0), (6.0, 0.0), (8.0, 2.0), (9.0, 0.0), (9.0, 0.0)];
        let found = bars.map(|(price, volume)| {
            rolling.update(price, price, price, volume).map(|value| value.vwap)
        });
        assert_eq!(found, [None, None, Some(8.0), Some(8.0), None]);
    }
}

//! Bollinger bands: a moving average, and so many standard deviations to either side.

use super::{Result, SlidingMoments, finite, positive};

/// A value of [`BollingerBands`], in the unit of the closes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bands {
    /// Lower band.
    pub lower: f64,
    /// Moving average.
    pub middle: f64,
    /// Upper band.
    pub upper: f64,
}

/// Bollinger bands of closes.
///
/// # Formula
/// `middle = mean of the last n closes`, `upper, lower = middle +- k s`, `s` their standard
/// deviation with ddof 0, as Bollinger takes it (`pandas`: `rolling(n).std(ddof=0)`).
///
/// # None
/// Before the `n`-th close; for a close that is not finite, which changes nothing.
///
/// # References
/// Bollinger (2002), "Bollinger on Bollinger Bands", chapter 7.
///
/// ```
/// use barline::stats::indicator::BollingerBands;
/// let mut bands = BollingerBands::new(2, 2.0)?;
/// assert_eq!(bands.update(10.0), None);
/// let found = bands.update(16.0).expect("two closes");
/// assert_eq!((found.lower, found.middle, found.upper), (7.0, 13.0, 19.0));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct BollingerBands {
    moments: SlidingMoments,
    width: f64,
}

impl BollingerBands {
    /// Bands of `width` standard deviations over `window` closes, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window, or a width that is not positive and finite.
    pub fn new(window: usize, width: f64) -> Result<Self> {
        Ok(Self { moments: SlidingMoments::new(window)?, width: positive(width, "width")? })
    }

    /// The bands with one more close.
    #[inline]
    pub fn update(&mut self, close: f64) -> Option<Bands> {
        let moments = self.moments.push(finite(close)?, 1.0)?;
        let (middle, half) = (moments.mean, self.width * moments.variance.sqrt());
        let (lower, upper) = (middle - half, middle + half);
        (lower.is_finite() && upper.is_finite()).then_some(Bands { lower, middle, upper })
    }
}

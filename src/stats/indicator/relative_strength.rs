//! The relative strength index: how much of the recent movement was upwards.

use super::{Result, WilderAverage, finite};

/// Relative strength index (RSI) of closes.
///
/// # Formula
/// `100 g / (g + l)` with `g` and `l` the [`WilderAverage`]s of rises `max(x_t - x_(t-1), 0)` and
/// falls `max(x_(t-1) - x_t, 0)`: Wilder's `100 - 100 / (1 + g / l)`. Between 0 and 100.
///
/// # None
/// Before the `n + 1`-th close; where nothing moved (`g = l = 0`), since there is no strength to
/// compare; for a close that is not finite, which changes nothing.
///
/// # References
/// Wilder (1978), "New Concepts in Technical Trading Systems", section 6.
///
/// ```
/// use barline::stats::indicator::RelativeStrength;
/// let mut strength = RelativeStrength::new(2)?;
/// let found: Vec<_> = [10.0, 13.0, 12.0, 12.0].map(|x| strength.update(x)).to_vec();
/// assert_eq!(found, [None, None, Some(75.0), Some(75.0)]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct RelativeStrength {
    last: Option<f64>,
    rises: WilderAverage,
    falls: WilderAverage,
}

impl RelativeStrength {
    /// An index over `window` changes, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window.
    pub fn new(window: usize) -> Result<Self> {
        let average = WilderAverage::new(window)?;
        Ok(Self { last: None, rises: average.clone(), falls: average })
    }

    /// The index with one more close.
    #[inline]
    pub fn update(&mut self, close: f64) -> Option<f64> {
        let close = finite(close)?;
        let change = close - self.last.replace(close)?;
        let rise = self.rises.update(change.max(0.0));
        let fall = self.falls.update((-change).max(0.0));
        let (rise, fall) = (rise?, fall?);
        // Each is zero or above.
        finite(100.0 * (rise / (rise + fall)))
    }
}

#[cfg(test)]
mod tests {
    use super::RelativeStrength;

    #[test]
    fn one_way_is_an_end_of_the_scale_and_no_way_is_none() {
        let last = |step: f64| {
            let mut strength = RelativeStrength::new(14).expect("a window");
            (0..40).map(|at| strength.update(50.0 + step * f64::from(at))).last().flatten()
        };
        assert_eq!([last(0.1), last(-0.1), last(0.0)], [Some(100.0), Some(0.0), None]);
    }
}

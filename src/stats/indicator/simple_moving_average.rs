//! The simple moving average: the mean of the last `n` values.

use super::{Fold, Result, SlidingFold, finite};

#[derive(Debug, Clone, Copy)]
struct Sum(f64);

impl Fold for Sum {
    #[inline]
    fn join(self, later: Self) -> Self {
        Self(self.0 + later.0)
    }
}

/// Simple moving average (SMA) of values.
///
/// # Formula
/// `(x_t + x_(t-1) + ... + x_(t-n+1)) / n`, in the unit of the values; where all of them are equal,
/// that value itself, so that averages of different length agree on a market that stands still.
///
/// # None
/// Before the `n`-th value; for a value that is not finite, which changes nothing.
///
/// # References
/// Murphy (1999), "Technical Analysis of the Financial Markets", chapter 9. `pandas`:
/// `Series.rolling(n).mean()`.
///
/// ```
/// use barline::stats::indicator::SimpleMovingAverage;
/// let mut average = SimpleMovingAverage::new(3)?;
/// let found: Vec<_> = [1.0, 2.0, 6.0, 4.0].map(|x| average.update(x)).to_vec();
/// assert_eq!(found, [None, None, Some(3.0), Some(4.0)]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct SimpleMovingAverage {
    window: usize,
    sums: SlidingFold<Sum>,
    last: f64,
    /// Times the last value came in a row.
    repeats: usize,
}

impl SimpleMovingAverage {
    /// An average of `window` values, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window.
    pub fn new(window: usize) -> Result<Self> {
        Ok(Self { window, sums: SlidingFold::new(window)?, last: f64::NAN, repeats: 0 })
    }

    /// The average with one more value.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<f64> {
        let value = finite(value)?;
        #[allow(clippy::float_cmp, reason = "the very same value")]
        let again = value == self.last;
        self.repeats = if again { self.repeats + 1 } else { 1 };
        self.last = value;
        let sum = self.sums.push(Sum(value))?;
        let mean = if self.repeats >= self.window { value } else { sum.0 / self.window as f64 };
        finite(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::SimpleMovingAverage;

    #[test]
    fn a_market_that_stands_still_has_one_average() {
        let averages = [20, 50].map(|n| SimpleMovingAverage::new(n).expect("a window"));
        let last = averages.map(|mut average| {
            let moving = (0..90).map(|at| 50.0 + f64::from(at % 7) / 3.0);
            moving.chain([0.1; 60]).map(|x| average.update(x)).last().flatten()
        });
        assert_eq!(last, [Some(0.1); 2]);
    }
}

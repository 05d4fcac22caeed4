//! The exponential moving average: a recursion that forgets at a fixed rate.

use super::{Result, at_least_one, finite};

/// Exponential moving average (EMA) of values.
///
/// # Formula
/// `e_0 = x_0`, `e_t = e_(t-1) + a (x_t - e_(t-1))` with `a = 2 / (n + 1)` for a span of `n` bars, in
/// the unit of the values. It depends on where it starts: after `k` bars the first value still has
/// the weight `(1 - a)^k`, 3.3e-4 after four spans.
///
/// # None
/// For a value that is not finite, which changes nothing.
///
/// # References
/// Murphy (1999), "Technical Analysis of the Financial Markets", chapter 9. `pandas`:
/// `Series.ewm(span=n, adjust=False).mean()`.
///
/// ```
/// use barline::stats::indicator::ExponentialMovingAverage;
/// let mut average = ExponentialMovingAverage::new(3)?;
/// let found: Vec<_> = [8.0, 4.0, 7.0].map(|x| average.update(x)).to_vec();
/// assert_eq!(found, [Some(8.0), Some(6.0), Some(6.5)]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExponentialMovingAverage {
    share: f64,
    value: Option<f64>,
}

impl ExponentialMovingAverage {
    /// An average with a span of `span` bars, not started.
    ///
    /// # Errors
    /// `OutOfRange` for a span of 0.
    pub fn new(span: usize) -> Result<Self> {
        let span = at_least_one(span, "span")?;
        Ok(Self { share: 2.0 / (span as f64 + 1.0), value: None })
    }

    /// The average with one more value.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<f64> {
        let value = finite(value)?;
        self.value = Some(self.value.map_or(value, |last| last + self.share * (value - last)));
        self.value.and_then(finite)
    }
}

//! Moving average convergence divergence: the distance of two averages, and its own average.

use super::{ExponentialMovingAverage, Result};

/// A value of [`Macd`], in the unit of the closes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MacdValue {
    /// Fast average less slow average.
    pub line: f64,
    /// Average of the line.
    pub signal: f64,
}

impl MacdValue {
    /// Line less signal.
    pub fn histogram(&self) -> f64 {
        self.line - self.signal
    }
}

/// Moving average convergence divergence (MACD) of closes.
///
/// # Formula
/// `line_t = EMA_fast(x)_t - EMA_slow(x)_t`, `signal_t = EMA_signal(line)_t`; every average starts
/// from its first value ([`ExponentialMovingAverage`]), so the first line and signal are 0.
///
/// # None
/// For a close that is not finite, which changes nothing.
///
/// # References
/// Appel (2005), "Technical Analysis: Power Tools for Active Investors", chapter 8.
///
/// ```
/// use barline::stats::indicator::Macd;
/// let mut macd = Macd::new(1, 3, 3)?;
/// let found: Vec<_> = [8.0, 4.0].map(|x| macd.update(x).expect("finite").line).to_vec();
/// assert_eq!(found, [0.0, -2.0]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct Macd {
    fast: ExponentialMovingAverage,
    slow: ExponentialMovingAverage,
    signal: ExponentialMovingAverage,
}

impl Macd {
    /// With spans of so many bars, not started.
    ///
    /// # Errors
    /// `OutOfRange` for a span of 0.
    pub fn new(fast: usize, slow: usize, signal: usize) -> Result<Self> {
        let average = ExponentialMovingAverage::new;
        Ok(Self { fast: average(fast)?, slow: average(slow)?, signal: average(signal)? })
    }

    /// Line and signal with one more close.
    #[inline]
    pub fn update(&mut self, close: f64) -> Option<MacdValue> {
        let (fast, slow) = (self.fast.update(close), self.slow.update(close));
        let line = fast? - slow?;
        Some(MacdValue { line, signal: self.signal.update(line)? })
    }
}

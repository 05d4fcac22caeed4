//! Least and greatest weight of each asset.
//!
//! # References
//! Jagannathan & Ma (2003), Risk reduction in large portfolios: why imposing the wrong constraints helps,
//! Journal of Finance 58(4), 1651-1683.

use crate::stats::refusal::{Refusal, Result};

/// How far the sums of bounds may miss one: bounds of `1/n` add up with rounding.
const SLACK: f64 = 1e-12;

/// Bounds that some portfolio of total weight one can keep.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightBounds {
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl WeightBounds {
    /// Bounds by asset.
    ///
    /// # Errors
    /// `UnequalLengths`; `Bounds` where a bound is not finite, a lower one is above the upper one,
    /// the lower ones sum to more than one, or the upper ones to less.
    ///
    /// ```
    /// use barline::stats::{Refusal, WeightBounds};
    /// assert!(WeightBounds::new(vec![0.0; 3], vec![0.5; 3]).is_ok());
    /// assert_eq!(WeightBounds::new(vec![0.0; 3], vec![0.3; 3]), Err(Refusal::Bounds));
    /// ```
    pub fn new(lower: Vec<f64>, upper: Vec<f64>) -> Result<Self> {
        if lower.len() != upper.len() {
            return Err(Refusal::UnequalLengths { first: lower.len(), other: upper.len() });
        }
        let sound = |(low, high): (&f64, &f64)| low.is_finite() && high.is_finite() && low <= high;
        let total = |bounds: &[f64]| bounds.iter().fold(0.0, |sum, bound| sum + bound);
        let keepable = total(&lower) <= 1.0 + SLACK && total(&upper) >= 1.0 - SLACK;
        if lower.iter().zip(&upper).all(sound) && keepable {
            Ok(Self { lower, upper })
        } else {
            Err(Refusal::Bounds)
        }
    }

    /// The same bounds for all of `assets`.
    ///
    /// # Errors
    /// Those of [`WeightBounds::new`].
    ///
    /// ```
    /// use barline::stats::WeightBounds;
    /// let bounds = WeightBounds::uniform(4, 0.1, 0.5)?;
    /// assert_eq!((bounds.lower(), bounds.upper()), (&[0.1; 4][..], &[0.5; 4][..]));
    /// assert!(WeightBounds::uniform(4, 0.0, 0.2).is_err());
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn uniform(assets: usize, lower: f64, upper: f64) -> Result<Self> {
        Self::new(vec![lower; assets], vec![upper; assets])
    }

    /// From 0 to 1.
    ///
    /// ```
    /// use barline::stats::WeightBounds;
    /// assert_eq!(Ok(WeightBounds::long_only(2)), WeightBounds::uniform(2, 0.0, 1.0));
    /// ```
    pub fn long_only(assets: usize) -> Self {
        Self { lower: vec![0.0; assets], upper: vec![1.0; assets] }
    }

    /// Least weights.
    pub fn lower(&self) -> &[f64] {
        &self.lower
    }

    /// Greatest weights.
    pub fn upper(&self) -> &[f64] {
        &self.upper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_nobody_can_keep_are_refused() {
        let bad = [
            (vec![0.6, 0.6], vec![1.0, 1.0]),
            (vec![0.5, 0.0], vec![0.4, 1.0]),
            (vec![f64::NAN, 0.0], vec![1.0, 1.0]),
            (vec![0.0, 0.0], vec![f64::INFINITY, 1.0]),
            (vec![], vec![]),
        ];
        for (lower, upper) in bad {
            assert_eq!(WeightBounds::new(lower, upper), Err(Refusal::Bounds));
        }
        let unequal = Refusal::UnequalLengths { first: 1, other: 0 };
        assert_eq!(WeightBounds::new(vec![0.0], vec![]), Err(unequal));
        assert!(WeightBounds::uniform(3, 1.0 / 3.0, 1.0 / 3.0).is_ok());
    }
}

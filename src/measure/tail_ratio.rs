//! Tail ratio.

use super::finite::ratio;
use crate::stats::quantile;

/// Size of the upper tail over that of the lower one. At 0.05 it is that of quantstats and
/// empyrical. No annualization.
///
/// # Formula
/// `|q(1 - tail)| / |q(tail)|`, quantiles linear between neighbours.
///
/// # None
/// Without returns, where one is not finite, where the lower quantile is zero up to rounding, and
/// unless `0 <= tail <= 1`.
///
/// # Example
/// ```
/// use barline::measure::tail_ratio;
/// // The quartiles of five returns are the second and the fourth.
/// assert_eq!(tail_ratio(&[-0.5, -0.25, 0.0, 0.5, 0.75], 0.25), Some(2.0));
/// ```
///
/// # References
/// empyrical-reloaded 0.7.1 and quantstats 0.0.86 `tail_ratio`.
pub fn tail_ratio(returns: &[f64], tail: f64) -> Option<f64> {
    let (upper, lower) = (quantile(returns, 1.0 - tail)?, quantile(returns, tail)?);
    ratio(upper.abs(), lower.abs(), 1.0)
}

#[cfg(test)]
mod tests {
    use super::tail_ratio;

    #[test]
    fn compares_the_sizes_of_quantiles() {
        assert_eq!(tail_ratio(&[-1.0, 0.0, 3.0], 0.0), Some(3.0));
        assert_eq!(tail_ratio(&[0.0, 0.0, 3.0], 0.0), None);
        assert_eq!(tail_ratio(&[-f64::EPSILON, 0.0, 3.0], 0.0), None);
        assert_eq!(tail_ratio(&[-1.0, 0.0, 3.0], f64::NAN), None);
        assert_eq!(tail_ratio(&[], 0.05), None);
    }
}

//! Tail ratio.

use super::{finite::defined, quantile::quantile};

/// Size of the upper tail over that of the lower one: `|q(1 - tail)| / |q(tail)|`, quantiles linear
/// between neighbours. At 0.05 it is that of quantstats and empyrical.
///
/// # None
/// Without returns, where one is not finite, where the lower quantile is zero, and unless
/// `0 <= tail <= 1`.
pub fn tail_ratio(returns: &[f64], tail: f64) -> Option<f64> {
    let (upper, lower) = (quantile(returns, 1.0 - tail)?, quantile(returns, tail)?);
    defined(upper.abs() / lower.abs())
}

#[cfg(test)]
mod tests {
    use super::tail_ratio;

    #[test]
    fn compares_the_sizes_of_quantiles() {
        assert_eq!(tail_ratio(&[-1.0, 0.0, 3.0], 0.0), Some(3.0));
        assert_eq!(tail_ratio(&[0.0, 0.0, 3.0], 0.0), None);
        assert_eq!(tail_ratio(&[], 0.05), None);
    }
}

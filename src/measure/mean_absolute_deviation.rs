//! Mean absolute deviation.

use super::{
    finite::{defined, finite},
    returns::{mean, sum},
};

/// Mean distance of returns from their mean, per bar, divisor `n`.
///
/// # None
/// Without returns, or where one is not finite.
pub fn mean_absolute_deviation(returns: &[f64]) -> Option<f64> {
    let center = mean(finite(returns)?)?;
    defined(sum(returns, |value| (value - center).abs()) / returns.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::mean_absolute_deviation;

    #[test]
    fn is_the_mean_distance() {
        assert_eq!(mean_absolute_deviation(&[0.0, 1.0, 0.0, -1.0]), Some(0.5));
        assert_eq!(mean_absolute_deviation(&[]), None);
    }
}

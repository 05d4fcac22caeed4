//! Moments of one side of a threshold.
//!
//! # References
//! C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., chapter 4;
//! the ratios built on them are those of R's PerformanceAnalytics.

use super::{
    finite::{defined, finite},
    returns::sum,
};

/// Mean distance below `threshold` to the power `order`, over all returns: order 1 is the downside
/// potential, the root of order 2 the downside deviation.
///
/// # Formula
/// `mean(max(threshold - r, 0)^order)`.
///
/// # None
/// Without returns, or where one is not finite.
pub fn lower_partial_moment(returns: &[f64], threshold: f64, order: i32) -> Option<f64> {
    partial_moment(returns, order, |value| threshold - value)
}

/// Mean distance above `threshold` to the power `order`, over all returns.
///
/// # Formula
/// `mean(max(r - threshold, 0)^order)`.
///
/// # None
/// As [`lower_partial_moment`].
pub fn upper_partial_moment(returns: &[f64], threshold: f64, order: i32) -> Option<f64> {
    partial_moment(returns, order, |value| value - threshold)
}

fn partial_moment(returns: &[f64], order: i32, distance: impl Fn(f64) -> f64) -> Option<f64> {
    let returns = finite(returns)?;
    // Repeated products: the power function of the platform would not be the same everywhere.
    let power = |value: f64| (0..order).fold(1.0, |product, _| product * value.max(0.0));
    defined(sum(returns, |value| power(distance(value))) / returns.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::{lower_partial_moment, upper_partial_moment};

    #[test]
    fn all_returns_are_in_the_divisor() {
        let returns = [0.5, -0.25, 0.0, -0.75];
        assert_eq!(lower_partial_moment(&returns, 0.0, 1), Some(0.25));
        assert_eq!(lower_partial_moment(&returns, 0.0, 2), Some(0.156_25));
        assert_eq!(upper_partial_moment(&returns, 0.25, 1), Some(0.062_5));
        assert_eq!(upper_partial_moment(&[], 0.0, 1), None);
        assert_eq!(lower_partial_moment(&[f64::NAN], 0.0, 2), None);
    }
}

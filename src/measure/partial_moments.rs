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
/// `mean(max(threshold - r, 0)^order)`, divisor `n`, the threshold per bar. No annualization.
///
/// # None
/// Without returns, where a number is not finite, and for an order below 1.
///
/// # Example
/// ```
/// use barline::measure::lower_partial_moment;
/// // Distances 0 and 0.5.
/// assert_eq!(lower_partial_moment(&[0.5, -0.5], 0.0, 1), Some(0.25));
/// assert_eq!(lower_partial_moment(&[0.5, -0.5], 0.0, 2), Some(0.125));
/// ```
///
/// # References
/// P. C. Fishburn (1977), Mean-risk analysis with risk associated with below-target returns,
/// American Economic Review 67(2), 116-126.
pub fn lower_partial_moment(returns: &[f64], threshold: f64, order: i32) -> Option<f64> {
    partial_moment(returns, threshold, order, |value| threshold - value)
}

/// Mean distance above `threshold` to the power `order`, over all returns.
///
/// # Formula
/// `mean(max(r - threshold, 0)^order)`, divisor `n`, the threshold per bar. No annualization.
///
/// # None
/// As [`lower_partial_moment`].
///
/// # Example
/// ```
/// use barline::measure::upper_partial_moment;
/// // Distances 0.25 and 0.
/// assert_eq!(upper_partial_moment(&[0.5, -0.5], 0.25, 1), Some(0.125));
/// ```
///
/// # References
/// As [`lower_partial_moment`].
pub fn upper_partial_moment(returns: &[f64], threshold: f64, order: i32) -> Option<f64> {
    partial_moment(returns, threshold, order, |value| value - threshold)
}

fn partial_moment(
    returns: &[f64],
    threshold: f64,
    order: i32,
    distance: impl Fn(f64) -> f64,
) -> Option<f64> {
    let returns = finite(returns).filter(|_| threshold.is_finite() && order > 0)?;
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
        assert_eq!(lower_partial_moment(&returns, f64::NAN, 2), None);
        assert_eq!(upper_partial_moment(&returns, f64::NEG_INFINITY, 2), None);
        assert_eq!(upper_partial_moment(&returns, 0.0, 0), None);
    }
}

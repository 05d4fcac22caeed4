//! Mean absolute deviation.

use super::{
    finite::{defined, finite},
    returns::{mean, sum},
};

/// Mean distance of returns from their mean, per bar.
///
/// # Formula
/// `mean(|r - mean(r)|)`, divisor `n`. No annualization.
///
/// # None
/// Without returns, or where one is not finite.
///
/// # Example
/// ```
/// use barline::measure::mean_absolute_deviation;
/// assert_eq!(mean_absolute_deviation(&[0.0, 1.0, 0.0, -1.0]), Some(0.5));
/// ```
///
/// # References
/// C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., chapter 4.
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

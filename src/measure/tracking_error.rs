//! Tracking error.

use super::{
    finite::{defined, finite, positive},
    returns::standard_deviation,
};

/// Annualized standard deviation of returns above the benchmark.
///
/// # Formula
/// `sd(r - b) * sqrt(A)` with divisor `n - 1` and `A` bars per year.
///
/// # None
/// For fewer than two bars, series of different length, bars per year that are not positive, and
/// where a value is not finite.
///
/// # Example
/// ```
/// use barline::measure::tracking_error;
/// // Differences of 0 and 1: deviation sqrt(1/2), times sqrt(2).
/// let found = tracking_error(&[0.5, 1.25], &[0.5, 0.25], 2.0).unwrap();
/// assert!((found - 1.0).abs() < 1e-15);
/// ```
///
/// # References
/// R. C. Grinold and R. N. Kahn (2000), Active Portfolio Management, 2nd ed., chapter 3: active
/// risk.
pub fn tracking_error(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> Option<f64> {
    let active = active_returns(returns, benchmark)?;
    defined(standard_deviation(finite(&active)?)? * positive(periods_per_year)?.sqrt())
}

/// Returns less those of the benchmark, if there are as many.
pub(super) fn active_returns(returns: &[f64], benchmark: &[f64]) -> Option<Vec<f64>> {
    let active = || returns.iter().zip(benchmark).map(|(r, b)| r - b).collect();
    (returns.len() == benchmark.len()).then(active)
}

#[cfg(test)]
mod tests {
    use super::tracking_error;

    #[test]
    fn is_the_deviation_of_the_difference() {
        let value = tracking_error(&[0.02, 0.05], &[0.01, 0.02], 4.0).expect("two bars");
        assert!((value - 0.02 * 2.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!(tracking_error(&[0.5, 0.5], &[0.25, 0.25], 4.0), Some(0.0));
        assert_eq!(tracking_error(&[0.5, 0.5], &[0.25, 0.25], 0.0), None);
        assert_eq!(tracking_error(&[0.1], &[0.1], 4.0), None);
        assert_eq!(tracking_error(&[0.1, 0.2], &[0.1], 4.0), None);
        assert_eq!(tracking_error(&[f64::MAX; 2], &[-f64::MAX; 2], 4.0), None);
    }
}

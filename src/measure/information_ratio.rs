//! Information ratio.

use super::{
    finite::{defined, finite},
    returns::{largest, mean, standard_deviation},
    tracking_error::active_returns,
};
use crate::stats::moves_against;

/// Mean return above the benchmark over the tracking error, per bar. quantstats'
/// `information_ratio` and empyrical's `excess_sharpe`; times the root of the bars per year it is
/// annual.
///
/// # Formula
/// `mean(r - b) / sd(r - b)` with divisor `n - 1`.
///
/// # None
/// For fewer than two bars, series of different length, a difference that never varies beyond the
/// rounding of the returns, and where a value is not finite.
///
/// # Example
/// ```
/// use barline::measure::information_ratio;
/// // Differences of 0 and 1: mean 1/2, deviation sqrt(1/2).
/// let found = information_ratio(&[0.5, 1.25], &[0.5, 0.25]).unwrap();
/// assert!((found - 0.5_f64.sqrt()).abs() < 1e-15);
/// ```
///
/// # References
/// R. C. Grinold and R. N. Kahn (2000), Active Portfolio Management, 2nd ed., chapter 5.
pub fn information_ratio(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    let active = active_returns(returns, benchmark)?;
    let size = 1.0 + largest(returns).max(largest(benchmark));
    let error =
        standard_deviation(finite(&active)?).filter(|_| moves_against(&active, 2.0 * size))?;
    defined(mean(&active)? / error)
}

#[cfg(test)]
mod tests {
    use super::information_ratio;

    #[test]
    fn is_the_ratio_of_the_difference() {
        let value = information_ratio(&[0.02, 0.05], &[0.01, 0.02]).expect("two bars");
        assert!((value - 0.02 / (0.01 * 2.0_f64.sqrt())).abs() < 1e-12);
        assert_eq!(information_ratio(&[0.5, 0.5], &[0.25, 0.25]), None);
        assert_eq!(information_ratio(&[0.1], &[0.1, 0.2]), None);
        assert_eq!(information_ratio(&[], &[]), None);
        assert_eq!(information_ratio(&[0.1, 0.3, 0.7], &[0.0, 0.2, 0.6]), None);
    }
}

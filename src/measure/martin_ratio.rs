//! Martin ratio.

use super::finite::ratio;

/// Growth rate over the ulcer index: a Calmar ratio that counts every fall, and how long it lasts.
///
/// # Formula
/// `cagr / ulcer`: [`cagr`](super::cagr()) at a risk-free rate of zero over
/// [`ulcer_index`](super::ulcer_index()) with divisor `n`. quantstats' `ulcer_performance_index` has
/// the total return and the divisor `n - 1` instead.
///
/// # None
/// Without a growth rate, and without drawdowns that are more than rounding.
///
/// # Example
/// ```
/// use barline::measure::martin_ratio;
/// assert_eq!(martin_ratio(Some(0.5), Some(0.25)), Some(2.0));
/// assert_eq!(martin_ratio(Some(0.5), Some(0.0)), None);
/// ```
///
/// # References
/// P. Martin and B. `McCann` (1989), The Investor's Guide to Fidelity Funds.
pub fn martin_ratio(cagr: Option<f64>, ulcer_index: Option<f64>) -> Option<f64> {
    ratio(cagr?, ulcer_index.filter(|ulcer| *ulcer > 0.0)?, 1.0)
}

#[cfg(test)]
mod tests {
    use super::martin_ratio;

    #[test]
    fn needs_a_rate_and_a_fall() {
        assert_eq!(martin_ratio(Some(-0.1), Some(0.2)), Some(-0.5));
        assert_eq!(martin_ratio(None, Some(0.2)), None);
        assert_eq!(martin_ratio(Some(0.1), None), None);
        assert_eq!(martin_ratio(Some(0.1), Some(f64::EPSILON)), None);
        assert_eq!(martin_ratio(Some(f64::INFINITY), Some(0.2)), None);
    }
}

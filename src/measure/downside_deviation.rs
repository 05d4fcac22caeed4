//! Downside deviation.

use super::{
    finite::{defined, positive},
    partial_moments::lower_partial_moment,
};

/// Annualized root mean square of returns below a target, over all returns; the denominator of
/// [`sortino`](super::sortino()) at a target of zero.
///
/// # Formula
/// `sqrt(mean(min(r - target, 0)^2)) * sqrt(A)` with `A` bars per year, the target per bar. The same
/// in quantstats and empyrical (`downside_risk`).
///
/// # None
/// Without returns, where a number is not finite, and where the bars per year are not positive.
///
/// # Example
/// ```
/// use barline::measure::downside_deviation;
/// // One fall of 0.5 in four bars: sqrt(0.25 / 4) * sqrt(4).
/// assert_eq!(downside_deviation(&[0.5, -0.5, 0.0, 0.25], 0.0, 4.0), Some(0.5));
/// ```
///
/// # References
/// F. A. Sortino and R. van der Meer (1991), Downside risk, Journal of Portfolio Management 17(4),
/// 27-31.
pub fn downside_deviation(returns: &[f64], target: f64, periods_per_year: f64) -> Option<f64> {
    let year = positive(periods_per_year)?;
    defined(lower_partial_moment(returns, target, 2)?.sqrt() * year.sqrt())
}

#[cfg(test)]
mod tests {
    use super::downside_deviation;

    #[test]
    fn divides_by_all_bars() {
        let value = downside_deviation(&[0.03, -0.02, 0.0, 0.03], 0.0, 4.0).expect("returns");
        assert!((value - 0.02).abs() < 1e-15);
        assert_eq!(downside_deviation(&[0.1], 0.0, 252.0), Some(0.0));
        assert_eq!(downside_deviation(&[], 0.0, 252.0), None);
        assert_eq!(downside_deviation(&[0.1], f64::NAN, 252.0), None);
        assert_eq!(downside_deviation(&[0.1], 0.0, -1.0), None);
    }
}

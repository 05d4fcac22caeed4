//! Downside deviation.

use super::partial_moments::lower_partial_moment;

/// Annualized root mean square of returns below a target, over all returns; the denominator of
/// [`sortino`](super::sortino()) at a target of zero.
///
/// # Formula
/// `sqrt(mean(min(r - target, 0)^2)) * sqrt(A)` with `A` bars per year, the target per bar. The same
/// in quantstats and empyrical (`downside_risk`).
///
/// # None
/// Without returns, or where one is not finite.
pub fn downside_deviation(returns: &[f64], target: f64, periods_per_year: f64) -> Option<f64> {
    Some(lower_partial_moment(returns, target, 2)?.sqrt() * periods_per_year.sqrt())
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
    }
}

//! Sortino ratio.

use super::{
    finite::{defined, finite, positive},
    returns::{falls_below, mean, sum},
};

/// Annualized Sortino ratio at a target of zero; at another one, that of
/// [`excess_returns`](super::excess_returns()).
///
/// # Formula
/// `mean(r) / sqrt(mean(min(r, 0)^2)) * sqrt(A)`: the downside deviation counts all bars in its
/// divisor, not only the losing ones.
///
/// # None
/// Without returns, without a loss that is more than rounding, where a return is not finite, and
/// where the bars per year are not positive.
///
/// # Example
/// ```
/// use barline::measure::sortino;
/// // Mean 1/4 over sqrt((1/2)^2 / 4), times sqrt(4).
/// assert_eq!(sortino(&[0.75, -0.5, 0.0, 0.75], 4.0), Some(2.0));
/// ```
///
/// # References
/// F. A. Sortino and L. N. Price (1994), Performance measurement in a downside risk framework,
/// Journal of Investing 3(3). The same in quantstats and empyrical.
pub fn sortino(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let year = positive(periods_per_year)?;
    let squares = sum(finite(returns)?, |value| value.min(0.0) * value.min(0.0));
    let downside = (squares / returns.len() as f64).sqrt();
    let ratio = mean(returns)? / downside * year.sqrt();
    if falls_below(returns, 0.0) { defined(ratio) } else { None }
}

#[cfg(test)]
mod tests {
    use super::sortino;

    #[test]
    fn divides_by_all_bars() {
        let value = sortino(&[0.03, -0.02, 0.0, 0.03], 1.0).expect("a loss");
        assert!((value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn is_undefined_without_a_loss() {
        assert_eq!(sortino(&[0.01, 0.02], 252.0), None);
        assert_eq!(sortino(&[], 252.0), None);
        assert_eq!(sortino(&[0.01, -f64::EPSILON], 252.0), None);
        assert_eq!(sortino(&[0.01, -0.01, f64::NAN], 252.0), None);
        assert_eq!(sortino(&[0.01, -0.01], f64::NAN), None);
    }
}

//! Sharpe ratio.

use super::{
    finite::{defined, positive},
    returns::{mean, returns_move, standard_deviation},
};

/// Annualized Sharpe ratio at a risk-free rate of zero; at another one, that of
/// [`excess_returns`](super::excess_returns()).
///
/// # Formula
/// `mean(r) / sd(r) * sqrt(A)` with divisor `n - 1` and `A` bars per year.
///
/// # None
/// For fewer than two returns, returns that never differ beyond rounding, where one is not finite,
/// and where the bars per year are not positive.
///
/// # Example
/// ```
/// use barline::measure::sharpe;
/// // Mean 1/4, deviation sqrt(1/8), times sqrt(2).
/// let found = sharpe(&[0.0, 0.5], 2.0).unwrap();
/// assert!((found - 1.0).abs() < 1e-15);
/// assert_eq!(sharpe(&[0.1; 1000], 252.0), None);
/// ```
///
/// # References
/// W. F. Sharpe (1994), The Sharpe ratio, Journal of Portfolio Management 21(1). The same in
/// quantstats and empyrical.
pub fn sharpe(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let year = positive(periods_per_year)?;
    let sd = standard_deviation(returns).filter(|_| returns_move(returns))?;
    defined(mean(returns)? / sd * year.sqrt())
}

#[cfg(test)]
mod tests {
    use super::sharpe;

    #[test]
    fn is_mean_over_deviation() {
        let value = sharpe(&[0.01, 0.03], 4.0).expect("two returns");
        assert!((value - 2.0 * 2.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn is_undefined_without_variation() {
        assert_eq!(sharpe(&[0.0, 0.0, 0.0], 252.0), None);
        assert_eq!(sharpe(&[0.02], 252.0), None);
        assert_eq!(sharpe(&[0.1; 1000], 252.0), None);
        assert_eq!(sharpe(&[0.3, 0.1 + 0.2], 252.0), None);
    }

    #[test]
    fn is_undefined_for_what_is_no_number() {
        assert_eq!(sharpe(&[0.01, f64::NAN, 0.03], 252.0), None);
        assert_eq!(sharpe(&[0.01, f64::INFINITY], 252.0), None);
        for year in [0.0, -252.0, f64::NAN, f64::INFINITY] {
            assert_eq!(sharpe(&[0.01, 0.03], year), None);
        }
    }
}

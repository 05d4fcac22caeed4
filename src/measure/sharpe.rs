//! Sharpe ratio.

use super::returns::{mean, standard_deviation};

/// Annualized Sharpe ratio at a risk-free rate of zero.
///
/// # Formula
/// `mean(r) / sd(r) * sqrt(A)` with divisor `n - 1` and `A` bars per year.
///
/// # None
/// For fewer than two returns, or returns that never differ.
///
/// # References
/// W. F. Sharpe (1994), The Sharpe Ratio, Journal of Portfolio Management 21(1).
pub fn sharpe(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let sd = standard_deviation(returns).filter(|&sd| sd > 0.0)?;
    Some(mean(returns)? / sd * periods_per_year.sqrt())
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
    }
}

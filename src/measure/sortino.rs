//! Sortino ratio.

use super::returns::{mean, sum};

/// Annualized Sortino ratio at a target of zero.
///
/// # Formula
/// `mean(r) / sqrt(mean(min(r, 0)^2)) * sqrt(A)`: the downside deviation counts all bars in its
/// divisor, not only the losing ones.
///
/// # None
/// Without returns, or without a loss.
///
/// # References
/// F. A. Sortino and L. N. Price (1994), Performance Measurement in a Downside Risk Framework,
/// Journal of Investing 3(3).
pub fn sortino(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    let squares = sum(returns, |value| value.min(0.0) * value.min(0.0));
    let downside = (squares / returns.len() as f64).sqrt();
    (downside > 0.0).then_some(mean(returns)? / downside * periods_per_year.sqrt())
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
    }
}

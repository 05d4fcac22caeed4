//! Volatility.

use super::returns::standard_deviation;

/// Annualized standard deviation of returns per bar.
///
/// # Formula
/// `sd(r) * sqrt(A)` with divisor `n - 1` and `A` bars per year.
///
/// # None
/// For fewer than two returns.
pub fn volatility(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    Some(standard_deviation(returns)? * periods_per_year.sqrt())
}

#[cfg(test)]
mod tests {
    use super::volatility;

    #[test]
    fn is_annualized_with_the_root_of_the_year() {
        let value = volatility(&[0.01, 0.03], 4.0).expect("two returns");
        assert!((value - 0.02 * 2.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!(volatility(&[0.01], 4.0), None);
    }
}

//! Volatility.

use super::{
    finite::{defined, positive},
    returns::standard_deviation,
};

/// Annualized standard deviation of returns per bar.
///
/// # Formula
/// `sd(r) * sqrt(A)` with divisor `n - 1` and `A` bars per year.
///
/// # None
/// For fewer than two returns, where one is not finite, and where the bars per year are not
/// positive.
///
/// # Example
/// ```
/// use barline::measure::volatility;
/// // Deviation sqrt(1/8), times sqrt(2).
/// let found = volatility(&[0.0, 0.5], 2.0).unwrap();
/// assert!((found - 0.5).abs() < 1e-15);
/// ```
///
/// # References
/// quantstats `volatility` and empyrical `annual_volatility`; C. Bacon (2008), Practical Portfolio
/// Performance Measurement and Attribution, 2nd ed., chapter 4.
pub fn volatility(returns: &[f64], periods_per_year: f64) -> Option<f64> {
    defined(standard_deviation(returns)? * positive(periods_per_year)?.sqrt())
}

#[cfg(test)]
mod tests {
    use super::volatility;

    #[test]
    fn is_annualized_with_the_root_of_the_year() {
        let value = volatility(&[0.01, 0.03], 4.0).expect("two returns");
        assert!((value - 0.02 * 2.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!(volatility(&[0.01], 4.0), None);
        assert_eq!(volatility(&[0.01, f64::NAN], 4.0), None);
        assert_eq!(volatility(&[0.01, 0.02], -4.0), None);
    }
}

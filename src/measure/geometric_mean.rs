//! Geometric mean return.

use super::finite::{defined, finite};

/// Constant return per bar that ends where the returns end. quantstats' `expected_return`.
///
/// # Formula
/// `prod(1 + r)^(1 / n) - 1`. No annualization.
///
/// # None
/// Without returns, where one is not finite, and where the product is negative or beyond the range
/// of a number.
///
/// # Example
/// ```
/// use barline::measure::geometric_mean;
/// // 4 * 0.25 = 1: what was won is lost again.
/// assert_eq!(geometric_mean(&[3.0, -0.75]), Some(0.0));
/// ```
///
/// # References
/// C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., chapter 2.
pub fn geometric_mean(returns: &[f64]) -> Option<f64> {
    let growth = finite(returns)?.iter().fold(1.0, |growth, value| growth * (1.0 + value));
    defined(libm::pow(growth, 1.0 / returns.len() as f64) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::geometric_mean;

    #[test]
    fn compounds_to_the_total() {
        let value = geometric_mean(&[1.0, -0.5, 0.21]).expect("returns");
        assert!((libm::pow(1.0 + value, 3.0) - 1.21).abs() < 1e-14);
        assert_eq!(geometric_mean(&[]), None);
        assert_eq!(geometric_mean(&[-3.0, 0.0]), None);
    }
}

//! Value at risk, as a return: negative where it is a loss.
//!
//! Two definitions, each with its own name: the quantile of the returns, and that of a normal
//! distribution. Both are per bar; neither is annualized.

use super::{
    finite::{defined, finite},
    returns::{mean, returns_move, standard_deviation},
};
use crate::stats::{normal_quantile, quantile};

/// Historical value at risk: the quantile of the returns at `tail`, linear between neighbours.
/// empyrical's `value_at_risk`.
///
/// # Formula
/// [`quantile`] at `tail`: 0.05 is what the industry calls 95 %.
///
/// # None
/// Without returns, where one is not finite, and unless `0 <= tail <= 1`.
///
/// # Example
/// ```
/// use barline::measure::value_at_risk_historical;
/// // Half way between -1 and 0.
/// assert_eq!(value_at_risk_historical(&[1.0, -1.0, 0.0], 0.25), Some(-0.5));
/// ```
///
/// # References
/// P. Jorion (2006), Value at Risk, 3rd ed., chapter 10: historical simulation; empyrical-reloaded
/// 0.7.1 `value_at_risk`.
pub fn value_at_risk_historical(returns: &[f64], tail: f64) -> Option<f64> {
    quantile(returns, tail)
}

/// Parametric value at risk: the quantile at `tail` of the normal distribution with the returns'
/// moments. quantstats' `value_at_risk`.
///
/// # Formula
/// `mean + sd Phi^-1(tail)` with divisor `n - 1`.
///
/// # None
/// For fewer than two returns, returns that never differ beyond rounding or are not finite, and
/// unless `0 < tail < 1`.
///
/// # Example
/// ```
/// use barline::measure::value_at_risk_normal;
/// // Mean 0, deviation 1: the 5 % point of a standard normal.
/// let found = value_at_risk_normal(&[-1.0, 0.0, 1.0], 0.05).unwrap();
/// assert!((found + 1.644_853_6).abs() < 1e-7);
/// ```
///
/// # References
/// P. Jorion (2006), Value at Risk, 3rd ed., chapter 5; quantstats 0.0.86 `value_at_risk`.
pub fn value_at_risk_normal(returns: &[f64], tail: f64) -> Option<f64> {
    let returns = finite(returns)?;
    let sd = standard_deviation(returns).filter(|_| returns_move(returns))?;
    defined(mean(returns)? + sd * normal_quantile(tail)?)
}

#[cfg(test)]
mod tests {
    use super::{value_at_risk_historical, value_at_risk_normal};

    #[test]
    fn historical_interpolates_and_normal_needs_variation() {
        assert_eq!(value_at_risk_historical(&[1.0, -1.0, 0.0], 0.25), Some(-0.5));
        let normal = value_at_risk_normal(&[-1.0, 0.0, 1.0], 0.05).expect("variation");
        assert!((normal + 1.644_853_626_951_472_2).abs() < 1e-14);
        assert_eq!(value_at_risk_normal(&[0.0, 0.0], 0.05), None);
        assert_eq!(value_at_risk_normal(&[0.1; 1000], 0.05), None);
        assert_eq!(value_at_risk_normal(&[0.1], 0.05), None);
        assert_eq!(value_at_risk_normal(&[0.1, 0.2], 0.0), None);
    }
}

//! Value at risk, as a return: negative where it is a loss.

use super::{
    finite::{defined, finite},
    quantile::quantile,
    returns::{mean, standard_deviation},
};
use crate::stats::normal_quantile;

/// Historical value at risk: the quantile of the returns at `tail`, linear between neighbours.
/// empyrical's `value_at_risk`.
///
/// # None
/// Without returns, where one is not finite, and unless `0 <= tail <= 1`.
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
/// For fewer than two returns, returns that never differ or are not finite, and unless
/// `0 < tail < 1`.
pub fn value_at_risk_normal(returns: &[f64], tail: f64) -> Option<f64> {
    let returns = finite(returns)?;
    let sd = standard_deviation(returns).filter(|sd| *sd > 0.0)?;
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
        assert_eq!(value_at_risk_normal(&[0.1], 0.05), None);
        assert_eq!(value_at_risk_normal(&[0.1, 0.2], 0.0), None);
    }
}

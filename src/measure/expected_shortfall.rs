//! Expected shortfall (CVaR), as a return: negative where it is a loss.
//!
//! Three definitions, each with its own name: a count of lowest returns, the returns at or below a
//! quantile, and the tail of a normal distribution. All are per bar; none is annualized.

use super::{
    finite::{defined, finite},
    returns::{mean, standard_deviation},
};
use crate::stats::{normal_density, normal_quantile, quantile, sorted};

/// Mean of the `[(n - 1) tail] + 1` lowest returns. empyrical's `conditional_value_at_risk`.
///
/// # None
/// Without returns, where one is not finite, and unless `0 <= tail <= 1`.
///
/// # Example
/// ```
/// use barline::measure::expected_shortfall_lowest;
/// // [(5 - 1) / 4] + 1 = 2 returns: -1 and -0.5.
/// let found = expected_shortfall_lowest(&[0.5, -0.5, -1.0, 0.25, 0.0], 0.25);
/// assert_eq!(found, Some(-0.75));
/// ```
///
/// # References
/// empyrical-reloaded 0.7.1 `conditional_value_at_risk`; C. Acerbi and D. Tasche (2002), On the
/// coherence of expected shortfall, Journal of Banking and Finance 26(7), 1487-1503.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of returns")]
pub fn expected_shortfall_lowest(returns: &[f64], tail: f64) -> Option<f64> {
    let ascending = sorted(returns)?;
    if !(0.0..=1.0).contains(&tail) {
        return None;
    }
    let last = ((ascending.len() - 1) as f64 * tail) as usize;
    defined(mean(ascending.get(..=last)?)?)
}

/// Mean of the returns at or below the [historical value at
/// risk](super::value_at_risk_historical()). quantstats' `cvar` with `method="historical"`.
///
/// # Formula
/// `mean(r where r <= q)`, `q` the quantile at `tail`, linear between neighbours.
///
/// # None
/// As [`expected_shortfall_lowest`].
///
/// # Example
/// ```
/// use barline::measure::expected_shortfall_historical;
/// // The quantile at 1/8 lies between -1 and -0.5: one return is below it.
/// let found = expected_shortfall_historical(&[0.5, -0.5, -1.0, 0.25, 0.0], 0.125);
/// assert_eq!(found, Some(-1.0));
/// ```
///
/// # References
/// quantstats 0.0.86 `cvar`; R. T. Rockafellar and S. Uryasev (2000), Optimization of conditional
/// value-at-risk, Journal of Risk 2(3), 21-41.
pub fn expected_shortfall_historical(returns: &[f64], tail: f64) -> Option<f64> {
    let bound = quantile(returns, tail)?;
    let worst: Vec<f64> = returns.iter().copied().filter(|value| *value <= bound).collect();
    defined(mean(&worst)?)
}

/// Mean of the tail of the normal distribution with the returns' moments. quantstats' `cvar`.
///
/// # Formula
/// `mean - sd phi(Phi^-1(tail)) / tail` with divisor `n - 1`; the mean where returns never differ.
///
/// # None
/// For fewer than two returns, where one is not finite, and unless `0 < tail < 1`.
///
/// # Example
/// ```
/// use barline::measure::expected_shortfall_normal;
/// // Mean 0, deviation 1: the mean of the lowest 5 % of a standard normal is -2.0627.
/// let found = expected_shortfall_normal(&[-1.0, 0.0, 1.0], 0.05).unwrap();
/// assert!((found + 2.062_712_8).abs() < 1e-7);
/// ```
///
/// # References
/// A. J. McNeil, R. Frey and P. Embrechts (2005), Quantitative Risk Management, example 2.18;
/// quantstats 0.0.86 `cvar`.
pub fn expected_shortfall_normal(returns: &[f64], tail: f64) -> Option<f64> {
    let returns = finite(returns)?;
    let sd = standard_deviation(returns)?;
    defined(mean(returns)? - sd * normal_density(normal_quantile(tail)?) / tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_definitions() {
        let returns = [0.5, -0.5, -1.0, 0.25, 0.0];
        assert_eq!(expected_shortfall_lowest(&returns, 0.25), Some(-0.75));
        assert_eq!(expected_shortfall_historical(&returns, 0.125), Some(-1.0));
        let normal = expected_shortfall_normal(&[-1.0, 0.0, 1.0], 0.05).expect("two returns");
        assert!((normal + 2.062_712_807_507_426).abs() < 1e-12, "{normal}");
        assert_eq!(expected_shortfall_normal(&[0.5, 0.5], 0.05), Some(0.5));
        assert_eq!(expected_shortfall_normal(&[0.1], 0.05), None);
        for measure in [expected_shortfall_lowest, expected_shortfall_historical] {
            assert_eq!(measure(&[], 0.05), None);
            assert_eq!(measure(&[f64::INFINITY], 0.05), None);
            assert_eq!(measure(&[0.1], -1.0), None);
        }
    }
}

//! Expected shortfall (CVaR), as a return: negative where it is a loss.

use super::{
    finite::{defined, finite},
    quantile::{ascending, quantile},
    returns::{mean, standard_deviation},
};
use crate::stats::{normal_density, normal_quantile};

/// Mean of the `[(n - 1) tail] + 1` lowest returns. empyrical's `conditional_value_at_risk`.
///
/// # None
/// Without returns, where one is not finite, and unless `0 <= tail <= 1`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of returns")]
pub fn expected_shortfall_lowest(returns: &[f64], tail: f64) -> Option<f64> {
    let sorted = ascending(finite(returns)?);
    let last = ((sorted.len() - 1) as f64 * tail) as usize;
    (0.0..=1.0).contains(&tail).then(|| mean(&sorted[..=last])).flatten()
}

/// Mean of the returns at or below the historical value at risk. quantstats' `cvar` with
/// `method="historical"`.
///
/// # None
/// As [`expected_shortfall_lowest`].
pub fn expected_shortfall_historical(returns: &[f64], tail: f64) -> Option<f64> {
    let bound = quantile(returns, tail)?;
    let worst: Vec<f64> = returns.iter().copied().filter(|value| *value <= bound).collect();
    mean(&worst)
}

/// Mean of the tail of the normal distribution with the returns' moments. quantstats' `cvar`.
///
/// # Formula
/// `mean - sd phi(Phi^-1(tail)) / tail` with divisor `n - 1`; the mean where returns never differ.
///
/// # None
/// For fewer than two returns, where one is not finite, and unless `0 < tail < 1`.
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

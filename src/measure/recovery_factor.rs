//! Recovery factor.

use super::{
    finite::{defined, finite},
    returns::sum,
};

/// Size of the sum of returns over the deepest drawdown. quantstats' `recovery_factor`, which adds
/// returns up instead of compounding them and drops their sign.
///
/// # None
/// Without a drawdown, without returns, or where one is not finite.
pub fn recovery_factor_quantstats(returns: &[f64], max_drawdown: f64) -> Option<f64> {
    let total = sum(finite(returns)?, |value| value);
    if max_drawdown < 0.0 { defined(total.abs() / max_drawdown.abs()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::recovery_factor_quantstats;

    #[test]
    fn needs_a_drawdown() {
        assert_eq!(recovery_factor_quantstats(&[0.75, -0.25], -0.25), Some(2.0));
        assert_eq!(recovery_factor_quantstats(&[0.75], 0.0), None);
    }
}

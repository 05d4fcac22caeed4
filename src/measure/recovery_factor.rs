//! Recovery factor.

use super::{
    finite::{finite, ratio},
    returns::sum,
};

/// Size of the sum of returns over the deepest drawdown. quantstats' `recovery_factor`, which adds
/// returns up instead of compounding them and drops their sign. No annualization.
///
/// # Formula
/// `|sum(r)| / |max_drawdown|`.
///
/// # None
/// Without a drawdown that is more than rounding, without returns, or where one is not finite.
///
/// # Example
/// ```
/// use barline::measure::recovery_factor_quantstats;
/// assert_eq!(recovery_factor_quantstats(&[0.75, -0.25], Some(-0.25)), Some(2.0));
/// ```
///
/// # References
/// quantstats 0.0.86 `recovery_factor`.
pub fn recovery_factor_quantstats(returns: &[f64], max_drawdown: Option<f64>) -> Option<f64> {
    let total = sum(finite(returns)?, |value| value);
    let depth = max_drawdown.filter(|depth| *depth < 0.0)?;
    ratio(total.abs(), depth.abs(), 1.0)
}

#[cfg(test)]
mod tests {
    use super::recovery_factor_quantstats;

    #[test]
    fn needs_a_drawdown() {
        assert_eq!(recovery_factor_quantstats(&[0.75, -0.25], Some(-0.25)), Some(2.0));
        assert_eq!(recovery_factor_quantstats(&[0.75], Some(0.0)), None);
        assert_eq!(recovery_factor_quantstats(&[0.75], Some(-f64::EPSILON)), None);
        assert_eq!(recovery_factor_quantstats(&[0.75], Some(f64::NAN)), None);
        assert_eq!(recovery_factor_quantstats(&[0.75], None), None);
    }
}

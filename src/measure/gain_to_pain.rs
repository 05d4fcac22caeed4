//! Gain to pain ratio.

use super::{
    finite::{defined, finite},
    returns::{falls_below, sum},
};

/// Sum of returns over the sum of losses, per bar: [`omega`](super::omega()) at zero less one. The
/// same in quantstats at the resolution of the bars.
///
/// # Formula
/// `sum(r) / |sum(min(r, 0))|`; Schwager takes monthly returns, here a bar is what it is. No
/// annualization.
///
/// # None
/// Without a loss that is more than rounding, or where a return is not finite.
///
/// # Example
/// ```
/// use barline::measure::gain_to_pain;
/// assert_eq!(gain_to_pain(&[0.75, -0.25, 0.0]), Some(2.0));
/// ```
///
/// # References
/// J. D. Schwager (2012), Hedge Fund Market Wizards, appendix A.
pub fn gain_to_pain(returns: &[f64]) -> Option<f64> {
    let lost = -sum(finite(returns)?, |value| value.min(0.0));
    if falls_below(returns, 0.0) { defined(sum(returns, |value| value) / lost) } else { None }
}

#[cfg(test)]
mod tests {
    use super::gain_to_pain;

    #[test]
    fn is_the_net_over_the_losses() {
        assert_eq!(gain_to_pain(&[0.75, -0.25, 0.0]), Some(2.0));
        assert_eq!(gain_to_pain(&[0.5]), None);
        assert_eq!(gain_to_pain(&[0.5, -f64::EPSILON]), None);
    }
}

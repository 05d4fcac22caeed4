//! Omega ratio.

use super::{
    finite::{defined, finite},
    returns::falls_below,
};

/// What returns gain above a threshold over what they lose below it. No annualization.
///
/// # Formula
/// `sum(max(r - threshold, 0)) / sum(max(threshold - r, 0))`, the threshold per bar. At zero it is
/// the Bernardo-Ledoit ratio. The same in quantstats and empyrical.
///
/// # None
/// Without a return that is below the threshold by more than rounding, or where a number is not
/// finite.
///
/// # Example
/// ```
/// use barline::measure::omega;
/// assert_eq!(omega(&[0.5, -0.25, 0.0], 0.0), Some(2.0));
/// // Around 0.25: 0.25 above, 0.5 + 0.25 below.
/// assert_eq!(omega(&[0.5, -0.25, 0.0], 0.25), Some(1.0 / 3.0));
/// ```
///
/// # References
/// C. Keating and W. F. Shadwick (2002), A universal performance measure, Journal of Performance
/// Measurement 6(3), 59-84.
pub fn omega(returns: &[f64], threshold: f64) -> Option<f64> {
    let over = finite(returns)?.iter().map(|value| value - threshold);
    let (won, lost) =
        over.fold((0.0, 0.0), |(won, lost), value| (won + value.max(0.0), lost - value.min(0.0)));
    if falls_below(returns, threshold) { defined(won / lost) } else { None }
}

#[cfg(test)]
mod tests {
    use super::omega;

    #[test]
    fn divides_gains_by_losses_around_the_threshold() {
        assert_eq!(omega(&[0.5, -0.25, 0.0], 0.0), Some(2.0));
        assert_eq!(omega(&[0.5, -0.25, 0.25], 0.25), Some(0.5));
        assert_eq!(omega(&[0.5], 0.0), None);
        assert_eq!(omega(&[0.5, 0.3], 0.1 + 0.2), None);
        for threshold in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(omega(&[0.5, -0.25], threshold), None);
        }
        assert_eq!(omega(&[], 0.0), None);
    }
}

//! Win rate among what was decided.

use super::finite::finite;

/// Share of winners among the values that are not zero: the convention of quantstats, which
/// [`win_rate`](super::win_rate()) does not follow.
///
/// # Formula
/// `count(r > 0) / count(r != 0)`. No annualization.
///
/// # None
/// Where every value is zero, or one is not finite.
///
/// # Example
/// ```
/// use barline::measure::win_rate_decided;
/// assert_eq!(win_rate_decided(&[1.0, -1.0, 0.0, 0.0]), Some(0.5));
/// ```
///
/// # References
/// quantstats 0.0.86 `win_rate`.
pub fn win_rate_decided(returns: &[f64]) -> Option<f64> {
    let returns = finite(returns)?;
    let wins = returns.iter().filter(|value| **value > 0.0).count();
    let losses = returns.iter().filter(|value| **value < 0.0).count();
    (wins + losses > 0).then(|| wins as f64 / (wins + losses) as f64)
}

#[cfg(test)]
mod tests {
    use super::win_rate_decided;

    #[test]
    fn zeros_do_not_count() {
        assert_eq!(win_rate_decided(&[1.0, -1.0, 0.0, 0.0]), Some(0.5));
        assert_eq!(win_rate_decided(&[0.0]), None);
        assert_eq!(win_rate_decided(&[1.0, f64::NAN]), None);
    }
}

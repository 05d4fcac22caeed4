//! Payoff ratio.

use super::finite::{finite, ratio};

/// Average win over average loss; the same in quantstats. No annualization.
///
/// # Formula
/// `mean(r > 0) / |mean(r < 0)|`.
///
/// # None
/// Without a win, without losses that are more than the rounding of the wins, or where a value is
/// not finite.
///
/// # Example
/// ```
/// use barline::measure::payoff_ratio;
/// // (3 + 1) / 2 over 1.
/// assert_eq!(payoff_ratio(&[3.0, 1.0, 0.0, -1.0]), Some(2.0));
/// ```
///
/// # References
/// quantstats 0.0.86 `payoff_ratio`; R. Vince (1990), Portfolio Management Formulas.
pub fn payoff_ratio(returns: &[f64]) -> Option<f64> {
    let (mut won, mut wins, mut lost, mut losses) = (0.0, 0_u32, 0.0, 0_u32);
    for value in finite(returns)? {
        if *value > 0.0 {
            (won, wins) = (won + value, wins + 1);
        } else if *value < 0.0 {
            (lost, losses) = (lost - value, losses + 1);
        }
    }
    if wins == 0 || losses == 0 {
        return None;
    }
    let win = won / f64::from(wins);
    ratio(win, lost / f64::from(losses), win)
}

#[cfg(test)]
mod tests {
    use super::payoff_ratio;

    #[test]
    fn needs_both_sides() {
        assert_eq!(payoff_ratio(&[3.0, 1.0, 0.0, -1.0]), Some(2.0));
        assert_eq!(payoff_ratio(&[3.0]), None);
        assert_eq!(payoff_ratio(&[-3.0]), None);
    }
}

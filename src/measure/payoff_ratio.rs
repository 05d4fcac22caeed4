//! Payoff ratio.

use super::finite::{defined, finite};

/// Average win over average loss; the same in quantstats.
///
/// # Formula
/// `mean(r > 0) / |mean(r < 0)|`.
///
/// # None
/// Without a win, without a loss, or where a value is not finite.
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
    defined(won / f64::from(wins) / (lost / f64::from(losses)))
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

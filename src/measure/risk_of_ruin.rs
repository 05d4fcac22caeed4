//! Risk of ruin.

/// Chance of losing everything in a game of even stakes with this win rate. quantstats'
/// `risk_of_ruin`: a toy for one bet of the whole account per bar, kept for comparison.
///
/// # Formula
/// `((1 - p) / (1 + p))^n`.
///
/// # None
/// Unless `0 <= win_rate <= 1`.
///
/// # Example
/// ```
/// use barline::measure::risk_of_ruin_quantstats;
/// // (0.4 / 1.6)^2
/// let found = risk_of_ruin_quantstats(0.6, 2).unwrap();
/// assert!((found - 0.0625).abs() < 1e-15);
/// ```
///
/// # References
/// quantstats 0.0.86 `risk_of_ruin`.
pub fn risk_of_ruin_quantstats(win_rate: f64, bets: usize) -> Option<f64> {
    let lost = (1.0 - win_rate) / (1.0 + win_rate);
    (0.0..=1.0).contains(&win_rate).then(|| libm::pow(lost, bets as f64))
}

#[cfg(test)]
mod tests {
    use super::risk_of_ruin_quantstats;

    #[test]
    fn is_certain_without_a_win() {
        assert_eq!(risk_of_ruin_quantstats(0.0, 9), Some(1.0));
        assert_eq!(risk_of_ruin_quantstats(1.0, 9), Some(0.0));
        assert_eq!(risk_of_ruin_quantstats(1.5, 9), None);
        assert_eq!(risk_of_ruin_quantstats(f64::NAN, 0), None);
    }
}

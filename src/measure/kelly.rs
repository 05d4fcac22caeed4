//! Kelly fraction.

use super::{finite::defined, payoff_ratio::payoff_ratio, win_rate_decided::win_rate_decided};

/// Share of the account that the Kelly criterion would bet, wins and losses taken at their averages.
/// quantstats' `kelly_criterion`.
///
/// # Formula
/// `(b p - (1 - p)) / b`, `b` the [payoff ratio](payoff_ratio()), `p` the win rate without zeros.
///
/// # None
/// Without a win, and where the payoff ratio is.
///
/// # Example
/// ```
/// use barline::measure::kelly;
/// // Even odds at double payoff: (2 / 2 - 1 / 2) / 2.
/// assert_eq!(kelly(&[2.0, -1.0]), Some(0.25));
/// ```
///
/// # References
/// J. L. Kelly (1956), A new interpretation of information rate, Bell System Technical Journal 35(4).
pub fn kelly(returns: &[f64]) -> Option<f64> {
    let (payoff, wins) = (payoff_ratio(returns)?, win_rate_decided(returns)?);
    defined((payoff * wins - (1.0 - wins)) / payoff)
}

#[cfg(test)]
mod tests {
    use super::kelly;

    #[test]
    fn even_odds_at_double_payoff_bet_a_quarter() {
        assert_eq!(kelly(&[2.0, -1.0]), Some(0.25));
        assert_eq!(kelly(&[2.0]), None);
    }
}

//! Win rate.

use super::finite::finite;

/// Share of trades with a positive net profit; a trade that breaks even is no win.
///
/// # Formula
/// `count(p > 0) / n`. No annualization.
///
/// # None
/// Without trades, or where a profit is not finite.
///
/// # Example
/// ```
/// use barline::measure::win_rate;
/// assert_eq!(win_rate(&[1.0, -1.0, 0.0, 2.0]), Some(0.5));
/// ```
///
/// # References
/// The share of profitable trades of trading platforms, all trades in the divisor; for the other
/// divisor see [`win_rate_decided`](super::win_rate_decided()).
pub fn win_rate(net_profits: &[f64]) -> Option<f64> {
    let wins = net_profits.iter().filter(|&&profit| profit > 0.0).count();
    Some(wins as f64 / finite(net_profits)?.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::win_rate;

    #[test]
    fn counts_positive_net_profits() {
        assert_eq!(win_rate(&[1.0, -1.0, 0.0, 2.0]), Some(0.5));
        assert_eq!(win_rate(&[]), None);
        assert_eq!(win_rate(&[1.0, f64::NAN]), None);
    }
}

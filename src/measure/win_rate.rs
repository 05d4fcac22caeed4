//! Win rate.

/// Share of trades with a positive net profit; a trade that breaks even is no win.
///
/// # None
/// Without trades.
pub fn win_rate(net_profits: &[f64]) -> Option<f64> {
    let wins = net_profits.iter().filter(|&&profit| profit > 0.0).count();
    (!net_profits.is_empty()).then(|| wins as f64 / net_profits.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::win_rate;

    #[test]
    fn counts_positive_net_profits() {
        assert_eq!(win_rate(&[1.0, -1.0, 0.0, 2.0]), Some(0.5));
        assert_eq!(win_rate(&[]), None);
    }
}

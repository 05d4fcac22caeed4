//! Profit factor.

/// What the winning trades earned over what the losing ones lost, net of costs.
///
/// # Formula
/// `sum of positive net profits / |sum of negative net profits|`.
///
/// # None
/// Without a losing trade.
pub fn profit_factor(net_profits: &[f64]) -> Option<f64> {
    let won = net_profits.iter().fold(0.0, |sum, &profit| sum + profit.max(0.0));
    let lost = net_profits.iter().fold(0.0, |sum, &profit| sum - profit.min(0.0));
    (lost > 0.0).then(|| won / lost)
}

#[cfg(test)]
mod tests {
    use super::profit_factor;

    #[test]
    fn divides_gains_by_losses() {
        assert_eq!(profit_factor(&[3.0, -1.0, 0.0, -1.0]), Some(1.5));
        assert_eq!(profit_factor(&[-2.0]), Some(0.0));
        assert_eq!(profit_factor(&[2.0]), None);
    }
}

//! Drawdowns: how far equity stands below its running maximum.

/// One drawdown per row: `equity[t] / max(capital, equity[0..=t]) - 1`, zero or negative.
pub fn drawdowns(equity: &[f64], capital: f64) -> Vec<f64> {
    let mut peak = capital;
    equity
        .iter()
        .map(|&value| {
            peak = peak.max(value);
            value / peak - 1.0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::drawdowns;

    #[test]
    fn the_capital_is_the_first_maximum() {
        assert_eq!(drawdowns(&[75.0, 200.0, 150.0], 100.0), [-0.25, 0.0, -0.25]);
        assert!(drawdowns(&[], 100.0).is_empty());
    }
}

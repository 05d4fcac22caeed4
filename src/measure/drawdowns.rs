//! Drawdowns: how far equity stands below its running maximum.

use super::finite::{finite, positive};

/// One drawdown per row, zero or negative; below -1 where equity is negative.
///
/// # Formula
/// `equity[t] / max(capital, equity[0..=t]) - 1`: the capital is the first maximum, so a loss on the
/// first bar counts. Empty without bars.
///
/// # None
/// Where the capital is not positive, and where a number is not finite.
///
/// # Example
/// ```
/// use barline::measure::drawdowns;
/// assert_eq!(drawdowns(&[75.0, 200.0, 150.0], 100.0), Some(vec![-0.25, 0.0, -0.25]));
/// ```
///
/// # References
/// C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., chapter 4;
/// quantstats `to_drawdown_series`, which begins at the capital too.
pub fn drawdowns(equity: &[f64], capital: f64) -> Option<Vec<f64>> {
    let mut peak = positive(capital)?;
    let depths: Vec<f64> = equity
        .iter()
        .map(|&value| {
            // What is not finite does not raise the maximum, and leaves a depth that is refused.
            peak = peak.max(value);
            value / peak - 1.0
        })
        .collect();
    if depths.is_empty() { Some(depths) } else { finite(&depths).is_some().then_some(depths) }
}

#[cfg(test)]
mod tests {
    use super::drawdowns;

    #[test]
    fn the_capital_is_the_first_maximum() {
        let depths = drawdowns(&[75.0, 200.0, 150.0], 100.0);
        assert_eq!(depths, Some(vec![-0.25, 0.0, -0.25]));
        assert_eq!(drawdowns(&[], 100.0), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_number_has_no_depth() {
        for hostile in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(drawdowns(&[75.0, hostile, 50.0], 100.0), None);
            assert_eq!(drawdowns(&[75.0], hostile), None);
        }
        assert_eq!(drawdowns(&[], 0.0), None);
        assert_eq!(drawdowns(&[-f64::MAX], 1e-9), None);
    }
}

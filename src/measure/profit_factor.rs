//! Profit factor.

use super::finite::{finite, ratio};

/// What the winning trades earned over what the losing ones lost, net of costs. No annualization.
///
/// # Formula
/// `sum of positive net profits / |sum of negative net profits|`.
///
/// # None
/// Without losses that are more than the rounding of the profits, or where a profit is not finite.
///
/// # Example
/// ```
/// use barline::measure::profit_factor;
/// assert_eq!(profit_factor(&[3.0, -1.0, 0.0, -1.0]), Some(1.5));
/// assert_eq!(profit_factor(&[3.0]), None);
/// ```
///
/// # References
/// Gross profit over gross loss of trading platforms; quantstats 0.0.86 `profit_factor` takes the
/// returns of bars.
pub fn profit_factor(net_profits: &[f64]) -> Option<f64> {
    let profits = finite(net_profits)?;
    let won = profits.iter().fold(0.0, |sum, &profit| sum + profit.max(0.0));
    let lost = profits.iter().fold(0.0, |sum, &profit| sum - profit.min(0.0));
    ratio(won, lost, won)
}

#[cfg(test)]
mod tests {
    use super::profit_factor;

    #[test]
    fn divides_gains_by_losses() {
        assert_eq!(profit_factor(&[3.0, -1.0, 0.0, -1.0]), Some(1.5));
        assert_eq!(profit_factor(&[-2.0]), Some(0.0));
        assert_eq!(profit_factor(&[2.0]), None);
        assert_eq!(profit_factor(&[2.0, -f64::EPSILON]), None);
        assert_eq!(profit_factor(&[2.0, -1.0, f64::NAN]), None);
        assert_eq!(profit_factor(&[]), None);
    }
}

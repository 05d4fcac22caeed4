//! Quantiles of returns.

use super::finite::finite;

/// Quantile at `p`, linear between neighbours: position `p (n - 1)` in ascending order. The rule of
/// numpy, pandas, empyrical and quantstats.
///
/// # None
/// Without returns, where one is not finite, and unless `0 <= p <= 1`.
pub fn quantile(returns: &[f64], p: f64) -> Option<f64> {
    let sorted = ascending(finite(returns)?);
    (0.0..=1.0).contains(&p).then(|| of_sorted(&sorted, p))
}

pub(super) fn ascending(returns: &[f64]) -> Vec<f64> {
    let mut sorted = returns.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position")]
fn of_sorted(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let at = (place as usize).min(sorted.len() - 1);
    let next = (at + 1).min(sorted.len() - 1);
    sorted[at] + (sorted[next] - sorted[at]) * (place - at as f64)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn interpolates_between_neighbours() {
        let returns = [4.0, 1.0, 2.0];
        assert_eq!(quantile(&returns, 0.0), Some(1.0));
        assert_eq!(quantile(&returns, 0.75), Some(3.0));
        assert_eq!(quantile(&returns, 1.0), Some(4.0));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[f64::NAN], 0.5), None);
        assert_eq!(quantile(&returns, 1.5), None);
    }
}

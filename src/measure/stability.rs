//! Stability of growth.

use super::finite::{defined, finite};
use crate::stats::{dot, mean};

/// Squared correlation of the logarithm of equity with time. empyrical's
/// `stability_of_timeseries`.
///
/// # None
/// For fewer than two returns, returns at or below -1, and equity that never moves.
pub fn stability(returns: &[f64]) -> Option<f64> {
    let mut level = 0.0;
    let growth = finite(returns)?.iter().map(|value| {
        level += libm::log1p(*value);
        level
    });
    let path: Vec<f64> = growth.collect();
    let path = finite(&path)?;
    let time: Vec<f64> = (0..path.len()).map(|bar| bar as f64).collect();
    let centered = |values: &[f64]| -> Option<Vec<f64>> {
        let center = mean(values)?;
        Some(values.iter().map(|value| value - center).collect())
    };
    let (x, y) = (centered(&time)?, centered(path)?);
    let cross = dot(&x, &y);
    defined(cross / dot(&x, &x) * (cross / dot(&y, &y)))
}

#[cfg(test)]
mod tests {
    use super::stability;

    #[test]
    fn steady_growth_is_one() {
        assert!((stability(&[0.01; 40]).expect("it moves") - 1.0).abs() < 1e-12);
        assert_eq!(stability(&[0.0; 40]), None);
        assert_eq!(stability(&[0.1]), None);
        assert_eq!(stability(&[0.1, -1.0, 0.0]), None);
    }
}

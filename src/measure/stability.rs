//! Stability of growth.

use super::{
    finite::{defined, finite},
    returns::largest,
};
use crate::stats::{dot, mean, moves_against};

/// Squared correlation of the logarithm of equity with time: 1 where growth is steady, in either
/// direction. empyrical's `stability_of_timeseries`.
///
/// # Formula
/// `cor(L, t)^2` with `L[t] = sum over s <= t of ln(1 + r[s])`.
///
/// # None
/// For fewer than two returns, returns at or below -1 or not finite, and equity that never moves
/// beyond rounding.
///
/// # Example
/// ```
/// use barline::measure::stability;
/// // Doubled, halved, doubled: levels 1, 0, 1 in units of ln 2 have no trend.
/// assert_eq!(stability(&[1.0, -0.5, 1.0]), Some(0.0));
/// ```
///
/// # References
/// empyrical-reloaded 0.7.1 `stability_of_timeseries`.
pub fn stability(returns: &[f64]) -> Option<f64> {
    let mut level = 0.0;
    let growth = finite(returns)?.iter().map(|value| {
        level += libm::log1p(*value);
        level
    });
    let path: Vec<f64> = growth.collect();
    let path = finite(&path).filter(|path| moves_against(path, 1.0 + largest(path)))?;
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
        assert_eq!(stability(&[1e-17; 40]), None);
        assert_eq!(stability(&[0.1]), None);
        assert_eq!(stability(&[0.1, -1.0, 0.0]), None);
    }
}

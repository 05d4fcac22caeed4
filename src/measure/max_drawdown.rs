//! Maximum drawdown.

use super::finite::{defined, positive};

/// Deepest fall of equity from its running maximum, which starts at the capital: the lowest of
/// [`drawdowns`](super::drawdowns()).
///
/// # Formula
/// `min over t of equity[t] / max(capital, equity[0..=t]) - 1`; zero or negative, below -1 only
/// where equity is negative, zero without bars.
///
/// # None
/// Where the capital is not positive, and where a number is not finite.
///
/// # Example
/// ```
/// use barline::measure::max_drawdown;
/// assert_eq!(max_drawdown(&[75.0, 200.0, 100.0], 100.0), Some(-0.5));
/// ```
///
/// # References
/// C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., chapter 4;
/// quantstats and empyrical start at the capital too.
pub fn max_drawdown(equity: &[f64], capital: f64) -> Option<f64> {
    if !equity.iter().all(|value| value.is_finite()) {
        return None;
    }
    // Of all values under one maximum the lowest has the deepest fall: one division per maximum.
    let capital = positive(capital)?;
    let (mut peak, mut trough, mut deepest) = (capital, capital, 0.0_f64);
    for &value in equity {
        if value > peak {
            deepest = deepest.min(trough / peak - 1.0);
            (peak, trough) = (value, value);
        } else if value < trough {
            trough = value;
        }
    }
    defined(deepest.min(trough / peak - 1.0))
}

#[cfg(test)]
mod tests {
    use super::max_drawdown;

    #[test]
    fn counts_a_loss_on_the_first_bar() {
        assert_eq!(max_drawdown(&[75.0, 90.0], 100.0), Some(-0.25));
    }

    #[test]
    fn takes_the_deepest_of_several_falls() {
        let equity = [200.0, 150.0, 400.0, 200.0, 300.0, 800.0, 600.0];
        assert_eq!(max_drawdown(&equity, 100.0), Some(-0.5));
        assert_eq!(max_drawdown(&[110.0, 120.0], 100.0), Some(0.0));
        assert_eq!(max_drawdown(&[], 100.0), Some(0.0));
        assert_eq!(max_drawdown(&[50.0, f64::NAN, 75.0], 100.0), None);
        assert_eq!(max_drawdown(&[50.0], 0.0), None);
        assert_eq!(max_drawdown(&[-f64::MAX], 1e-9), None);
    }
}

//! Maximum drawdown.

/// Deepest fall of equity from its running maximum, which starts at the capital.
///
/// # Formula
/// `min over t of equity[t] / max(capital, equity[0..=t]) - 1`; zero or negative, below -1 only
/// where equity is negative.
pub fn max_drawdown(equity: &[f64], capital: f64) -> f64 {
    // Of all values under one maximum the lowest has the deepest fall: one division per maximum.
    let (mut peak, mut trough, mut deepest) = (capital, capital, 0.0_f64);
    for &value in equity {
        if value > peak {
            deepest = deepest.min(trough / peak - 1.0);
            (peak, trough) = (value, value);
        } else if value < trough {
            trough = value;
        }
    }
    deepest.min(trough / peak - 1.0)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::max_drawdown;

    #[test]
    fn counts_a_loss_on_the_first_bar() {
        assert_eq!(max_drawdown(&[75.0, 90.0], 100.0), -0.25);
    }

    #[test]
    fn takes_the_deepest_of_several_falls() {
        assert_eq!(max_drawdown(&[200.0, 150.0, 400.0, 200.0, 300.0, 800.0, 600.0], 100.0), -0.5);
        assert_eq!(max_drawdown(&[110.0, 120.0], 100.0), 0.0);
        assert_eq!(max_drawdown(&[], 100.0), 0.0);
    }
}

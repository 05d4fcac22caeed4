//! Compound annual growth rate.

/// Compound annual growth rate.
///
/// # Formula
/// `(final equity / capital)^(A / n) - 1` with `A` bars per year and `n` scored bars: the exponent
/// counts returns, not calendar days. -1 if nothing is left.
///
/// # None
/// Without bars, and where the power is beyond the range of a number (a large gain of a few bars).
pub fn cagr(equity: &[f64], capital: f64, periods_per_year: f64) -> Option<f64> {
    let growth = equity.last()? / capital;
    if growth <= 0.0 {
        return Some(-1.0);
    }
    let rate = libm::pow(growth, periods_per_year / equity.len() as f64) - 1.0;
    rate.is_finite().then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::cagr;

    #[test]
    fn compounds_over_the_count_of_bars() {
        let doubled_in_half_a_year = cagr(&[110.0, 150.0, 200.0], 100.0, 6.0).expect("a rate");
        assert!((doubled_in_half_a_year - 3.0).abs() < 1e-12);
    }

    #[test]
    fn edges() {
        assert_eq!(cagr(&[], 100.0, 252.0), None);
        assert_eq!(cagr(&[-3.0], 100.0, 252.0), Some(-1.0));
        assert_eq!(cagr(&[200.0], 100.0, 8_760.0), None);
    }
}

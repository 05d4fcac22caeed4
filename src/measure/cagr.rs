//! Compound annual growth rate.

use super::finite::{defined, positive};

/// Compound annual growth rate.
///
/// # Formula
/// `(final equity / capital)^(A / n) - 1` with `A` bars per year and `n` scored bars: the exponent
/// counts returns, not calendar days. -1 if nothing is left.
///
/// # None
/// Without bars, where the capital or the bars per year are not positive, where a number is not
/// finite, and where the power is beyond the range of a number (a large gain of a few bars).
///
/// # Example
/// ```
/// use barline::measure::cagr;
/// // Doubled in half a year, hence fourfold in a year.
/// assert_eq!(cagr(&[150.0, 200.0], 100.0, 4.0), Some(3.0));
/// ```
///
/// # References
/// C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., chapter 2,
/// the geometric annualized return. empyrical and quantstats count returns as well.
pub fn cagr(equity: &[f64], capital: f64, periods_per_year: f64) -> Option<f64> {
    let growth = defined(equity.last()? / positive(capital)?)?;
    let year = positive(periods_per_year)?;
    if growth <= 0.0 {
        return Some(-1.0);
    }
    defined(libm::pow(growth, year / equity.len() as f64) - 1.0)
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
        assert_eq!(cagr(&[f64::NEG_INFINITY], 100.0, 252.0), None);
        assert_eq!(cagr(&[200.0], -100.0, 252.0), None);
        assert_eq!(cagr(&[200.0], 100.0, -252.0), None);
    }
}

//! Turnover.

use super::{
    finite::{defined, finite, positive, ratio},
    returns::{largest, mean},
};

/// Two-sided turnover per year: how often the account is bought and sold.
///
/// # Formula
/// `traded notional / mean(equity) / (n / A)` with `n` scored bars and `A` bars per year; a round
/// trip of the whole account counts 2.
///
/// # None
/// Without bars, where mean equity is not positive beyond rounding, where a number is not finite,
/// and where the bars per year are not positive.
///
/// # Example
/// ```
/// use barline::measure::turnover_annual;
/// // The whole account is bought and sold once in half a year.
/// assert_eq!(turnover_annual(&[100.0, 100.0], 200.0, 4.0), Some(4.0));
/// ```
///
/// # References
/// Two-sided: what is bought and what is sold. Funds report the smaller of the two (Form N-1A of
/// the SEC), about half of it.
pub fn turnover_annual(equity: &[f64], traded_notional: f64, periods_per_year: f64) -> Option<f64> {
    let years = equity.len() as f64 / positive(periods_per_year)?;
    let mean = mean(finite(equity)?).filter(|mean| *mean > 0.0)?;
    defined(ratio(traded_notional, mean, largest(equity))? / years)
}

#[cfg(test)]
mod tests {
    use super::turnover_annual;

    #[test]
    fn a_round_trip_in_a_year_is_two() {
        assert_eq!(turnover_annual(&[100.0, 100.0], 200.0, 2.0), Some(2.0));
        assert_eq!(turnover_annual(&[], 200.0, 2.0), None);
        assert_eq!(turnover_annual(&[1.0, -3.0], 200.0, 2.0), None);
        assert_eq!(turnover_annual(&[0.1 + 0.2, -0.3], 200.0, 2.0), None);
        assert_eq!(turnover_annual(&[100.0, f64::NAN], 200.0, 2.0), None);
        assert_eq!(turnover_annual(&[100.0], f64::NAN, 2.0), None);
        assert_eq!(turnover_annual(&[100.0], 200.0, 0.0), None);
    }
}

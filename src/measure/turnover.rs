//! Turnover.

use super::returns::mean;

/// Two-sided turnover per year: how often the account is bought and sold.
///
/// # Formula
/// `traded notional / mean(equity) / (n / A)` with `n` scored bars and `A` bars per year; a round
/// trip of the whole account counts 2.
///
/// # None
/// Without bars, or where mean equity is not positive.
pub fn turnover_annual(equity: &[f64], traded_notional: f64, periods_per_year: f64) -> Option<f64> {
    let mean = mean(equity).filter(|&mean| mean > 0.0)?;
    Some(traded_notional / mean / (equity.len() as f64 / periods_per_year))
}

#[cfg(test)]
mod tests {
    use super::turnover_annual;

    #[test]
    fn a_round_trip_in_a_year_is_two() {
        assert_eq!(turnover_annual(&[100.0, 100.0], 200.0, 2.0), Some(2.0));
        assert_eq!(turnover_annual(&[], 200.0, 2.0), None);
        assert_eq!(turnover_annual(&[1.0, -3.0], 200.0, 2.0), None);
    }
}

//! Total return.

use super::finite::{defined, positive};

/// Total return over the scored bars. No annualization.
///
/// # Formula
/// `final equity / capital - 1`; zero for a job without bars.
///
/// # None
/// Where the capital is not positive, and where a number is not finite.
///
/// # Example
/// ```
/// use barline::measure::total_return;
/// assert_eq!(total_return(&[90.0, 150.0], 100.0), Some(0.5));
/// ```
///
/// # References
/// empyrical `cum_returns_final`, quantstats `comp`.
pub fn total_return(equity: &[f64], capital: f64) -> Option<f64> {
    let capital = positive(capital)?;
    defined(equity.last().map_or(0.0, |last| last / capital - 1.0))
}

#[cfg(test)]
mod tests {
    use super::total_return;

    #[test]
    fn is_the_growth_of_the_capital() {
        assert_eq!(total_return(&[90.0, 150.0], 100.0), Some(0.5));
        assert_eq!(total_return(&[], 100.0), Some(0.0));
        assert_eq!(total_return(&[f64::NAN], 100.0), None);
        assert_eq!(total_return(&[90.0], 0.0), None);
    }
}

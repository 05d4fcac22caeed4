//! Returns above a risk-free rate.

use super::finite::{defined, positive};

/// Risk-free rate of one bar from an annual one.
///
/// # Formula
/// `(1 + annual)^(1 / A) - 1` with `A` bars per year: compounded, as quantstats has it.
///
/// # None
/// Where it is not finite, as for a rate under -1, and where the bars per year are not positive.
///
/// # Example
/// ```
/// use barline::measure::risk_free_per_period;
/// // Two bars of 50 % are 125 % a year.
/// assert_eq!(risk_free_per_period(1.25, 2.0), Some(0.5));
/// ```
///
/// # References
/// quantstats 0.0.86 `to_excess_returns` with `nperiods`.
pub fn risk_free_per_period(annual: f64, periods_per_year: f64) -> Option<f64> {
    defined(libm::pow(1.0 + annual, 1.0 / positive(periods_per_year)?) - 1.0)
}

/// Every return less the risk-free rate of one bar. [`sharpe`](super::sharpe()) and
/// [`sortino`](super::sortino()) of these are the ratios at that rate.
///
/// # Formula
/// `r[t] - rate`, simple returns, the rate per bar.
///
/// # NaN
/// Where a return is not finite, and everywhere if the rate is not.
///
/// # Example
/// ```
/// use barline::measure::excess_returns;
/// assert_eq!(excess_returns(&[0.5, 0.0], 0.25), [0.25, -0.25]);
/// ```
///
/// # References
/// W. F. Sharpe (1994), The Sharpe ratio, Journal of Portfolio Management 21(1): the differential
/// return.
pub fn excess_returns(returns: &[f64], risk_free_per_period: f64) -> Vec<f64> {
    let excess = returns.iter().map(|value| value - risk_free_per_period);
    excess.map(|value| defined(value).unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::{excess_returns, risk_free_per_period};

    #[test]
    fn the_rate_compounds_to_the_annual_one() {
        let monthly = risk_free_per_period(0.02, 12.0).expect("a rate");
        assert!((libm::pow(1.0 + monthly, 12.0) - 1.02).abs() < 1e-14);
        assert_eq!(risk_free_per_period(0.0, 252.0), Some(0.0));
        assert_eq!(risk_free_per_period(-2.0, 252.0), None);
        assert_eq!(risk_free_per_period(0.02, -252.0), None);
        assert_eq!(excess_returns(&[0.5, 0.0], 0.25), [0.25, -0.25]);
        assert!(excess_returns(&[f64::INFINITY, 0.5], 0.25)[0].is_nan());
        assert!(excess_returns(&[0.5], f64::NEG_INFINITY)[0].is_nan());
    }
}

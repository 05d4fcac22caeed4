//! Returns above a risk-free rate.

/// Risk-free rate of one bar from an annual one.
///
/// # Formula
/// `(1 + annual)^(1 / A) - 1` with `A` bars per year: compounded, as quantstats has it.
///
/// # None
/// Where it is not finite, as for a rate under -1.
pub fn risk_free_per_period(annual: f64, periods_per_year: f64) -> Option<f64> {
    let rate = libm::pow(1.0 + annual, 1.0 / periods_per_year) - 1.0;
    rate.is_finite().then_some(rate)
}

/// Every return less the risk-free rate of one bar. [`sharpe`](super::sharpe()) and
/// [`sortino`](super::sortino()) of these are the ratios at that rate.
pub fn excess_returns(returns: &[f64], risk_free_per_period: f64) -> Vec<f64> {
    returns.iter().map(|value| value - risk_free_per_period).collect()
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
        assert_eq!(excess_returns(&[0.5, 0.0], 0.25), [0.25, -0.25]);
    }
}

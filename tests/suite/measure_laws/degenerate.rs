//! Measures of records that leave nothing to measure.

use barline::measure;

use super::Subject;

#[test]
fn degenerate_records_leave_the_documented_measures_undefined() {
    let nothing = Subject::of(Vec::new(), Vec::new(), 100.0);
    let undefined = nothing.undefined();
    let names = nothing.measures().into_iter().map(|(name, _)| name);
    let defined: Vec<&str> = names.filter(|name| !undefined.contains(name)).collect();
    assert_eq!(defined.join(" "), NOTHING);
    for (returns, expected) in [(vec![0.1], ONE_BAR), (vec![0.1; 1000], STEADY)] {
        let benchmark = returns.clone();
        assert_eq!(Subject::of(returns, benchmark, 100.0).undefined().join(" "), expected);
    }
    // Growth that is steady up to rounding, in equity of a billion and of a millionth.
    for capital in [1e9, 1e-6] {
        let path = Subject::of(vec![0.000_1; 1000], vec![0.000_1; 1000], capital);
        let equity: Vec<f64> = (1..=1000).map(|bar| capital * 1.000_1_f64.powi(bar)).collect();
        let noisy = measure::returns(&equity, capital);
        let first = noisy[0].to_bits();
        assert!(noisy.iter().any(|step| step.to_bits() != first), "no rounding to see through");
        let subject = Subject { returns: noisy, equity, ..path };
        assert_eq!(subject.undefined().join(" "), STEADY.replace("omega ", ""));
    }
}

/// What is defined without a bar: nothing happened.
const NOTHING: &str = "exposure longest_under_water max_drawdown total_return risk_free_per_period \
    weight_turnover";

/// Without measures of a spread, of losses, or of what follows the first bar.
const ONE_BAR: &str = "expected_shortfall_normal gain_to_pain kurtosis_excess kurtosis_raw kurtosis_sample \
    omega sharpe skewness skewness_biased sortino stability value_at_risk_normal volatility \
    alpha_beta: beta alpha_beta: alpha_per_period alpha_beta: alpha_annual alpha_beta: \
    alpha_compounded down_capture information_ratio tracking_error up_down_capture calmar \
    drawdown_dates: peak drawdown_dates: trough martin_ratio recovery_factor_quantstats \
    ulcer_index_quantstats kelly payoff_ratio profit_factor adjusted_sharpe \
    mean_turnover_after_first";

/// Without measures of losses, and without any ratio to a deviation.
const STEADY: &str = "gain_to_pain kurtosis_excess kurtosis_raw kurtosis_sample omega sharpe skewness \
    skewness_biased sortino value_at_risk_normal alpha_beta: beta alpha_beta: \
    alpha_per_period alpha_beta: alpha_annual alpha_beta: alpha_compounded down_capture \
    information_ratio up_down_capture calmar drawdown_dates: peak drawdown_dates: trough \
    martin_ratio recovery_factor_quantstats kelly payoff_ratio profit_factor adjusted_sharpe";

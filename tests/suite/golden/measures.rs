//! Families `06_metrics` and `06_turnover`: measures of return series in every named convention.

use barline::{
    measure::{self, Rebalancing},
    stats::{self, SharpeEstimate},
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Tolerance, Verdict, failed, number_of},
};

/// Named measures.
type Named = Vec<(&'static str, Option<f64>)>;

/// The returns a case is about.
pub(super) fn returns(case: &Case) -> Vec<f64> {
    let values = case.table().column(case.input()["column"].as_str().expect("a column"));
    if case.input()["kind"] == "returns" { values } else { stats::simple_returns(&values) }
}

/// What the conventions are measured on.
struct Subject {
    returns: Vec<f64>,
    excess: Vec<f64>,
    equity: Vec<f64>,
    periods: f64,
}

impl Subject {
    fn of(case: &Case) -> Self {
        let returns = returns(case);
        let periods = number_of(&case.params()["periods_per_year"]).expect("bars per year");
        let annual = number_of(&case.params()["rf_annual"]).expect("a rate");
        let rate = measure::risk_free_per_period(annual, periods).expect("a rate");
        let mut value = 1.0;
        let growth = returns.iter().map(|step| {
            value *= 1.0 + step;
            value
        });
        let equity = growth.collect();
        let excess = measure::excess_returns(&returns, rate);
        Self { returns, excess, equity, periods }
    }

    fn cagr(&self) -> Option<f64> {
        measure::cagr(&self.equity, 1.0, self.periods)
    }

    fn drawdown(&self) -> Option<f64> {
        measure::max_drawdown(&self.equity, 1.0)
    }

    /// Mean over deviation of the excess returns with another divisor.
    fn sharpe_of_divisor(&self, ddof: usize) -> Option<f64> {
        let sd = stats::standard_deviation(&self.excess, ddof).filter(|sd| *sd > 0.0)?;
        Some(stats::mean(&self.excess)? / sd * self.periods.sqrt())
    }

    fn definitions(&self) -> Named {
        let (r, equity, year) = (self.returns.as_slice(), &self.equity, self.periods);
        let ulcer = measure::ulcer_index(equity, 1.0);
        let mut found = vec![
            ("total_return", measure::total_return(equity, 1.0)),
            ("cagr", self.cagr()),
            ("mean_arith_annual", stats::mean(r).map(|mean| mean * year)),
            ("volatility_ddof1", measure::volatility(r, year)),
            ("volatility_ddof0", stats::standard_deviation(r, 0).map(|sd| sd * year.sqrt())),
            ("sharpe_ddof1", measure::sharpe(&self.excess, year)),
            ("sharpe_ddof0", self.sharpe_of_divisor(0)),
            ("downside_deviation_annual", measure::downside_deviation(&self.excess, 0.0, year)),
            ("sortino", measure::sortino(&self.excess, year)),
            ("max_drawdown_base1", self.drawdown()),
            ("max_drawdown_no_base", measure::max_drawdown(equity, equity[0])),
            ("calmar", measure::calmar(self.cagr(), self.drawdown())),
            ("ulcer_index_div_n", ulcer),
            ("ulcer_index_div_n_minus_1", measure::ulcer_index_quantstats(equity, 1.0)),
            ("pain_index", measure::pain_index(equity, 1.0)),
            ("martin_ratio_cagr_over_ulcer_n", measure::martin_ratio(self.cagr(), ulcer)),
            ("stability_r2_log_equity", measure::stability(r)),
            ("best", r.iter().copied().reduce(f64::max)),
            ("worst", r.iter().copied().reduce(f64::min)),
        ];
        found.extend(shape_and_tails(r));
        found
    }

    fn quantstats(&self) -> Named {
        let (r, equity, year) = (self.returns.as_slice(), &self.equity, self.periods);
        let ulcer = measure::ulcer_index_quantstats(equity, 1.0);
        let total = measure::total_return(equity, 1.0).expect("finite");
        let smart = || Some(measure::sharpe(r, year)? / measure::autocorrelation_penalty(r)?);
        let ruin = |wins| measure::risk_of_ruin_quantstats(wins, r.len());
        vec![
            ("cagr", self.cagr()),
            ("volatility", measure::volatility(r, year)),
            ("sharpe", measure::sharpe(&self.excess, year)),
            ("sortino", measure::sortino(&self.excess, year)),
            ("max_drawdown", self.drawdown()),
            ("calmar", measure::calmar(self.cagr(), self.drawdown())),
            ("value_at_risk_95", measure::value_at_risk_normal(r, 0.05)),
            ("cvar_95_parametric", measure::expected_shortfall_normal(r, 0.05)),
            ("cvar_95_historical", measure::expected_shortfall_historical(r, 0.05)),
            ("skew", measure::skewness(r)),
            ("kurtosis", measure::kurtosis_excess(r)),
            ("profit_factor", measure::profit_factor(r)),
            ("win_rate", measure::win_rate_decided(r)),
            ("payoff_ratio", measure::payoff_ratio(r)),
            ("tail_ratio", measure::tail_ratio(r, 0.05)),
            ("omega", measure::omega(r, 0.0)),
            ("ulcer_index", ulcer),
            ("ulcer_performance_index", ulcer.filter(|u| *u > 0.0).map(|ulcer| total / ulcer)),
            ("gain_to_pain_ratio", measure::gain_to_pain(r)),
            ("kelly", measure::kelly(r)),
            ("recovery_factor", measure::recovery_factor_quantstats(r, self.drawdown())),
            ("probabilistic_sharpe_ratio", self.probabilistic_quantstats()),
            ("smart_sharpe", smart()),
            ("expected_return_per_period", measure::geometric_mean(r)),
            ("risk_of_ruin", measure::win_rate_decided(r).and_then(ruin)),
        ]
    }

    /// The form of 2012 with the unbiased moments, which quantstats puts in.
    fn probabilistic_quantstats(&self) -> Option<f64> {
        let estimate = SharpeEstimate {
            ratio: measure::sharpe(&self.excess, 1.0)?,
            observations: self.returns.len(),
            skewness: measure::skewness(&self.returns)?,
            kurtosis: measure::kurtosis_excess(&self.returns)? + 3.0,
        };
        stats::probabilistic_sharpe_2012(estimate, 0.0)
    }

    fn empyrical(&self) -> Named {
        let (r, year) = (self.returns.as_slice(), self.periods);
        vec![
            ("annual_return", self.cagr()),
            ("annual_volatility", measure::volatility(r, year)),
            ("sharpe_ratio", measure::sharpe(&self.excess, year)),
            ("sortino_ratio", measure::sortino(&self.excess, year)),
            ("max_drawdown", self.drawdown()),
            ("calmar_ratio", measure::calmar(self.cagr(), self.drawdown())),
            ("value_at_risk_5", measure::value_at_risk_historical(r, 0.05)),
            ("conditional_value_at_risk_5", measure::expected_shortfall_lowest(r, 0.05)),
            ("tail_ratio", measure::tail_ratio(r, 0.05)),
            ("omega_ratio", measure::omega(r, 0.0)),
            ("downside_risk", measure::downside_deviation(&self.excess, 0.0, year)),
            ("stability", measure::stability(r)),
            ("cum_returns_final", measure::total_return(&self.equity, 1.0)),
        ]
    }
}

fn shape_and_tails(r: &[f64]) -> Named {
    let biased = measure::skewness_biased(r);
    let excess = measure::kurtosis_raw(r).map(|raw| raw - 3.0);
    vec![
        ("var_hist_5_linear", measure::value_at_risk_historical(r, 0.05)),
        ("cvar_hist_5_mean_of_k_lowest", measure::expected_shortfall_lowest(r, 0.05)),
        ("cvar_hist_5_mean_le_var", measure::expected_shortfall_historical(r, 0.05)),
        ("var_normal_5", measure::value_at_risk_normal(r, 0.05)),
        ("cvar_normal_5", measure::expected_shortfall_normal(r, 0.05)),
        ("skew_biased", biased),
        // scipy falls back to the biased estimate where the correction does not exist.
        ("skew_unbiased_G1", measure::skewness(r).or(biased)),
        ("excess_kurtosis_biased", excess),
        ("excess_kurtosis_unbiased_G2", measure::kurtosis_excess(r).or(excess)),
        ("profit_factor", measure::profit_factor(r)),
        ("win_rate_excl_zero", measure::win_rate_decided(r)),
        ("win_rate_incl_zero", measure::win_rate(r)),
        ("payoff_ratio", measure::payoff_ratio(r)),
        ("tail_ratio_95", measure::tail_ratio(r, 0.05)),
        ("omega_0", measure::omega(r, 0.0)),
        ("gain_to_pain", measure::gain_to_pain(r)),
        ("expectancy", measure::expectancy(r)),
    ]
}

/// Definitions, quantstats and empyrical side by side.
pub(super) fn metrics(case: &Case) -> Verdict {
    let subject = Subject::of(case);
    let expected = case.expected();
    let mut check = Check::default();
    compare(case, &mut check, &subject.definitions(), &expected["definitions"]);
    check.count("n", subject.returns.len(), &expected["definitions"]["n"]);
    if case.only_class_counts() {
        // The digits of degenerate series, and the libraries' ways to say so.
        let digits =
            ["mdd_peak_index", "mdd_trough_index", "mdd_recovery_index", "longest_underwater_bars"];
        for name in digits {
            check.see(&expected["definitions"][name]);
        }
        for library in ["quantstats", "empyrical"] {
            check.see(&expected[library]);
        }
    } else {
        compare(case, &mut check, &subject.quantstats(), &expected["quantstats"]);
        compare(case, &mut check, &subject.empyrical(), &expected["empyrical"]);
        dates(&mut check, &subject, &expected["definitions"]);
    }
    check.verdict()
}

fn compare(case: &Case, check: &mut Check, found: &Named, expected: &Value) {
    for (name, found) in found {
        let wanted = defined(&expected[*name]);
        check.see(&expected[*name]);
        if case.only_class_counts() {
            check.exact(name, &found.is_some(), &!wanted.is_null());
        } else {
            check.against(name, *found, &wanted, case.tolerance(name));
        }
    }
}

/// A ratio over nothing is undefined here; peers return infinity, raise, or give null.
fn defined(expected: &Value) -> Value {
    let infinite = number_of(expected).is_some_and(f64::is_infinite);
    if infinite || expected.is_object() { Value::Null } else { expected.clone() }
}

fn dates(check: &mut Check, subject: &Subject, expected: &Value) {
    let found = measure::drawdown_dates(&subject.equity, 1.0);
    // Without a fall the peer names the first row three times.
    let [peak, trough] = found.map_or([0; 2], |dates| [dates.peak, dates.trough]);
    check.count("peak", peak, &expected["mdd_peak_index"]);
    check.count("trough", trough, &expected["mdd_trough_index"]);
    let recovery = found.map_or(Some(0), |dates| dates.recovery);
    check.same("recovery", recovery, &expected["mdd_recovery_index"]);
    let longest = measure::longest_under_water(&subject.equity, 1.0);
    check.count("under water", longest.expect("finite"), &expected["longest_underwater_bars"]);
}

/// Target weights, rebalanced every so many bars.
pub(super) fn turnover(case: &Case) -> Verdict {
    let table = case.table();
    let columns = case.input()["columns"].as_array().expect("columns").iter();
    let returns: Vec<Vec<f64>> = columns
        .map(|name| stats::simple_returns(&table.column(name.as_str().expect("a name"))))
        .collect();
    let params = case.params();
    let weights = params["target"].as_array().expect("weights").iter().filter_map(number_of);
    let basis_points = number_of(&params["cost_bps_of_traded_value"]).expect("a cost");
    let rule = Rebalancing {
        target: weights.collect(),
        every: usize::try_from(params["rebalance_every"].as_u64().expect("bars")).expect("bars"),
        cost: basis_points / 1e4,
    };
    let assets: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let Some(found) = measure::rebalance(&assets, &rule) else {
        return failed("no result".to_owned());
    };
    let mut check = Check::default();
    let expected = case.expected();
    check.count("n_rebalances", found.turnovers.len(), &expected["n_rebalances"]);
    for (name, value) in [
        ("first_turnover", found.turnovers.first().copied()),
        ("sum_turnover_two_sided", found.turnover_two_sided()),
        ("mean_turnover_after_first", found.mean_turnover_after_first()),
        ("annual_turnover_one_sided", found.turnover_annual_one_sided(252.0)),
        ("final_equity", found.equity.last().copied()),
    ] {
        check.number(name, value, &expected[name], case.tolerance(name));
    }
    let sparse: Vec<f64> = found.equity.iter().copied().step_by(50).collect();
    let tolerance: Tolerance = case.tolerance("equity_every_50");
    check.numbers("equity", &sparse, &expected["equity_every_50"], tolerance);
    check.verdict()
}

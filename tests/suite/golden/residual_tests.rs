//! Families `01_engle_granger_arch` and `01_phillips_ouliaris_arch`, and arch's part of
//! `01_mackinnon_surfaces`: residual-based tests with arch's simulated surfaces.

use barline::stats::{
    Bandwidth, EngleGranger, Kernel, PhillipsOuliaris, PhillipsOuliarisOptions,
    PhillipsOuliarisStatistic, Refusal, ResidualStatistic, Trend, engle_granger_simulated,
    phillips_ouliaris as test, simulated_critical_values, simulated_p_value,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict, number_of},
    unit_root::{searched, trend},
};

/// Two series and more, every trend and lag rule.
pub(super) fn engle_granger(case: &Case) -> Verdict {
    let columns = case.y_and_x();
    let x: Vec<&[f64]> = columns[1..].iter().map(Vec::as_slice).collect();
    let params = case.params();
    // `lags` fixes the order whatever the method.
    let rule = match params["lags"].as_u64() {
        Some(_) => searched(&Value::Null, &params["lags"]),
        None => searched(&params["method"], &params["max_lags"]),
    };
    let mut check = Check::default();
    let found = engle_granger_simulated(&columns[0], &x, trend(&params["trend"]), rule);
    match found {
        Ok(found) => compare(case, &mut check, &found, case.expected()),
        Err(refusal) => refused(case, &mut check, &refusal),
    }
    check.verdict()
}

/// A refusal is right where the peer raised.
pub(super) fn refused(case: &Case, check: &mut Check, refusal: &Refusal) {
    let raised = &case.expected()["raises"];
    check.see(raised);
    if raised.is_null() {
        check.fail(format!("refused: {refusal}"));
    }
}

/// Compares with what arch's `engle_granger` answers.
pub(super) fn compare(case: &Case, check: &mut Check, found: &EngleGranger, expected: &Value) {
    if !expected["raises"].is_null() {
        // arch's tables end one regressor before its checks do.
        check.see(&expected["raises"]);
        return check.exact("p-value", &found.p_value, &None);
    }
    let number = |name: &str| (&expected[name], case.tolerance(name));
    check.count("lags", found.lag, &expected["lags"]);
    for (name, value) in
        [("stat", Some(found.statistic)), ("pvalue", found.p_value), ("rho", Some(found.root))]
    {
        let (wanted, tolerance) = number(name);
        check.number(name, value, wanted, tolerance);
    }
    let (wanted, tolerance) = number("crit_1_5_10");
    let quantiles = found.critical_values.unwrap_or([f64::NAN; 3]);
    check.numbers("crit_1_5_10", &quantiles, wanted, tolerance);
    let vector: Vec<f64> = [1.0].into_iter().chain(found.params.iter().map(|b| -b)).collect();
    let (wanted, tolerance) = number("cointegrating_vector");
    check.numbers("cointegrating vector", &vector, wanted, tolerance);
}

/// Four statistics, every trend, automatic and fixed bandwidth.
pub(super) fn phillips_ouliaris(case: &Case) -> Verdict {
    let columns = case.y_and_x();
    let x: Vec<&[f64]> = columns[1..].iter().map(Vec::as_slice).collect();
    let mut check = Check::default();
    match test(&columns[0], &x, options(case.params())) {
        Ok(found) => compare_bandwidth_test(case, &mut check, &found),
        Err(refusal) => refused(case, &mut check, &refusal),
    }
    check.verdict()
}

fn options(params: &Value) -> PhillipsOuliarisOptions {
    let statistic = match params["test_type"].as_str() {
        Some("Zt") => PhillipsOuliarisStatistic::Zt,
        Some("Za") => PhillipsOuliarisStatistic::Za,
        Some("Pu") => PhillipsOuliarisStatistic::Pu,
        Some("Pz") => PhillipsOuliarisStatistic::Pz,
        other => panic!("unknown statistic {other:?}"),
    };
    let lags = params["bandwidth"].as_u64();
    let bandwidth = lags.map_or(Bandwidth::PlugIn, |lags| {
        Bandwidth::Fixed(usize::try_from(lags).expect("a bandwidth"))
    });
    let kernel = kernel(params["kernel"].as_str());
    PhillipsOuliarisOptions { statistic, trend: trend(&params["trend"]), kernel, bandwidth }
}

/// A kernel by arch's name; Bartlett's is its default.
fn kernel(name: Option<&str>) -> Kernel {
    match name.map(str::to_lowercase).as_deref() {
        None | Some("bartlett") => Kernel::Bartlett,
        Some("parzen") => Kernel::Parzen,
        Some("quadratic-spectral" | "quadraticspectral") => Kernel::QuadraticSpectral,
        Some(other) => panic!("unknown kernel {other}"),
    }
}

fn compare_bandwidth_test(case: &Case, check: &mut Check, found: &PhillipsOuliaris) {
    let expected = case.expected();
    if !expected["kernel"].is_null() {
        let kernel = kernel(case.params()["kernel"].as_str());
        check.see(&expected["kernel"]);
        check.exact("kernel", &kernel, &self::kernel(expected["kernel"].as_str()));
    }
    for (name, value) in [
        ("stat", Some(found.statistic)),
        ("pvalue", found.p_value),
        ("bandwidth", Some(found.bandwidth)),
    ] {
        check.number(name, value, &expected[name], case.tolerance(name));
    }
    let quantiles = found.critical_values.unwrap_or([f64::NAN; 3]);
    let tolerance = case.tolerance("crit_1_5_10");
    check.numbers("crit_1_5_10", &quantiles, &expected["crit_1_5_10"], tolerance);
}

fn trend_and_series(row: &Value) -> (Trend, usize) {
    let regressors = row["num_x"].as_u64().expect("a count");
    (trend(&row["trend"]), usize::try_from(regressors).expect("a count") + 1)
}

/// A row of arch's p-value grid.
pub(super) fn surface_p_values(case: &Case, check: &mut Check, row: &Value) {
    let (trend, series) = trend_and_series(row);
    let grid = row["stat"].as_array().expect("a grid");
    let p = |stat: &Value| {
        let stat = number_of(stat).expect("a number");
        let found = simulated_p_value(stat, ResidualStatistic::EngleGranger, trend, series);
        found.unwrap_or(f64::NAN)
    };
    let found: Vec<f64> = grid.iter().map(p).collect();
    let name = format!("p {} {series}", trend.name());
    check.numbers(&name, &found, &row["pvalue"], case.tolerance("pvalue"));
}

/// A row of arch's critical value grid.
pub(super) fn surface_quantiles(case: &Case, check: &mut Check, row: &Value) {
    let (trend, series) = trend_and_series(row);
    let sample = usize::try_from(row["nobs"].as_u64().expect("a count")).expect("a count");
    let kind = ResidualStatistic::EngleGranger;
    let found = simulated_critical_values(kind, trend, series, sample).unwrap_or([f64::NAN; 3]);
    let name = format!("quantiles {} {series} {sample}", trend.name());
    check.numbers(&name, &found, &row["crit_1_5_10"], case.tolerance("crit_1_5_10"));
}

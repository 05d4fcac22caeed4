//! Families `01_engle_granger_*` and `01_edge_inputs`: statsmodels' `coint`.

use barline::stats::{
    EngleGranger, Refusal, Trend, engle_granger as test, engle_granger_simulated,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict, class},
    residual_tests,
    unit_root::{lag_rule, trend},
};

fn run(case: &Case) -> Result<EngleGranger, Refusal> {
    let columns = case.y_and_x();
    let x: Vec<&[f64]> = columns[1..].iter().map(Vec::as_slice).collect();
    test(&columns[0], &x, trend(&case.params()["trend"]), lag_rule(case.params()))
}

/// Two series, every trend and lag rule.
pub(super) fn engle_granger(case: &Case) -> Verdict {
    let mut check = Check::default();
    match run(case) {
        Ok(found) => compare(case, &mut check, &found, case.expected()),
        Err(refusal) => check.fail(format!("refused: {refusal}")),
    }
    check.verdict()
}

/// Three series and more: `coint` where it answers, else the statistic and the critical values.
pub(super) fn several_series(case: &Case) -> Verdict {
    let expected = case.expected();
    let mut check = Check::default();
    match run(case) {
        Ok(found) => {
            let whole = &expected["statsmodels_coint"];
            if whole["raises"].is_null() {
                compare(case, &mut check, &found, whole);
            } else {
                check.exact("p-value", &found.p_value, &None);
            }
            let stat = Some(found.statistic);
            check.number("stat", stat, &expected["resid_adf_stat"], case.tolerance("stat"));
            quantiles(case, &mut check, &found, &expected["mackinnoncrit_1_5_10"]);
            simulated(case, &mut check);
        }
        Err(refusal) => check.fail(format!("refused: {refusal}")),
    }
    check.verdict()
}

/// The same series with arch's surfaces.
fn simulated(case: &Case, check: &mut Check) {
    let columns = case.y_and_x();
    let x: Vec<&[f64]> = columns[1..].iter().map(Vec::as_slice).collect();
    let (terms, rule) = (trend(&case.params()["trend"]), lag_rule(case.params()));
    match engle_granger_simulated(&columns[0], &x, terms, rule) {
        Ok(found) => {
            residual_tests::compare(case, check, &found, &case.expected()["arch_engle_granger"]);
        }
        Err(refusal) => check.fail(format!("refused: {refusal}")),
    }
}

/// Inputs to refuse or to survive.
pub(super) fn edge(case: &Case) -> Verdict {
    if case.params().is_null() {
        return unaligned(case);
    }
    let refuses = !case.expected()["raises"].is_null();
    if refuses || case.only_class_counts() {
        return class(run(case).is_err(), "a number was computed where only a refusal is right");
    }
    engle_granger(case)
}

/// Closes on the union of the bars' times, with holes.
fn unaligned(case: &Case) -> Verdict {
    let closes = case.table().closes(&["Y".to_owned(), "X".to_owned()]);
    let [y, x] = [0, 1].map(|leg| closes[leg].iter().map(|c| libm::log(*c)).collect::<Vec<_>>());
    let found = test(&y, &[&x], Trend::Constant, barline::stats::LagRule::Aic { max: None });
    class(matches!(found, Err(Refusal::NonFinite { .. })), "missing values must be refused")
}

fn compare(case: &Case, check: &mut Check, found: &EngleGranger, expected: &Value) {
    check.count("lag", found.lag, &expected["adf_usedlag"]);
    check.count("rows", found.residuals.len(), &expected["nobs"]);
    check.count("observations", found.observations, &expected["adf_nobs"]);
    check.number("stat", Some(found.statistic), &expected["stat"], case.tolerance("stat"));
    check.number("pvalue", found.p_value, &expected["pvalue"], case.tolerance("pvalue"));
    let params = if case.params()["trend"] == "ctt" { "ctt ols_params" } else { "ols_params" };
    check.numbers("params", &found.params, &expected["ols_params"], case.tolerance(params));
    let number = |name: &str| (&expected[name], case.tolerance(name));
    let (ssr, tolerance) = number("resid_ssr");
    check.number("ssr", Some(found.ssr), ssr, tolerance);
    let (r_squared, tolerance) = number("ols_rsquared");
    check.number("r squared", found.r_squared, r_squared, tolerance);
    let (criterion, tolerance) = number("adf_icbest");
    check.number("criterion", found.criterion, criterion, tolerance);
    quantiles(case, check, found, &expected["crit_1_5_10"]);
}

fn quantiles(case: &Case, check: &mut Check, found: &EngleGranger, expected: &Value) {
    let tolerance = case.tolerance("crit_1_5_10");
    let undefined = Value::Null;
    for at in 0..3 {
        let wanted = expected.get(at).unwrap_or(&undefined);
        let quantile = found.critical_values.map(|values| values[at]);
        check.number("critical value", quantile, wanted, tolerance);
    }
}

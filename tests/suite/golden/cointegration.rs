//! Family `engle_granger` as statsmodels' `coint` answers it, and inputs to refuse.

use barline::stats::{
    EngleGranger, Refusal, Trend, engle_granger as test, engle_granger_simulated,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict, class},
    families::checked,
    residual_tests,
    unit_root::{lag_rule, trend},
};

fn run(case: &Case) -> Result<EngleGranger, Refusal> {
    let columns = case.y_and_x();
    let x: Vec<&[f64]> = columns[1..].iter().map(Vec::as_slice).collect();
    test(&columns[0], &x, trend(&case.params()["trend"]), lag_rule(case.params()))
}

/// Two series and more, every trend and lag rule; inputs to refuse or to survive.
pub(super) fn engle_granger(case: &Case) -> Verdict {
    if case.params().is_null() {
        return unaligned(case);
    }
    let expected = case.expected();
    if expected["stat"] == "-Infinity" {
        // statsmodels' word for collinear series.
        let refused = matches!(run(case), Err(Refusal::Collinear));
        return class(refused, "collinear series must be refused as such");
    }
    if !expected["raises"].is_null() || case.only_class_counts() {
        return class(run(case).is_err(), "a number was computed where only a refusal is right");
    }
    checked(|check| match run(case) {
        Ok(found) => {
            compare(case, check, &found, case.expected());
            rows_used(case, check);
        }
        Err(refusal) => check.fail(format!("refused: {refusal}")),
    })
}

/// The rows left by an alignment, where the case says which.
fn rows_used(case: &Case, check: &mut Check) {
    let expected = case.expected();
    if case.input()["alignment"].is_null() {
        return;
    }
    let days = case.aligned_days();
    check.count("rows used", days.len(), &expected["rows_used"]);
    let end = |day: Option<&String>| day.cloned().unwrap_or_default();
    check.same("first day", end(days.first()), &expected["first_ts"]);
    check.same("last day", end(days.last()), &expected["last_ts"]);
}

/// Three series and more: `coint` where it answers, else the statistic and the critical values.
pub(super) fn several_series(case: &Case) -> Verdict {
    let expected = case.expected();
    checked(|check| match run(case) {
        Ok(found) => {
            let whole = &expected["statsmodels_coint"];
            if whole["raises"].is_null() {
                compare(case, check, &found, whole);
            } else {
                // statsmodels raises where its tables have no p-value.
                check.see(&whole["raises"]);
                check.exact("p-value", &found.p_value, &None);
            }
            let stat = Some(found.statistic);
            check.number("stat", stat, &expected["resid_adf_stat"], case.tolerance("stat"));
            quantiles(case, check, &found, &expected["mackinnoncrit_1_5_10"]);
            simulated(case, check);
        }
        Err(refusal) => check.fail(format!("refused: {refusal}")),
    })
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
    if expected.is_null() {
        check.see(expected);
    }
    for at in 0..3 {
        let wanted = expected.get(at).unwrap_or(&undefined);
        let quantile = found.critical_values.map(|values| values[at]);
        check.number("critical value", quantile, wanted, tolerance);
    }
}

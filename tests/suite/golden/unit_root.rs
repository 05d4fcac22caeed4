//! Family `01_adf`: statsmodels' `adfuller`.

use barline::stats::{Center, LagRule, Trend, UnitRoot, ols, unit_root};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict},
    residual_tests,
};

/// The trend a case names.
pub(super) fn trend(name: &Value) -> Trend {
    name.as_str().and_then(Trend::from_name).expect("n, c, ct or ctt")
}

/// The lag rule of `autolag` and `maxlag`.
pub(super) fn lag_rule(params: &Value) -> LagRule {
    searched(&params["autolag"], &params["maxlag"])
}

/// The lag rule of a method, null for a fixed order, and the order that bounds or fixes it.
pub(super) fn searched(method: &Value, order: &Value) -> LagRule {
    let max = order.as_u64().map(|lag| usize::try_from(lag).expect("a lag order"));
    match method.as_str().map(str::to_lowercase).as_deref() {
        Some("aic") => LagRule::Aic { max },
        Some("bic") => LagRule::Bic { max },
        Some("t-stat") => LagRule::TStat { max },
        None => LagRule::Fixed(max.expect("a fixed lag order")),
        Some(other) => panic!("unknown lag rule {other}"),
    }
}

/// The spread of the first of `columns` on the others and a constant.
pub(super) fn spread(columns: &[Vec<f64>]) -> Vec<f64> {
    let ones = vec![1.0; columns[0].len()];
    let x: Vec<&[f64]> = columns[1..].iter().chain([&ones]).map(Vec::as_slice).collect();
    ols(&x, &columns[0], Center::Mean).expect("a regular pair").residuals
}

/// Level, difference or spread, as the case's input says.
pub(super) fn series_under_test(case: &Case) -> Vec<f64> {
    let columns = case.y_and_x();
    let series = case.input()["series"].as_str().unwrap_or("level");
    if series.starts_with("diff") {
        columns[0].windows(2).map(|pair| pair[1] - pair[0]).collect()
    } else if series.starts_with("spread") {
        spread(&columns)
    } else {
        columns[0].clone()
    }
}

/// Level, difference or spread of logarithms, each trend and lag rule.
pub(super) fn adf(case: &Case) -> Verdict {
    let series = series_under_test(case);
    let params = case.params();
    let found = unit_root(&series, trend(&params["regression"]), lag_rule(params));
    let mut check = Check::default();
    match found {
        Ok(test) => compare(case, &mut check, &test),
        Err(refusal) => residual_tests::refused(case, &mut check, &refusal),
    }
    check.verdict()
}

fn compare(case: &Case, check: &mut Check, test: &UnitRoot) {
    let expected = case.expected();
    check.count("usedlag", test.lag, &expected["usedlag"]);
    check.count("nobs", test.observations, &expected["nobs"]);
    check.number("stat", Some(test.statistic), &expected["stat"], case.tolerance("stat"));
    check.number("pvalue", test.p_value, &expected["pvalue"], case.tolerance("pvalue"));
    check.number("icbest", test.criterion, &expected["icbest"], case.tolerance("icbest"));
    let quantiles = test.critical_values.unwrap_or([f64::NAN; 3]);
    let tolerance = case.tolerance("crit_1_5_10");
    check.numbers("crit_1_5_10", &quantiles, &expected["crit_1_5_10"], tolerance);
}

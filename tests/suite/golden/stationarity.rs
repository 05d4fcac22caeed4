//! Family `01_kpss`: statsmodels' `kpss` and arch's `KPSS`.

use barline::stats::{Around, Kpss, KpssLags, kpss as test};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict},
    residual_tests,
    unit_root::series_under_test,
};

/// Level, difference or spread of logarithms around a level or a trend.
pub(super) fn kpss(case: &Case) -> Verdict {
    let params = case.params();
    let around = match params["regression"].as_str() {
        Some("c") => Around::Level,
        Some("ct") => Around::Trend,
        other => panic!("{}: unknown regression {other:?}", case.id()),
    };
    let mut check = Check::default();
    match test(&series_under_test(case), around, lags(&params["nlags"])) {
        Ok(found) => compare(case, &mut check, &found),
        Err(refusal) => residual_tests::refused(case, &mut check, &refusal),
    }
    check.verdict()
}

/// arch names no rule: its default is the one from the data, and -1 the older one.
fn lags(rule: &Value) -> KpssLags {
    match rule.as_str() {
        Some("legacy") => KpssLags::Schwert,
        Some(_) => KpssLags::Hobijn,
        None if rule.as_i64() == Some(-1) => KpssLags::Schwert,
        None => rule.as_u64().map_or(KpssLags::Hobijn, |lags| {
            KpssLags::Fixed(usize::try_from(lags).expect("a lag order"))
        }),
    }
}

fn compare(case: &Case, check: &mut Check, found: &Kpss) {
    let expected = case.expected();
    check.count("lags", found.lags, &expected["lags"]);
    check.number("stat", Some(found.statistic), &expected["stat"], case.tolerance("stat"));
    let simulated = !expected["crit_1_5_10"].is_null();
    let p = if simulated { found.simulated_p_value } else { found.published_p_value };
    check.number("pvalue", Some(p), &expected["pvalue"], case.tolerance("pvalue"));
    let tolerance = case.tolerance("crit");
    if simulated {
        let quantiles = found.simulated_critical_values;
        check.numbers("crit", &quantiles, &expected["crit_1_5_10"], tolerance);
        return;
    }
    for (quantile, size) in
        found.published_critical_values.into_iter().zip(["10%", "5%", "2.5%", "1%"])
    {
        check.number(size, Some(quantile), &expected["crit"][size], tolerance);
    }
}

//! Families `01_mackinnon_*`: p-value and critical-value surfaces.

use barline::stats::{Trend, critical_values, p_value};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict, number_of},
    residual_tests,
};

/// Grids of both surfaces, and of arch's own simulations.
pub(super) fn surfaces(case: &Case) -> Verdict {
    let mut check = Check::default();
    let grid = case.expected().as_array().map(Vec::as_slice).unwrap_or_default();
    match case.id() {
        "mackinnonp.sm" => grid.iter().for_each(|row| p_values(case, &mut check, row)),
        "mackinnoncrit.sm" => grid.iter().for_each(|row| quantiles(case, &mut check, row)),
        "eg_pval.arch" => {
            for row in grid {
                residual_tests::surface_p_values(case, &mut check, row);
            }
        }
        "eg_cv.arch" => {
            for row in grid {
                residual_tests::surface_quantiles(case, &mut check, row);
            }
        }
        _ => return Verdict::NotCovered,
    }
    check.verdict()
}

fn trend_and_series(row: &Value) -> (Trend, usize) {
    let trend = row["regression"].as_str().and_then(Trend::from_name).expect("a trend");
    (trend, count(&row["N"]))
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a count")).expect("a count")
}

fn p_values(case: &Case, check: &mut Check, row: &Value) {
    let (trend, series) = trend_and_series(row);
    let found: Vec<f64> = row["stat"]
        .as_array()
        .expect("a grid")
        .iter()
        .map(|stat| p_value(number_of(stat).expect("a number"), trend, series).unwrap_or(f64::NAN))
        .collect();
    let name = format!("p {} {series}", trend.name());
    check.numbers(&name, &found, &row["pvalue"], case.tolerance("pvalue"));
}

fn quantiles(case: &Case, check: &mut Check, row: &Value) {
    let (trend, series) = trend_and_series(row);
    // An infinite sample is a string in the schema; 1/T vanishes in any sample of this size.
    let sample = row["nobs"].as_u64().map_or(usize::MAX, |_| count(&row["nobs"]));
    let found = critical_values(trend, series, sample).unwrap_or([f64::NAN; 3]);
    let name = format!("quantiles {} {series} {sample}", trend.name());
    check.numbers(&name, &found, &row["crit_1_5_10"], case.tolerance("crit_1_5_10"));
}

/// The coefficients themselves: four sample sizes pin down a cubic in 1/T, and each piece of a
/// p-value surface is compared on both sides of its border.
pub(super) fn coefficients(case: &Case) -> Verdict {
    let mut check = Check::default();
    for trend in Trend::ALL {
        let tables = case.expected()["crit_2010"][trend.name()].as_array().expect("tables");
        for (n, table) in tables.iter().enumerate() {
            for sample in [1, 2, 5, 1000] {
                let expected: Vec<Value> = (0..3)
                    .map(|level| polynomial(&table[level], 1.0 / sample as f64).into())
                    .collect();
                let found = critical_values(trend, n + 1, sample).unwrap_or([f64::NAN; 3]);
                let name = format!("quantiles {} {}", trend.name(), n + 1);
                check.numbers(&name, &found, &expected.into(), case.tolerance("crit_2010"));
            }
        }
        for n in 0..6 {
            pieces(case, &mut check, trend, n);
        }
    }
    check.verdict()
}

fn pieces(case: &Case, check: &mut Check, trend: Trend, n: usize) {
    let surface = &case.expected()["p_1994"][trend.name()];
    let at = |name: &str| number_of(&surface[name][n]).expect("a bound");
    let (low, border, high) = (at("tau_min"), at("tau_star"), at("tau_max").min(4.0));
    for step in 1..8 {
        let share = f64::from(step) / 8.0;
        for (tau, piece) in [
            (low + share * (border - low), "small_p"),
            (border + share * (high - border), "large_p"),
        ] {
            let z = polynomial(&surface[piece][n], tau);
            let expected = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
            let found = p_value(tau, trend, n + 1);
            let name = format!("p {} {} at {tau}", trend.name(), n + 1);
            check.number(&name, found, &expected.into(), case.tolerance("p_1994"));
        }
    }
    check.exact("p below tau_min", &p_value(low - 1e-9, trend, n + 1), &Some(0.0));
    let above = (at("tau_max") + 1e-9).min(40.0);
    check.exact("p above tau_max", &p_value(above, trend, n + 1), &Some(1.0));
}

fn polynomial(ascending: &Value, x: f64) -> f64 {
    let terms = ascending.as_array().expect("coefficients").iter().rev();
    terms.fold(0.0, |value, a| value * x + a.as_f64().expect("a coefficient"))
}

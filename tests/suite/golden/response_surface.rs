//! Families `01_mackinnon_*`: p-value and critical-value surfaces.

use barline::stats::{Trend, critical_values, p_value};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict, number_of},
    residual_tests,
};

/// How near to a border its two sides are looked at.
const NEXT_TO: f64 = 1e-9;

/// Members of a row that say where on the grid it stands.
const GRID: [&str; 6] = ["regression", "trend", "N", "num_x", "nobs", "stat"];

/// Grids of both surfaces, and of arch's own simulations.
pub(super) fn surfaces(case: &Case) -> Verdict {
    let mut check = Check::default();
    let grid = case.expected().as_array().map(Vec::as_slice).unwrap_or_default();
    for row in grid {
        let quantiles_of = row["crit_1_5_10"].is_array();
        // arch counts regressors, MacKinnon series.
        match (row["num_x"].is_u64(), quantiles_of) {
            (false, false) => p_values(case, &mut check, row),
            (false, true) => quantiles(case, &mut check, row),
            (true, false) => residual_tests::surface_p_values(case, &mut check, row),
            (true, true) => residual_tests::surface_quantiles(case, &mut check, row),
        }
        for name in GRID {
            check.see(&row[name]);
        }
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
                let tolerance = case.tolerance("crit_2010");
                for (found, wanted) in found.into_iter().zip(&expected) {
                    check.against(&name, Some(found), wanted, tolerance);
                }
            }
            // All of the table: three levels, four coefficients.
            check.exact("size", &size(table), &vec![4; 3]);
            check.see(table);
        }
        for n in 0..6 {
            pieces(case, &mut check, trend, n);
        }
        let surface = &case.expected()["p_1994"][trend.name()];
        for (name, terms) in
            [("tau_max", 1), ("tau_min", 1), ("tau_star", 1), ("small_p", 3), ("large_p", 4)]
        {
            check.exact(name, &size(&surface[name]), &vec![terms; 6]);
            check.see(&surface[name]);
        }
    }
    check.verdict()
}

fn pieces(case: &Case, check: &mut Check, trend: Trend, n: usize) {
    let surface = &case.expected()["p_1994"][trend.name()];
    let at = |name: &str| number_of(&surface[name][n]).expect("a bound");
    let (low, border, high) = (at("tau_min"), at("tau_star"), at("tau_max").min(4.0));
    let inside = (1..8).map(|step| f64::from(step) / 8.0);
    let left = inside.clone().map(|share| low + share * (border - low));
    let right = inside.map(|share| border + share * (high - border));
    // Both sides of the border, so that the border itself is held.
    let left = left.chain([border - NEXT_TO]).map(|tau| (tau, "small_p"));
    let right = right.chain([border + NEXT_TO]).map(|tau| (tau, "large_p"));
    for (tau, piece) in left.chain(right) {
        let z = polynomial(&surface[piece][n], tau);
        let expected = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
        let found = p_value(tau, trend, n + 1);
        let name = format!("p {} {} at {tau}", trend.name(), n + 1);
        check.against(&name, found, &expected.into(), case.tolerance("p_1994"));
    }
    let p = |tau| p_value(tau, trend, n + 1).unwrap_or(f64::NAN);
    check.exact(
        "p below tau_min is 0, above it more",
        &(p(low - NEXT_TO), p(low + NEXT_TO) > 0.0),
        &(0.0, true),
    );
    let end = at("tau_max");
    if end.is_finite() {
        check.exact(
            "p above tau_max is 1, below it less",
            &(p(end + NEXT_TO), p(end - NEXT_TO) < 1.0),
            &(1.0, true),
        );
    } else {
        check.exact("p without a tau_max is below 1", &(p(4.0) < 1.0), &true);
    }
}

/// Length of each row of a table; a number is a row of one.
fn size(table: &Value) -> Vec<usize> {
    let rows = table.as_array().into_iter().flatten();
    rows.map(|row| row.as_array().map_or(1, Vec::len)).collect()
}

fn polynomial(ascending: &Value, x: f64) -> f64 {
    let terms = ascending.as_array().expect("coefficients").iter().rev();
    terms.fold(0.0, |value, a| value * x + a.as_f64().expect("a coefficient"))
}

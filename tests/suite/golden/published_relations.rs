//! Published examples of unit roots, of cointegrating relations and of repaired correlations.

use barline::stats::{
    JohansenCase, LagRule, SymmetricMatrix, Trend, johansen_with, nearest_covariance, p_value,
    unit_root,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Tolerance},
    published::{all_printed, full, half_unit, number},
};

/// A floor below which an eigenvalue counts as negative.
const FLOOR: f64 = 1e-13;

/// Danish money demand: a restricted constant and centred seasonal dummies, `K = 2` in levels.
pub(super) fn danish_money(case: &Case, check: &mut Check) {
    let table = case.table();
    let names = case.input()["columns"].as_array().expect("columns");
    let series: Vec<Vec<f64>> =
        names.iter().map(|name| table.column(name.as_str().expect("a name"))).collect();
    let rows = series[0].len();
    let seasons: Vec<Vec<f64>> = (0..3)
        .map(|season| (0..rows).map(|row| f64::from(u8::from(row % 4 == season)) - 0.25).collect())
        .collect();
    let columns: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
    let dummies: Vec<&[f64]> = seasons.iter().map(Vec::as_slice).collect();
    let found = johansen_with(&columns, JohansenCase::RestrictedConstant, 1, &dummies)
        .expect("four series of 55 quarters");
    let expected = case.expected();
    let tolerance = case.tolerance("recomputed");
    let relation = found.spread_weights(0).expect("a first component");
    let published = case.get("published");
    for (name, values, in_print) in [
        ("eig", &found.eigenvalues, "eig"),
        ("maxeig", &found.max_eigenvalue, "maxeig_r0_to_r3"),
        ("trace", &found.trace, "trace"),
        ("beta1", &relation, "beta1_lrm_lry_ibo_ide_const"),
    ] {
        first(check, name, values, &expected[name], tolerance);
        if let Some(digits) = published[in_print].as_array() {
            let shown = &values[..digits.len().min(values.len())];
            all_printed(check, name, shown, &published[in_print]);
        }
    }
    check.count("nobs", found.observations, &expected["nobs"]);
}

/// The nearest correlation matrix of a 3 x 3 example.
pub(super) fn nearest_correlation(case: &Case, check: &mut Check) {
    let rows = case.value()["input_matrix"].as_array().expect("a matrix");
    let given = SymmetricMatrix::from_upper(rows.len(), |i, j| number(&rows[i][j]));
    let found = nearest_covariance(&given, FLOOR).expect("a correlation matrix");
    let tolerance = case.tolerance("nearest_correlation");
    let expected = case.expected()["nearest_correlation"].as_array().expect("a matrix");
    check.exact("rows", &found.order(), &expected.len());
    for (i, row) in expected.iter().enumerate() {
        check.numbers(&format!("row {i}"), found.row(i), row, tolerance);
    }
    let order = found.order();
    let cells = (0..order).flat_map(|i| (0..order).map(move |j| (i, j)));
    let squares = cells.map(|(i, j)| (found.get(i, j) - given.get(i, j)).powi(2));
    let distance = squares.sum::<f64>().sqrt();
    let frobenius = &case.expected()["frobenius_distance"];
    check.number("frobenius distance", Some(distance), frobenius, tolerance);
    let shown = [found.get(0, 1), found.get(0, 2)];
    all_printed(check, "off diagonal", &shown, &case.get("published")["off_diagonals_01_02"]);
}

/// The first of `found` against all of `expected`: urca leaves out what belongs to the constant.
fn first(check: &mut Check, name: &str, found: &[f64], expected: &Value, tolerance: Tolerance) {
    let expected = expected.as_array().expect("a list");
    for (at, wanted) in expected.iter().enumerate() {
        check.number(&format!("{name}[{at}]"), found.get(at).copied(), wanted, tolerance);
    }
}

/// Stata inverts another way: its statistics, printed to seven or eight decimals, hold to five. Its
/// p-values hold to the printed digits at the statistic it printed.
pub(super) fn stata(case: &Case, check: &mut Check) {
    let five_decimals = Tolerance { rtol: 0.0, atol: 5e-6 };
    let table = case.table();
    for row in case.expected().as_array().expect("tests") {
        let series = table.column(row["series"].as_str().expect("a series"));
        let trend = row["regression"].as_str().and_then(Trend::from_name).expect("a trend");
        let lags = usize::try_from(row["lags"].as_u64().expect("lags")).expect("lags");
        // What the row is about.
        for name in ["series", "regression", "lags"] {
            check.see(&row[name]);
        }
        let found = match unit_root(&series, trend, LagRule::Fixed(lags)) {
            Ok(found) => found,
            Err(refusal) => return check.fail(format!("refused: {refusal}")),
        };
        check.number("stat", Some(found.statistic), &row["stat"], full(case));
        check.number("pvalue", found.p_value, &row["pvalue"], full(case));
        let statistic = &row["published_stata_stat"];
        check.number("Stata's statistic", Some(found.statistic), statistic, five_decimals);
        let digits = &row["published_stata_p"];
        if digits.is_null() {
            // Stata prints none without a constant.
            check.see(digits);
        } else {
            let p = |shift: f64| p_value(number(statistic) + shift, trend, 1).unwrap_or(f64::NAN);
            // The printed statistic is rounded itself, and the p-value with it.
            let unit = half_unit(&statistic.to_string()).atol;
            let own = half_unit(&digits.to_string()).atol;
            let atol = own + 0.5 * (p(unit) - p(-unit)).abs();
            check.number("Stata's p-value", Some(p(0.0)), digits, Tolerance { rtol: 0.0, atol });
        }
    }
}

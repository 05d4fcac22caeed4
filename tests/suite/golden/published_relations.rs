//! Published examples of cointegrating relations and of repaired correlations.

use barline::stats::{JohansenCase, SymmetricMatrix, johansen_with, nearest_covariance};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Tolerance, number_of},
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
    for (name, values) in [
        ("eig", &found.eigenvalues),
        ("maxeig", &found.max_eigenvalue),
        ("trace", &found.trace),
        ("beta1", &found.spread_weights(0).expect("a first component")),
    ] {
        each(check, name, values, &expected[name], tolerance);
    }
    check.count("nobs", found.observations, &expected["nobs"]);
}

/// The nearest correlation matrix of a 3 x 3 example.
pub(super) fn nearest_correlation(case: &Case, check: &mut Check) {
    let rows = case.value()["input_matrix"].as_array().expect("a matrix");
    let cell = |rows: &[Value], i: usize, j: usize| number_of(&rows[i][j]).expect("a number");
    let given = SymmetricMatrix::from_upper(rows.len(), |i, j| cell(rows, i, j));
    let found = nearest_covariance(&given, FLOOR).expect("a correlation matrix");
    let atol = number_of(&case.value()["tol"]["atol"]).expect("a tolerance");
    let expected = case.expected()["nearest_correlation"].as_array().expect("a matrix");
    for (i, row) in expected.iter().enumerate() {
        each(check, &format!("row {i}"), found.row(i), row, Tolerance { rtol: 0.0, atol });
    }
}

fn each(check: &mut Check, name: &str, found: &[f64], expected: &Value, tolerance: Tolerance) {
    let expected = expected.as_array().expect("a list");
    for (at, wanted) in expected.iter().enumerate() {
        check.number(&format!("{name}[{at}]"), found.get(at).copied(), wanted, tolerance);
    }
}

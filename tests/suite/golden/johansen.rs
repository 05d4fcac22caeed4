//! Families `02_johansen` and `02_johansen_critical_values`.

use barline::stats::{
    Johansen, JohansenCase, JohansenQuantiles, error_correction, johansen as textbook,
    johansen_critical_values, johansen_statsmodels,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, EXACT, Tolerance, Verdict},
};

/// Eigenvalues within this share of each other have no vectors of their own.
const NEAR: f64 = 1e-6;

/// Picks the quantiles of one statistic.
type Pick = fn(&JohansenQuantiles) -> [f64; 3];

/// Names of the quantiles in a case.
const TABLES: [(&str, Pick); 2] = [
    ("trace_crit_90_95_99", |quantiles| quantiles.trace),
    ("maxeig_crit_90_95_99", |quantiles| quantiles.max_eigenvalue),
];

/// The textbook's answer and statsmodels', and the error correction model where there is one.
pub(super) fn johansen(case: &Case) -> Verdict {
    let table = case.table();
    let names = case.input()["columns"].as_array().expect("a list of columns");
    let mut columns: Vec<Vec<f64>> =
        names.iter().map(|name| table.column(name.as_str().expect("a name"))).collect();
    if case.input()["transform"] == "log" {
        columns.iter_mut().flatten().for_each(|value| *value = libm::log(*value));
    }
    let series: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let terms = johansen_case(case.params()["det_order"].as_i64());
    let lags = case.params()["k_ar_diff"].as_u64().expect("a lag order");
    let lags = usize::try_from(lags).expect("a lag order");
    let mut check = Check::default();
    let found = [textbook(&series, terms, lags), johansen_statsmodels(&series, terms, lags)];
    if !case.expected()["raises"].is_null() {
        check.see(&case.expected()["raises"]);
        check.exact("refused", &found.iter().all(Result::is_err), &true);
        return check.verdict();
    }
    for (found, name) in found.iter().zip(["textbook", "statsmodels"]) {
        match found {
            Ok(found) => compare(case, &mut check, found, &case.expected()[name]),
            Err(refusal) => check.fail(format!("{name} refused: {refusal}")),
        }
    }
    if let Ok(found) = &found[0] {
        model(case, &mut check, found, &case.expected()["vecm_co_rank1"]);
    }
    if let [Ok(textbook), Ok(statsmodels)] = &found {
        apart(case, &mut check, textbook, statsmodels);
    }
    check.verdict()
}

/// How far the two answers lie apart, within what their eigenvalues may be off.
fn apart(case: &Case, check: &mut Check, textbook: &Johansen, statsmodels: &Johansen) {
    let expected = &case.expected()["max_abs_diff_eig_statsmodels_vs_textbook"];
    if expected.is_null() {
        return;
    }
    let pairs = textbook.eigenvalues.iter().zip(&statsmodels.eigenvalues);
    let found = pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f64::max);
    let of_values = case.tolerance("eig/trace/maxeig");
    let largest = textbook.eigenvalues.iter().copied().fold(0.0, f64::max);
    let atol = 2.0 * (of_values.atol + of_values.rtol * largest);
    check.number("difference", Some(found), expected, Tolerance { rtol: 0.0, atol });
}

fn johansen_case(det_order: Option<i64>) -> JohansenCase {
    match det_order {
        Some(-1) => JohansenCase::None,
        Some(0) => JohansenCase::Constant,
        Some(1) => JohansenCase::Linear,
        other => panic!("unknown det_order {other:?}"),
    }
}

fn compare(case: &Case, check: &mut Check, found: &Johansen, expected: &Value) {
    let tolerance = case.tolerance("eig/trace/maxeig");
    check.count("nobs", found.observations, &expected["nobs"]);
    check.numbers("eig", &found.eigenvalues, &expected["eig"], tolerance);
    check.numbers("trace", &found.trace, &expected["trace"], tolerance);
    check.numbers("maxeig", &found.max_eigenvalue, &expected["maxeig"], tolerance);
    vectors(case, check, found, expected);
    for (name, of) in TABLES {
        for (null, row) in expected[name].as_array().into_iter().flatten().enumerate() {
            for (level, wanted) in row.as_array().into_iter().flatten().enumerate() {
                let quantile = found.critical_values[null].as_ref().map(|rows| of(rows)[level]);
                check.number(name, quantile, wanted, EXACT);
            }
        }
    }
}

/// Vectors by their ratio to the first component, and in the metric of the levels.
fn vectors(case: &Case, check: &mut Check, found: &Johansen, expected: &Value) {
    let tolerance = case.tolerance("evec");
    for k in 0..found.vectors.len() {
        let apart = |other: usize| {
            let near = NEAR * found.eigenvalues[k].abs();
            found.eigenvalues.get(other).is_none_or(|v| (v - found.eigenvalues[k]).abs() > near)
        };
        if !(apart(k + 1) && (k == 0 || apart(k - 1))) {
            // Vectors of equal eigenvalues are any basis of their span.
            check.excuse(&expected["evec_cols_first_component_1"][k]);
            check.see(&expected["evec_cols_unit_Skk_first_component_positive"][k]);
            continue;
        }
        let ratios = found.spread_weights(k).unwrap_or_default();
        check.numbers("evec", &ratios, &expected["evec_cols_first_component_1"][k], tolerance);
        let scaled = &expected["evec_cols_unit_Skk_first_component_positive"][k];
        if !scaled.is_null() {
            check.numbers("unit evec", &found.vectors[k], scaled, tolerance);
        }
    }
}

/// The model of rank one with an unrestricted constant.
fn model(case: &Case, check: &mut Check, found: &Johansen, expected: &Value) {
    if expected.is_null() {
        return;
    }
    let tolerance = case.tolerance("evec");
    match error_correction(found, 1) {
        Ok(model) => {
            let column = |rows: &[Vec<f64>]| rows.iter().map(|row| row[0]).collect::<Vec<f64>>();
            check.numbers("beta", &model.beta[0], &expected["beta"], tolerance);
            check.numbers("alpha", &column(&model.alpha), &expected["alpha"], tolerance);
            check.numbers("const", &column(&model.terms), &expected["const"], tolerance);
            let exact = case.tolerance("eig/trace/maxeig");
            check.number("llf", Some(model.log_likelihood), &expected["llf"], exact);
        }
        Err(refusal) => check.fail(format!("no model: {refusal}")),
    }
}

/// The tables, cell by cell.
pub(super) fn critical_values(case: &Case) -> Verdict {
    let mut check = Check::default();
    for det_order in -1..=1_i64 {
        let terms = johansen_case(Some(det_order));
        for (name, is_trace) in [("trace", true), ("maxeig", false)] {
            let rows = case.expected()[name][det_order.to_string()].as_array().expect("a table");
            for (at, row) in rows.iter().enumerate() {
                let found = johansen_critical_values(terms, at + 1);
                let wanted = row.as_array().expect("three quantiles");
                for (level, wanted) in wanted.iter().enumerate() {
                    let quantile = found.map(|found| {
                        if is_trace { found.trace[level] } else { found.max_eigenvalue[level] }
                    });
                    check.number(&format!("{name} {det_order} {at}"), quantile, wanted, EXACT);
                }
            }
            let beyond = johansen_critical_values(terms, rows.len() + 1);
            check.exact(&format!("{name} beyond the table"), &beyond, &None);
        }
    }
    check.verdict()
}

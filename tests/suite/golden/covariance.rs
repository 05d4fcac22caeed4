//! Family `05_covariance`: the estimators that exist.

use barline::stats::{
    Decay, OldestRow, Shrunk, Start, SymmetricMatrix, correlation, ewma_covariance, ledoit_wolf,
    oracle_approximating, riskmetrics_covariance, sample_covariance, simple_returns,
};
use serde_json::Value;

use super::{
    case::{Case, complete_rows},
    check::{Check, Verdict},
};

/// Sample, exponentially weighted and shrunk covariances by the case's id.
pub(super) fn covariance(case: &Case) -> Verdict {
    let returns = returns(case);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let matrix = |found: barline::stats::Result<SymmetricMatrix>| {
        let found = found.expect("a regular panel");
        let mut check = Check::default();
        cells(case, &mut check, &found);
        check.verdict()
    };
    match case.id() {
        "cov.sample.ddof1" | "cov.sample.log" => matrix(sample_covariance(&columns, 1)),
        "cov.sample.ddof0" => matrix(sample_covariance(&columns, 0)),
        "missing.listwise" => {
            let complete = complete_rows(&returns);
            let columns: Vec<&[f64]> = complete.iter().map(Vec::as_slice).collect();
            matrix(sample_covariance(&columns, 1))
        }
        "ewma.riskmetrics.lam94.init_first_outer" => {
            matrix(riskmetrics_covariance(&columns, 0.94, Start::FirstRow))
        }
        "ewma.riskmetrics.lam94.init_sample_secondmoment" => {
            matrix(riskmetrics_covariance(&columns, 0.94, Start::SecondMoment))
        }
        "lw.sklearn" | "lw.pypfopt.constant_variance" => shrunk(case, ledoit_wolf(&columns)),
        "oas.sklearn" | "oas.pypfopt" => shrunk(case, oracle_approximating(&columns)),
        "lw.TltN" => wide(case, &columns),
        id => match pandas_ewma(id) {
            Some((decay, oldest)) => matrix(ewma_covariance(&columns, decay, oldest)),
            None => Verdict::NotCovered,
        },
    }
}

fn returns(case: &Case) -> Vec<Vec<f64>> {
    let table = case.table();
    let names: Vec<String> = match case.input()["columns"].as_array() {
        Some(list) => list.iter().map(|name| name.as_str().expect("a name").to_owned()).collect(),
        None => table.assets(),
    };
    let log = case.input()["returns"] == "log";
    let returns = |prices: Vec<f64>| -> Vec<f64> {
        if log {
            prices.windows(2).map(|pair| libm::log(pair[1]) - libm::log(pair[0])).collect()
        } else {
            simple_returns(&prices)
        }
    };
    names.iter().map(|name| returns(table.column(name))).collect()
}

/// `ewma.pandas.span60.adjust1.bias0` and the like; biased ones have no engine.
fn pandas_ewma(id: &str) -> Option<(Decay, OldestRow)> {
    let spelled = id.strip_prefix("ewma.pandas.")?.strip_suffix(".bias0")?;
    let (decay, adjust) = spelled.rsplit_once(".adjust")?;
    let at = decay.find(|letter: char| letter.is_ascii_digit())?;
    let value: f64 = decay[at..].parse().ok()?;
    let decay = match &decay[..at] {
        "span" => Decay::from_span(value),
        "halflife" => Decay::from_half_life(value),
        "alpha" => Decay::from_alpha(value),
        "com" => Decay::from_center_of_mass(value),
        _ => None,
    };
    Some((decay?, if adjust == "1" { OldestRow::Geometric } else { OldestRow::Recursive }))
}

fn cells(case: &Case, check: &mut Check, found: &SymmetricMatrix) {
    for i in 0..found.order() {
        let expected = &case.expected()["cov"][i];
        check.numbers("covariance", found.row(i), expected, case.tolerance("cov"));
    }
    if case.expected()["corr"].is_array() {
        let found = correlation(found).expect("positive variances");
        for i in 0..found.order() {
            let expected = &case.expected()["corr"][i];
            check.numbers("correlation", found.row(i), expected, case.tolerance("corr"));
        }
    }
}

fn shrunk(case: &Case, found: barline::stats::Result<Shrunk>) -> Verdict {
    let found = found.expect("a regular panel");
    let mut check = Check::default();
    let tolerance = case.tolerance("shrinkage");
    check.number("shrinkage", Some(found.delta), &case.expected()["shrinkage"], tolerance);
    cells(case, &mut check, &found.covariance);
    check.verdict()
}

/// Fewer rows than assets; the constant-correlation target has no engine.
fn wide(case: &Case, columns: &[&[f64]]) -> Verdict {
    let mut check = Check::default();
    for (name, found) in [("lw", ledoit_wolf(columns)), ("oas", oracle_approximating(columns))] {
        let found = found.expect("a regular panel");
        let wanted = |part: &str| -> &Value { &case.expected()[format!("{name}_{part}")] };
        let tolerance = case.tolerance(name);
        check.number(name, Some(found.delta), wanted("shrinkage"), tolerance);
        check.numbers(name, found.covariance.row(0), wanted("cov_row0"), tolerance);
    }
    check.verdict()
}

//! Family `covariance`, by the call that the case states.

use barline::stats::{
    Decay, EquallyCorrelated, EwmaRules, MissingRow, OldestRow, Result, Shrunk, Start,
    SymmetricMatrix, complete_rows, correlation, eigen, ewma_about_mean, ewma_covariance,
    forward_filled, kendall, ledoit_wolf, ledoit_wolf_constant_correlation,
    ledoit_wolf_single_factor, log_returns, oracle_approximating, riskmetrics_covariance,
    sample_covariance, shrunk_covariance, simple_returns, spearman, spectral_covariance,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Tolerance, Verdict, failed},
    estimator_call::Call,
    families::checked,
    incomplete_returns::{pairwise, repairs, rolling},
};

/// RiskMetrics' decay, where a call does not say another.
const RISKMETRICS_DECAY: f64 = 0.94;

/// Every estimator of the family.
pub(super) fn covariance(case: &Case) -> Verdict {
    let returns = returns(case);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let call = Call(case.call());
    let expected = case.expected();
    if !expected["rank_sample"].is_null() {
        wide(case, &columns)
    } else if !expected["pairwise_cov"].is_null() {
        repairs(case, &columns)
    } else if call.has(".rolling(") {
        rolling(case, call, &columns)
    } else if call.has("RG.cov(") || call.has("G.ffill()") {
        pairwise(case, &columns, call.count("min_periods").unwrap_or(1))
    } else if let Some(found) = shrinkage(call, &columns) {
        answer(found, |found| shrunk(case, &found, call))
    } else if let Some(found) = equally_correlated(call, &columns) {
        answer(found, |found| equal(case, &found, call))
    } else if let Some(found) = ranks(call, &columns) {
        answer(found, |found| checked(|check| correlations(case, check, &found)))
    } else if let Some(found) = plain(call, &columns) {
        answer(found, |found| matrix(case, &found, &columns))
    } else {
        Verdict::NotCovered
    }
}

fn answer<T>(found: Result<T>, compare: impl FnOnce(T) -> Verdict) -> Verdict {
    match found {
        Ok(found) => compare(found),
        Err(refusal) => failed(format!("refused: {refusal}")),
    }
}

fn returns(case: &Case) -> Vec<Vec<f64>> {
    let table = case.table();
    let names: Vec<String> = match case.input()["columns"].as_array() {
        Some(list) => list.iter().map(|name| name.as_str().expect("a name").to_owned()).collect(),
        None => table.assets(),
    };
    let returns = |values: Vec<f64>| match case.input()["returns"].as_str() {
        _ if case.input()["kind"] == "returns" => values,
        Some(kind) if kind.starts_with("log") => log_returns(&values),
        _ if Call(case.call()).has("G.ffill()") => simple_returns(&forward_filled(&values)),
        _ => simple_returns(&values),
    };
    names.iter().map(|name| returns(table.column(name))).collect()
}

/// Estimators that give a covariance and nothing else.
fn plain(call: Call, columns: &[&[f64]]) -> Option<Result<SymmetricMatrix>> {
    let year = call.number("frequency").unwrap_or(1.0);
    let found = if call.has("exp_cov(") {
        let decay = Decay::from_span(call.number("span")?)?;
        ewma_about_mean(columns, decay).and_then(|found| spectral_covariance(&found))
    } else if call.has(".ewm(") {
        let (decay, rules) = pandas_rules(call)?;
        ewma_covariance(columns, decay, rules)
    } else if call.has("numpy: S=R'R/T") {
        riskmetrics_covariance(columns, RISKMETRICS_DECAY, Start::SecondMoment)
    } else if call.has("numpy: S=r0 r0'") {
        let decay = call.number_after("; S=").unwrap_or(RISKMETRICS_DECAY);
        riskmetrics_covariance(columns, decay, Start::FirstRow)
    } else if call.has("dropna().cov(") {
        let complete = complete_rows(columns);
        complete.and_then(|rows| {
            let columns: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            sample_covariance(&columns, 1)
        })
    } else if call.has("sample_cov(") || call.has(".cov(") {
        sample_covariance(columns, call.count("ddof").unwrap_or(1))
    } else {
        return None;
    };
    Some(found.map(|found| times(&found, year)))
}

fn times(matrix: &SymmetricMatrix, bars: f64) -> SymmetricMatrix {
    SymmetricMatrix::from_upper(matrix.order(), |i, j| matrix.get(i, j) * bars)
}

/// A decay from the number that one spelling gives.
type Spelling = fn(f64) -> Option<Decay>;

/// pandas' `ewm`: one of four spellings of the decay, three flags.
fn pandas_rules(call: Call) -> Option<(Decay, EwmaRules)> {
    let spellings: [(&str, Spelling); 4] = [
        ("span", Decay::from_span),
        ("halflife", Decay::from_half_life),
        ("alpha", Decay::from_alpha),
        ("com", Decay::from_center_of_mass),
    ];
    let decay = spellings.iter().find_map(|(name, decay)| decay(call.number(name)?))?;
    let oldest =
        if call.flag("adjust", true) { OldestRow::Geometric } else { OldestRow::Recursive };
    let ignored = call.flag("ignore_na", false);
    let missing = if ignored { MissingRow::Ignored } else { MissingRow::Ages };
    Some((decay, EwmaRules { oldest, biased: call.flag("bias", false), missing }))
}

fn ranks(call: Call, columns: &[&[f64]]) -> Option<Result<SymmetricMatrix>> {
    let found = match call {
        _ if call.has("corr('spearman')") => spearman(columns, 1),
        _ if call.has("corr('kendall')") => kendall(columns, 1),
        _ => return None,
    };
    Some(found.map(|found| found.matrix))
}

fn shrinkage(call: Call, columns: &[&[f64]]) -> Option<Result<Shrunk>> {
    Some(match call {
        _ if call.has("LedoitWolf()") => ledoit_wolf(columns),
        _ if call.has("ledoit_wolf('constant_variance')") => ledoit_wolf(columns),
        _ if call.has("ledoit_wolf('single_factor')") => ledoit_wolf_single_factor(columns),
        _ if call.has("OAS()") => oracle_approximating(columns),
        _ if call.has("oracle_approximating()") => oracle_approximating(columns),
        _ if call.has("ShrunkCovariance(") => shrunk_covariance(columns, call.number("shrinkage")?),
        _ => return None,
    })
}

/// The constant correlation target, with the library's divisors and the authors'.
fn equally_correlated(call: Call, columns: &[&[f64]]) -> Option<Result<EquallyCorrelated>> {
    Some(match call {
        _ if call.has("ledoit_wolf('constant_correlation')") => {
            ledoit_wolf_constant_correlation(columns, 1)
        }
        _ if call.has("lw_const_corr_original") => ledoit_wolf_constant_correlation(columns, 0),
        _ => return None,
    })
}

/// Compares a matrix cell by cell; NaN is undefined.
pub(super) fn table(
    check: &mut Check,
    name: &str,
    found: &SymmetricMatrix,
    expected: &Value,
    tolerance: Tolerance,
) {
    let rows = expected.as_array().map_or(0, Vec::len);
    check.exact(&format!("order of {name}"), &found.order(), &rows);
    for i in 0..found.order() {
        let columns = expected[i].as_array().map_or(0, Vec::len);
        check.exact(&format!("length of {name}[{i}]"), &found.order(), &columns);
        for j in 0..found.order() {
            let cell = Some(found.get(i, j)).filter(|cell| !cell.is_nan());
            check.number(&format!("{name}[{i}][{j}]"), cell, &expected[i][j], tolerance);
        }
    }
}

fn matrix(case: &Case, found: &SymmetricMatrix, columns: &[&[f64]]) -> Verdict {
    checked(|check| {
        cells(case, check, found);
        if !case.expected()["rows"].is_null() {
            let rows = complete_rows(columns).expect("equal lengths")[0].len();
            check.count("rows", rows, &case.expected()["rows"]);
        }
    })
}

fn correlations(case: &Case, check: &mut Check, found: &SymmetricMatrix) {
    table(check, "corr", found, &case.expected()["corr"], case.tolerance("corr"));
}

fn cells(case: &Case, check: &mut Check, found: &SymmetricMatrix) {
    table(check, "covariance", found, &case.expected()["cov"], case.tolerance("cov"));
    if case.expected()["corr"].is_array() {
        correlations(case, check, &correlation(found).expect("positive variances"));
    }
}

fn shrunk(case: &Case, found: &Shrunk, call: Call) -> Verdict {
    checked(|check| shrunk_into(case, check, found, call))
}

fn shrunk_into(case: &Case, check: &mut Check, found: &Shrunk, call: Call) {
    let expected = &case.expected()["shrinkage"];
    // sklearn's fixed intensity is a parameter, not a result.
    if !(expected.is_null() && call.has("ShrunkCovariance(")) {
        check.number("shrinkage", Some(found.delta), expected, case.tolerance("shrinkage"));
    }
    cells(case, check, &times(&found.covariance, call.number("frequency").unwrap_or(1.0)));
}

fn equal(case: &Case, found: &EquallyCorrelated, call: Call) -> Verdict {
    checked(|check| {
        let mean = &case.expected()["rbar"];
        if !mean.is_null() {
            check.number("rbar", Some(found.correlation), mean, case.tolerance("rbar"));
        }
        shrunk_into(case, check, &found.shrunk, call);
    })
}

/// Fewer rows than assets.
fn wide(case: &Case, columns: &[&[f64]]) -> Verdict {
    let equal = ledoit_wolf_constant_correlation(columns, 0).map(|found| found.shrunk);
    let found = [
        ("lw", ledoit_wolf(columns)),
        ("oas", oracle_approximating(columns)),
        ("const_corr", equal),
    ];
    checked(|check| {
        for (name, found) in found {
            let found = found.expect("a regular panel");
            let wanted = |part: &str| -> &Value { &case.expected()[format!("{name}_{part}")] };
            let tolerance = case.tolerance(name);
            check.number(name, Some(found.delta), wanted("shrinkage"), tolerance);
            check.numbers(name, found.covariance.row(0), wanted("cov_row0"), tolerance);
            if !wanted("min_eig").is_null() {
                let least = eigen(&found.covariance).expect("finite").values.last().copied();
                check.number("least eigenvalue", least, wanted("min_eig"), tolerance);
            }
        }
        let sample = sample_covariance(columns, 1).expect("complete");
        let values = eigen(&sample).expect("finite").values;
        let rank = values.iter().filter(|value| **value > 1e-12 * values[0]).count();
        check.count("rank", rank, &case.expected()["rank_sample"]);
    })
}

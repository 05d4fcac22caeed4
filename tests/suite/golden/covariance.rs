//! Family `05_covariance`, by the case's id.

use barline::stats::{
    Decay, EquallyCorrelated, EwmaRules, MissingRow, OldestRow, Pairwise, Result, SKFOLIO_FLOOR,
    STATSMODELS_FLOOR, Shrunk, Start, SymmetricMatrix, clipped_covariance, complete_rows,
    correlation, eigen, ewma_about_mean, ewma_covariance, forward_filled, kendall, ledoit_wolf,
    ledoit_wolf_constant_correlation, ledoit_wolf_single_factor, loaded_covariance, log_returns,
    nearest_covariance, oracle_approximating, pairwise_correlation, pairwise_covariance,
    riskmetrics_covariance, rolling_covariance, sample_covariance, shrunk_covariance,
    simple_returns, spearman, spectral_covariance,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Tolerance, Verdict},
};

/// Every estimator of the family.
pub(super) fn covariance(case: &Case) -> Verdict {
    let returns = returns(case);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let id = case.id();
    let kind = id.split_once('.').map_or(id, |(kind, _)| kind);
    match (kind, id) {
        ("cov", _) => matrix(case, sample(id, &columns)),
        ("corr", _) => ranked(case, &columns),
        ("ewma", _) => matrix(case, weighted(id, &columns)),
        ("missing", _) => missing(case, &columns),
        ("psd", _) => repairs(case, &columns),
        ("shrunk", _) => {
            let delta = id.strip_prefix("shrunk.sklearn.").and_then(|text| text.parse().ok());
            let found = shrunk_covariance(&columns, delta.expect("an intensity"));
            matrix(case, found.map(|found| found.covariance))
        }
        (_, "lw.sklearn" | "lw.pypfopt.constant_variance") => shrunk(case, ledoit_wolf(&columns)),
        (_, "oas.sklearn" | "oas.pypfopt") => shrunk(case, oracle_approximating(&columns)),
        (_, "lw.pypfopt.single_factor") => shrunk(case, ledoit_wolf_single_factor(&columns)),
        (_, "lw.pypfopt.constant_correlation") => {
            equally_correlated(case, ledoit_wolf_constant_correlation(&columns, 1))
        }
        (_, "lw.const_corr.original_divisor_T") => {
            equally_correlated(case, ledoit_wolf_constant_correlation(&columns, 0))
        }
        (_, "lw.TltN") => wide(case, &columns),
        _ => Verdict::NotCovered,
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
        Some("log") => log_returns(&values),
        _ if case.id() == "missing.ffill" => simple_returns(&forward_filled(&values)),
        _ => simple_returns(&values),
    };
    names.iter().map(|name| returns(table.column(name))).collect()
}

fn sample(id: &str, columns: &[&[f64]]) -> Result<SymmetricMatrix> {
    if id == "cov.sample.ddof0" {
        return sample_covariance(columns, 0);
    }
    let found = sample_covariance(columns, 1)?;
    let bars = id.strip_prefix("cov.sample.annual").and_then(|bars| bars.parse().ok());
    let bars: f64 = bars.unwrap_or(1.0);
    Ok(SymmetricMatrix::from_upper(found.order(), |i, j| found.get(i, j) * bars))
}

fn weighted(id: &str, columns: &[&[f64]]) -> Result<SymmetricMatrix> {
    if let Some(span) = id.strip_prefix("ewma.pypfopt.span") {
        let decay = span.parse().ok().and_then(Decay::from_span).expect("a span");
        return spectral_covariance(&ewma_about_mean(columns, decay)?);
    }
    if let Some(start) = id.strip_prefix("ewma.riskmetrics.lam94.") {
        let first = start == "init_first_outer";
        let start = if first { Start::FirstRow } else { Start::SecondMoment };
        return riskmetrics_covariance(columns, 0.94, start);
    }
    let (decay, rules) = pandas_rules(id).expect("a spelled decay");
    ewma_covariance(columns, decay, rules)
}

/// `ewma.pandas.span60.adjust1.bias0` and the like.
fn pandas_rules(id: &str) -> Option<(Decay, EwmaRules)> {
    let (spelled, bias) = id.strip_prefix("ewma.pandas.")?.rsplit_once(".bias")?;
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
    let oldest = if adjust == "1" { OldestRow::Geometric } else { OldestRow::Recursive };
    Some((decay?, EwmaRules { oldest, biased: bias == "1", missing: MissingRow::Ages }))
}

fn ranked(case: &Case, columns: &[&[f64]]) -> Verdict {
    let found = match case.id() {
        "corr.spearman" => spearman(columns, 1),
        "corr.kendall" => kendall(columns, 1),
        _ => return Verdict::NotCovered,
    };
    let found = found.expect("a regular panel").matrix;
    let mut check = Check::default();
    table(&mut check, "corr", &found, &case.expected()["corr"], case.tolerance("corr"));
    check.verdict()
}

fn missing(case: &Case, columns: &[&[f64]]) -> Verdict {
    let least =
        |prefix: &str| case.id().strip_prefix(prefix).and_then(|text| text.parse::<usize>().ok());
    if let Some(min_periods) = least("missing.pairwise.min_periods") {
        return pairwise(case, columns, min_periods);
    }
    if let Some((window, least)) =
        case.id().strip_prefix("missing.rolling.w").and_then(|text| text.split_once(".min"))
    {
        let parse = |text: &str| text.parse().expect("a whole number");
        return rolling(case, columns, parse(window), parse(least));
    }
    let span = Decay::from_span(60.0).expect("a span");
    let rules = |missing| EwmaRules { missing, ..EwmaRules::default() };
    match case.id() {
        "missing.pairwise" | "missing.ffill" => pairwise(case, columns, 1),
        "missing.listwise" => {
            let complete = complete_rows(columns).expect("equal lengths");
            let columns: Vec<&[f64]> = complete.iter().map(Vec::as_slice).collect();
            matrix(case, sample_covariance(&columns, 1))
        }
        "missing.ewm" => matrix(case, ewma_covariance(columns, span, rules(MissingRow::Ages))),
        "missing.ewm.ignore_na" => {
            matrix(case, ewma_covariance(columns, span, rules(MissingRow::Ignored)))
        }
        _ => Verdict::NotCovered,
    }
}

fn pairwise(case: &Case, columns: &[&[f64]], min_periods: usize) -> Verdict {
    let found: Pairwise = pairwise_covariance(columns, min_periods).expect("equal lengths");
    let expected = case.expected();
    let mut check = Check::default();
    table(&mut check, "covariance", &found.matrix, &expected["cov"], case.tolerance("cov"));
    if expected["n_null_cells"].is_u64() {
        check.count("null cells", found.undefined(), &expected["n_null_cells"]);
    }
    if expected["corr"].is_array() {
        let found = pairwise_correlation(columns, min_periods).expect("equal lengths").matrix;
        table(&mut check, "correlation", &found, &expected["corr"], case.tolerance("corr"));
    }
    if expected["pair_counts"].is_array() {
        let exact = Tolerance { rtol: 0.0, atol: 0.0 };
        table(&mut check, "count", &found.counts, &expected["pair_counts"], exact);
    }
    check.verdict()
}

fn rolling(case: &Case, columns: &[&[f64]], window: usize, min_periods: usize) -> Verdict {
    let found = rolling_covariance(columns[0], columns[1], window, min_periods);
    let found = found.expect("equal lengths");
    let expected = case.expected();
    let mut check = Check::default();
    check.count("valid rows", found.iter().flatten().count(), &expected["n_valid"]);
    let first = found.iter().position(Option::is_some).unwrap_or(found.len());
    check.count("first valid row", first, &expected["first_valid_row"]);
    let last = found.last().copied().flatten();
    check.number("last", last, &expected["last"], case.tolerance("last"));
    let sum = found.iter().flatten().fold(0.0, |sum, value| sum + value);
    check.number("sum", Some(sum), &expected["sum"], case.tolerance("sum"));
    check.verdict()
}

/// A matrix that is not positive semi-definite, and what each library makes of it.
fn repairs(case: &Case, columns: &[&[f64]]) -> Verdict {
    let broken = pairwise_covariance(columns, 1).expect("equal lengths").matrix;
    let tolerance = |field: &str| {
        let stated = &case.get("tol")[field];
        let own = if stated.is_object() { stated } else { case.get("tol") };
        let part = |name: &str| own[name].as_f64().unwrap_or(0.0);
        Tolerance { rtol: part("rtol"), atol: part("atol") }
    };
    let mut check = Check::default();
    let plain = tolerance("");
    table(&mut check, "pairwise", &broken, &case.expected()["pairwise_cov"], plain);
    let mut values = eigen(&broken).expect("finite").values;
    values.reverse();
    check.numbers("eigenvalue", &values, &case.expected()["eigenvalues"], plain);
    let nearest = tolerance("nearest/higham");
    let repairs = [
        ("statsmodels_cov_nearest_clipped", clipped_covariance(&broken, STATSMODELS_FLOOR), plain),
        (
            "statsmodels_cov_nearest_nearest",
            nearest_covariance(&broken, STATSMODELS_FLOOR),
            nearest,
        ),
        ("pypfopt_fix_spectral", spectral_covariance(&broken), plain),
        ("pypfopt_fix_diag", loaded_covariance(&broken), plain),
        ("riskfolio_cov_fix_clipped_1e-8", clipped_covariance(&broken, 1e-8), plain),
        ("skfolio_cov_nearest_higham0", clipped_covariance(&broken, SKFOLIO_FLOOR), plain),
        ("skfolio_cov_nearest_higham1", nearest_covariance(&broken, SKFOLIO_FLOOR), nearest),
    ];
    for (name, found, tolerance) in repairs {
        match found {
            Ok(found) => table(&mut check, name, &found, &case.expected()[name], tolerance),
            Err(refusal) => check.fail(format!("{name} is refused: {refusal}")),
        }
    }
    check.verdict()
}

/// Compares a matrix cell by cell; NaN is undefined.
fn table(
    check: &mut Check,
    name: &str,
    found: &SymmetricMatrix,
    expected: &Value,
    tolerance: Tolerance,
) {
    let rows = expected.as_array().map_or(0, Vec::len);
    check.exact(&format!("order of {name}"), &found.order(), &rows);
    for i in 0..found.order() {
        for j in 0..found.order() {
            let cell = Some(found.get(i, j)).filter(|cell| !cell.is_nan());
            check.number(&format!("{name}[{i}][{j}]"), cell, &expected[i][j], tolerance);
        }
    }
}

fn matrix(case: &Case, found: Result<SymmetricMatrix>) -> Verdict {
    let found = found.expect("a regular panel");
    let mut check = Check::default();
    cells(case, &mut check, &found);
    if case.expected()["rows"].is_u64() {
        let complete = returns(case);
        let columns: Vec<&[f64]> = complete.iter().map(Vec::as_slice).collect();
        let rows = complete_rows(&columns).expect("equal lengths")[0].len();
        check.count("rows", rows, &case.expected()["rows"]);
    }
    check.verdict()
}

fn cells(case: &Case, check: &mut Check, found: &SymmetricMatrix) {
    table(check, "covariance", found, &case.expected()["cov"], case.tolerance("cov"));
    if case.expected()["corr"].is_array() {
        let found = correlation(found).expect("positive variances");
        table(check, "correlation", &found, &case.expected()["corr"], case.tolerance("corr"));
    }
}

fn shrunk(case: &Case, found: Result<Shrunk>) -> Verdict {
    let found = found.expect("a regular panel");
    let mut check = Check::default();
    let tolerance = case.tolerance("shrinkage");
    check.number("shrinkage", Some(found.delta), &case.expected()["shrinkage"], tolerance);
    cells(case, &mut check, &found.covariance);
    check.verdict()
}

fn equally_correlated(case: &Case, found: Result<EquallyCorrelated>) -> Verdict {
    let found = found.expect("a regular panel");
    let mean = &case.expected()["rbar"];
    if mean.is_f64() {
        let mut check = Check::default();
        check.number("rbar", Some(found.correlation), mean, case.tolerance("rbar"));
        if let failed @ Verdict::Failed(_) = check.verdict() {
            return failed;
        }
    }
    shrunk(case, Ok(found.shrunk))
}

/// Fewer rows than assets.
fn wide(case: &Case, columns: &[&[f64]]) -> Verdict {
    let mut check = Check::default();
    let equal = ledoit_wolf_constant_correlation(columns, 0).map(|found| found.shrunk);
    let found = [
        ("lw", ledoit_wolf(columns)),
        ("oas", oracle_approximating(columns)),
        ("const_corr", equal),
    ];
    for (name, found) in found {
        let found = found.expect("a regular panel");
        let wanted = |part: &str| -> &Value { &case.expected()[format!("{name}_{part}")] };
        let tolerance = case.tolerance(name);
        check.number(name, Some(found.delta), wanted("shrinkage"), tolerance);
        check.numbers(name, found.covariance.row(0), wanted("cov_row0"), tolerance);
        if wanted("min_eig").is_f64() {
            let least = eigen(&found.covariance).expect("finite").values.last().copied();
            check.number("least eigenvalue", least, wanted("min_eig"), tolerance);
        }
    }
    let sample = eigen(&sample_covariance(columns, 1).expect("complete")).expect("finite").values;
    let rank = sample.iter().filter(|value| **value > 1e-12 * sample[0]).count();
    check.count("rank", rank, &case.expected()["rank_sample"]);
    check.verdict()
}

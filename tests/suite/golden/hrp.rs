//! Families `04_hrp*`: hierarchical risk parity, its ties and its edges.

use barline::stats::{
    Distance, Hrp, HrpOptions, LeafOrder, Linkage, Refusal, SymmetricMatrix, codependence_distance,
    correlation, hrp_portfolio, hrp_weights, leaf_order, linkage, recursive_bisection,
    sample_covariance, simple_returns,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, Verdict, class},
};

/// Heights closer than this let rounding decide the order.
const NEAR_TIE: f64 = 1e-12;

pub(super) fn covariance_of_prices(
    case: &Case,
    names: &[String],
) -> Result<SymmetricMatrix, Refusal> {
    let table = case.table();
    let returns: Vec<Vec<f64>> =
        names.iter().map(|name| simple_returns(&table.column(name))).collect();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    sample_covariance(&columns, 1)
}

pub(super) fn names(case: &Case) -> Vec<String> {
    match case.input()["columns"].as_array() {
        Some(list) => list.iter().map(|name| name.as_str().expect("a name").to_owned()).collect(),
        None => case.table().assets(),
    }
}

fn options(params: &Value) -> HrpOptions {
    let linkage = params["linkage"].as_str().and_then(Linkage::from_name).expect("a linkage");
    let distance =
        if params["metric"] == "d_tilde" { Distance::Paper } else { Distance::Correlation };
    HrpOptions { linkage, distance }
}

/// Price panels, in scipy's plain and optimal leaf orders.
pub(super) fn returns_panel(case: &Case) -> Verdict {
    let leaves = match case.params()["leaf_order"].as_str() {
        Some("scipy plain") => LeafOrder::Plain,
        Some("scipy optimal_leaf_ordering") => LeafOrder::Optimal,
        _ => return Verdict::NotCovered,
    };
    let names = names(case);
    let portfolio = covariance_of_prices(case, &names)
        .and_then(|cells| hrp_portfolio(&cells, options(case.params()), leaves, None));
    match portfolio {
        Ok(portfolio) => compare(case, &names, &portfolio),
        Err(refusal) => Verdict::Failed(vec![format!("refused: {refusal}")]),
    }
}

/// Covariances with equal distances; correlations are rounded as the peer does.
pub(super) fn tied_covariance(case: &Case) -> Verdict {
    if case.is_fragile() {
        return Verdict::Fragile;
    }
    let table = case.table();
    let names = table.assets();
    let columns: Vec<Vec<f64>> = names.iter().map(|name| table.column(name)).collect();
    let covariance = SymmetricMatrix::from_upper(names.len(), |i, j| columns[j][i]);
    match tied_portfolio(&covariance, options(case.params())) {
        Ok(portfolio) => compare(case, &names, &portfolio),
        Err(refusal) => Verdict::Failed(vec![format!("refused: {refusal}")]),
    }
}

fn tied_portfolio(covariance: &SymmetricMatrix, options: HrpOptions) -> Result<Hrp, Refusal> {
    let exact = correlation(covariance)?;
    let rounded = SymmetricMatrix::from_upper(exact.order(), |i, j| {
        (exact.get(i, j) * 1e6).round_ties_even() / 1e6
    });
    let merges = linkage(codependence_distance(&rounded, options.distance), options.linkage)?;
    let order = leaf_order(&merges);
    let weights = recursive_bisection(covariance, &order)?;
    Ok(Hrp { order, weights, merges })
}

/// A zero variance must be refused, a duplicate column must not.
pub(super) fn edge(case: &Case) -> Verdict {
    let covariance = covariance_of_prices(case, &names(case));
    let found = covariance.and_then(|cells| hrp_weights(&cells, HrpOptions::default()));
    if case.expected()["PyPortfolioOpt"]["raises"].is_null() {
        let whole = found.is_ok_and(|p| (p.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        return class(whole, "a portfolio exists and was refused");
    }
    class(
        matches!(found, Err(Refusal::ZeroVariance { .. })),
        "an asset without variance must be refused",
    )
}

fn compare(case: &Case, names: &[String], portfolio: &Hrp) -> Verdict {
    let expected = case.expected();
    let order: Vec<Value> = expected["order"].as_array().cloned().unwrap_or_default();
    let found: Vec<Value> = portfolio
        .order
        .iter()
        .map(|at| if order[0].is_string() { names[*at].as_str().into() } else { (*at).into() })
        .collect();
    if found != order && nearly_tied(portfolio) {
        return Verdict::Fragile;
    }
    let mut check = Check::default();
    check.exact("order", &found, &order);
    for (at, (name, weight)) in names.iter().zip(&portfolio.weights).enumerate() {
        let weights = &expected["weights"];
        let wanted = if weights.is_object() { &weights[name] } else { &weights[at] };
        check.number(name, Some(*weight), wanted, case.tolerance("weights"));
    }
    heights(case, &mut check, portfolio);
    check.verdict()
}

fn heights(case: &Case, check: &mut Check, portfolio: &Hrp) {
    let expected = case.expected();
    // Families without a tolerance for heights state that of their weights for all numbers.
    let own = case.tolerance("heights");
    let tolerance = if own.rtol + own.atol > 0.0 { own } else { case.tolerance("weights") };
    let found: Vec<f64> = portfolio.merges.iter().map(|merge| merge.height).collect();
    if expected["merge_heights"].is_array() {
        check.numbers("height", &found, &expected["merge_heights"], tolerance);
    }
    for (merge, row) in
        portfolio.merges.iter().zip(expected["linkage"].as_array().into_iter().flatten())
    {
        let labels = [merge.left, merge.right, merge.size].map(|label| label as f64);
        let wanted = [0, 1, 3].map(|at| row[at].as_f64().unwrap_or(f64::NAN));
        check.exact("merge", &labels, &wanted);
        check.number("height", Some(merge.height), &row[2], tolerance);
    }
}

fn nearly_tied(portfolio: &Hrp) -> bool {
    portfolio.merges.windows(2).any(|pair| pair[1].height - pair[0].height <= NEAR_TIE)
}

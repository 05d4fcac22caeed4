//! Family `hrp`: hierarchical risk parity, its ties and its edges.

use barline::stats::{
    Distance, Hrp, HrpOptions, LeafOrder, Linkage, Refusal, SymmetricMatrix, codependence_distance,
    correlation, hrp_portfolio, hrp_weights, leaf_order, linkage, recursive_bisection,
    sample_covariance, simple_returns,
};
use serde_json::Value;

use super::{
    case::Case,
    check::{Check, EXACT, Verdict, class, failed, number_of},
    families::checked,
    tied_order::{alike, common_parts, has_ties},
};

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
    let found = covariance_of_prices(case, &names).and_then(|covariance| {
        let portfolio = hrp_portfolio(&covariance, options(case.params()), leaves, None)?;
        Ok((portfolio_variance(&covariance, &portfolio.weights), portfolio))
    });
    match found {
        Ok((variance, portfolio)) => checked(|check| {
            compare(case, check, &names, &portfolio);
            sums(case, check, &portfolio, variance);
        }),
        Err(refusal) => failed(format!("refused: {refusal}")),
    }
}

/// `w'Sw`.
fn portfolio_variance(covariance: &SymmetricMatrix, weights: &[f64]) -> f64 {
    let products = (0..weights.len()).flat_map(|i| {
        (0..weights.len()).map(move |j| weights[i] * covariance.get(i, j) * weights[j])
    });
    products.sum()
}

/// What follows from the weights, at their tolerance.
fn sums(case: &Case, check: &mut Check, portfolio: &Hrp, variance: f64) {
    let tolerance = case.tolerance("weights");
    let expected = case.expected();
    for (name, found) in [
        ("portfolio_variance_daily", variance),
        ("weights_sum", portfolio.weights.iter().sum::<f64>()),
    ] {
        if expected[name].is_null() {
            continue;
        }
        if check.excused > 0 && name != "weights_sum" {
            // Of other weights.
            check.excuse(&expected[name]);
        } else {
            check.number(name, Some(found), &expected[name], tolerance);
        }
    }
}

/// Covariances with equal distances; correlations are rounded as the peer does.
pub(super) fn tied_covariance(case: &Case) -> Verdict {
    let table = case.table();
    let names = table.assets();
    let columns: Vec<Vec<f64>> = names.iter().map(|name| table.column(name)).collect();
    let covariance = SymmetricMatrix::from_upper(names.len(), |i, j| columns[j][i]);
    match tied_portfolio(&covariance, options(case.params())) {
        Ok(portfolio) => checked(|check| compare(case, check, &names, &portfolio)),
        Err(refusal) => failed(format!("refused: {refusal}")),
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
    let libraries = case.expected().as_object().expect("answers by library");
    if libraries.values().any(|answer| answer["raises"].is_null()) {
        let whole = found.is_ok_and(|p| (p.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        return class(whole, "a portfolio exists and was refused");
    }
    class(
        matches!(found, Err(Refusal::ZeroVariance { .. })),
        "an asset without variance must be refused",
    )
}

fn compare(case: &Case, check: &mut Check, names: &[String], portfolio: &Hrp) {
    let expected = &case.expected()["order"];
    let Some(order) = leaves(expected, names) else {
        return check.fail(format!("the order is no order of the assets: {expected}"));
    };
    if order != portfolio.order && has_ties(&portfolio.merges) {
        return among_ties(case, check, names, portfolio, &order);
    }
    check.see(expected);
    check.exact("order", &portfolio.order, &order);
    for (at, weight) in portfolio.weights.iter().enumerate() {
        let wanted = weight_of(case, names, at);
        check.number(&names[at], Some(*weight), wanted, case.tolerance("weights"));
    }
    heights(case, check, portfolio, true);
}

/// An order by names or by numbers, as numbers.
fn leaves(order: &Value, names: &[String]) -> Option<Vec<usize>> {
    let leaf = |value: &Value| match value.as_str() {
        Some(text) => names.iter().position(|name| name == text),
        None => value.as_u64().and_then(|at| usize::try_from(at).ok()),
    };
    order.as_array()?.iter().map(leaf).collect()
}

fn weight_of<'a>(case: &'a Case, names: &[String], at: usize) -> &'a Value {
    let weights = &case.expected()["weights"];
    if weights.is_object() { &weights[&names[at]] } else { &weights[at] }
}

/// Another order than ours, where merges tie: it must be ours after exchanges of tied merges, and
/// what such exchanges leave alone is compared.
fn among_ties(case: &Case, check: &mut Check, names: &[String], portfolio: &Hrp, order: &[usize]) {
    let (ours, expected) = (&portfolio.order, &case.expected()["order"]);
    if !alike(&portfolio.merges, ours, order) {
        check.see(expected);
        return check.fail(format!("order is {ours:?}, expected {order:?}; no tie explains it"));
    }
    check.excuse(expected);
    for part in common_parts(ours, order) {
        let sum = |weight: &dyn Fn(usize) -> f64| part.iter().map(|at| weight(*at)).sum::<f64>();
        let wanted = |at| number_of(weight_of(case, names, at)).unwrap_or(f64::NAN);
        let (found, wanted) = (sum(&|at| portfolio.weights[at]), sum(&wanted));
        let name = format!("weight of {part:?}");
        check.against(&name, Some(found), &wanted.into(), case.tolerance("weights"));
        let weights = part.iter().map(|at| weight_of(case, names, *at));
        weights.for_each(
            |weight| if part.len() > 1 { check.excuse(weight) } else { check.see(weight) },
        );
    }
    heights(case, check, portfolio, false);
}

/// Heights of the merges, and what they join where that is `certain`.
fn heights(case: &Case, check: &mut Check, portfolio: &Hrp, certain: bool) {
    let expected = case.expected();
    // Families without a tolerance for heights state that of their weights for all numbers.
    let own = case.tolerance("heights");
    let tolerance = if own.rtol + own.atol > 0.0 { own } else { case.tolerance("weights") };
    let found: Vec<f64> = portfolio.merges.iter().map(|merge| merge.height).collect();
    if expected["merge_heights"].is_array() {
        check.numbers("height", &found, &expected["merge_heights"], tolerance);
    }
    let Some(rows) = expected["linkage"].as_array() else { return };
    check.exact("number of merges", &portfolio.merges.len(), &rows.len());
    for (merge, row) in portfolio.merges.iter().zip(rows) {
        check.number("height", Some(merge.height), &row[2], tolerance);
        for (at, found) in [(0, merge.left), (1, merge.right), (3, merge.size)] {
            if certain {
                check.number("merge", Some(found as f64), &row[at], EXACT);
            } else {
                check.excuse(&row[at]);
            }
        }
    }
}

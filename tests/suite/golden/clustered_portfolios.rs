//! Family `herc_nco`: portfolios of the clusters of a dendrogram.

use barline::stats::{
    Dispersion, Distance, Linkage, Result, SymmetricMatrix, Within, cluster_count,
    codependence_distance, correlation, cut_tree, herc_weights, linkage, nco_weights,
};

use super::{
    case::Case,
    check::{Check, Verdict, class, failed},
    hrp::{covariance_of_prices, names},
};

/// Riskfolio-Lib with a given number of clusters, skfolio with its own choice.
pub(super) fn herc_nco(case: &Case) -> Verdict {
    let raised = case.expected()["raises"].is_string();
    if raised && case.input().is_null() {
        return failed("the peer raised on an input that the case does not give".to_owned());
    }
    let names = names(case);
    match portfolio(case, &names) {
        found if raised => class(found.is_err(), "a portfolio where the peer raises"),
        Ok((labels, weights)) => compare(case, &names, &labels, &weights),
        Err(refusal) => failed(format!("refused: {refusal}")),
    }
}

/// Clusters and weights by asset.
fn portfolio(case: &Case, names: &[String]) -> Result<(Vec<usize>, Vec<f64>)> {
    let covariance: SymmetricMatrix = covariance_of_prices(case, names)?;
    let distances = codependence_distance(&correlation(&covariance)?, Distance::Correlation);
    let method = case.params()["linkage"].as_str().and_then(Linkage::from_name);
    let merges = linkage(distances.clone(), method.unwrap_or(Linkage::Ward))?;
    let asked = case.params()["k"].as_u64().map(|k| usize::try_from(k).expect("a count"));
    let clusters = match asked {
        Some(asked) => asked,
        None => cluster_count(&distances, &merges, Dispersion::MeanDistance)?,
    };
    let labels = cut_tree(&merges, clusters);
    let weights = match case.params()["model"].as_str() {
        Some("NCO") => nco_weights(&covariance, &labels)?,
        Some("HERC2") => herc_weights(&covariance, &merges, clusters, Within::Equal)?,
        _ => herc_weights(&covariance, &merges, clusters, Within::InverseVariance)?,
    };
    Ok((labels, weights))
}

fn compare(case: &Case, names: &[String], labels: &[usize], weights: &[f64]) -> Verdict {
    let expected = case.expected();
    let model = if case.params()["model"] == "NCO" { "NCO" } else { "HERC" };
    let mut check = Check::default();
    for (name, weight) in names.iter().zip(weights) {
        let tolerance = case.tolerance(model);
        check.number(name, Some(*weight), &expected["weights"][name], tolerance);
    }
    if expected["n_clusters"].is_u64() {
        let found = labels.iter().max().map_or(0, |last| last + 1);
        check.count("clusters", found, &expected["n_clusters"]);
    }
    for field in ["labels", "cluster_labels_fcluster_maxclust"] {
        if let Some(given) = expected[field].as_object() {
            check.exact("number of labels", &given.len(), &names.len());
            check.see(&expected[field]);
            let wanted: Vec<u64> =
                names.iter().filter_map(|name| expected[field][name].as_u64()).collect();
            check.exact(field, &by_first_member(&wanted), &labels.to_vec());
        }
    }
    check.verdict()
}

/// Labels renumbered from 0 in the order of their first members: libraries number as they like.
fn by_first_member(labels: &[u64]) -> Vec<usize> {
    let mut seen: Vec<u64> = Vec::new();
    let mut number = |label: &u64| {
        seen.iter().position(|known| known == label).unwrap_or_else(|| {
            seen.push(*label);
            seen.len() - 1
        })
    };
    labels.iter().map(&mut number).collect()
}

//! Hierarchical equal risk contribution.
//!
//! The dendrogram is cut into clusters. Down from the root, each merge above the cut shares the
//! weight between its two sides inversely to their risks, the risk of a side being the summed
//! variances of its clusters; within a cluster the weight is shared by [`Within`].
//!
//! # References
//! Raffinot (2018), The hierarchical equal risk contribution portfolio, SSRN 3237540. With
//! [`Within::InverseVariance`] the same numbers as `HERC` of Riskfolio-Lib and
//! `HierarchicalEqualRiskContribution` of skfolio (risk measure variance), with [`Within::Equal`] as
//! `HERC2`.

use crate::stats::{
    bisection::{cluster_variance, left_share},
    correlation::{check_variances, finite_weights},
    linkage::Merge,
    matrix::SymmetricMatrix,
    refusal::{Refusal, Result},
    seriation::leaves_below,
};

/// How a cluster shares its weight among its members. Its risk is that of the inverse-variance
/// portfolio in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    /// Inversely to the variances.
    InverseVariance,
    /// Evenly.
    Equal,
}

/// Weights by asset for the tree of `merges` cut into `clusters` (brought into `1..=n`), summing to one.
///
/// # Errors
/// `NonFinite`, `ZeroVariance`, `UnequalLengths` where the tree does not have one point per asset,
/// `Overflow`.
///
/// ```
/// use barline::stats::{
///     Distance, Linkage, SymmetricMatrix, Within, codependence_distance, correlation, herc_weights, linkage,
/// };
/// let covariance = SymmetricMatrix::from_upper(3, |i, j| match (i, j) {
///     (0, 1) => 0.9,
///     _ if i == j => 1.0,
///     _ => 0.0,
/// });
/// let distances = codependence_distance(&correlation(&covariance)?, Distance::Correlation);
/// let weights = herc_weights(&covariance, &linkage(distances, Linkage::Ward)?, 2, Within::Equal)?;
/// assert!(weights[0] == weights[1] && weights[2] < 0.5);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn herc_weights(
    covariance: &SymmetricMatrix,
    merges: &[Merge],
    clusters: usize,
    within: Within,
) -> Result<Vec<f64>> {
    check_variances(covariance)?;
    let points = covariance.order();
    if points == 0 {
        return Ok(Vec::new());
    }
    if points != merges.len() + 1 {
        return Err(Refusal::UnequalLengths { first: points, other: merges.len() + 1 });
    }
    let kept = points - clusters.clamp(1, points);
    let labels = points + merges.len();
    // Risks and shares of the labels at and above the cut.
    let mut risk = vec![0.0; labels];
    let mut is_below = vec![false; labels];
    for merge in &merges[..kept] {
        is_below[merge.left] = true;
        is_below[merge.right] = true;
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); labels];
    for label in 0..points + kept {
        if !is_below[label] {
            members[label] = leaves_below(merges, label);
            risk[label] = cluster_variance(covariance, &members[label]).max(0.0);
        }
    }
    for (at, merge) in merges.iter().enumerate().skip(kept) {
        risk[points + at] = risk[merge.left] + risk[merge.right];
    }
    let mut share = vec![1.0; labels];
    for (at, merge) in merges.iter().enumerate().skip(kept).rev() {
        let left = left_share(risk[merge.left], risk[merge.right]);
        share[merge.left] = share[points + at] * left;
        share[merge.right] = share[points + at] * (1.0 - left);
    }
    let mut weights = vec![0.0; points];
    for (members, share) in members.iter().zip(&share) {
        for (asset, part) in members.iter().zip(parts(covariance, members, within)) {
            weights[*asset] = share * part;
        }
    }
    finite_weights(weights)
}

/// Shares of the members of one cluster.
fn parts(covariance: &SymmetricMatrix, members: &[usize], within: Within) -> Vec<f64> {
    let variances = || members.iter().map(|asset| covariance.get(*asset, *asset));
    // Relative to the least variance no inverse overflows.
    let least = variances().fold(f64::INFINITY, f64::min);
    let own = |asset: &usize| match within {
        Within::InverseVariance => least / covariance.get(*asset, *asset),
        Within::Equal => 1.0,
    };
    let total = members.iter().fold(0.0, |sum, asset| sum + own(asset));
    members.iter().map(|asset| own(asset) / total).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{
        condensed::Condensed,
        linkage::{Linkage, linkage},
        portfolio::inverse_variance::inverse_variance,
    };

    #[test]
    fn degenerate_matrices_are_refused_or_trivial() {
        let none = herc_weights(&SymmetricMatrix::zeros(0), &[], 2, Within::Equal);
        assert_eq!(none, Ok(vec![]));
        let flat = herc_weights(&SymmetricMatrix::zeros(1), &[], 1, Within::Equal);
        assert_eq!(flat, Err(Refusal::ZeroVariance { index: 0 }));
        let one = SymmetricMatrix::from_upper(1, |_, _| 2.0);
        assert_eq!(herc_weights(&one, &[], 5, Within::InverseVariance), Ok(vec![1.0]));
    }

    proptest! {
        #[test]
        fn law_weights_are_a_long_only_portfolio(
            variances in prop::collection::vec(1e-6..1e9_f64, 1..20), clusters in 0..25_usize,
        ) {
            let covariance = SymmetricMatrix::from_upper(variances.len(), |i, j| {
                if i == j { variances[i] } else { 0.0 }
            });
            let apart = Condensed::from_pairs(variances.len(), |i, j| (variances[i] - variances[j]).abs());
            let merges = linkage(apart, Linkage::Average).expect("finite");
            for within in [Within::InverseVariance, Within::Equal] {
                let weights = herc_weights(&covariance, &merges, clusters, within).expect("positive");
                prop_assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)));
                prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            }
            let whole = herc_weights(&covariance, &merges, 1, Within::InverseVariance).expect("positive");
            for (a, b) in whole.iter().zip(inverse_variance(&covariance).expect("positive")) {
                prop_assert!((a - b).abs() < 1e-14);
            }
        }
    }
}

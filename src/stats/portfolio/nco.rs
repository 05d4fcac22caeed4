//! Nested clustered optimization with minimum variance inside.
//!
//! The minimum variance portfolio of each cluster, then the minimum variance portfolio of those
//! portfolios; both long-only.
//!
//! # References
//! Lopez de Prado (2019), A robust estimator of the efficient frontier, SSRN 3469961. The same
//! portfolio as `NCO` of Riskfolio-Lib with objective `MinRisk`, up to the tolerance of its solver.

use super::{minimum_variance::minimum_variance, weight_bounds::WeightBounds};
use crate::stats::{
    bisection::is_cancelled,
    correlation::{check_variances, finite_weights},
    matrix::SymmetricMatrix,
    moments::dot_at,
    refusal::{Refusal, Result},
};

/// Weights by asset, for clusters numbered from 0 without gaps in `labels`, one per asset
/// ([`cut_tree`](crate::stats::cut_tree)).
///
/// # Errors
/// `Empty` (no asset, or a label below the largest that no asset has), `UnequalLengths` between matrix and
/// labels, `OutOfRange` for a label that is not below the number of assets, `NonFinite`, `ZeroVariance`
/// (of an asset, or of a cluster whose portfolio has none left beyond rounding), `Indefinite`,
/// `Unsettled`.
///
/// ```
/// use barline::stats::{SymmetricMatrix, nco_weights};
/// let covariance = SymmetricMatrix::from_upper(3, |i, j| match (i, j) {
///     (0, 1) => 1.0,
///     _ if i == j => 1.0,
///     _ => 0.0,
/// });
/// let weights = nco_weights(&covariance, &[0, 0, 1])?;
/// assert!((weights[0] - 0.25).abs() < 1e-8 && (weights[2] - 0.5).abs() < 1e-12);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn nco_weights(covariance: &SymmetricMatrix, labels: &[usize]) -> Result<Vec<f64>> {
    let order = covariance.order();
    if order != labels.len() {
        return Err(Refusal::UnequalLengths { first: order, other: labels.len() });
    }
    check_variances(covariance)?;
    if let Some(label) = labels.iter().find(|label| **label >= order) {
        return Err(Refusal::out_of_range("cluster of an asset", *label as f64));
    }
    let clusters = labels.iter().max().map_or(0, |last| last + 1);
    let (mut inside, mut parts) = (Vec::with_capacity(clusters), Vec::with_capacity(clusters));
    for cluster in 0..clusters {
        let members: Vec<usize> = (0..order).filter(|i| labels[*i] == cluster).collect();
        let long_only = WeightBounds::long_only(members.len());
        let weights = minimum_variance(&covariance.select(&members), &long_only)?;
        let mut whole = vec![0.0; order];
        for (asset, weight) in members.iter().zip(weights) {
            whole[*asset] = weight;
        }
        inside.push(whole);
        parts.push(members);
    }
    // Outside of its members a cluster has no weight.
    let between = SymmetricMatrix::from_upper(clusters, |a, b| {
        let row = |i: usize| dot_at(&parts[b], covariance.row(i), &inside[b]);
        parts[a].iter().fold(0.0, |sum, i| sum + inside[a][*i] * row(*i))
    });
    let everyone: Vec<usize> = (0..order).collect();
    let gone =
        |at: &usize| is_cancelled(covariance, &everyone, &inside[*at], between.get(*at, *at));
    if let Some(index) = (0..clusters).find(gone) {
        return Err(Refusal::ZeroVariance { index });
    }
    let shares = minimum_variance(&between, &WeightBounds::long_only(clusters))?;
    let weight = |i: usize| inside[labels[i]][i] * shares[labels[i]];
    finite_weights((0..order).map(weight).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degenerate_inputs_are_refused_or_trivial() {
        assert_eq!(nco_weights(&SymmetricMatrix::zeros(0), &[]), Err(Refusal::Empty));
        let unequal = nco_weights(&SymmetricMatrix::zeros(1), &[]);
        assert_eq!(unequal, Err(Refusal::UnequalLengths { first: 1, other: 0 }));
        let one = SymmetricMatrix::from_upper(1, |_, _| 3.0);
        assert_eq!(nco_weights(&one, &[0]), Ok(vec![1.0]));
        let above = Refusal::out_of_range("cluster of an asset", 1.0);
        assert_eq!(nco_weights(&one, &[1]), Err(above));
        let two = SymmetricMatrix::from_upper(2, |i, j| if i == j { 3.0 } else { 1.0 });
        assert_eq!(nco_weights(&two, &[1, 1]), Err(Refusal::Empty));
    }

    #[test]
    fn one_cluster_and_single_clusters_are_minimum_variance() {
        let cells = [[1.0, 0.3, 0.1], [0.3, 2.0, 0.4], [0.1, 0.4, 1.5]];
        let matrix = SymmetricMatrix::from_upper(3, |i, j| cells[i][j]);
        let whole = minimum_variance(&matrix, &WeightBounds::long_only(3)).expect("regular");
        for labels in [[0, 0, 0], [0, 1, 2]] {
            let nested = nco_weights(&matrix, &labels).expect("regular");
            for (a, b) in nested.iter().zip(&whole) {
                assert!((a - b).abs() < 1e-14);
            }
        }
    }
}

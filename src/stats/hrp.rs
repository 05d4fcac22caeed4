//! Hierarchical risk parity: cluster, put in order, bisect.
//!
//! Correlation distances are clustered ([`linkage`](super::linkage())), the leaves of the tree put
//! similar assets side by side ([`leaf_order`](super::leaf_order), after
//! [`optimally_ordered`](super::optimally_ordered) if asked), and the list is bisected by cluster
//! variance ([`recursive_bisection`](super::recursive_bisection), within bounds
//! [`recursive_bisection_within`](super::recursive_bisection_within)).
//!
//! # References
//! M. Lopez de Prado (2016), Building diversified portfolios that outperform out of sample, Journal of
//! Portfolio Management 42(4), 59-69.

use super::{
    bisection::{recursive_bisection, recursive_bisection_within},
    condensed::Condensed,
    correlation::{Distance, codependence_distance, correlation},
    linkage::{Linkage, Merge, linkage},
    matrix::SymmetricMatrix,
    optimal_order::optimally_ordered,
    portfolio::WeightBounds,
    refusal::{Refusal, Result},
    seriation::leaf_order,
};

/// How the tree is built. The default is the common ground of the libraries: single linkage on the
/// condensed correlation distance, plain leaf order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HrpOptions {
    /// Distance between clusters.
    pub linkage: Linkage,
    /// Distance between assets.
    pub distance: Distance,
}

impl Default for HrpOptions {
    fn default() -> Self {
        Self { linkage: Linkage::Single, distance: Distance::Correlation }
    }
}

/// In which order the leaves of the tree are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LeafOrder {
    /// As the merges stand (scipy's default; PyPortfolioOpt).
    #[default]
    Plain,
    /// Children turned so that neighbours are near (`optimal_ordering=True`; the default of
    /// Riskfolio-Lib and skfolio).
    Optimal,
}

/// A hierarchical risk parity portfolio.
#[derive(Debug, Clone, PartialEq)]
pub struct Hrp {
    /// Assets in leaf order.
    pub order: Vec<usize>,
    /// Weights by asset, positive, summing to 1.
    pub weights: Vec<f64>,
    /// The dendrogram.
    pub merges: Vec<Merge>,
}

/// The portfolio for a covariance matrix.
///
/// # Errors
/// `Empty` without assets, `NonFinite`, `ZeroVariance`. Duplicate assets are fine: they meet at
/// distance 0 and share their cluster's weight.
///
/// ```
/// use barline::stats::{HrpOptions, SymmetricMatrix, hrp_weights};
/// let covariance = SymmetricMatrix::from_upper(3, |i, j| if i == j { 1.0 + i as f64 } else { 0.5 });
/// let portfolio = hrp_weights(&covariance, HrpOptions::default())?;
/// assert!((portfolio.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn hrp_weights(covariance: &SymmetricMatrix, options: HrpOptions) -> Result<Hrp> {
    hrp_portfolio(covariance, options, LeafOrder::Plain, None)
}

/// The portfolio with a choice of leaf order and, if given, bounds on the weights, which the bisection
/// keeps at every cut.
///
/// # Errors
/// Those of [`hrp_weights`], and `UnequalLengths` between matrix and bounds.
///
/// ```
/// use barline::stats::{HrpOptions, LeafOrder, SymmetricMatrix, WeightBounds, hrp_portfolio};
/// let covariance = SymmetricMatrix::from_upper(3, |i, j| if i == j { [1.0, 4.0, 9.0][i] } else { 0.2 });
/// let bounds = WeightBounds::uniform(3, 0.1, 0.5)?;
/// let options = HrpOptions::default();
/// let found = hrp_portfolio(&covariance, options, LeafOrder::Optimal, Some(&bounds))?;
/// assert!(found.weights.iter().all(|weight| *weight > 0.1 - 1e-12 && *weight < 0.5 + 1e-12));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn hrp_portfolio(
    covariance: &SymmetricMatrix,
    options: HrpOptions,
    leaves: LeafOrder,
    bounds: Option<&WeightBounds>,
) -> Result<Hrp> {
    if covariance.order() == 0 {
        return Err(Refusal::Empty);
    }
    let distances = codependence_distance(&correlation(covariance)?, options.distance);
    let merges = tree(distances, options.linkage, leaves)?;
    let order = leaf_order(&merges);
    let weights = match bounds {
        Some(bounds) => recursive_bisection_within(covariance, &order, bounds)?,
        None => recursive_bisection(covariance, &order)?,
    };
    Ok(Hrp { order, weights, merges })
}

fn tree(distances: Condensed, method: Linkage, leaves: LeafOrder) -> Result<Vec<Merge>> {
    match leaves {
        LeafOrder::Plain => linkage(distances, method),
        LeafOrder::Optimal => {
            let merges = linkage(distances.clone(), method)?;
            Ok(optimally_ordered(&merges, &distances))
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::covariance::sample_covariance;

    #[test]
    fn degenerate_matrices_are_refused_or_trivial() {
        let options = HrpOptions::default();
        assert_eq!(hrp_weights(&SymmetricMatrix::zeros(0), options), Err(Refusal::Empty));
        let flat = SymmetricMatrix::zeros(3);
        assert_eq!(hrp_weights(&flat, options), Err(Refusal::ZeroVariance { index: 0 }));
        let one = SymmetricMatrix::from_upper(1, |_, _| 2.0);
        assert_eq!(hrp_weights(&one, options).map(|portfolio| portfolio.weights), Ok(vec![1.0]));
    }

    #[test]
    fn duplicates_share_their_clusters_weight() {
        let covariance = SymmetricMatrix::from_upper(2, |_, _| 3.0);
        let portfolio = hrp_weights(&covariance, HrpOptions::default()).expect("positive");
        assert_eq!(portfolio.weights, [0.5, 0.5]);
        assert_eq!(portfolio.merges[0].height, 0.0);
    }

    proptest! {
        #[test]
        fn law_weights_ignore_a_power_of_two_scale(
            rows in prop::collection::vec([-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64], 6..30),
            exponent in -15..15_i32, method in 0..5_usize,
        ) {
            let columns: Vec<Vec<f64>> = (0..4).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let covariance = sample_covariance(&slices, 1).expect("complete");
            let scale = 4.0_f64.powi(exponent);
            let scaled = SymmetricMatrix::from_upper(4, |i, j| covariance.get(i, j) * scale);
            for distance in [Distance::Correlation, Distance::Paper] {
                let options = HrpOptions { linkage: Linkage::ALL[method], distance };
                let one = hrp_weights(&covariance, options).expect("positive");
                let two = hrp_weights(&scaled, options).expect("positive");
                prop_assert!((one.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                prop_assert_eq!(one, two);
            }
        }
    }
}

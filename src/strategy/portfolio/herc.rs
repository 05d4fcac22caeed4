//! Hierarchical equal risk contribution: clusters first, equal risk between them, then within.
//!
//! # References
//! Raffinot (2018), "The hierarchical equal risk contribution portfolio", SSRN 3237540. Ward
//! linkage and the two-difference gap statistic are skfolio's defaults.

use serde::{Deserialize, Serialize};

use super::{
    Allocation, CovarianceEstimator, Lookback, Rebalanced,
    clusters::{Clustering, Clusters},
};
use crate::{
    error::Result,
    stats::{Distance, Linkage, Refusal, SymmetricMatrix, Within, herc_weights},
};

/// Hierarchical equal risk contribution over a combination.
pub type Herc = Rebalanced<HercParameters>;

/// Parameters of [`Herc`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HercParameters {
    /// As [`Lookback::lookback_days`].
    pub lookback_days: Option<f64>,
    /// As [`Lookback::rebalance_bars`].
    pub rebalance_bars: Option<usize>,
    /// As [`Lookback::covariance`].
    pub covariance: CovarianceEstimator,
    /// As [`Lookback::ewma_half_life_bars`].
    pub ewma_half_life_bars: Option<f64>,
    /// How clusters are joined.
    pub linkage: Linkage,
    /// What is clustered.
    pub distance: Distance,
    /// Most clusters; as many as the gap statistic finds when `None`.
    pub max_clusters: Option<usize>,
    /// How a cluster shares its weight among its members.
    pub within: Within,
}

impl Default for HercParameters {
    fn default() -> Self {
        Self {
            lookback_days: None,
            rebalance_bars: None,
            covariance: CovarianceEstimator::Sample,
            ewma_half_life_bars: None,
            linkage: Linkage::Ward,
            distance: Distance::Correlation,
            max_clusters: None,
            within: Within::InverseVariance,
        }
    }
}

impl HercParameters {
    fn clustering(&self) -> Clustering {
        Clustering {
            linkage: self.linkage,
            distance: self.distance,
            max_clusters: self.max_clusters,
        }
    }
}

impl Allocation for HercParameters {
    const NAME: &'static str = "herc";
    const LEAST_MEMBERS: usize = 3;

    fn lookback(&self) -> Lookback {
        Lookback {
            lookback_days: self.lookback_days,
            rebalance_bars: self.rebalance_bars,
            covariance: self.covariance,
            ewma_half_life_bars: self.ewma_half_life_bars,
        }
    }

    fn check(&self) -> Result<()> {
        self.clustering().check(Self::NAME)
    }

    /// [`herc_weights`] of the tree, cut where the gap statistic bends most.
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        let Clusters { merges, count } = self.clustering().of(covariance)?;
        herc_weights(covariance, &merges, count, self.within)
    }
}

//! Hierarchical equal risk contribution: clusters first, equal risk between them, then within.
//!
//! # References
//! Raffinot (2018), "The hierarchical equal risk contribution portfolio", SSRN 3237540. Ward
//! linkage and the two-difference gap statistic are skfolio's defaults.

use super::{
    Allocation, Rebalanced,
    clusters::{Clustering, Clusters},
    portfolio_parameters,
};
use crate::{
    error::Result,
    stats::{Distance, Linkage, Refusal, SymmetricMatrix, Within, herc_weights},
};

/// Hierarchical equal risk contribution over a combination.
pub type Herc = Rebalanced<HercParameters>;

portfolio_parameters! {
    /// Parameters of [`Herc`].
    pub struct HercParameters {
        /// How clusters are joined.
        linkage: Linkage = Linkage::Ward,
        /// What is clustered.
        distance: Distance = Distance::Correlation,
        /// Most clusters; as many as the gap statistic finds when `None`.
        max_clusters: Option<usize> = None,
        /// How a cluster shares its weight among its members.
        within: Within = Within::InverseVariance,
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

    fn check(&self) -> Result<()> {
        self.clustering().check(Self::NAME)
    }

    /// [`herc_weights`] of the tree, cut where the gap statistic bends most.
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        let Clusters { merges, count } = self.clustering().of(covariance)?;
        herc_weights(covariance, &merges, count, self.within)
    }
}

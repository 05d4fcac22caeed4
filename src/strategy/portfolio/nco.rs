//! Nested clustered optimization: minimum variance within clusters, then between them.
//!
//! # References
//! López de Prado (2019), "A robust estimator of the efficient frontier", SSRN 3469961.

use super::{
    Allocation, Rebalanced,
    clusters::{Clustering, Clusters},
    portfolio_parameters,
};
use crate::{
    error::Result,
    stats::{Distance, Linkage, Refusal, SymmetricMatrix, cut_tree, nco_weights},
};

/// Nested clustered optimization over a combination.
pub type Nco = Rebalanced<NcoParameters>;

portfolio_parameters! {
    /// Parameters of [`Nco`].
    pub struct NcoParameters {
        /// How clusters are joined.
        linkage: Linkage = Linkage::Ward,
        /// What is clustered.
        distance: Distance = Distance::Correlation,
        /// Most clusters; as many as the gap statistic finds when `None`.
        max_clusters: Option<usize> = None,
    }
}

impl NcoParameters {
    fn clustering(&self) -> Clustering {
        Clustering {
            linkage: self.linkage,
            distance: self.distance,
            max_clusters: self.max_clusters,
        }
    }
}

impl Allocation for NcoParameters {
    const NAME: &'static str = "nco";
    const LEAST_MEMBERS: usize = 3;

    fn check(&self) -> Result<()> {
        self.clustering().check(Self::NAME)
    }

    /// [`nco_weights`] of the tree, cut where the gap statistic bends most.
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        let Clusters { merges, count } = self.clustering().of(covariance)?;
        nco_weights(covariance, &cut_tree(&merges, count))
    }
}

//! Clusters of a portfolio's members: the tree of their correlations, cut where it bends most.

use crate::{
    error::{Error, Result},
    stats::{
        Dispersion, Distance, Linkage, Merge, Refusal, SymmetricMatrix, cluster_count,
        codependence_distance, correlation, linkage,
    },
};

/// How members are clustered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clustering {
    pub(super) linkage: Linkage,
    pub(super) distance: Distance,
    /// Most clusters; as many as the tree shows when `None`.
    pub(super) max_clusters: Option<usize>,
}

/// A dendrogram and where it is cut.
#[derive(Debug, Clone)]
pub(super) struct Clusters {
    pub(super) merges: Vec<Merge>,
    pub(super) count: usize,
}

impl Clustering {
    /// Checks what the types cannot, for the strategy of this name.
    pub(super) fn check(self, strategy: &str) -> Result<()> {
        if self.max_clusters == Some(0) {
            let what = "max_clusters = 0; members form at least one cluster";
            return Err(Error::usage(format!("{strategy}: {what}")));
        }
        Ok(())
    }

    /// The tree of a covariance, and the number of clusters by the two-difference gap statistic of
    /// mean distances ([`Dispersion::MeanDistance`]), at most `max_clusters`.
    pub(super) fn of(self, covariance: &SymmetricMatrix) -> Result<Clusters, Refusal> {
        let distances = codependence_distance(&correlation(covariance)?, self.distance);
        let merges = linkage(distances.clone(), self.linkage)?;
        let shown = cluster_count(&distances, &merges, Dispersion::MeanDistance)?;
        let count = self.max_clusters.map_or(shown, |most| shown.min(most));
        Ok(Clusters { merges, count })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Clustering, Dispersion, Distance, Linkage, SymmetricMatrix, cluster_count,
        codependence_distance,
    };
    use crate::stats::cut_tree;

    #[test]
    fn clusters_are_as_many_as_the_tree_shows_up_to_a_most() {
        // Three blocks of three members.
        let covariance = SymmetricMatrix::from_upper(9, |i, j| match (i == j, i / 3 == j / 3) {
            (true, _) => 1.0,
            (_, true) => 0.9,
            _ => 0.1,
        });
        let plain = Clustering {
            linkage: Linkage::Ward,
            distance: Distance::Correlation,
            max_clusters: None,
        };
        let found = plain.of(&covariance).expect("regular");
        let distances = codependence_distance(&covariance, Distance::Correlation);
        let shown = cluster_count(&distances, &found.merges, Dispersion::MeanDistance);
        let shown = shown.expect("a tree");
        assert!(shown > 2, "{shown}");
        for most in 1..9 {
            let capped = Clustering { max_clusters: Some(most), ..plain }.of(&covariance);
            assert_eq!(capped.map(|found| found.count), Ok(shown.min(most)));
        }
        assert_eq!(
            (found.count, cut_tree(&found.merges, 3)),
            (shown, vec![0, 0, 0, 1, 1, 1, 2, 2, 2])
        );
        assert!(Clustering { max_clusters: Some(0), ..plain }.check("herc").is_err());
        let alone = SymmetricMatrix::from_upper(1, |_, _| 2.0);
        assert_eq!(plain.of(&alone).map(|found| found.count), Ok(1));
    }
}

//! Inverse variance: every member weighted by one over its variance.
//!
//! Correlations play no part. The estimator does: shrinkage draws the variances together.

use serde::{Deserialize, Serialize};

use super::{Allocation, Lookback, LooksBack, Rebalanced};
use crate::stats::{self, Refusal, SymmetricMatrix};

/// Inverse-variance weights over a combination.
pub type InverseVariance = Rebalanced<InverseVarianceParameters>;

/// Parameters of [`InverseVariance`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InverseVarianceParameters {
    /// What it looks back on.
    pub lookback: Lookback,
}

impl LooksBack for InverseVarianceParameters {
    fn lookback(&self) -> Lookback {
        self.lookback
    }
}

impl Allocation for InverseVarianceParameters {
    const NAME: &'static str = "inverse-variance";
    const LEAST_MEMBERS: usize = 2;

    /// [`inverse_variance`](stats::inverse_variance).
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        stats::inverse_variance(covariance)
    }
}

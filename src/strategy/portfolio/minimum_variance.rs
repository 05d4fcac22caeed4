//! Minimum variance: the long-only portfolio of least variance within limits of the weights.
//!
//! # References
//! Markowitz (1952), "Portfolio selection", Journal of Finance 7(1): the left end of the efficient
//! frontier.

use super::{Allocation, Rebalanced, WeightLimits, portfolio_parameters};
use crate::stats::{self, Refusal, SymmetricMatrix};

/// The minimum variance portfolio of a combination.
pub type MinimumVariance = Rebalanced<MinimumVarianceParameters>;

portfolio_parameters! {
    /// Parameters of [`MinimumVariance`].
    pub struct MinimumVarianceParameters {
        /// Least weight of a member.
        min_weight: f64 = WeightLimits::LONG_ONLY.min_weight,
        /// Greatest weight of a member.
        max_weight: f64 = WeightLimits::LONG_ONLY.max_weight,
    }
}

impl Allocation for MinimumVarianceParameters {
    const NAME: &'static str = "min-variance";
    const LEAST_MEMBERS: usize = 2;

    fn limits(&self) -> WeightLimits {
        WeightLimits { min_weight: self.min_weight, max_weight: self.max_weight }
    }

    /// [`minimum_variance`](stats::minimum_variance) within the limits.
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        stats::minimum_variance(covariance, &self.limits().bounds(covariance.order())?)
    }
}

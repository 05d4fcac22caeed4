//! Minimum variance: the long-only portfolio of least variance within limits of the weights.
//!
//! # References
//! Markowitz (1952), "Portfolio selection", Journal of Finance 7(1): the left end of the efficient
//! frontier.

use serde::{Deserialize, Serialize};

use super::{Allocation, CovarianceEstimator, Lookback, Rebalanced, WeightLimits};
use crate::stats::{self, Refusal, SymmetricMatrix};

/// The minimum variance portfolio of a combination.
pub type MinimumVariance = Rebalanced<MinimumVarianceParameters>;

/// Parameters of [`MinimumVariance`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MinimumVarianceParameters {
    /// As [`Lookback::lookback_days`].
    pub lookback_days: Option<f64>,
    /// As [`Lookback::rebalance_bars`].
    pub rebalance_bars: Option<usize>,
    /// As [`Lookback::covariance`].
    pub covariance: CovarianceEstimator,
    /// As [`Lookback::ewma_half_life_bars`].
    pub ewma_half_life_bars: Option<f64>,
    /// Least weight of a member.
    pub min_weight: f64,
    /// Greatest weight of a member.
    pub max_weight: f64,
}

impl Default for MinimumVarianceParameters {
    fn default() -> Self {
        let WeightLimits { min_weight, max_weight } = WeightLimits::LONG_ONLY;
        Self {
            lookback_days: None,
            rebalance_bars: None,
            covariance: CovarianceEstimator::Sample,
            ewma_half_life_bars: None,
            min_weight,
            max_weight,
        }
    }
}

impl Allocation for MinimumVarianceParameters {
    const NAME: &'static str = "min-variance";
    const LEAST_MEMBERS: usize = 2;

    fn lookback(&self) -> Lookback {
        Lookback {
            lookback_days: self.lookback_days,
            rebalance_bars: self.rebalance_bars,
            covariance: self.covariance,
            ewma_half_life_bars: self.ewma_half_life_bars,
        }
    }

    fn limits(&self) -> WeightLimits {
        WeightLimits { min_weight: self.min_weight, max_weight: self.max_weight }
    }

    /// [`minimum_variance`](stats::minimum_variance) within the limits.
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        stats::minimum_variance(covariance, &self.limits().bounds(covariance.order())?)
    }
}

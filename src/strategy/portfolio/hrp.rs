//! Hierarchical risk parity: cluster by correlation, split risk down the tree.
//!
//! Correlation, distance `sqrt((1 - rho) / 2)`, linkage, leaf order, recursive bisection with
//! inverse-variance cluster variances, each cut kept within the limits of the weights.
//!
//! # References
//! López de Prado (2016), "Building diversified portfolios that outperform out of sample", Journal
//! of Portfolio Management 42(4). The clustering uses the condensed distances themselves, as
//! PyPortfolioOpt, Riskfolio-Lib and skfolio do; the paper's distance of distances is
//! `distance = "paper"`.

use serde::{Deserialize, Serialize};

use super::{Allocation, CovarianceEstimator, Lookback, Rebalanced, WeightLimits};
use crate::stats::{
    Distance, HrpOptions, LeafOrder, Linkage, Refusal, SymmetricMatrix, hrp_portfolio,
};

/// Hierarchical risk parity over a combination.
pub type Hrp = Rebalanced<HrpParameters>;

/// Parameters of [`Hrp`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HrpParameters {
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
    /// Least weight of a member.
    pub min_weight: f64,
    /// Greatest weight of a member.
    pub max_weight: f64,
}

impl Default for HrpParameters {
    fn default() -> Self {
        let WeightLimits { min_weight, max_weight } = WeightLimits::LONG_ONLY;
        Self {
            lookback_days: None,
            rebalance_bars: None,
            covariance: CovarianceEstimator::Sample,
            ewma_half_life_bars: None,
            linkage: Linkage::Single,
            distance: Distance::Correlation,
            min_weight,
            max_weight,
        }
    }
}

impl Allocation for HrpParameters {
    const NAME: &'static str = "hrp";
    const LEAST_MEMBERS: usize = 3;

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

    /// [`hrp_portfolio`] with the plain leaf order.
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        let options = HrpOptions { linkage: self.linkage, distance: self.distance };
        let limits = self.limits();
        let bounds = if limits.bind() { Some(limits.bounds(covariance.order())?) } else { None };
        Ok(hrp_portfolio(covariance, options, LeafOrder::Plain, bounds.as_ref())?.weights)
    }
}

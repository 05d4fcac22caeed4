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

use super::{Allocation, Rebalanced, WeightLimits, portfolio_parameters};
use crate::stats::{
    Distance, HrpOptions, LeafOrder, Linkage, Refusal, SymmetricMatrix, hrp_portfolio,
};

/// Hierarchical risk parity over a combination.
pub type Hrp = Rebalanced<HrpParameters>;

portfolio_parameters! {
    /// Parameters of [`Hrp`].
    pub struct HrpParameters {
        /// How clusters are joined.
        linkage: Linkage = Linkage::Single,
        /// What is clustered.
        distance: Distance = Distance::Correlation,
        /// Least weight of a member.
        min_weight: f64 = WeightLimits::LONG_ONLY.min_weight,
        /// Greatest weight of a member.
        max_weight: f64 = WeightLimits::LONG_ONLY.max_weight,
    }
}

impl Allocation for HrpParameters {
    const NAME: &'static str = "hrp";
    const LEAST_MEMBERS: usize = 3;

    fn limits(&self) -> WeightLimits {
        WeightLimits { min_weight: self.min_weight, max_weight: self.max_weight }
    }

    /// [`hrp_portfolio`] with the plain leaf order.
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        self.weights_along(covariance, LeafOrder::Plain)
    }
}

impl HrpParameters {
    /// Weights with the leaves of the tree in this order.
    pub(super) fn weights_along(
        &self,
        covariance: &SymmetricMatrix,
        leaf_order: LeafOrder,
    ) -> Result<Vec<f64>, Refusal> {
        let options = HrpOptions { linkage: self.linkage, distance: self.distance };
        let limits = self.limits();
        let bounds = if limits.bind() { Some(limits.bounds(covariance.order())?) } else { None };
        Ok(hrp_portfolio(covariance, options, leaf_order, bounds.as_ref())?.weights)
    }
}

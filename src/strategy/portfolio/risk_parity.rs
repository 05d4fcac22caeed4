//! Risk parity: every member contributes the same share of the portfolio's variance.
//!
//! The long-only weights with `w_i (S w)_i` equal for all members; they are unique where they exist.
//!
//! # References
//! Maillard, Roncalli & Teiletche (2010), "The properties of equally weighted risk contribution
//! portfolios", Journal of Portfolio Management 36(4).

use serde::{Deserialize, Serialize};

use super::{Allocation, Lookback, LooksBack, Rebalanced};
use crate::stats::{self, Refusal, SymmetricMatrix};

/// Equal risk contribution over a combination.
pub type RiskParity = Rebalanced<RiskParityParameters>;

/// Parameters of [`RiskParity`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RiskParityParameters {
    /// What it looks back on.
    pub lookback: Lookback,
}

impl LooksBack for RiskParityParameters {
    fn lookback(&self) -> Lookback {
        self.lookback
    }
}

impl Allocation for RiskParityParameters {
    const NAME: &'static str = "risk-parity";
    const LEAST_MEMBERS: usize = 2;

    /// [`equal_risk_contribution`](stats::equal_risk_contribution).
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal> {
        stats::equal_risk_contribution(covariance)
    }
}

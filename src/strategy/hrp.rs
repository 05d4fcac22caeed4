//! Hierarchical risk parity: cluster by correlation, split risk down the tree.
//!
//! At every rebalance: covariance of simple returns over the trailing lookback, correlation, distance
//! `sqrt((1 - rho) / 2)`, linkage, leaf order, recursive bisection with inverse-variance cluster
//! variances. Quantities stay constant between rebalances: weights drift.
//!
//! The sample covariance takes each pair over its own consecutive common bars, so that combinations
//! share it; the other estimators need complete rows and take the bars common to all legs that are
//! held. Without gaps the bars are the same.
//!
//! # References
//! López de Prado (2016), "Building diversified portfolios that outperform out of sample", Journal
//! of Portfolio Management 42(4). The clustering uses the condensed distances themselves, as
//! PyPortfolioOpt, Riskfolio-Lib and skfolio do; the paper's distance of distances is
//! `distance = "paper"`.

use serde::{Deserialize, Serialize};

use super::{
    Alignment, Declined, HorizonBars, Session, Strategy,
    covariance_book::CovarianceBook,
    covariance_estimator::{CompleteRows, CovarianceEstimator},
    rebalance::{Rhythm, rebalance_bars, tickets_to_weights},
};
use crate::{
    domain::{Field, HorizonWindow, MICROS_PER_DAY, Outcome, PanelView, Size},
    error::{Error, Result},
    sim::{Account, Decider, Tickets, Wake},
    stats::{Distance, HrpOptions, Linkage, Refusal, SymmetricMatrix, hrp_weights},
};

/// Fewest returns a covariance is estimated from.
const LEAST_RETURNS: usize = 59;

/// Share of the lookback's nominal bars in which an exponential weight halves.
const HALF_LIFE_SHARE: f64 = 0.25;

/// Parameters of [`Hrp`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HrpParameters {
    /// Length of the trailing lookback in days; half the horizon when `None`.
    pub lookback_days: Option<f64>,
    /// Bars between rebalances; one week of bars when `None`.
    pub rebalance_bars: Option<usize>,
    /// How the covariance is estimated.
    pub covariance: CovarianceEstimator,
    /// Common bars in which the weight of a return halves, for [`CovarianceEstimator::Ewma`]; a
    /// quarter of the lookback's nominal bars when `None`.
    pub ewma_half_life_bars: Option<f64>,
    /// How clusters are joined.
    pub linkage: Linkage,
    /// What is clustered.
    pub distance: Distance,
}

impl Default for HrpParameters {
    fn default() -> Self {
        Self {
            lookback_days: None,
            rebalance_bars: None,
            covariance: CovarianceEstimator::Sample,
            ewma_half_life_bars: None,
            linkage: Linkage::Single,
            distance: Distance::Correlation,
        }
    }
}

/// Hierarchical risk parity over a combination.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hrp {
    parameters: HrpParameters,
}

impl Hrp {
    /// A strategy with these parameters.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn new(parameters: HrpParameters) -> Result<Self> {
        if parameters.lookback_days.is_some_and(|days| !(days > 0.0 && days <= 36_525.0)) {
            return Err(Error::usage("hrp: lookback_days is not between 0 and a century"));
        }
        if parameters.rebalance_bars == Some(0) {
            return Err(Error::usage("hrp: rebalance_bars = 0; at least one bar lies between"));
        }
        let half_life = parameters.ewma_half_life_bars;
        if half_life.is_some_and(|bars| !(0.1..=1e6).contains(&bars)) {
            return Err(Error::usage("hrp: ewma_half_life_bars is not between 0.1 and 1000000"));
        }
        if half_life.is_some() && parameters.covariance != CovarianceEstimator::Ewma {
            return Err(Error::usage("hrp: ewma_half_life_bars has no effect on this covariance")
                .with_hint("set covariance = \"ewma\""));
        }
        Ok(Self { parameters })
    }
}

impl Strategy for Hrp {
    fn name(&self) -> &'static str {
        "hrp"
    }

    fn parameters(&self) -> String {
        serde_json::to_string(&self.parameters).unwrap_or_default()
    }

    fn accepts(&self, size: Size, members: usize) -> bool {
        members >= 3 || (size == Size::All && members >= 2)
    }

    fn alignment(&self) -> Alignment {
        Alignment::Union
    }

    #[allow(clippy::cast_possible_truncation, reason = "a span of days fits")]
    fn history_micros(&self, window: &HorizonWindow) -> i64 {
        match self.parameters.lookback_days {
            Some(days) => (days * MICROS_PER_DAY as f64) as i64,
            None => window.horizon.micros() / 2,
        }
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        let covariances = CovarianceBook::new(bars, self.history_micros(&bars.window));
        Box::new(HrpSession { parameters: &self.parameters, bars, covariances })
    }
}

struct HrpSession<'a> {
    parameters: &'a HrpParameters,
    bars: &'a HorizonBars<'a>,
    covariances: CovarianceBook<'a>,
}

impl Session for HrpSession<'_> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let scored = self.bars.scored_rows();
        if let Some(last) = scored.start.checked_sub(1) {
            let still = assets.iter().find(|&&a| !self.moves(a, last));
            if let Some(&asset) = still {
                let symbol = self.bars.symbol(asset);
                return Err(Declined {
                    outcome: Outcome::SingularCovariance,
                    reason: format!("{symbol} does not move in the lookback"),
                });
            }
        }
        Ok(Box::new(HrpDecider {
            session: self,
            rhythm: Rhythm::new(rebalance_bars(self.parameters.rebalance_bars, self.bars, assets)),
            delisted: vec![false; assets.len()],
            weights: vec![0.0; assets.len()],
            rebalances: 0,
        }))
    }

    fn release(&self) {
        self.covariances.release();
    }
}

impl HrpSession<'_> {
    /// True if an instrument has enough returns in the lookback that ends with `last_row`, and
    /// they are not all equal.
    fn moves(&self, asset: u16, last_row: usize) -> bool {
        let own = self.covariances.entry(asset, asset, last_row);
        own.returns >= LEAST_RETURNS && own.covariance > 0.0
    }

    /// Covariance of `assets` over the lookback that ends with `last_row`.
    fn covariance(&self, assets: &[u16], last_row: usize) -> Result<SymmetricMatrix, Refusal> {
        let estimator = match self.parameters.covariance {
            CovarianceEstimator::Sample => {
                return Ok(SymmetricMatrix::from_upper(assets.len(), |i, j| {
                    self.covariances.entry(assets[i], assets[j], last_row).covariance
                }));
            }
            CovarianceEstimator::LedoitWolf => CompleteRows::LedoitWolf,
            CovarianceEstimator::Ewma => {
                CompleteRows::Ewma { half_life_bars: self.half_life_bars(assets) }
            }
        };
        let window = self.covariances.window(last_row);
        let column = |&asset: &u16| {
            &self.bars.panel.column(usize::from(asset), Field::Close)[window.clone()]
        };
        let closes: Vec<&[f64]> = assets.iter().map(column).collect();
        estimator.estimate(&closes, LEAST_RETURNS)
    }

    /// As asked, or a quarter of the bars that the lookback nominally holds in common.
    fn half_life_bars(&self, assets: &[u16]) -> f64 {
        self.parameters.ewma_half_life_bars.unwrap_or_else(|| {
            HALF_LIFE_SHARE * self.bars.nominal_bars(assets, self.covariances.lookback_micros())
        })
    }
}

struct HrpDecider<'s> {
    session: &'s HrpSession<'s>,
    rhythm: Rhythm,
    delisted: Vec<bool>,
    weights: Vec<f64>,
    rebalances: u32,
}

impl HrpDecider<'_> {
    /// Weights of the legs that can be held now; the others get none. False where no covariance
    /// can be made: the weights stay as they are.
    fn update_weights(&mut self, view: &PanelView<'_>, account: &Account<'_>) -> bool {
        let last_row = view.ts().len() - 1;
        let held: Vec<_> = (0..self.weights.len())
            .filter(|&leg| {
                !self.delisted[leg]
                    && !account.marks[leg].is_nan()
                    && self.session.moves(view.asset(leg), last_row)
            })
            .collect();
        if held.is_empty() {
            return false;
        }
        let assets: Vec<_> = held.iter().map(|&leg| view.asset(leg)).collect();
        let parameters = self.session.parameters;
        let options = HrpOptions { linkage: parameters.linkage, distance: parameters.distance };
        let covariance = self.session.covariance(&assets, last_row);
        let portfolio = covariance.and_then(|covariance| hrp_weights(&covariance, options));
        let Ok(portfolio) = portfolio else { return false };
        self.weights.fill(0.0);
        for (&leg, &weight) in held.iter().zip(&portfolio.weights) {
            self.weights[leg] = weight;
        }
        true
    }
}

impl Decider for HrpDecider<'_> {
    fn first_wake(&self) -> Wake {
        Wake::AfterBars(0)
    }

    fn decide(
        &mut self,
        view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        if self.rhythm.is_due(account) && self.update_weights(view, account) {
            tickets_to_weights(&self.weights, account, self.rebalances, tickets);
            self.rebalances += 1;
        }
        self.rhythm.wake(account)
    }

    fn delisted(&mut self, leg: usize, _tickets: &mut Tickets) {
        self.delisted[leg] = true;
    }
}

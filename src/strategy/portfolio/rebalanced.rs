//! The skeleton of every covariance portfolio: look back, weigh, rebalance.
//!
//! At every rebalance: covariance of simple returns over the trailing lookback, then the weights of
//! the [`Allocation`]. Quantities stay constant between rebalances: weights drift. A member that has
//! no bar yet, was delisted, or does not move in the lookback has no weight and no part in the
//! covariance. Where no portfolio can be made the weights stay as they are.
//!
//! The sample covariance takes each pair over its own consecutive common bars, so that combinations
//! share it; the other estimators need complete rows and take the bars common to all legs that are
//! held. Without gaps the bars are the same.

use std::{fmt::Debug, sync::Arc};

use serde::Serialize;

use super::{
    covariance_book::CovarianceBook,
    covariance_estimator::{CompleteRows, CovarianceEstimator},
    lookback::LooksBack,
    weight_limits::WeightLimits,
};
use crate::{
    domain::{Field, HorizonWindow, Interval, MICROS_PER_DAY, Outcome, PanelView, Size},
    error::Result,
    sim::{Account, Decider, Tickets, Wake},
    stats::{Refusal, SymmetricMatrix},
    strategy::{
        Alignment, Declined, HorizonBars, Session, Strategy,
        horizon_bars::LEAST_BARS,
        rebalance::{Rhythm, rebalance_bars, tickets_to_weights},
    },
};

/// Fewest returns a covariance is estimated from.
const LEAST_RETURNS: usize = LEAST_BARS - 1;

/// Share of the lookback's nominal bars in which an exponential weight halves.
const HALF_LIFE_SHARE: f64 = 0.25;

/// From a covariance to weights: what tells one portfolio from another.
pub trait Allocation: LooksBack + Debug + Copy + Send + Sync + Serialize {
    /// Name in flags and results.
    const NAME: &'static str;

    /// Members of the smallest combination it runs on; `all` needs two.
    const LEAST_MEMBERS: usize;

    /// What every weight keeps. Sizes whose members cannot are not run.
    fn limits(&self) -> WeightLimits {
        WeightLimits::LONG_ONLY
    }

    /// Checks the parameters that are its own.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Weights by asset, in the order of the matrix, that sum to one.
    ///
    /// # Errors
    /// The refusal of the definition in [`stats`](crate::stats).
    fn weights(&self, covariance: &SymmetricMatrix) -> Result<Vec<f64>, Refusal>;
}

/// An allocation over a combination, rebalanced.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rebalanced<A> {
    allocation: A,
}

impl<A: Allocation> Rebalanced<A> {
    /// A strategy with these parameters.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn new(allocation: A) -> Result<Self> {
        allocation.lookback().check(A::NAME)?;
        allocation.limits().check(A::NAME)?;
        allocation.check()?;
        Ok(Self { allocation })
    }
}

impl<A: Allocation> Strategy for Rebalanced<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn parameters(&self) -> String {
        serde_json::to_string(&self.allocation).unwrap_or_default()
    }

    fn accepts(&self, size: Size, members: usize) -> bool {
        let enough = members >= A::LEAST_MEMBERS || (size == Size::All && members >= 2);
        enough && self.allocation.limits().can_hold(members)
    }

    fn alignment(&self) -> Alignment {
        Alignment::Union
    }

    fn history_micros(&self, window: &HorizonWindow) -> i64 {
        self.allocation.lookback().micros(window)
    }

    fn covariance_rows(&self, window: &HorizonWindow, interval: Interval) -> u64 {
        let days = u64::from(window.horizon.days());
        let rows = match self.allocation.lookback().rebalance_bars {
            // The most bars there can be.
            Some(bars) => {
                let micros = u64::try_from(interval.micros()).unwrap_or(1).max(1);
                days.saturating_mul(MICROS_PER_DAY.unsigned_abs()) / micros / bars.max(1) as u64
            }
            None => days / 7,
        };
        // The first of them, and that before the window from which its weights are made.
        rows + 2
    }

    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a> {
        let covariances = bars.covariances.over(self.history_micros(&bars.window));
        Box::new(PortfolioSession { allocation: &self.allocation, bars, covariances })
    }
}

struct PortfolioSession<'a, A> {
    allocation: &'a A,
    bars: &'a HorizonBars<'a>,
    covariances: Arc<CovarianceBook>,
}

impl<A: Allocation> Session for PortfolioSession<'_, A> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        if let Some(last) = self.bars.scored_rows().start.checked_sub(1) {
            self.require_portfolio(assets, last)?;
        }
        let asked = self.allocation.lookback().rebalance_bars;
        Ok(Box::new(PortfolioDecider {
            session: self,
            rhythm: Rhythm::new(rebalance_bars(asked, self.bars, assets)),
            delisted: vec![false; assets.len()],
            weights: vec![0.0; assets.len()],
            rebalances: 0,
        }))
    }

    fn release(&self) {
        self.covariances.release();
    }
}

impl<A: Allocation> PortfolioSession<'_, A> {
    /// The lookback before the scored window must give a portfolio of all members.
    fn require_portfolio(&self, assets: &[u16], last_row: usize) -> Result<(), Declined> {
        let still = assets.iter().find(|&&asset| !self.moves(asset, last_row));
        let reason = match still {
            Some(&asset) => format!("{} does not move in the lookback", self.bars.symbol(asset)),
            None => match self.weights(assets, last_row) {
                Ok(_) => return Ok(()),
                Err(refusal) => {
                    format!("{}: {refusal}, in the lookback", self.bars.symbols(assets))
                }
            },
        };
        Err(Declined { outcome: Outcome::SingularCovariance, reason })
    }

    /// True if an instrument has enough returns in the lookback that ends with `last_row`, and
    /// they are not all equal.
    fn moves(&self, asset: u16, last_row: usize) -> bool {
        let own = self.covariances.entry(self.bars, asset, asset, last_row);
        own.returns >= LEAST_RETURNS && own.covariance > 0.0
    }

    /// Weights of `assets` by the lookback that ends with `last_row`.
    fn weights(&self, assets: &[u16], last_row: usize) -> Result<Vec<f64>, Refusal> {
        self.allocation.weights(&self.covariance(assets, last_row)?)
    }

    /// Covariance of `assets` over the lookback that ends with `last_row`.
    fn covariance(&self, assets: &[u16], last_row: usize) -> Result<SymmetricMatrix, Refusal> {
        let estimator = match self.allocation.lookback().covariance {
            CovarianceEstimator::Sample => {
                return Ok(SymmetricMatrix::from_upper(assets.len(), |i, j| {
                    self.covariances.entry(self.bars, assets[i], assets[j], last_row).covariance
                }));
            }
            CovarianceEstimator::LedoitWolf => CompleteRows::LedoitWolf,
            CovarianceEstimator::Oas => CompleteRows::Oas,
            CovarianceEstimator::Ewma => {
                CompleteRows::Ewma { half_life_bars: self.half_life_bars(assets) }
            }
        };
        let window = self.covariances.window(self.bars, last_row);
        let column = |&asset: &u16| {
            &self.bars.panel.column(usize::from(asset), Field::Close)[window.clone()]
        };
        let closes: Vec<&[f64]> = assets.iter().map(column).collect();
        estimator.estimate(&closes, LEAST_RETURNS)
    }

    /// As asked, or a quarter of the bars that the lookback nominally holds in common.
    fn half_life_bars(&self, assets: &[u16]) -> f64 {
        self.allocation.lookback().ewma_half_life_bars.unwrap_or_else(|| {
            HALF_LIFE_SHARE * self.bars.nominal_bars(assets, self.covariances.lookback_micros())
        })
    }
}

struct PortfolioDecider<'s, A> {
    session: &'s PortfolioSession<'s, A>,
    rhythm: Rhythm,
    delisted: Vec<bool>,
    weights: Vec<f64>,
    rebalances: u32,
}

impl<A: Allocation> PortfolioDecider<'_, A> {
    /// Weights of the legs that can be held now; the others get none. False where no portfolio can
    /// be made: the weights stay as they are.
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
        let Ok(weights) = self.session.weights(&assets, last_row) else { return false };
        self.weights.fill(0.0);
        for (&leg, &weight) in held.iter().zip(&weights) {
            self.weights[leg] = weight;
        }
        true
    }
}

impl<A: Allocation> Decider for PortfolioDecider<'_, A> {
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

//! The skeleton of every covariance portfolio: look back, weigh, rebalance.
//!
//! At every rebalance: covariance of simple returns over the trailing lookback, then the weights of
//! the [`Allocation`]. Quantities stay constant between rebalances: weights drift. A member that has
//! no bar yet, was delisted, or does not move in the lookback has no weight and no part in the
//! covariance. Where no portfolio can be made the weights stay as they are.

use std::fmt::Debug;

use serde::Serialize;

use super::{lookback::LooksBack, trailing::Trailing, weight_limits::WeightLimits};
use crate::{
    domain::{HorizonWindow, Interval, MICROS_PER_DAY, Outcome, PanelView, Size},
    error::Result,
    sim::{Account, Decider, Tickets, Wake},
    stats::{Refusal, SymmetricMatrix},
    strategy::{
        Alignment, Declined, HorizonBars, Session, Strategy,
        rebalance::{Rhythm, rebalance_bars, tickets_to_weights},
    },
};

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

    /// Positions are kept and changed: 2,160 and more were measured.
    fn bars_per_trade(&self) -> u64 {
        2_048
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
        let micros = self.history_micros(&bars.window);
        let trailing = Trailing::new(bars, micros, self.allocation.lookback());
        Box::new(PortfolioSession { allocation: &self.allocation, trailing })
    }
}

struct PortfolioSession<'a, A> {
    allocation: &'a A,
    trailing: Trailing<'a>,
}

impl<A: Allocation> Session for PortfolioSession<'_, A> {
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined> {
        let bars = self.trailing.bars;
        if let Some(last) = bars.scored_rows().start.checked_sub(1) {
            self.require_portfolio(assets, last)?;
        }
        let asked = self.allocation.lookback().rebalance_bars;
        Ok(Box::new(PortfolioDecider {
            session: self,
            rhythm: Rhythm::new(rebalance_bars(asked, bars, assets)),
            delisted: vec![false; assets.len()],
            weights: vec![0.0; assets.len()],
            rebalances: 0,
        }))
    }

    fn release(&self) {
        self.trailing.release();
    }
}

impl<A: Allocation> PortfolioSession<'_, A> {
    /// The lookback before the scored window must give a portfolio of all members.
    fn require_portfolio(&self, assets: &[u16], last_row: usize) -> Result<(), Declined> {
        let bars = self.trailing.bars;
        let still = assets.iter().find(|&&asset| !self.trailing.moves(asset, last_row));
        let reason = match still {
            Some(&asset) => format!("{} does not move in the lookback", bars.symbol(asset)),
            None => match self.weights(assets, last_row) {
                Ok(_) => return Ok(()),
                Err(refusal) => format!("{}: {refusal}, in the lookback", bars.symbols(assets)),
            },
        };
        Err(Declined { outcome: Outcome::SingularCovariance, reason })
    }

    /// Weights of `assets` by the lookback that ends with `last_row`.
    fn weights(&self, assets: &[u16], last_row: usize) -> Result<Vec<f64>, Refusal> {
        self.allocation.weights(&self.trailing.covariance(assets, last_row)?)
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
                    && self.session.trailing.moves(view.asset(leg), last_row)
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

//! Strategies: what decides, and what it needs to know.
//!
//! A [`Strategy`] is a name, parameters and needs: how many instruments, which alignment, how much
//! history before the scored window. For one horizon it opens a [`Session`], which holds whatever
//! its jobs can share (a pair is fitted once, however many combinations hold it); for one
//! combination the session gives a [`Decider`], which is asked at the close
//! of a bar and sees a view that ends there, or it declines with a typed outcome.
//!
//! To add a strategy: one file with its parameters, its session and its decider (for a portfolio of
//! a covariance an [`Allocation`](portfolio::Allocation) is enough, for a way to trade pairs a
//! `PairMethod`), a card in [`catalogue`], its
//! parameters in [`StrategyParameters`], and its name in the documentation. Nothing else changes.

mod baseline;
pub mod basket;
mod catalogue;
pub mod copula;
mod horizon_bars;
mod log_closes;
pub mod pairs;
mod parameters;
pub mod portfolio;
mod rebalance;
mod scripted;
pub mod single;
#[cfg(test)]
mod stage;

use crate::{
    domain::{Field, FitRecord, HorizonWindow, Interval, Outcome, Size},
    sim::Decider,
};

pub use baseline::{BuyAndHold, EqualWeight};
pub use basket::{Basket, BasketParameters};
pub use catalogue::{Parameter, SIGNALS, StrategyCard, by_name, catalogue, default_names};
pub use copula::{CopulaPairs, CopulaParameters};
pub use horizon_bars::{HorizonBars, Lookback, needed_of};
pub use log_closes::{LogCloses, log_close};
pub use pairs::{Cointegration, CointegrationParameters, SpreadPath};
pub use parameters::StrategyParameters;
pub use portfolio::{
    CovarianceBooks, CovarianceEstimator, Herc, HercParameters, Hrp, HrpParameters,
    InverseVariance, InverseVarianceParameters, MinimumVariance, MinimumVarianceParameters, Nco,
    NcoParameters, RiskParity, RiskParityParameters,
};
pub use scripted::{Script, Scripted};
pub use single::Single;

/// Which rows of a panel are bars of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// Rows in which at least one pair of the combination can be compared: two or more members
    /// have a bar. For two instruments these are the bars common to both.
    Common,
    /// Rows in which any member has a bar.
    Union,
}

impl Alignment {
    /// Members that must have a bar in a row.
    pub fn least_members(self) -> usize {
        match self {
            Self::Common => 2,
            Self::Union => 1,
        }
    }
}

/// Why a strategy cannot run on a combination: an outcome and its reason, never a zero return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    /// The outcome of the job.
    pub outcome: Outcome,
    /// Why, in one line.
    pub reason: String,
}

/// A named strategy with its parameters.
pub trait Strategy: Send + Sync {
    /// Name in flags and results.
    fn name(&self) -> &'static str;

    /// Parameters as JSON with a fixed field order: part of the job key.
    fn parameters(&self) -> String;

    /// The same over one horizon, where what it plays depends on it.
    fn parameters_over(&self, window: &HorizonWindow) -> String {
        let _ = window;
        self.parameters()
    }

    /// True if it runs on combinations of this size, of `members` instruments.
    fn accepts(&self, size: Size, members: usize) -> bool;

    /// Which rows are bars of its jobs.
    fn alignment(&self) -> Alignment;

    /// Calendar time before the scored window whose bars it uses, microseconds; 0 if it uses none.
    fn history_micros(&self, window: &HorizonWindow) -> i64;

    /// What it reads of a bar beside open and close; a bar without one of these fields is none
    /// for it.
    fn fields(&self) -> &'static [Field] {
        &[]
    }

    /// Bars of each member before the scored window that its running indicators start from; 0 if
    /// it has none. They start exactly there, so that a longer history changes nothing.
    fn lookback_bars(&self) -> usize {
        0
    }

    /// Bytes that its session over a horizon of at most `scored_bars` keeps for every pair of the
    /// universe it has met, until it is released; 0 if it keeps nothing.
    fn pair_bytes(&self, scored_bars: u64) -> u64 {
        let _ = scored_bars;
        0
    }

    /// Fits that its session hands on for each of these pairs at most; 0 if it hands on none.
    fn fits_of_pair(&self, window: &HorizonWindow, interval: Interval) -> u64 {
        let _ = (window, interval);
        0
    }

    /// Bytes that a worker takes for it beside a job, over one horizon of a universe of `symbols`.
    fn worker_bytes(&self, window: &HorizonWindow, interval: Interval, symbols: usize) -> u64 {
        let _ = (window, interval, symbols);
        0
    }

    /// Bars of a member for each of its trades, about: how many results are expected. The default is that
    /// of indicators, of which the fastest trades once in 26 hourly bars, most once in 50 to 170.
    fn bars_per_trade(&self) -> u64 {
        40
    }

    /// Rows of the scored window at which it looks back on covariances, of a combination all of
    /// whose members are there from its first row on; 0 if it uses none.
    fn covariance_rows(&self, window: &HorizonWindow, interval: Interval) -> u64 {
        let _ = (window, interval);
        0
    }

    /// What its jobs over one horizon share.
    fn session<'a>(&'a self, bars: &'a HorizonBars<'a>) -> Box<dyn Session + 'a>;
}

/// One strategy over one horizon; shared by the workers.
pub trait Session: Send + Sync {
    /// The decider of a combination (indices into the universe, increasing).
    ///
    /// # Errors
    /// [`Declined`] if the strategy cannot run on it.
    fn decider<'s>(&'s self, assets: &'s [u16]) -> Result<Box<dyn Decider + 's>, Declined>;

    /// The z-score of a pair's spread, bar by bar, to be looked at (`first < second`, indices into the
    /// universe); `None` for a strategy that has none.
    fn spread_path(&self, first: u16, second: u16) -> Option<SpreadPath> {
        let _ = (first, second);
        None
    }

    /// The fits made since the last call, in no particular order.
    fn take_fits(&self) -> Vec<FitRecord> {
        Vec::new()
    }

    /// How many fits were made so far.
    fn fits_made(&self) -> u64 {
        0
    }

    /// Keeps what it knows of about so many pairs at a time from now on, and finds the rest out
    /// again when it is asked for. Never changes an answer, nor what [`Self::take_fits`] and
    /// [`Self::fits_made`] say.
    fn bound(&self, pairs: usize) {
        let _ = pairs;
    }

    /// Lets go of what its jobs shared: its last job is done. Fits that were not taken stay.
    fn release(&self) {}
}

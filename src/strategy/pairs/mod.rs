//! Pairs: fits, the z-score rule, and the decider that turns its signals into tickets.
//!
//! `fit` tests a pair on one formation window; `book` does it once per pair, horizon and refit;
//! [`signals`] scans a pair's rows once, per fit and horizon; the result, a [`PairScript`], is
//! shared by every combination that holds the pair. [`PairsDecider`] plays the scripts of one
//! combination on one ledger.

mod book;
mod cointegration;
mod decider;
mod fit;
mod parameters;
mod rule;
mod script;
mod sizing;

pub use cointegration::Cointegration;
pub use decider::PairsDecider;
pub use parameters::{CointegrationParameters, LagChoice};
pub use rule::{
    ExitReason, PairSignal, Signal, SpreadModel, TradingWindow, ZRule, signals, signals_of,
};
pub use script::{PairLegs, PairScript, RefitMark, WindowFit};
pub use sizing::{HedgeSizing, LegNotional, Lots, PairSizing};

//! Pairs: the z-score rule and the decider that turns its signals into tickets.
//!
//! [`signals`] scans a pair's rows once, per fit and horizon; the result, a [`PairScript`], is
//! shared by every combination that holds the pair. [`PairsDecider`] plays the scripts of one
//! combination on one ledger.

mod decider;
mod rule;
mod script;
mod sizing;

pub use decider::PairsDecider;
pub use rule::{
    ExitReason, PairSignal, Signal, SpreadModel, TradingWindow, ZRule, signals, signals_of,
};
pub use script::{PairLegs, PairScript, RefitMark};
pub use sizing::{HedgeSizing, LegNotional, Lots, PairSizing};

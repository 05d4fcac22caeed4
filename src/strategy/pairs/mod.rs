//! Pairs: the z-score rule and the decider that turns its signals into tickets.
//!
//! [`signals`] scans a pair's rows once, per fit and horizon; the result, a [`PairScript`], is
//! shared by every combination that holds the pair. [`PairsDecider`] plays the scripts of one
//! combination on one ledger.

mod decider;
mod rule;

pub use decider::{
    HedgeSizing, LegNotional, Lots, PairLegs, PairScript, PairSizing, PairsDecider, RefitMark,
};
pub use rule::{
    ExitReason, PairSignal, Signal, SpreadModel, TradingWindow, ZRule, signals, signals_of,
};

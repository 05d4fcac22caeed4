//! Pairs: fits, the z-score rule, and the decider that turns its signals into tickets.
//!
//! `fit` tests a pair on one formation window, [`HedgeRatio`] says on which line it is then traded;
//! `book` does it once per pair, horizon and refit; [`signals`] scans a pair's rows once, per fit and
//! horizon; the result, a [`PairScript`], is shared by every combination that holds the pair.
//! [`PairsDecider`] plays the scripts of one combination on one ledger. What is said about a pair is a
//! `method`: `z_score` here, another one with the copula strategy.

mod book;
mod cointegration;
mod decider;
mod fit;
mod hedge;
mod method;
mod moving_spread;
mod pair_rows;
mod parameters;
mod rule;
mod script;
mod sizing;
mod z_score;

pub(super) use book::PairBook;
pub use cointegration::Cointegration;
pub use decider::PairsDecider;
pub use hedge::HedgeRatio;
pub(super) use method::{FittedWindow, Formation, PairMethod, Verdict};
pub(super) use pair_rows::PairRows;
pub use parameters::{CointegrationParameters, LagChoice};
pub use rule::{
    ExitReason, PairSignal, Signal, SpreadModel, TradingWindow, ZRule, signals, signals_of,
};
pub use script::{PairLegs, PairScript, RefitMark, WindowFit};
pub use sizing::{HedgeSizing, LegNotional, Lots, PairSizing};

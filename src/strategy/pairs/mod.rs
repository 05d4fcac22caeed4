//! Pairs: fits, the z-score rule, and the decider that turns its signals into tickets.
//!
//! `candidates` asks the kernel which pairs cannot be accepted, `fit` tests the others on one
//! formation window, [`HedgeRatio`] says on which line it is then traded;
//! `book` does it once per pair, horizon and refit; [`signals`] scans a pair's rows once, per fit and
//! horizon; the result, a [`PairScript`], is shared by every combination that holds the pair.
//! [`PairsDecider`] plays the scripts of one combination on one ledger. [`Pairs`] makes a strategy of
//! a `method`, which is what is said about a pair: `z_score` here, another one with the copulas.
//!
//! A pair is one kind of [`Spread`]; a basket is the other, and shares its [`SpreadDecider`], the
//! z-score rule, rows and refits.

mod agenda;
mod book;
mod candidates;
mod common_rows;
mod decider;
mod fit;
mod half_life_bounds;
mod hedge;
mod method;
mod moving_spread;
mod parameters;
mod position;
mod refits;
mod rule;
mod script;
mod sizing;
mod spread_decider;
mod spread_path;
mod strategy;
mod z_rule;
mod z_score;

pub(super) use candidates::PairScreen;
pub(super) use common_rows::CommonRows;
pub use decider::{PairsDecider, SizedPair};
pub(super) use half_life_bounds::{HalfLifeBounds, HalfLifeRefusal};
pub use hedge::HedgeRatio;
pub(super) use method::{FittedWindow, Formation, PairMethod, SpreadParameters, Verdict};
pub use parameters::{CointegrationParameters, LagChoice};
pub(super) use refits::Refits;
pub use rule::{ExitReason, PairSignal, Signal, SpreadModel, TradingWindow, signals, signals_of};
pub use script::{PairLegs, PairScript, RefitMark, WindowFit};
pub(super) use sizing::check_gross_leverage;
pub use sizing::{HedgeSizing, LegNotional, Lots, PairSizing};
pub use spread_decider::{Entry, Spread, SpreadDecider};
pub use spread_path::SpreadPath;
pub use strategy::Pairs;
pub use z_rule::ZRule;
pub use z_score::Cointegration;

//! Exits that every strategy shares: one rule a file, and the order in which they are judged.
//!
//! | rule | file | judged |
//! |---|---|---|
//! | `stop_loss` | `stop_loss` | within the bar, or at its close |
//! | `take_profit` | `take_profit` | within the bar, or at its close |
//! | `time_stop_bars` | `time_stop` | at the close |
//! | `max_drawdown` | `drawdown` | at the close, for everything at once |
//! | `reentry` | `reentry` | when the strategy decides again |
//!
//! What a rule closes is a [`Unit`]: the position of an instrument, or, where tickets are written
//! together, the trade group. What four prices of a bar tell about a stop and a target is in
//! `intrabar`; the state of a job's rules in `watch`; what they make of its ledger in `judging`.
//! Without rules none of this is there, and no operation of it is carried out. The text is
//! `docs/simulation.md`, section "Rules".

mod drawdown;
mod group_book;
mod intrabar;
mod judging;
mod reentry;
mod screening;
mod stop_loss;
mod take_profit;
mod terms;
mod time_stop;
mod watch;

pub use reentry::Reentry;
pub use terms::Rules;
pub(super) use watch::Watch;

/// What a rule closes as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// The position of a leg.
    Leg(u16),
    /// A trade group: the legs of tickets that were written together.
    Group(u32),
}

/// Reason of a stop.
const STOP_LOSS: &str = "stop_loss";
/// Reason of a target.
const TAKE_PROFIT: &str = "take_profit";
/// Reason of a time stop.
const TIME_STOP: &str = "time_stop";
/// Reason of the drawdown rule.
const MAX_DRAWDOWN: &str = "max_drawdown";

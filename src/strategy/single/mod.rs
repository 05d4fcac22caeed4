//! Strategies on one instrument: an indicator, and what is held because of it.
//!
//! A `Rule` watches the bars of one instrument and says which `Stance` it takes; a `Recipe` is
//! its parameters, the fields it reads and the bars it must have watched before the scored window.
//! [`Single`] makes a strategy of a recipe, and one decider serves all of them:
//!
//! 1. Watching begins exactly `lookback_bars` of the instrument's own bars before the scored window.
//!    Bars that lack a field the rule reads do not exist for it.
//! 2. At the close of every scored bar, from the first one on, the rule watches the bar and names
//!    its stance. It begins flat, whatever happened before the scored window.
//! 3. Only a change of stance is a ticket: `allocation` times equity, filled in the next bar. The
//!    quantity stays until the next change; weights drift.
//!
//! `side = "long"` (the default) is flat where the rule would be short; `side = "both"` is short.
//! Recursive averages declare four times their longest span as lookback: what came before still has
//! a weight of 3.3e-4, and is not asked for.
//!
//! To add one: a file here with parameters, card, recipe and rule.

mod bollinger_breakout;
mod bounds;
mod decider;
mod exposure;
mod ichimoku;
mod macd;
mod recipe;
mod rsi_reversion;
mod sma_crossover;
mod supertrend;
mod triple_ema;
mod vwap_reversion;

pub use bollinger_breakout::BollingerBreakout;
pub use exposure::Side;
pub use ichimoku::IchimokuCloud;
pub use macd::MacdCrossover;
pub use recipe::Single;
pub use rsi_reversion::RsiReversion;
pub use sma_crossover::SmaCrossover;
pub use supertrend::SupertrendFollower;
pub use triple_ema::TripleEma;
pub use vwap_reversion::VwapReversion;

use exposure::{ALLOCATION, Exposure, SIDE, Stance};
use recipe::{Recipe, Rule, WatchedBar};

use super::{
    StrategyCard,
    catalogue::{Parameter, parameter},
};

/// The cards of these strategies, in the order of the documentation.
pub(super) const CARDS: [StrategyCard; 8] = [
    sma_crossover::CARD,
    triple_ema::CARD,
    macd::CARD,
    rsi_reversion::CARD,
    bollinger_breakout::CARD,
    supertrend::CARD,
    ichimoku::CARD,
    vwap_reversion::CARD,
];

/// Spans of an exponential average that are watched before the first decision.
const WATCHED_SPANS: usize = 4;

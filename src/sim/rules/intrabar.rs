//! What four prices of a bar tell about a stop and a target.
//!
//! A bar says how far the price went, not in which order, so whatever cannot be told is decided
//! against the trader:
//!
//! 1. open at or beyond the stop: closed at the open;
//! 2. else the worst price at or beyond the stop: closed at the stop, also if the target was reached
//!    in the same bar;
//! 3. else the best price *beyond* the target: closed at the target, and if the open was beyond it
//!    already, at the target too. Touching it is not enough.

use super::{STOP_LOSS, TAKE_PROFIT, stop_loss::StopLoss, take_profit::TakeProfit};

/// Three prices of a bar; its close is not needed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BarRange {
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
}

impl BarRange {
    /// True if all of them are known: what a bar cannot tell is left to its close.
    pub(super) fn is_known(&self) -> bool {
        !(self.open.is_nan() || self.high.is_nan() || self.low.is_nan())
    }
}

/// How a position is closed within a bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    /// Price before costs.
    pub(super) raw: f64,
    /// Which rule.
    pub(super) reason: &'static str,
}

/// What a bar does to a position entered at `entry` that is held at its open; `None` if neither the
/// stop nor the target is hit.
pub(super) fn hit(
    bar: &BarRange,
    entry: f64,
    is_long: bool,
    stop: Option<StopLoss>,
    target: Option<TakeProfit>,
) -> Option<Hit> {
    let (worst, best) = if is_long { (bar.low, bar.high) } else { (bar.high, bar.low) };
    if let Some(stop) = stop {
        let raw = stop.price(entry, is_long);
        if stop.is_reached(bar.open, entry, is_long) {
            return Some(Hit { raw: bar.open, reason: STOP_LOSS });
        }
        if stop.is_reached(worst, entry, is_long) {
            return Some(Hit { raw, reason: STOP_LOSS });
        }
    }
    let target = target.filter(|target| target.is_passed(best, entry, is_long))?;
    Some(Hit { raw: target.price(entry, is_long), reason: TAKE_PROFIT })
}

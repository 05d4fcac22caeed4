//! The z-score rule of a pair (PZ-1): when to enter, when to leave, and why.

use std::ops::Range;

/// Thresholds of the rule, in standard deviations of the spread; `0 <= exit < entry < stop`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZRule {
    /// Enter at this distance from the mean or beyond it.
    pub entry: f64,
    /// Leave, and arm again after a stop, at this distance or nearer.
    pub exit: f64,
    /// Give up at this distance or beyond it; no entries there.
    pub stop: f64,
}

impl Default for ZRule {
    /// 2.0, 0.5, 4.0.
    fn default() -> Self {
        Self { entry: 2.0, exit: 0.5, stop: 4.0 }
    }
}

/// The spread of a pair as fitted on its formation window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadModel {
    /// Intercept of `ln y` on `ln x`.
    pub alpha: f64,
    /// Hedge ratio: slope of `ln y` on `ln x`.
    pub beta: f64,
    /// Mean of the residuals of the formation window.
    pub mean: f64,
    /// Their standard deviation (ddof 1).
    pub sd: f64,
}

/// A run of rows that trade on one fit.
#[derive(Debug, Clone, PartialEq)]
pub struct TradingWindow {
    /// Pair rows.
    pub rows: Range<usize>,
    /// The fit; `None` where the pair was not accepted: no entries.
    pub model: Option<SpreadModel>,
}

/// Why a position is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitReason {
    /// The spread moved to the stop against the position.
    Stop,
    /// The spread came back.
    Exit,
    /// The trading window ended.
    WindowEnd,
}

impl ExitReason {
    /// The name stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Exit => "exit",
            Self::WindowEnd => "window_end",
        }
    }
}

/// What the rule says at the close of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Enter: side +1 is long `y` and short `x`, -1 the reverse.
    Enter {
        /// +1 long the spread, -1 short.
        side: i8,
    },
    /// Leave the whole position.
    Exit {
        /// Why.
        reason: ExitReason,
    },
}

/// A signal and where it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairSignal {
    /// Row of the axis the rule was scanned on.
    pub row: usize,
    /// Index of its trading window.
    pub window: usize,
    /// z-score at that row.
    pub z: f64,
    /// What to do.
    pub signal: Signal,
}

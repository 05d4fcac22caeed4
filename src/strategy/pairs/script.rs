//! What the rule says about a pair, on the rows of the panel.

use super::rule::{PairSignal, SpreadModel};

/// The close at which a pair's share of equity is fixed for one of its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefitMark {
    /// Panel row of the last bar before the window's first row.
    pub row: usize,
    /// The window.
    pub window: usize,
}

/// What the rule says about one pair, on panel rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PairScript {
    /// Signals in order; their rows are panel rows.
    pub signals: Vec<PairSignal>,
    /// Where shares are fixed, in order of windows. Window 0 needs none: it trades on capital.
    pub refits: Vec<RefitMark>,
    /// The fit of every window; `None` where the pair was not accepted.
    pub models: Vec<Option<SpreadModel>>,
}

/// A pair of a combination.
#[derive(Debug, Clone, Copy)]
pub struct PairLegs<'a> {
    /// Dependent leg.
    pub leg_y: usize,
    /// The other leg.
    pub leg_x: usize,
    /// Its script.
    pub script: &'a PairScript,
}

//! What the rule says about a pair, on the rows of the panel.

use std::sync::Arc;

use super::rule::{PairSignal, SpreadModel};

/// The close at which a pair's share of equity is fixed for one of its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefitMark {
    /// Panel row of the last bar before the window's first row.
    pub row: usize,
    /// The window.
    pub window: usize,
}

/// The fit a pair trades on in one of its windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowFit {
    /// The spread.
    pub model: SpreadModel,
    /// True if the second leg is the dependent one.
    pub flipped: bool,
}

/// What the rule says about one pair, on panel rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PairScript {
    /// Signals in order; their rows are panel rows.
    pub signals: Vec<PairSignal>,
    /// Where shares are fixed, in order of windows. Window 0 needs none: it trades on capital.
    pub refits: Vec<RefitMark>,
    /// The fit of every window; `None` where the pair was not accepted.
    pub fits: Vec<Option<WindowFit>>,
    /// Largest Kendall's tau of the legs over all fits, where it was measured.
    pub tau: Option<f64>,
}

/// A pair of a combination.
#[derive(Debug, Clone)]
pub struct PairLegs {
    /// First leg: the dependent one, unless a window's fit is flipped.
    pub first: usize,
    /// Second leg.
    pub second: usize,
    /// Its script.
    pub script: Arc<PairScript>,
}

impl PairLegs {
    /// Every pair of a combination in canonical order, with its script.
    pub(in crate::strategy) fn all_of(
        assets: &[u16],
        script: impl Fn(u16, u16) -> Arc<PairScript>,
    ) -> Vec<Self> {
        let mut pairs = Vec::with_capacity(assets.len() * assets.len().saturating_sub(1) / 2);
        for first in 0..assets.len() {
            for second in first + 1..assets.len() {
                let script = script(assets[first], assets[second]);
                pairs.push(Self { first, second, script });
            }
        }
        pairs
    }
}

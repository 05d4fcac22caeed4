//! MACD crossover: long while the line is above its signal.

use serde::{Deserialize, Serialize};

use super::{
    ALLOCATION, Exposure, Recipe, Rule, SIDE, Side, Stance, StrategyCard, WATCHED_SPANS,
    WatchedBar, bounds, parameter,
};
use crate::{
    error::Result,
    stats::{
        self,
        indicator::{Macd, MacdValue},
    },
};

/// Long while the MACD line is above its signal line, short (`side = "both"`) while it is below;
/// equal lines change nothing. Lookback: four times the slow and the signal span together, since
/// one averages what the other made.
///
/// # References
/// Appel (2005), "Technical Analysis: Power Tools for Active Investors", chapter 8.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MacdCrossover {
    /// Span of the fast average.
    pub fast_bars: u32,
    /// Span of the slow average.
    pub slow_bars: u32,
    /// Span of the average of their distance.
    pub signal_bars: u32,
    /// Sides it may stand on.
    pub side: Side,
    /// Share of equity of a new position.
    pub allocation: f64,
}

pub(super) const CARD: StrategyCard = StrategyCard {
    name: MacdCrossover::NAME,
    answers: "long while the MACD line is above its signal line",
    kind: "single",
    parameters: &[
        parameter("fast_bars", "12", "bars", "span of the fast average"),
        parameter("slow_bars", "26", "bars", "span of the slow average"),
        parameter("signal_bars", "9", "bars", "span of the signal line"),
        SIDE,
        ALLOCATION,
    ],
};

impl Default for MacdCrossover {
    fn default() -> Self {
        let (fast_bars, slow_bars, signal_bars) = (12, 26, 9);
        Self { fast_bars, slow_bars, signal_bars, side: Side::default(), allocation: 1.0 }
    }
}

impl Recipe for MacdCrossover {
    const NAME: &'static str = "macd";
    type Rule = LineOverSignal;

    fn check(&self) -> Result<()> {
        bounds::bars(Self::NAME, "fast_bars", self.fast_bars, 1)?;
        bounds::bars(Self::NAME, "slow_bars", self.slow_bars, 2)?;
        bounds::bars(Self::NAME, "signal_bars", self.signal_bars, 1)?;
        bounds::below(Self::NAME, ("fast_bars", self.fast_bars), ("slow_bars", self.slow_bars))
    }

    fn lookback_bars(&self) -> usize {
        WATCHED_SPANS * (self.slow_bars as usize + self.signal_bars as usize)
    }

    fn exposure(&self) -> Exposure {
        Exposure { side: self.side, allocation: self.allocation }
    }

    fn rule(&self) -> stats::Result<LineOverSignal> {
        let [fast, slow, signal] =
            [self.fast_bars, self.slow_bars, self.signal_bars].map(|bars| bars as usize);
        Ok(LineOverSignal { macd: Macd::new(fast, slow, signal)?, now: None })
    }
}

#[derive(Debug)]
pub(super) struct LineOverSignal {
    macd: Macd,
    now: Option<MacdValue>,
}

impl Rule for LineOverSignal {
    fn watch(&mut self, bar: &WatchedBar) {
        self.now = self.macd.update(bar.close);
    }

    fn stance(&self, held: Stance) -> Stance {
        match self.now {
            Some(now) if now.line > now.signal => Stance::Long,
            Some(now) if now.line < now.signal => Stance::Short,
            _ => held,
        }
    }
}

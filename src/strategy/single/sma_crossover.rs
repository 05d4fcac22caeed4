//! Simple moving average crossover: long while the fast average is above the slow one.

use serde::{Deserialize, Serialize};

use super::{
    ALLOCATION, Exposure, Recipe, Rule, SIDE, Side, Stance, StrategyCard, WatchedBar, bounds,
    parameter,
};
use crate::{
    error::Result,
    stats::{self, indicator::SimpleMovingAverage},
};

/// Long while `SMA_fast > SMA_slow` of the closes, short (`side = "both"`) while it is below; equal
/// averages change nothing. Equal are the computed averages, to the last bit: two that are equal as
/// fractions may come out one rounding apart (their sums are divided by different numbers), and then
/// the larger one decides. Averages of a constant close are always equal. Lookback: the slow window.
///
/// # References
/// Murphy (1999), "Technical Analysis of the Financial Markets", chapter 9: the double crossover.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmaCrossover {
    /// Window of the fast average.
    pub fast_bars: u32,
    /// Window of the slow average.
    pub slow_bars: u32,
    /// Sides it may stand on.
    pub side: Side,
    /// Share of equity of a new position.
    pub allocation: f64,
}

pub(super) const CARD: StrategyCard = StrategyCard {
    name: SmaCrossover::NAME,
    answers: "long while the fast moving average is above the slow one; equal ones change nothing",
    kind: "single",
    parameters: &[
        parameter("fast_bars", "20", "bars", "window of the fast average"),
        parameter("slow_bars", "50", "bars", "window of the slow average"),
        SIDE,
        ALLOCATION,
    ],
};

impl Default for SmaCrossover {
    fn default() -> Self {
        Self { fast_bars: 20, slow_bars: 50, side: Side::default(), allocation: 1.0 }
    }
}

impl Recipe for SmaCrossover {
    const NAME: &'static str = "sma-crossover";
    type Rule = Crossing;

    fn check(&self) -> Result<()> {
        bounds::bars(Self::NAME, "fast_bars", self.fast_bars, 1)?;
        bounds::bars(Self::NAME, "slow_bars", self.slow_bars, 2)?;
        bounds::below(Self::NAME, ("fast_bars", self.fast_bars), ("slow_bars", self.slow_bars))
    }

    fn lookback_bars(&self) -> usize {
        self.slow_bars as usize
    }

    fn exposure(&self) -> Exposure {
        Exposure { side: self.side, allocation: self.allocation }
    }

    fn rule(&self) -> stats::Result<Crossing> {
        let average = |bars: u32| SimpleMovingAverage::new(bars as usize);
        Ok(Crossing { fast: average(self.fast_bars)?, slow: average(self.slow_bars)?, now: None })
    }
}

#[derive(Debug)]
pub(super) struct Crossing {
    fast: SimpleMovingAverage,
    slow: SimpleMovingAverage,
    /// Fast and slow average at the last bar.
    now: Option<(f64, f64)>,
}

impl Rule for Crossing {
    fn watch(&mut self, bar: &WatchedBar) {
        let (fast, slow) = (self.fast.update(bar.close), self.slow.update(bar.close));
        self.now = fast.zip(slow);
    }

    fn stance(&self, held: Stance) -> Stance {
        match self.now {
            Some((fast, slow)) if fast > slow => Stance::Long,
            Some((fast, slow)) if fast < slow => Stance::Short,
            _ => held,
        }
    }
}

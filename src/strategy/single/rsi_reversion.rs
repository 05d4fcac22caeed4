//! RSI mean reversion: buy what was sold too hard, leave when it has come back.

use serde::{Deserialize, Serialize};

use super::{
    ALLOCATION, Exposure, Recipe, Rule, SIDE, Side, Stance, StrategyCard, WATCHED_SPANS,
    WatchedBar, bounds, parameter,
};
use crate::{
    error::Result,
    stats::{
        self,
        indicator::{RelativeStrength, WilderAverage},
    },
};

/// Flat: long at `RSI < oversold`, short (`side = "both"`) at `RSI > overbought`. A long position
/// ends at `RSI >= exit`, a short one at `RSI <= exit`; where the bar that ends one begins the
/// other, it is turned round. An RSI that does not exist changes nothing. Lookback: four times the
/// span of Wilder's average, and one bar for the first change.
///
/// # References
/// Wilder (1978), "New Concepts in Technical Trading Systems", section 6, for the levels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RsiReversion {
    /// Changes in Wilder's averages.
    pub window_bars: u32,
    /// Buy below.
    pub oversold: f64,
    /// Sell above.
    pub overbought: f64,
    /// Leave at this level.
    pub exit: f64,
    /// Sides it may stand on.
    pub side: Side,
    /// Share of equity of a new position.
    pub allocation: f64,
}

pub(super) const CARD: StrategyCard = StrategyCard {
    name: RsiReversion::NAME,
    answers: "buys below an RSI of 30 and leaves at 50",
    kind: "single",
    parameters: &[
        parameter("window_bars", "14", "bars", "changes in Wilder's averages"),
        parameter("oversold", "30", "RSI", "long below"),
        parameter("overbought", "70", "RSI", "short above (side = both)"),
        parameter("exit", "50", "RSI", "leave at this level"),
        SIDE,
        ALLOCATION,
    ],
};

impl Default for RsiReversion {
    fn default() -> Self {
        let (oversold, overbought, exit) = (30.0, 70.0, 50.0);
        let (side, allocation) = (Side::default(), 1.0);
        Self { window_bars: 14, oversold, overbought, exit, side, allocation }
    }
}

impl Recipe for RsiReversion {
    const NAME: &'static str = "rsi-reversion";
    type Rule = Reversion;

    fn check(&self) -> Result<()> {
        bounds::bars(Self::NAME, "window_bars", self.window_bars, 1)?;
        let levels =
            [("oversold", self.oversold), ("exit", self.exit), ("overbought", self.overbought)];
        levels.iter().try_for_each(|(key, x)| bounds::within(Self::NAME, key, *x, 0.0, 100.0))?;
        bounds::below(Self::NAME, levels[0], levels[1])?;
        bounds::below(Self::NAME, levels[1], levels[2])
    }

    fn lookback_bars(&self) -> usize {
        WATCHED_SPANS * WilderAverage::span_bars(self.window_bars as usize) + 1
    }

    fn exposure(&self) -> Exposure {
        Exposure { side: self.side, allocation: self.allocation }
    }

    fn rule(&self) -> stats::Result<Reversion> {
        let strength = RelativeStrength::new(self.window_bars as usize)?;
        Ok(Reversion { levels: *self, strength, now: None })
    }
}

#[derive(Debug)]
pub(super) struct Reversion {
    levels: RsiReversion,
    strength: RelativeStrength,
    now: Option<f64>,
}

impl Rule for Reversion {
    fn watch(&mut self, bar: &WatchedBar) {
        self.now = self.strength.update(bar.close);
    }

    fn stance(&self, held: Stance) -> Stance {
        let Some(now) = self.now else { return held };
        let kept = match held {
            Stance::Long => now < self.levels.exit,
            Stance::Short => now > self.levels.exit,
            Stance::Flat => false,
        };
        if kept {
            held
        } else if now < self.levels.oversold {
            Stance::Long
        } else if now > self.levels.overbought {
            Stance::Short
        } else {
            Stance::Flat
        }
    }
}

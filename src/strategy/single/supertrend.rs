//! Supertrend: on the side of the last broken band.

use serde::{Deserialize, Serialize};

use super::{
    ALLOCATION, Exposure, Recipe, Rule, SIDE, Side, Stance, StrategyCard, WATCHED_SPANS,
    WatchedBar, bounds, parameter,
};
use crate::{
    domain::Field,
    error::Result,
    stats::{
        self,
        indicator::{Direction, Supertrend, WilderAverage},
    },
};

/// Long while the direction of [`Supertrend`] is up, short (`side = "both"`) while it is down, flat
/// before the first break. Reads highs and lows. Lookback: four times the span of the average true
/// range.
///
/// # References
/// As [`Supertrend`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SupertrendFollower {
    /// Bars in Wilder's average of the true range.
    pub window_bars: u32,
    /// Average true ranges from the middle of a bar to a band.
    pub multiplier: f64,
    /// Sides it may stand on.
    pub side: Side,
    /// Share of equity of a new position.
    pub allocation: f64,
}

pub(super) const CARD: StrategyCard = StrategyCard {
    name: SupertrendFollower::NAME,
    answers: "long from a close above the trailing upper band to one below the lower",
    kind: "single",
    parameters: &[
        parameter("window_bars", "10", "bars", "bars in the average true range"),
        parameter("multiplier", "3.0", "true ranges", "distance of a band from a bar's middle"),
        SIDE,
        ALLOCATION,
    ],
};

impl Default for SupertrendFollower {
    fn default() -> Self {
        Self { window_bars: 10, multiplier: 3.0, side: Side::default(), allocation: 1.0 }
    }
}

impl Recipe for SupertrendFollower {
    const NAME: &'static str = "supertrend";
    const FIELDS: &'static [Field] = &[Field::High, Field::Low];
    type Rule = Follower;

    fn check(&self) -> Result<()> {
        bounds::bars(Self::NAME, "window_bars", self.window_bars, 1)?;
        bounds::within(Self::NAME, "multiplier", self.multiplier, 0.01, 100.0)
    }

    fn lookback_bars(&self) -> usize {
        WATCHED_SPANS * WilderAverage::span_bars(self.window_bars as usize)
    }

    fn exposure(&self) -> Exposure {
        Exposure { side: self.side, allocation: self.allocation }
    }

    fn rule(&self) -> stats::Result<Follower> {
        let trend = Supertrend::new(self.window_bars as usize, self.multiplier)?;
        Ok(Follower { trend, now: None })
    }
}

#[derive(Debug)]
pub(super) struct Follower {
    trend: Supertrend,
    now: Option<Direction>,
}

impl Rule for Follower {
    fn watch(&mut self, bar: &WatchedBar) {
        let value = self.trend.update(bar.high, bar.low, bar.close);
        self.now = value.and_then(|value| value.direction);
    }

    fn stance(&self, held: Stance) -> Stance {
        match self.now {
            Some(Direction::Up) => Stance::Long,
            Some(Direction::Down) => Stance::Short,
            None => held,
        }
    }
}

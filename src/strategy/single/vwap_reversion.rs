//! VWAP mean reversion: buy far below the average price of the last bars, leave when back at it.

use serde::{Deserialize, Serialize};

use super::{
    ALLOCATION, Exposure, Recipe, Rule, SIDE, Side, Stance, StrategyCard, WatchedBar, bounds,
    parameter,
};
use crate::{
    domain::Field,
    error::Result,
    stats::{self, indicator::RollingVwap},
};

/// With `z` the close's distance from the rolling VWAP in volume-weighted standard deviations of the
/// typical price. Flat: long at `z <= -entry_z`, short (`side = "both"`) at `z >= entry_z`. A long
/// position ends at `z >= -exit_z`, a short one at `z <= exit_z`; where the bar that ends one begins
/// the other, it is turned round. Reads highs, lows and volumes. Window: 24 bars by default, a day of
/// hourly ones. Lookback: the window.
///
/// # Undefined
/// Where nothing was traded in the window there is no VWAP, and where the typical price of what was
/// traded did not move there is no deviation: then there is no `z`, and what is held is kept. A symbol
/// of which no bar of the scored window has a volume above 0 ends as `no_bars`.
///
/// # References
/// As [`RollingVwap`]; the rule is that of [`RsiReversion`](super::RsiReversion).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VwapReversion {
    /// Bars in the average.
    pub window_bars: u32,
    /// Enter at this many standard deviations or beyond.
    pub entry_z: f64,
    /// Leave at this many or nearer.
    pub exit_z: f64,
    /// Sides it may stand on.
    pub side: Side,
    /// Share of equity of a new position.
    pub allocation: f64,
}

pub(super) const CARD: StrategyCard = StrategyCard {
    name: VwapReversion::NAME,
    answers: "buys two deviations below the rolling VWAP and leaves at the VWAP",
    kind: "single",
    parameters: &[
        parameter("window_bars", "24", "bars", "bars in the average"),
        parameter("entry_z", "2.0", "sd", "enter at this distance or beyond"),
        parameter("exit_z", "0.0", "sd", "leave at this distance or nearer"),
        SIDE,
        ALLOCATION,
    ],
};

impl Default for VwapReversion {
    fn default() -> Self {
        let (side, allocation) = (Side::default(), 1.0);
        Self { window_bars: 24, entry_z: 2.0, exit_z: 0.0, side, allocation }
    }
}

impl Recipe for VwapReversion {
    const NAME: &'static str = "vwap-reversion";
    const FIELDS: &'static [Field] = &[Field::High, Field::Low, Field::Volume];
    type Rule = AwayFromVwap;

    fn check(&self) -> Result<()> {
        bounds::bars(Self::NAME, "window_bars", self.window_bars, 2)?;
        bounds::within(Self::NAME, "entry_z", self.entry_z, 0.01, 100.0)?;
        bounds::within(Self::NAME, "exit_z", self.exit_z, 0.0, 100.0)?;
        bounds::below(Self::NAME, ("exit_z", self.exit_z), ("entry_z", self.entry_z))
    }

    fn lookback_bars(&self) -> usize {
        self.window_bars as usize
    }

    fn exposure(&self) -> Exposure {
        Exposure { side: self.side, allocation: self.allocation }
    }

    fn rule(&self) -> stats::Result<AwayFromVwap> {
        let rolling = RollingVwap::new(self.window_bars as usize)?;
        Ok(AwayFromVwap { levels: *self, rolling, now: None })
    }
}

#[derive(Debug)]
pub(super) struct AwayFromVwap {
    levels: VwapReversion,
    rolling: RollingVwap,
    now: Option<f64>,
}

impl Rule for AwayFromVwap {
    fn watch(&mut self, bar: &WatchedBar) {
        let value = self.rolling.update(bar.high, bar.low, bar.close, bar.volume);
        self.now = value.and_then(|value| value.z_score(bar.close));
    }

    fn stance(&self, held: Stance) -> Stance {
        let Some(now) = self.now else { return held };
        let kept = match held {
            Stance::Long => now < -self.levels.exit_z,
            Stance::Short => now > self.levels.exit_z,
            Stance::Flat => false,
        };
        if kept {
            held
        } else if now <= -self.levels.entry_z {
            Stance::Long
        } else if now >= self.levels.entry_z {
            Stance::Short
        } else {
            Stance::Flat
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AwayFromVwap, Recipe, Rule, Stance, VwapReversion, WatchedBar};

    fn watch(rule: &mut AwayFromVwap, close: f64, volume: f64) {
        rule.watch(&WatchedBar { high: close, low: close, close, volume });
    }

    #[test]
    fn a_window_in_which_nothing_was_traded_changes_nothing() {
        let recipe = VwapReversion { window_bars: 3, entry_z: 1.0, ..VwapReversion::default() };
        let mut rule = recipe.rule().expect("a rule");
        for close in [100.0, 100.0, 70.0] {
            watch(&mut rule, close, 1.0);
        }
        assert_eq!(rule.stance(Stance::Flat), Stance::Long, "sqrt(2) deviations below 90");
        // One traded bar is left in the window, then none.
        for _ in 0..3 {
            watch(&mut rule, 200.0, 0.0);
        }
        for held in [Stance::Flat, Stance::Long, Stance::Short] {
            assert_eq!(rule.stance(held), held);
        }
        for close in [190.0, 210.0, 205.0] {
            watch(&mut rule, close, 1.0);
        }
        assert_eq!(rule.stance(Stance::Long), Stance::Flat, "back at 201.67");
    }
}

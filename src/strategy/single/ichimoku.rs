//! Ichimoku: above the cloud, with the lines in order.

use serde::{Deserialize, Serialize};

use super::{
    ALLOCATION, Exposure, Recipe, Rule, SIDE, Side, Stance, StrategyCard, WatchedBar, bounds,
    parameter,
};
use crate::{
    domain::Field,
    error::Result,
    stats::{
        self,
        indicator::{Cloud, Ichimoku},
    },
};

/// Long while the close is above the cloud and the conversion line above the base line; short
/// (`side = "both"`) while the close is below the cloud and the conversion line below the base line;
/// flat otherwise. The cloud at a bar is the one that was drawn ahead to it, from bars at least
/// `displacement_bars` old. Reads highs and lows. Lookback: the longest window and the displacement.
///
/// # References
/// As [`Ichimoku`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IchimokuCloud {
    /// Window of the conversion line.
    pub conversion_bars: u32,
    /// Window of the base line.
    pub base_bars: u32,
    /// Window of leading span B.
    pub span_b_bars: u32,
    /// Bars the cloud is drawn ahead.
    pub displacement_bars: u32,
    /// Sides it may stand on.
    pub side: Side,
    /// Share of equity of a new position.
    pub allocation: f64,
}

pub(super) const CARD: StrategyCard = StrategyCard {
    name: IchimokuCloud::NAME,
    answers: "long while the close is above the cloud and conversion above base line",
    kind: "single",
    parameters: &[
        parameter("conversion_bars", "9", "bars", "window of the conversion line"),
        parameter("base_bars", "26", "bars", "window of the base line"),
        parameter("span_b_bars", "52", "bars", "window of leading span B"),
        parameter("displacement_bars", "26", "bars", "bars the cloud is drawn ahead"),
        SIDE,
        ALLOCATION,
    ],
};

impl Default for IchimokuCloud {
    fn default() -> Self {
        Self {
            conversion_bars: 9,
            base_bars: 26,
            span_b_bars: 52,
            displacement_bars: 26,
            side: Side::default(),
            allocation: 1.0,
        }
    }
}

impl Recipe for IchimokuCloud {
    const NAME: &'static str = "ichimoku";
    const FIELDS: &'static [Field] = &[Field::High, Field::Low];
    type Rule = AboveTheCloud;

    fn check(&self) -> Result<()> {
        let windows = [
            ("conversion_bars", self.conversion_bars),
            ("base_bars", self.base_bars),
            ("span_b_bars", self.span_b_bars),
        ];
        windows.iter().try_for_each(|(key, bars)| bounds::bars(Self::NAME, key, *bars, 1))?;
        bounds::bars(Self::NAME, "displacement_bars", self.displacement_bars, 0)?;
        bounds::below(Self::NAME, windows[0], windows[1])?;
        bounds::below(Self::NAME, windows[1], windows[2])
    }

    fn lookback_bars(&self) -> usize {
        self.span_b_bars as usize + self.displacement_bars as usize
    }

    fn exposure(&self) -> Exposure {
        Exposure { side: self.side, allocation: self.allocation }
    }

    fn rule(&self) -> stats::Result<AboveTheCloud> {
        let [conversion, base, span_b, displacement] =
            [self.conversion_bars, self.base_bars, self.span_b_bars, self.displacement_bars]
                .map(|bars| bars as usize);
        let ichimoku = Ichimoku::new(conversion, base, span_b, displacement)?;
        Ok(AboveTheCloud { ichimoku, now: None })
    }
}

#[derive(Debug)]
pub(super) struct AboveTheCloud {
    ichimoku: Ichimoku,
    /// Lines, cloud and close of the last bar.
    now: Option<(Cloud, f64)>,
}

impl Rule for AboveTheCloud {
    fn watch(&mut self, bar: &WatchedBar) {
        let cloud = self.ichimoku.update(bar.high, bar.low);
        self.now = cloud.map(|cloud| (cloud, bar.close));
    }

    fn stance(&self, held: Stance) -> Stance {
        let Some((cloud, close)) = self.now else { return held };
        if close > cloud.top() && cloud.conversion > cloud.base {
            Stance::Long
        } else if close < cloud.bottom() && cloud.conversion < cloud.base {
            Stance::Short
        } else {
            Stance::Flat
        }
    }
}

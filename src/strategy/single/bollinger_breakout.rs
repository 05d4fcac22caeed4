//! Bollinger breakout: follow a close beyond its band until it is back at the average.

use serde::{Deserialize, Serialize};

use super::{
    ALLOCATION, Exposure, Recipe, Rule, SIDE, Side, Stance, StrategyCard, WatchedBar, bounds,
    parameter,
};
use crate::{
    error::Result,
    stats::{
        self,
        indicator::{Bands, BollingerBands},
    },
};

/// Long at a close above the upper band, short (`side = "both"`) at one below the lower band. A long
/// position ends at a close below the middle, a short one above it. The bands hold the very close
/// they are compared with. Lookback: the window.
///
/// # References
/// Bollinger (2002), "Bollinger on Bollinger Bands", chapter 16: the volatility breakout.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BollingerBreakout {
    /// Closes in the bands.
    pub window_bars: u32,
    /// Standard deviations (ddof 0) from the middle to a band.
    pub width_sd: f64,
    /// Sides it may stand on.
    pub side: Side,
    /// Share of equity of a new position.
    pub allocation: f64,
}

pub(super) const CARD: StrategyCard = StrategyCard {
    name: BollingerBreakout::NAME,
    answers: "buys a close above the upper Bollinger band and leaves below the middle",
    kind: "single",
    parameters: &[
        parameter("window_bars", "20", "bars", "closes in the bands"),
        parameter("width_sd", "2.0", "sd", "distance of a band from the middle (ddof 0)"),
        SIDE,
        ALLOCATION,
    ],
};

impl Default for BollingerBreakout {
    fn default() -> Self {
        Self { window_bars: 20, width_sd: 2.0, side: Side::default(), allocation: 1.0 }
    }
}

impl Recipe for BollingerBreakout {
    const NAME: &'static str = "bollinger-breakout";
    type Rule = Breakout;

    fn check(&self) -> Result<()> {
        bounds::bars(Self::NAME, "window_bars", self.window_bars, 2)?;
        bounds::within(Self::NAME, "width_sd", self.width_sd, 0.01, 100.0)
    }

    fn lookback_bars(&self) -> usize {
        self.window_bars as usize
    }

    fn exposure(&self) -> Exposure {
        Exposure { side: self.side, allocation: self.allocation }
    }

    fn rule(&self) -> stats::Result<Breakout> {
        let bands = BollingerBands::new(self.window_bars as usize, self.width_sd)?;
        Ok(Breakout { bands, now: None })
    }
}

#[derive(Debug)]
pub(super) struct Breakout {
    bands: BollingerBands,
    /// Bands and close of the last bar.
    now: Option<(Bands, f64)>,
}

impl Rule for Breakout {
    fn watch(&mut self, bar: &WatchedBar) {
        self.now = self.bands.update(bar.close).map(|bands| (bands, bar.close));
    }

    fn stance(&self, held: Stance) -> Stance {
        let Some((bands, close)) = self.now else { return held };
        if close > bands.upper {
            return Stance::Long;
        }
        if close < bands.lower {
            return Stance::Short;
        }
        match held {
            Stance::Long if close < bands.middle => Stance::Flat,
            Stance::Short if close > bands.middle => Stance::Flat,
            _ => held,
        }
    }
}

//! Triple exponential moving average crossover: a trend all three averages agree on.

use serde::{Deserialize, Serialize};

use super::{
    ALLOCATION, Exposure, Recipe, Rule, SIDE, Side, Stance, StrategyCard, WATCHED_SPANS,
    WatchedBar, bounds, parameter,
};
use crate::{
    error::Result,
    stats::{self, indicator::ExponentialMovingAverage},
};

/// Long while `EMA_fast > EMA_middle > EMA_slow` of the closes, short (`side = "both"`) while the
/// order is the reverse, flat otherwise; where two averages are equal nothing changes. Lookback:
/// four times the slow span. Spans of 5, 20 and 50 bars by default.
///
/// # References
/// Murphy (1999), "Technical Analysis of the Financial Markets", chapter 9: the triple crossover
/// method of R. C. Allen, with exponential averages.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TripleEma {
    /// Span of the fast average.
    pub fast_bars: u32,
    /// Span of the average between.
    pub middle_bars: u32,
    /// Span of the slow average.
    pub slow_bars: u32,
    /// Sides it may stand on.
    pub side: Side,
    /// Share of equity of a new position.
    pub allocation: f64,
}

pub(super) const CARD: StrategyCard = StrategyCard {
    name: TripleEma::NAME,
    answers: "long while three exponential averages are in rising order",
    kind: "single",
    parameters: &[
        parameter("fast_bars", "5", "bars", "span of the fast average"),
        parameter("middle_bars", "20", "bars", "span of the average between"),
        parameter("slow_bars", "50", "bars", "span of the slow average"),
        SIDE,
        ALLOCATION,
    ],
};

impl Default for TripleEma {
    fn default() -> Self {
        let (fast_bars, middle_bars, slow_bars) = (5, 20, 50);
        Self { fast_bars, middle_bars, slow_bars, side: Side::default(), allocation: 1.0 }
    }
}

impl Recipe for TripleEma {
    const NAME: &'static str = "triple-ema";
    type Rule = Order;

    fn check(&self) -> Result<()> {
        let spans = [
            ("fast_bars", self.fast_bars),
            ("middle_bars", self.middle_bars),
            ("slow_bars", self.slow_bars),
        ];
        spans.iter().try_for_each(|(key, bars)| bounds::bars(Self::NAME, key, *bars, 1))?;
        bounds::below(Self::NAME, spans[0], spans[1])?;
        bounds::below(Self::NAME, spans[1], spans[2])
    }

    fn lookback_bars(&self) -> usize {
        WATCHED_SPANS * self.slow_bars as usize
    }

    fn exposure(&self) -> Exposure {
        Exposure { side: self.side, allocation: self.allocation }
    }

    fn rule(&self) -> stats::Result<Order> {
        let average = |bars: u32| ExponentialMovingAverage::new(bars as usize);
        let averages =
            [average(self.fast_bars)?, average(self.middle_bars)?, average(self.slow_bars)?];
        Ok(Order { averages, now: [None; 3] })
    }
}

#[derive(Debug)]
pub(super) struct Order {
    averages: [ExponentialMovingAverage; 3],
    /// The averages at the last bar, fast to slow.
    now: [Option<f64>; 3],
}

impl Rule for Order {
    fn watch(&mut self, bar: &WatchedBar) {
        for (average, now) in self.averages.iter_mut().zip(&mut self.now) {
            *now = average.update(bar.close);
        }
    }

    #[allow(clippy::float_cmp, reason = "a market that stands still has one average")]
    fn stance(&self, held: Stance) -> Stance {
        let [Some(fast), Some(middle), Some(slow)] = self.now else { return held };
        if fast == middle || middle == slow {
            held
        } else if fast > middle && middle > slow {
            Stance::Long
        } else if fast < middle && middle < slow {
            Stance::Short
        } else {
            Stance::Flat
        }
    }
}

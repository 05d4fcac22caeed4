//! One leg of a job: its columns, its cost models, its events.

use super::{LegCosts, Market, Particulars, SimOptions, TradedBar};
use crate::domain::{EventHistory, Field};

/// What the ledger needs to know of a leg.
#[derive(Debug)]
pub(super) struct Leg<'a> {
    /// Closes by panel row.
    pub(super) closes: &'a [f64],
    /// Opens by panel row.
    pub(super) opens: &'a [f64],
    /// Highs by panel row; NaN throughout unless a rule needs them.
    pub(super) highs: &'a [f64],
    /// Lows by panel row; NaN throughout unless a rule needs them.
    pub(super) lows: &'a [f64],
    /// Volumes by panel row; NaN throughout unless a term needs them.
    pub(super) volumes: &'a [f64],
    /// Cost models.
    pub(super) costs: LegCosts,
    /// Stored events; `None` if there are none.
    pub(super) events: Option<&'a EventHistory>,
}

impl<'a> Leg<'a> {
    /// The legs of a job, in order.
    pub(super) fn all(market: &'a Market<'a>, options: &SimOptions) -> Vec<Self> {
        market.assets.iter().map(|&asset| Self::new(market, options, asset)).collect()
    }

    fn new(market: &'a Market<'a>, options: &SimOptions, asset: u16) -> Self {
        let own: Option<&Particulars> = market.particulars.get(usize::from(asset));
        let terms = own.map(|own| own.terms).unwrap_or_default();
        let column = |field| market.panel.column(usize::from(asset), field);
        Self {
            closes: column(Field::Close),
            opens: column(Field::Open),
            highs: column(Field::High),
            lows: column(Field::Low),
            volumes: column(Field::Volume),
            costs: LegCosts::new(&options.costs, &options.limits, &terms),
            events: own.map(|own| &own.events).filter(|events| !events.is_empty()),
        }
    }

    /// Units of the day at `micros` per unit of the ledger.
    pub(super) fn split_factor(&self, micros: i64) -> f64 {
        self.events.map_or(1.0, |events| events.split_factor(micros))
    }

    /// What a fill at `raw` in a panel row needs to know.
    pub(super) fn traded_bar(&self, raw: f64, row: usize, micros: i64) -> TradedBar {
        TradedBar { raw, volume: self.volumes[row], split_factor: self.split_factor(micros) }
    }
}

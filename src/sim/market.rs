//! The bars one job trades on.

use super::{Fill, InstrumentTerms, Trade};
use crate::domain::{EventHistory, Panel};

/// What is known of an instrument beside its bars.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Particulars {
    /// Terms of its own.
    pub terms: InstrumentTerms,
    /// Its stored splits, dividends, funding and borrow rates.
    pub events: EventHistory,
}

/// A combination on its scored window: indices into a shared panel.
#[derive(Debug, Clone, Copy)]
pub struct Market<'a> {
    /// Bars of the universe.
    pub panel: &'a Panel,
    /// The combination: a panel column per leg.
    pub assets: &'a [u16],
    /// The job's scored panel rows, increasing. Their positions are the job rows.
    pub rows: &'a [u32],
    /// Per leg, job rows without a bar after which it is closed if it is held; where a leg has no
    /// entry, [`SimOptions::max_stale_bars`](super::SimOptions::max_stale_bars).
    pub stale_rows: &'a [u32],
    /// By panel column; an instrument without an entry has nothing of its own.
    pub particulars: &'a [Particulars],
}

impl Market<'_> {
    /// A fill in the units of its day: quantity times `F`, price by `F`.
    pub fn fill_of_the_day(&self, fill: &Fill) -> Fill {
        let factor = self.split_factor(fill.leg, fill.row);
        Fill { quantity: fill.quantity * factor, price: fill.price / factor, ..*fill }
    }

    /// A trade in the units of the day of its entry.
    pub fn trade_of_the_day(&self, trade: &Trade) -> Trade {
        let factor = self.split_factor(trade.leg, trade.entry_row);
        Trade {
            entry_price: trade.entry_price / factor,
            exit_price: trade.exit_price / factor,
            quantity: trade.quantity * factor,
            ..*trade
        }
    }

    /// Units of the day of a panel row per unit of the ledger.
    fn split_factor(&self, leg: u16, row: u32) -> f64 {
        let own = self.particulars.get(usize::from(self.assets[usize::from(leg)]));
        own.map_or(1.0, |own| own.events.split_factor(self.panel.ts()[row as usize]))
    }
}

//! The bars one job trades on.

use super::InstrumentTerms;
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

//! The bars one job trades on.

use crate::domain::Panel;

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
}

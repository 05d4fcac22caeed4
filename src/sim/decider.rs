//! What decides: woken at the close of the rows it asks for, never shown a later bar.

use super::{Tickets, Unit};
use crate::domain::PanelView;

/// When a decider wants to be asked next. A row at or before the present one means the next row;
/// the last row of a job is never a decision, since nothing decided there could be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// This many rows of the job from now; for the first wake, from the first scored row.
    AfterBars(usize),
    /// The first job row at or after this panel row.
    AtRow(usize),
    /// Not again.
    Never,
}

/// The state of the ledger at the close of the decision row, after its fills.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// Equity the job started with.
    pub capital: f64,
    /// Cash.
    pub cash: f64,
    /// Cash plus positions at their marks.
    pub equity: f64,
    /// Signed quantity per leg.
    pub quantities: &'a [f64],
    /// Last close per leg within the job's rows; NaN before its first bar there.
    pub marks: &'a [f64],
}

/// A trading rule bound to one job.
pub trait Decider {
    /// The first decision: at the close of the first scored row or later.
    fn first_wake(&self) -> Wake;

    /// Decides at the close of the last row of `view` and says when to be asked again.
    fn decide(
        &mut self,
        view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake;

    /// The position in `leg` was closed at its last close because it had no bar for too long.
    /// Tickets that wait for that leg are dropped after this call; ones written here fill in a
    /// later row.
    fn delisted(&mut self, leg: usize, tickets: &mut Tickets) {
        let _ = (leg, tickets);
    }

    /// A rule has closed `unit`, in panel row `row`: it is flat, and nothing of it waits any more.
    /// Nothing can be written here; the next decision comes when it is due. A trade group is over
    /// then, and later tickets of it are dropped; a leg may be entered again as `reentry` says, so
    /// what a decider sells must be what the account holds.
    fn closed(&mut self, unit: Unit, row: usize) {
        let _ = (unit, row);
    }
}

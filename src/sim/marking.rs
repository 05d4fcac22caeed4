//! Runs of rows without a fill or a decision: the loop that nearly all of a job's time is spent
//! in.

use super::{
    carry::Carry,
    ledger::{Ledger, Position},
};

/// What a run of rows needs to know beside the ledger.
#[derive(Debug, Clone, Copy)]
pub(super) struct Track<'a> {
    /// Panel rows of the job.
    pub(super) rows: &'a [u32],
    /// Opening times by panel row, microseconds.
    pub(super) ts: &'a [i64],
    /// A leg without a bar for more job rows than this is stale, unless it has a limit of its own.
    pub(super) max_stale_bars: u32,
    /// Limits per leg.
    pub(super) stale_rows: &'a [u32],
    /// Least equity as a share of gross exposure.
    pub(super) maintenance_margin: Option<f64>,
}

impl Track<'_> {
    /// True if a position has been without a bar for too long.
    pub(super) fn is_stale(&self, held: &Position<'_>) -> bool {
        let own = self.stale_rows.get(usize::from(held.leg)).copied();
        held.stale > own.unwrap_or(self.max_stale_bars)
    }

    /// Opening time of a job row.
    pub(super) fn moment(&self, job_row: usize) -> i64 {
        self.ts[self.rows[job_row] as usize]
    }

    /// True if equity is gone, or less than the margin on what is held.
    #[inline]
    pub(super) fn is_called(&self, ledger: &Ledger<'_>, equity: f64) -> bool {
        equity <= 0.0
            || self.maintenance_margin.is_some_and(|least| equity < least * ledger.gross())
    }

    /// Marks every open position at the close of a job row. Returns the equity, and true if a
    /// position has been without a bar for too long.
    #[inline]
    pub(super) fn mark(&self, ledger: &mut Ledger<'_>, job_row: usize) -> (f64, bool) {
        let row = self.rows[job_row] as usize;
        let mut equity = ledger.cash;
        let mut stale = false;
        for held in &mut ledger.positions {
            let close = held.close[row];
            if close.is_nan() {
                held.stale += 1;
                stale |= self.is_stale(held);
            } else {
                held.mark = close;
                held.stale = 0;
            }
            equity += held.quantity * held.mark;
        }
        (equity, stale)
    }

    /// Marks job rows from `from` on into `equity`, one value per row, with open positions and no
    /// fills. Stops after the row in which equity is gone, is called for margin, or a position became
    /// stale, and returns the number of rows marked and whether the last of them needs settling.
    pub(super) fn coast(
        &self,
        ledger: &mut Ledger<'_>,
        carry: &mut Carry,
        from: usize,
        equity: &mut [f64],
    ) -> (usize, bool) {
        for (offset, slot) in equity.iter_mut().enumerate() {
            self.accrue(carry, ledger, from + offset);
            let (value, stale) = self.mark(ledger, from + offset);
            *slot = value;
            if stale || self.is_called(ledger, value) {
                return (offset + 1, true);
            }
        }
        (equity.len(), false)
    }
}

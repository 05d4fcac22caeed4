//! The end of a row: delisted legs, ruin, margin calls.

use super::{Decider, MarginCall, step::Steps};

impl Steps<'_> {
    /// Closes what has been without a bar for too long, then everything if no equity is left or
    /// too little for what is held.
    pub(super) fn settle(&mut self, job_row: usize, decider: &mut dyn Decider) {
        while let Some(at) = self.ledger.positions.iter().position(|held| self.track.is_stale(held))
        {
            let leg = self.ledger.positions[at].leg;
            self.close_position(at, job_row, "delisted", false);
            self.lose_leg(leg, job_row);
            self.note_closed(job_row, decider);
            self.desk.tickets.decided_at(self.market.rows[job_row]);
            decider.delisted(usize::from(leg), &mut self.desk.tickets);
            self.screen(job_row);
            self.desk.tickets.apply_settled();
            self.desk.tickets.drop_leg(leg);
            self.schedule(job_row + 1);
            self.close_again(job_row);
        }
        let equity = self.ledger.equity();
        self.out.equity[job_row] = equity;
        if !self.track.is_called(&self.ledger, equity) {
            return;
        }
        let row = self.market.rows[job_row] as usize;
        if equity <= 0.0 {
            // At the marks and free of costs: nobody is left to pay them.
            while !self.ledger.positions.is_empty() {
                self.close_position(0, job_row, "ruined", true);
            }
            self.out.ruined_at = Some(row);
        } else {
            self.out.margin_call = Some(MarginCall { row, equity, gross: self.ledger.gross() });
            self.close_all(job_row, "margin_call");
            self.out.equity[job_row] = self.ledger.equity();
        }
    }

    /// Closes every position at its mark, with costs.
    pub(super) fn close_all(&mut self, job_row: usize, reason: &'static str) {
        while !self.ledger.positions.is_empty() {
            self.close_position(0, job_row, reason, false);
        }
    }
}

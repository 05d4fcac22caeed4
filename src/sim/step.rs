//! One job row after another: the order of events within a row.

use super::{
    Account, Decider, FillRule, KeepDetail, Limits, Market, Paid, SimOptions, Simulation, Tickets,
    Wake,
    carry::Carry,
    ledger::Ledger,
    leg::Leg,
    leverage,
    marking::Track,
    rules::Watch,
    ticket::{NEVER, Order},
};
use crate::domain::deadline;

/// The last close of a leg that is not held, looked up when a decision asks for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    mark: f64,
    /// Job rows looked at so far.
    rows: usize,
}

/// Small buffers that outlive a job.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Tickets on their way.
    pub(super) tickets: Tickets,
    /// Orders that fill in the present row.
    pub(super) due: Vec<Order>,
    seen: Vec<Seen>,
    quantities: Vec<f64>,
    /// Last close of every leg, once looked at.
    pub(super) marks: Vec<f64>,
}

/// A job in progress.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    pub(super) market: &'a Market<'a>,
    pub(super) track: Track<'a>,
    carry: Carry,
    capital: f64,
    pub(super) fill: FillRule,
    pub(super) limits: Limits,
    keep: KeepDetail,
    pub(super) legs: Vec<Leg<'a>>,
    pub(super) ledger: Ledger<'a>,
    pub(super) desk: &'a mut Desk,
    /// The rules of the job; `None` if it has none.
    pub(super) watch: Option<Watch>,
    pub(super) out: Simulation,
    /// Job row of the next decision.
    wake: usize,
}

impl<'a> Steps<'a> {
    /// A job before its first row. `spare` is emptied and its buffers are used again.
    pub(super) fn new(
        market: &'a Market<'a>,
        options: &SimOptions,
        desk: &'a mut Desk,
        mut spare: Simulation,
    ) -> Self {
        spare.clear();
        let legs = Leg::all(market, options);
        let ts = market.panel.ts();
        let fills = options.keep.fills.then(|| std::mem::take(&mut spare.fills));
        let trades = std::mem::take(&mut spare.trades);
        desk.tickets.begin(options.keep.weights.then(|| std::mem::take(&mut spare.weights)));
        desk.seen.clear();
        desk.seen.resize(market.assets.len(), Seen { mark: f64::NAN, rows: 0 });
        Self {
            market,
            track: Track {
                rows: market.rows,
                ts,
                max_stale_bars: options.max_stale_bars,
                stale_rows: market.stale_rows,
                maintenance_margin: options.limits.maintenance_margin,
            },
            carry: Carry::new(&options.costs, &legs, market.rows, ts),
            capital: options.capital,
            fill: options.fill,
            limits: options.limits,
            keep: options.keep,
            legs,
            ledger: Ledger::new(options.capital, fills, trades),
            desk,
            watch: Watch::new(options),
            out: spare,
            wake: NEVER,
        }
    }

    /// Runs the job from its first row to its last.
    pub(super) fn run(mut self, decider: &mut dyn Decider) -> Simulation {
        let rows = self.market.rows.len();
        self.out.equity.resize(rows, self.capital);
        self.wake = self.job_row(decider.first_wake(), None);
        let mut row = 0;
        while row < rows && !self.out.is_ended() {
            deadline::look();
            let event = self.wake.min(self.desk.tickets.next_due()).min(rows - 1);
            let event = if self.is_watching() { row } else { event };
            row =
                if row < event { self.coast(row, event, decider) } else { self.turn(row, decider) };
        }
        self.rest(row);
        self.finish()
    }

    /// Rows `[from, event)`, in which nothing is due. Returns the next row to look at.
    fn coast(&mut self, from: usize, event: usize, decider: &mut dyn Decider) -> usize {
        if self.ledger.positions.is_empty() {
            self.out.equity[from..event].fill(self.ledger.cash);
            self.keep_flat(event - from);
            return event;
        }
        // Details are kept row by row, so that row takes the place of the run.
        let to = if self.keep.equity { from + 1 } else { event };
        let run = &mut self.out.equity[from..to];
        let (marked, unsettled) = self.track.coast(&mut self.ledger, &mut self.carry, from, run);
        let last = from + marked - 1;
        self.out.exposed_rows += marked as u64 - 1;
        if unsettled {
            self.settle(last, decider);
        }
        self.close_row();
        last + 1
    }

    /// One row with a fill, a decision or the end of the job in it. Returns the next row.
    fn turn(&mut self, row: usize, decider: &mut dyn Decider) -> usize {
        let last = row + 1 == self.market.rows.len();
        self.track.accrue(&mut self.carry, &mut self.ledger, row);
        if self.fill == FillRule::NextOpen {
            self.fill_due(row);
            self.within_bar(row, decider);
        } else {
            // What fills at the close comes after what happens within the bar.
            self.within_bar(row, decider);
            self.fill_due(row);
        }
        self.note_closed(row, decider);
        self.out.equity[row] = self.track.mark(&mut self.ledger, row).0;
        if last {
            self.close_all(row, "end_of_data");
        }
        self.settle(row, decider);
        if !last && !self.out.is_ended() {
            self.judge_close(row, decider);
            if row == self.wake {
                self.decide(row, decider);
            }
            if self.desk.tickets.next_due() == row {
                self.fill_due(row);
                self.note_closed(row, decider);
                self.settle(row, decider);
                self.after_close(row, decider);
            }
        }
        self.close_row();
        row + 1
    }

    fn decide(&mut self, job_row: usize, decider: &mut dyn Decider) {
        self.look(job_row);
        let row = self.market.rows[job_row];
        let account = Account {
            capital: self.capital,
            cash: self.ledger.cash,
            equity: self.out.equity[job_row],
            quantities: &self.desk.quantities,
            marks: &self.desk.marks,
        };
        let view = self.market.panel.view(self.market.assets, row as usize);
        self.desk.tickets.decided_at(row);
        let wake = decider.decide(&view, &account, &mut self.desk.tickets);
        self.out.decisions += 1;
        self.screen(job_row);
        self.wake = self.job_row(wake, Some(job_row));
        if self.limits.caps_leverage() {
            let (tickets, equity) = (&mut self.desk.tickets, self.out.equity[job_row]);
            leverage::cap(tickets, &self.limits, equity, &self.desk.quantities, &self.desk.marks);
        }
        self.schedule(if self.fill == FillRule::SameClose { job_row } else { job_row + 1 });
    }

    /// Fixes the rows of new tickets, from job row `from` on.
    pub(super) fn schedule(&mut self, from: usize) {
        let (rows, legs) = (self.market.rows, &self.legs);
        let at_open = self.fill == FillRule::NextOpen;
        self.desk.tickets.schedule(from..rows.len(), |leg, job_row| {
            let (leg, row) = (&legs[usize::from(leg)], rows[job_row] as usize);
            !(leg.closes[row].is_nan() || at_open && leg.opens[row].is_nan())
        });
    }

    /// Lays out quantities and marks of all legs for a decision.
    pub(super) fn look(&mut self, job_row: usize) {
        let desk = &mut *self.desk;
        desk.quantities.clear();
        desk.quantities.resize(self.market.assets.len(), 0.0);
        desk.marks.clear();
        for (seen, leg) in desk.seen.iter_mut().zip(&self.legs) {
            let fresh = &self.market.rows[seen.rows..=job_row];
            let last =
                fresh.iter().rev().map(|&row| leg.closes[row as usize]).find(|x| !x.is_nan());
            *seen = Seen { mark: last.unwrap_or(seen.mark), rows: job_row + 1 };
            desk.marks.push(seen.mark);
        }
        for held in &self.ledger.positions {
            desk.quantities[usize::from(held.leg)] = held.quantity;
        }
    }

    /// The job row a decider asks for, later than `now`.
    fn job_row(&self, wake: Wake, now: Option<usize>) -> usize {
        let earliest = now.map_or(0, |row| row + 1);
        match wake {
            Wake::AfterBars(bars) => now.unwrap_or(0).saturating_add(bars).max(earliest),
            Wake::AtRow(panel_row) => {
                let rows = self.market.rows;
                let found = rows.partition_point(|&row| (row as usize) < panel_row);
                if found == rows.len() { NEVER } else { found.max(earliest) }
            }
            Wake::Never => NEVER,
        }
    }

    /// Counts and keeps a row after its last event.
    fn close_row(&mut self) {
        self.out.exposed_rows += u64::from(!self.ledger.positions.is_empty());
        if self.keep.equity {
            self.out.cash.push(self.ledger.cash);
            self.out.gross.push(self.ledger.gross());
            self.out.paid_by_row.push(std::mem::take(&mut self.ledger.row));
        }
    }

    fn keep_flat(&mut self, rows: usize) {
        if self.keep.equity {
            self.out.cash.resize(self.out.cash.len() + rows, self.ledger.cash);
            self.out.gross.resize(self.out.gross.len() + rows, 0.0);
            self.out.paid_by_row.resize(self.out.paid_by_row.len() + rows, Paid::default());
        }
    }

    /// Rows from `from` on, after ruin or a margin call.
    fn rest(&mut self, from: usize) {
        let rows = self.market.rows.len();
        self.out.equity[from..].fill(self.ledger.cash);
        self.keep_flat(rows - from);
    }

    fn finish(mut self) -> Simulation {
        let (weights, issued, filled) = self.desk.tickets.finish();
        let ledger = self.ledger;
        self.out.fills = ledger.fills.unwrap_or_default();
        self.out.trades = ledger.trades;
        self.out.trades.sort_by_key(|trade| (trade.entry_row, trade.leg));
        self.out.weights = weights;
        self.out.traded_notional = ledger.traded_notional;
        self.out.paid = ledger.paid;
        (self.out.tickets, self.out.filled) = (issued, filled);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::{Account, Decider, Limits, Market, Tickets, Wake};
    use crate::{
        domain::{Field, Instrument, Panel, PanelView, Universe},
        sim::{Costs, FillRule, KeepDetail, Rules, Scratch, SimOptions, simulate},
    };

    /// Asks for the same panel row whatever the time.
    struct Stubborn(usize, Vec<usize>);

    impl Decider for Stubborn {
        fn first_wake(&self) -> Wake {
            Wake::AtRow(self.0)
        }

        fn decide(&mut self, view: &PanelView<'_>, _: &Account<'_>, _: &mut Tickets) -> Wake {
            self.1.push(view.ts().len() - 1);
            Wake::AtRow(self.0)
        }
    }

    #[test]
    fn a_row_already_past_means_the_next_one() {
        let instrument = Instrument { market: String::new(), symbol: "A".to_owned(), id: 0 };
        let universe = Universe::new(vec![instrument]).expect("a universe");
        let mut panel = Panel::empty(universe, (0..8).collect());
        panel.column_mut(0, Field::Close).fill(10.0);
        let market = Market {
            panel: &panel,
            assets: &[0],
            rows: &[1, 3, 5, 6, 7],
            stale_rows: &[],
            particulars: &[],
        };
        let (keep, limits) = (KeepDetail::default(), Limits::default());
        let (costs, fill, rules) = (Costs::NONE, FillRule::NextClose, Rules::default());
        let options =
            SimOptions { capital: 1.0, costs, limits, rules, fill, max_stale_bars: 0, keep };
        for (row, asked) in [(0, vec![1, 3, 5, 6]), (4, vec![5, 6]), (8, vec![])] {
            let mut decider = Stubborn(row, Vec::new());
            simulate(&market, &mut decider, &options, &mut Scratch::default());
            assert_eq!(decider.1, asked, "from row {row}");
        }
    }
}

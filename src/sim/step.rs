//! One job row after another: the order of events within a row.

use super::{
    Account, Costs, Decider, FillRule, KeepDetail, Market, SimOptions, Simulation, Tickets, Wake,
    ledger::{Execution, Ledger},
    marking::Track,
    ticket::{NEVER, Order},
};
use crate::domain::Field;

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
    due: Vec<Order>,
    seen: Vec<Seen>,
    quantities: Vec<f64>,
    marks: Vec<f64>,
}

/// A job in progress.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    market: &'a Market<'a>,
    track: Track<'a>,
    capital: f64,
    fill: FillRule,
    keep: KeepDetail,
    closes: Vec<&'a [f64]>,
    opens: Vec<&'a [f64]>,
    ledger: Ledger<'a>,
    desk: &'a mut Desk,
    out: Simulation,
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
        let columns = |field| {
            let column = |&asset: &u16| market.panel.column(usize::from(asset), field);
            market.assets.iter().map(column).collect::<Vec<_>>()
        };
        let fills = options.keep.fills.then(|| std::mem::take(&mut spare.fills));
        let trades = std::mem::take(&mut spare.trades);
        desk.tickets.begin(options.keep.weights.then(|| std::mem::take(&mut spare.weights)));
        desk.seen.clear();
        desk.seen.resize(market.assets.len(), Seen { mark: f64::NAN, rows: 0 });
        Self {
            market,
            track: Track {
                rows: market.rows,
                ts: market.panel.ts(),
                costs: options.costs,
                max_stale_bars: options.max_stale_bars,
                stale_rows: market.stale_rows,
            },
            capital: options.capital,
            fill: options.fill,
            keep: options.keep,
            closes: columns(Field::Close),
            opens: columns(Field::Open),
            ledger: Ledger::new(options.capital, fills, trades),
            desk,
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
        while row < rows && self.out.ruined_at.is_none() {
            let event = self.wake.min(self.desk.tickets.next_due()).min(rows - 1);
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
        let (marked, unsettled) = self.track.coast(&mut self.ledger, from, run);
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
        self.track.accrue(&mut self.ledger, row);
        self.fill_due(row);
        self.out.equity[row] = self.track.mark(&mut self.ledger, row).0;
        if last {
            self.close_all(row, "end_of_data", self.track.costs);
        }
        self.settle(row, decider);
        if row == self.wake && !last && self.out.ruined_at.is_none() {
            self.decide(row, decider);
            if self.desk.tickets.next_due() == row {
                self.fill_due(row);
                self.settle(row, decider);
            }
        }
        self.close_row();
        row + 1
    }

    /// Fills the tickets due in a row, netted per leg, in order of legs.
    fn fill_due(&mut self, job_row: usize) {
        let mut due = std::mem::take(&mut self.desk.due);
        self.desk.tickets.take_due(job_row, &mut due);
        due.sort_by_key(|order| order.leg);
        for orders in due.chunk_by(|a, b| a.leg == b.leg) {
            let net: f64 = orders.iter().fold(0.0, |sum, order| sum + order.quantity);
            if net != 0.0 {
                self.execute(job_row, net, leading(orders, net));
            }
        }
        self.desk.due = due;
    }

    fn execute(&mut self, job_row: usize, quantity: f64, order: &Order) {
        let leg = usize::from(order.leg);
        let row = self.market.rows[job_row];
        let prices = if self.fill == FillRule::NextOpen { &self.opens } else { &self.closes };
        let execution = Execution {
            leg: order.leg,
            quantity,
            raw: prices[leg][row as usize],
            row,
            job_row,
            decided_row: order.decided_row,
            group: order.group,
            reason: order.reason,
        };
        self.ledger.execute(execution, &self.track.costs, self.closes[leg]);
    }

    /// Closes what has been without a bar for too long, then everything if no equity is left.
    fn settle(&mut self, job_row: usize, decider: &mut dyn Decider) {
        while let Some(at) = self.ledger.positions.iter().position(|held| self.track.is_stale(held))
        {
            let leg = self.ledger.positions[at].leg;
            self.close_position(at, job_row, "delisted", self.track.costs);
            self.desk.tickets.decided_at(self.market.rows[job_row]);
            decider.delisted(usize::from(leg), &mut self.desk.tickets);
            self.desk.tickets.drop_leg(leg);
            self.schedule(job_row + 1);
        }
        self.out.equity[job_row] = self.ledger.equity();
        if self.out.equity[job_row] <= 0.0 {
            // At the marks and free of costs: nobody is left to pay them.
            self.close_all(job_row, "ruined", Costs::NONE);
            self.out.ruined_at = Some(self.market.rows[job_row] as usize);
        }
    }

    fn close_all(&mut self, job_row: usize, reason: &'static str, costs: Costs) {
        while !self.ledger.positions.is_empty() {
            self.close_position(0, job_row, reason, costs);
        }
    }

    fn close_position(&mut self, at: usize, job_row: usize, reason: &'static str, costs: Costs) {
        let held = &self.ledger.positions[at];
        let row = self.market.rows[job_row];
        let execution = Execution {
            leg: held.leg,
            quantity: -held.quantity,
            raw: held.mark,
            row,
            job_row,
            decided_row: row,
            group: 0,
            reason,
        };
        let close = held.close;
        self.ledger.execute(execution, &costs, close);
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
        self.wake = self.job_row(wake, Some(job_row));
        self.schedule(if self.fill == FillRule::SameClose { job_row } else { job_row + 1 });
    }

    /// Fixes the rows of new tickets, from job row `from` on.
    fn schedule(&mut self, from: usize) {
        let (rows, closes, opens) = (self.market.rows, &self.closes, &self.opens);
        let at_open = self.fill == FillRule::NextOpen;
        self.desk.tickets.schedule(from..rows.len(), |leg, job_row| {
            let (leg, row) = (usize::from(leg), rows[job_row] as usize);
            !(closes[leg][row].is_nan() || at_open && opens[leg][row].is_nan())
        });
    }

    /// Lays out quantities and marks of all legs for a decision.
    fn look(&mut self, job_row: usize) {
        let desk = &mut *self.desk;
        desk.quantities.clear();
        desk.quantities.resize(self.market.assets.len(), 0.0);
        desk.marks.clear();
        for (seen, close) in desk.seen.iter_mut().zip(&self.closes) {
            let fresh = &self.market.rows[seen.rows..=job_row];
            let last = fresh.iter().rev().map(|&row| close[row as usize]).find(|x| !x.is_nan());
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
        }
    }

    fn keep_flat(&mut self, rows: usize) {
        if self.keep.equity {
            self.out.cash.resize(self.out.cash.len() + rows, self.ledger.cash);
            self.out.gross.resize(self.out.gross.len() + rows, 0.0);
        }
    }

    /// Rows from `from` on, after ruin.
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
        self.out.commission = ledger.commission;
        self.out.slippage = ledger.slippage;
        self.out.borrow = ledger.borrow;
        (self.out.tickets, self.out.filled) = (issued, filled);
        self.out
    }
}

/// The order a netted fill is named after: the largest in its direction, the earliest of equals.
fn leading(orders: &[Order], net: f64) -> &Order {
    let agrees = |order: &&Order| (order.quantity > 0.0) == (net > 0.0);
    orders.iter().filter(agrees).fold(&orders[0], |lead, order| {
        let better = !agrees(&lead) || order.quantity.abs() > lead.quantity.abs();
        if better { order } else { lead }
    })
}

#[cfg(test)]
mod tests {
    use super::{Account, Decider, Market, Tickets, Wake, leading};
    use crate::{
        domain::{Field, Instrument, Panel, PanelView, Universe},
        sim::{Costs, FillRule, KeepDetail, Scratch, SimOptions, simulate},
    };

    #[test]
    fn a_netted_fill_is_named_after_its_largest_part() {
        let mut tickets = Tickets::default();
        tickets.begin(None);
        for (quantity, reason) in [(-9.0, "exit"), (4.0, "enter"), (6.0, "stop"), (6.0, "later")] {
            tickets.together(&[(0, quantity)], 0, reason);
        }
        tickets.schedule(0..1, |_, _| true);
        let mut due = Vec::new();
        tickets.take_due(0, &mut due);
        assert_eq!(leading(&due, 7.0).reason, "stop");
        assert_eq!(leading(&due, -1.0).reason, "exit");
    }

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
        let market =
            Market { panel: &panel, assets: &[0], rows: &[1, 3, 5, 6, 7], stale_rows: &[] };
        let keep = KeepDetail::default();
        let (costs, fill) = (Costs::NONE, FillRule::NextClose);
        let options = SimOptions { capital: 1.0, costs, fill, max_stale_bars: 0, keep };
        for (row, asked) in [(0, vec![1, 3, 5, 6]), (4, vec![5, 6]), (8, vec![])] {
            let mut decider = Stubborn(row, Vec::new());
            simulate(&market, &mut decider, &options, &mut Scratch::default());
            assert_eq!(decider.1, asked, "from row {row}");
        }
    }
}

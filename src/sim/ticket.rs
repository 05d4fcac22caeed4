//! Orders on their way to the market.
//!
//! A ticket is one or more orders that fill in the same row. Its row is fixed when it is written:
//! the first row the fill rule allows in which every one of its legs has a bar. That looks ahead
//! in the panel for a row number only; no decider sees it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::Unit;

/// A target weight decided at the close of a row, for the weight table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetWeight {
    /// Panel row of the decision.
    pub row: u32,
    /// Leg of the combination.
    pub leg: u16,
    /// Signed share of equity.
    pub weight: f64,
}

/// The job row of an order that has not been scheduled yet.
const UNSCHEDULED: usize = usize::MAX - 1;

/// The job row of an order whose legs never have a bar together again.
pub(super) const NEVER: usize = usize::MAX;

/// One leg of a ticket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// Number of its ticket; the orders of a ticket are adjacent.
    pub(super) ticket: u64,
    /// Leg it trades.
    pub(super) leg: u16,
    /// Signed change of the leg's quantity.
    pub(super) quantity: f64,
    /// Trade group it opens, where it opens one.
    pub(super) group: u32,
    /// Why.
    pub(super) reason: &'static str,
    /// Panel row whose close decided it.
    pub(super) decided_row: u32,
    /// Job row it fills in.
    pub(super) due: usize,
    /// True for a ticket of one leg that a newer one replaces.
    pub(super) replaceable: bool,
    /// True for what a bar could not take of an order that is filled in part.
    pub(super) is_rest: bool,
    /// What it changes: the leg's position, or the trade group.
    pub(super) unit: Unit,
    /// What it is to its unit.
    pub(super) purpose: Purpose,
}

/// What a ticket is to its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The first of its trade group.
    Open,
    /// Any other of the strategy.
    Change,
    /// Written by a rule, to close it.
    Close,
}

impl Order {
    /// True until the row of its fill is fixed: it was written in the present decision.
    pub(super) fn is_new(&self) -> bool {
        self.due == UNSCHEDULED
    }

    /// True for the first ticket of a trade group.
    pub(super) fn is_opening(&self) -> bool {
        self.purpose == Purpose::Open
    }

    /// True if a rule has written it to close its unit.
    pub(super) fn is_by_rule(&self) -> bool {
        self.purpose == Purpose::Close
    }
}

/// The tickets of one job: written by its decider, filled by the simulation.
#[derive(Debug, Default)]
pub struct Tickets {
    orders: Vec<Order>,
    weights: Vec<TargetWeight>,
    decision_row: u32,
    keep_weights: bool,
    issued: u64,
    filled: u64,
    /// Tickets numbered so far, rests included.
    numbered: u64,
    /// Share of their size at which the trade groups of this job are entered and left.
    scales: BTreeMap<u32, f64>,
    /// Trade groups that have had a ticket.
    begun: BTreeSet<u32>,
}

impl Tickets {
    /// Writes one ticket for several legs, each with the signed change of its quantity; all fill
    /// in the first later row in which every leg has a bar. An order of no size is none: its leg is
    /// left out.
    ///
    /// # Panics
    /// If a quantity is not finite: the decider sized a leg that has no price.
    pub fn together(&mut self, legs: &[(usize, f64)], group: u32, reason: &'static str) {
        let mut purpose = Purpose::Change;
        let mut has_order = false;
        for &(leg, quantity) in legs {
            if !self.push(leg, quantity, group, reason, Unit::Group(group)) {
                continue;
            }
            if !has_order && self.begun.insert(group) {
                purpose = Purpose::Open;
            }
            has_order = true;
            self.orders.last_mut().into_iter().for_each(|order| order.purpose = purpose);
        }
        self.issued += u64::from(has_order);
        self.numbered += 1;
    }

    /// Writes a ticket for one leg, filled in the leg's own next bar. It replaces a pending one of
    /// the same leg: the newer decision knew the older one had not been filled. One of no size only
    /// takes that back.
    ///
    /// # Panics
    /// If the quantity is not finite: the decider sized a leg that has no price.
    pub fn each(&mut self, leg: usize, quantity: f64, group: u32, reason: &'static str) {
        self.withdraw(leg);
        let has_order = self.push(leg, quantity, group, reason, Unit::Leg(small(leg)));
        self.issued += u64::from(has_order);
        self.numbered += 1;
    }

    /// Takes back the pending ticket of one leg that [`each`](Self::each) wrote, where there is one.
    pub fn withdraw(&mut self, leg: usize) {
        self.orders.retain(|order| !(order.replaceable && usize::from(order.leg) == leg));
    }

    /// Records a target weight for the weight table; moves no money.
    pub fn weight(&mut self, leg: usize, weight: f64) {
        if self.keep_weights {
            self.weights.push(TargetWeight { row: self.decision_row, leg: small(leg), weight });
        }
    }

    /// Tickets of a trade group that are still waiting for their fill, those of rules not counted.
    pub fn pending_in(&self, group: u32) -> usize {
        let mut last = None;
        let of_group = |order: &&Order| order.group == group && !order.is_by_rule();
        let waiting = self.orders.iter().filter(of_group);
        waiting.filter(|order| last.replace(order.ticket) != Some(order.ticket)).count()
    }

    /// Writes the ticket of a rule that closes `unit`.
    pub(super) fn close(&mut self, legs: &[(usize, f64)], unit: Unit, reason: &'static str) {
        let group = if let Unit::Group(group) = unit { group } else { 0 };
        for &(leg, quantity) in legs {
            self.push(leg, quantity, group, reason, unit);
            if let Some(order) = self.orders.last_mut() {
                (order.purpose, order.replaceable) = (Purpose::Close, false);
            }
        }
        self.issued += 1;
        self.numbered += 1;
    }

    /// Puts an order on its way; false if it is of no size, and none.
    fn push(
        &mut self,
        leg: usize,
        quantity: f64,
        group: u32,
        reason: &'static str,
        unit: Unit,
    ) -> bool {
        assert!(quantity.is_finite(), "a ticket of {quantity} units of leg {leg}");
        if quantity == 0.0 {
            return false;
        }
        self.orders.push(Order {
            ticket: self.numbered,
            leg: small(leg),
            quantity,
            group,
            reason,
            decided_row: self.decision_row,
            due: UNSCHEDULED,
            replaceable: matches!(unit, Unit::Leg(_)),
            is_rest: false,
            unit,
            purpose: Purpose::Change,
        });
        true
    }

    /// Forgets everything and starts a job; `weights` is where target weights are kept, if at all.
    pub(super) fn begin(&mut self, weights: Option<Vec<TargetWeight>>) {
        self.orders.clear();
        self.keep_weights = weights.is_some();
        self.weights = weights.unwrap_or_default();
        self.scales.clear();
        self.begun.clear();
        (self.decision_row, self.issued, self.filled, self.numbered) = (0, 0, 0, 0);
    }

    /// Ends a job: its target weights, tickets written, tickets filled.
    pub(super) fn finish(&mut self) -> (Vec<TargetWeight>, u64, u64) {
        (std::mem::take(&mut self.weights), self.issued, self.filled)
    }

    /// Names the panel row at whose close the next tickets are decided.
    pub(super) fn decided_at(&mut self, row: u32) {
        self.decision_row = row;
    }

    /// Fixes the job row of every new ticket: the first of `rows` in which all its legs trade.
    pub(super) fn schedule(&mut self, rows: Range<usize>, trades: impl Fn(u16, usize) -> bool) {
        for ticket in self.orders.chunk_by_mut(|a, b| a.ticket == b.ticket) {
            if ticket[0].due != UNSCHEDULED {
                continue;
            }
            let open = |&row: &usize| ticket.iter().all(|order| trades(order.leg, row));
            let due = rows.clone().find(open).unwrap_or(NEVER);
            for order in ticket {
                order.due = due;
            }
        }
    }

    /// The earliest job row in which a ticket fills; [`NEVER`] if none does.
    pub(super) fn next_due(&self) -> usize {
        self.orders.iter().map(|order| order.due).min().unwrap_or(NEVER)
    }

    /// Moves the orders that fill in `row` to `due`, in order of issue.
    pub(super) fn take_due(&mut self, row: usize, due: &mut Vec<Order>) {
        due.clear();
        due.extend(self.orders.extract_if(.., |order| order.due == row));
        let tickets = due.chunk_by(|a, b| a.ticket == b.ticket);
        self.filled += tickets.filter(|orders| !orders[0].is_rest).count() as u64;
    }

    /// Keeps what a bar could not take of `order`: a ticket of its own, alone, that waits for the
    /// leg's next bar. A newer order of the strategy replaces it, unless a rule has written it.
    pub(super) fn keep_rest(&mut self, order: &Order, quantity: f64) {
        let rest = Order { quantity, ticket: self.numbered, due: UNSCHEDULED, ..*order };
        self.orders.push(Order { replaceable: !order.is_by_rule(), is_rest: true, ..rest });
        self.numbered += 1;
    }

    /// Every order on its way, in order of issue.
    pub(super) fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// Changes the quantity of every new order; one that becomes zero is dropped.
    pub(super) fn resize_new(&mut self, mut quantity: impl FnMut(&Order) -> f64) {
        self.orders.retain_mut(|order| {
            if order.is_new() {
                order.quantity = quantity(order);
            }
            order.quantity != 0.0 || !order.is_new()
        });
    }

    /// The scale of a trade group, once it is settled.
    pub(super) fn scale_of(&self, group: u32) -> Option<f64> {
        self.scales.get(&group).copied()
    }

    /// Multiplies new tickets of groups whose scale is settled by it.
    pub(super) fn apply_settled(&mut self) {
        let Self { orders, scales, .. } = self;
        for order in orders.iter_mut().filter(|order| order.is_new() && !order.replaceable) {
            order.quantity *= scales.get(&order.group).copied().unwrap_or(1.0);
        }
        orders.retain(|order| order.quantity != 0.0 || !order.is_new());
    }

    /// Settles the scale of trade groups for the rest of the job.
    pub(super) fn settle_groups(&mut self, groups: &[u32], scale: f64) {
        self.scales.extend(groups.iter().map(|group| (*group, scale)));
    }

    /// Drops the tickets, new ones included, of which `is_doomed` is true.
    pub(super) fn drop_tickets(&mut self, mut is_doomed: impl FnMut(&[Order]) -> bool) {
        let doomed: BTreeSet<u64> = (self.orders.chunk_by(|a, b| a.ticket == b.ticket))
            .filter(|ticket| is_doomed(ticket))
            .map(|ticket| ticket[0].ticket)
            .collect();
        if !doomed.is_empty() {
            self.orders.retain(|order| !doomed.contains(&order.ticket));
        }
    }

    /// Drops what waits for the position of `leg`: orders alone and rests.
    pub(super) fn drop_alone(&mut self, leg: u16) {
        let waits = |order: &Order| order.is_rest || order.unit == Unit::Leg(leg);
        self.orders.retain(|order| !(order.leg == leg && waits(order)));
    }

    /// Drops the tickets of a trade group that wait, but not the rests of what it has.
    pub(super) fn drop_group(&mut self, group: u32) {
        self.orders.retain(|order| order.unit != Unit::Group(group) || order.is_rest);
    }

    /// True if a rule's ticket waits to close `unit`.
    pub(super) fn is_closing(&self, unit: Unit) -> bool {
        self.orders.iter().any(|order| order.is_by_rule() && order.unit == unit)
    }

    /// True if any rule's ticket waits.
    pub(super) fn has_closing(&self) -> bool {
        self.orders.iter().any(Order::is_by_rule)
    }

    /// Trade groups with a ticket that was written before the present decision.
    pub(super) fn waiting_groups(&self) -> Vec<u32> {
        let old = self.orders.iter().filter(|order| !order.is_new());
        old.filter_map(|order| match order.unit {
            Unit::Group(group) => Some(group),
            Unit::Leg(_) => None,
        })
        .collect()
    }

    /// Drops every ticket that waits for `leg`, with all its legs.
    pub(super) fn drop_leg(&mut self, leg: u16) {
        let doomed: Vec<u64> =
            self.orders.iter().filter(|order| order.leg == leg).map(|order| order.ticket).collect();
        self.orders.retain(|order| !doomed.contains(&order.ticket));
    }
}

/// A leg number as it is stored; combinations are far smaller than 65,536 instruments.
fn small(leg: usize) -> u16 {
    u16::try_from(leg).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::{NEVER, Tickets};

    #[test]
    fn a_ticket_waits_until_every_leg_trades() {
        let mut tickets = Tickets::default();
        tickets.begin(None);
        tickets.together(&[(0, 1.0), (1, -1.0)], 0, "enter");
        tickets.each(0, 5.0, 1, "rebalance");
        tickets.schedule(1..6, |leg, row| row >= usize::from(leg) * 3);
        assert_eq!(tickets.next_due(), 1);
        let mut due = Vec::new();
        tickets.take_due(1, &mut due);
        assert_eq!(due.iter().map(|order| order.quantity).collect::<Vec<_>>(), [5.0]);
        assert_eq!((tickets.next_due(), tickets.pending_in(0)), (3, 1));
        tickets.take_due(3, &mut due);
        assert_eq!((due.len(), tickets.next_due(), tickets.pending_in(0)), (2, NEVER, 0));
        assert_eq!(tickets.finish(), (Vec::new(), 2, 2));
    }

    #[test]
    fn a_newer_single_ticket_replaces_the_pending_one_only() {
        let mut tickets = Tickets::default();
        tickets.begin(None);
        tickets.together(&[(0, 1.0)], 0, "delisted");
        tickets.each(0, 2.0, 0, "rebalance");
        tickets.each(0, 3.0, 0, "rebalance");
        tickets.each(1, 4.0, 0, "rebalance");
        tickets.schedule(0..1, |_, _| true);
        let mut due = Vec::new();
        tickets.take_due(0, &mut due);
        assert_eq!(due.iter().map(|order| order.quantity).collect::<Vec<_>>(), [1.0, 3.0, 4.0]);
    }

    #[test]
    fn dropping_a_leg_drops_its_tickets_whole() {
        let mut tickets = Tickets::default();
        tickets.begin(None);
        tickets.together(&[(0, 1.0), (1, -1.0)], 0, "enter");
        tickets.together(&[(0, 1.0), (2, -1.0)], 1, "enter");
        tickets.drop_leg(1);
        assert_eq!((tickets.pending_in(0), tickets.pending_in(1)), (0, 1));
    }

    #[test]
    #[should_panic(expected = "a ticket of NaN units of leg 1")]
    fn an_unpriced_leg_is_refused() {
        Tickets::default().each(1, f64::NAN, 0, "rebalance");
    }
}

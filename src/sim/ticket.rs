//! Orders on their way to the market.
//!
//! A ticket is one or more orders that fill in the same row. Its row is fixed when it is written:
//! the first row the fill rule allows in which every one of its legs has a bar. That looks ahead
//! in the panel for a row number only; no decider sees it.

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
    replaceable: bool,
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
    next_due: usize,
}

impl Tickets {
    /// Writes one ticket for several legs, each with the signed change of its quantity; all fill
    /// in the first later row in which every leg has a bar.
    ///
    /// # Panics
    /// If a quantity is not finite: the decider sized a leg that has no price.
    pub fn together(&mut self, legs: &[(usize, f64)], group: u32, reason: &'static str) {
        for &(leg, quantity) in legs {
            self.push(leg, quantity, group, reason, false);
        }
        self.issued += u64::from(!legs.is_empty());
    }

    /// Writes a ticket for one leg, filled in the leg's own next bar. It replaces a pending one of
    /// the same leg: the newer decision knew the older one had not been filled.
    ///
    /// # Panics
    /// If the quantity is not finite: the decider sized a leg that has no price.
    pub fn each(&mut self, leg: usize, quantity: f64, group: u32, reason: &'static str) {
        self.orders.retain(|order| !(order.replaceable && usize::from(order.leg) == leg));
        self.push(leg, quantity, group, reason, true);
        self.issued += 1;
    }

    /// Records a target weight for the weight table; moves no money.
    pub fn weight(&mut self, leg: usize, weight: f64) {
        if self.keep_weights {
            self.weights.push(TargetWeight { row: self.decision_row, leg: small(leg), weight });
        }
    }

    /// Tickets of a trade group that are still waiting for their fill.
    pub fn pending_in(&self, group: u32) -> usize {
        let mut last = None;
        let waiting = self.orders.iter().filter(|order| order.group == group);
        waiting.filter(|order| last.replace(order.ticket) != Some(order.ticket)).count()
    }

    fn push(&mut self, leg: usize, quantity: f64, group: u32, reason: &'static str, alone: bool) {
        assert!(quantity.is_finite(), "a ticket of {quantity} units of leg {leg}");
        self.orders.push(Order {
            ticket: self.issued,
            leg: small(leg),
            quantity,
            group,
            reason,
            decided_row: self.decision_row,
            due: UNSCHEDULED,
            replaceable: alone,
        });
    }
}

/// A leg number as it is stored; combinations are far smaller than 65,536 instruments.
fn small(leg: usize) -> u16 {
    u16::try_from(leg).unwrap_or(u16::MAX)
}

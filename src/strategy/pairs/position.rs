//! What is held on one spread: entered and left as a whole, unless a rule or a delisting comes first.

use super::PairSignal;
use crate::sim::{Account, Tickets};

/// Legs and their signed quantities, as one ticket entered them.
#[derive(Debug, Clone, Copy)]
struct Entered<L> {
    group: u32,
    legs: L,
    /// True once its exit has been ordered too.
    leaving: bool,
}

/// The position on one spread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position<L> {
    entered: Option<Entered<L>>,
    /// Panel row in which a rule closed it, until the spread has been back since.
    disarmed: Option<usize>,
    /// False once a leg has been delisted.
    alive: bool,
}

impl<L> Default for Position<L> {
    /// Nothing held, free to enter.
    fn default() -> Self {
        Self { entered: None, disarmed: None, alive: true }
    }
}

impl<L: AsRef<[(usize, f64)]>> Position<L> {
    /// False once a leg has been delisted: nothing is entered any more.
    pub(super) fn is_alive(&self) -> bool {
        self.alive
    }

    /// False for an entry that the rule would not give had it been stopped when a rule of the job
    /// closed the spread: it has not been back since. What the script tells of later rows is what it
    /// would be then.
    pub(super) fn arms(&mut self, found: &PairSignal) -> bool {
        let armed = self.disarmed.is_none_or(|closed| found.calm.is_some_and(|row| row >= closed));
        if armed {
            self.disarmed = None;
        }
        armed
    }

    /// Orders an entry of these quantities as trade group `group`.
    pub(super) fn enter(
        &mut self,
        group: u32,
        legs: L,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) {
        order(legs.as_ref(), 1.0, group, "enter", tickets);
        record(legs.as_ref().iter().copied(), account, tickets);
        self.entered = Some(Entered { group, legs, leaving: false });
    }

    /// Orders the exit of what has been entered. An entry that still waits is met by its exit in
    /// the same row, since both wait for the same legs.
    pub(super) fn leave(
        &mut self,
        reason: &'static str,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) {
        if let Some(entered) = self.entered.as_mut().filter(|entered| !entered.leaving) {
            entered.leaving = true;
            order(entered.legs.as_ref(), -1.0, entered.group, reason, tickets);
            let flat = entered.legs.as_ref().iter().map(|&(leg, _)| (leg, 0.0));
            record(flat, account, tickets);
        }
    }

    /// One leg is gone, and the spread with it: each other one leaves in its own next bar, so that
    /// it waits for nobody who may be gone too.
    pub(super) fn lose(&mut self, leg: usize, tickets: &mut Tickets) {
        if !std::mem::replace(&mut self.alive, false) {
            return;
        }
        let Some(Entered { group, legs, leaving }) = self.entered.take() else { return };
        // Nothing is held before the entry fills, nor after the exit does.
        let waiting = tickets.pending_in(group);
        let held = if leaving { waiting == 1 } else { waiting == 0 };
        for &(other, quantity) in legs.as_ref() {
            if held && other != leg && quantity != 0.0 {
                tickets.together(&[(other, -quantity)], group, "delisted");
            }
        }
    }

    /// A spread whose trade group `group` a rule has closed is disarmed as after a stop of its own.
    pub(super) fn closed(&mut self, group: u32, row: usize) {
        if self.entered.as_ref().is_some_and(|entered| entered.group == group) {
            (self.entered, self.disarmed) = (None, Some(row));
        }
    }
}

/// One ticket for all legs that trade at all, in the given direction.
fn order(
    legs: &[(usize, f64)],
    direction: f64,
    group: u32,
    reason: &'static str,
    tickets: &mut Tickets,
) {
    let traded = legs.iter().filter(|(_, quantity)| *quantity != 0.0);
    let legs: Vec<_> = traded.map(|&(leg, quantity)| (leg, direction * quantity)).collect();
    tickets.together(&legs, group, reason);
}

/// Records the spread's own target weights; legs that spreads share have a record for each.
fn record(legs: impl Iterator<Item = (usize, f64)>, account: &Account<'_>, tickets: &mut Tickets) {
    for (leg, quantity) in legs {
        tickets.weight(leg, quantity * account.marks[leg] / account.equity);
    }
}

//! Trade groups that are held: what their tickets asked for, and at which prices.
//!
//! Groups share instruments, so what one of them holds is not what the ledger holds of its legs. A
//! group has what its tickets asked for once they are due, at the raw price of that row, whatever
//! lots and volume made of the fill: what leaves is what was entered.

use std::collections::BTreeMap;

use crate::sim::{average_cost::AverageCost, ticket::Order};

/// A quantity this small beside the largest it was is rounding.
const FLAT_SHARE: f64 = 1e-12;

/// What a group has of one leg.
#[derive(Debug, Clone, Copy, PartialEq)]
struct GroupLeg {
    leg: u16,
    /// Signed.
    quantity: f64,
    peak: f64,
    cost: AverageCost,
}

/// A trade group that is held.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// What is left of it, by leg.
    held: Vec<GroupLeg>,
    /// Every leg it ever had, increasing.
    legs: Vec<u16>,
    /// Job row of its first fill.
    pub(super) opened: usize,
    /// True once a rule has written the ticket that closes it.
    pub(super) is_closing: bool,
}

/// The trade groups of a job that are held.
#[derive(Debug, Default)]
pub(super) struct GroupBook {
    groups: BTreeMap<u32, Group>,
}

impl Group {
    /// Every leg it ever had, increasing.
    pub(super) fn legs(&self) -> &[u16] {
        &self.legs
    }

    /// The orders that close it.
    pub(super) fn closing_orders(&self) -> Vec<(usize, f64)> {
        self.held.iter().map(|leg| (usize::from(leg.leg), -leg.quantity)).collect()
    }

    /// Gain as a share of what was entered: the sum over its legs of `quantity * (mark - entry price)`
    /// by that of `|quantity| * entry price`, which is the average cost.
    pub(super) fn gain(&self, marks: &[f64]) -> f64 {
        let (mut gain, mut entered) = (0.0, 0.0);
        for leg in &self.held {
            let entry = leg.cost.price();
            gain += leg.quantity * (marks[usize::from(leg.leg)] - entry);
            entered += leg.quantity.abs() * entry;
        }
        gain / entered
    }

    fn fill(&mut self, leg: u16, quantity: f64, raw: f64) {
        if let Err(at) = self.legs.binary_search(&leg) {
            self.legs.insert(at, leg);
        }
        let fresh = |quantity: f64| GroupLeg {
            leg,
            quantity,
            peak: quantity.abs(),
            cost: AverageCost::opened_at(raw),
        };
        let at = match self.held.binary_search_by_key(&leg, |held| held.leg) {
            Ok(at) => at,
            Err(at) => {
                self.held.insert(at, fresh(quantity));
                return;
            }
        };
        let held = &mut self.held[at];
        let (before, after) = (held.quantity, held.quantity + quantity);
        held.quantity = after;
        if after.abs() <= FLAT_SHARE * held.peak {
            self.held.remove(at);
        } else if (after > 0.0) != (before > 0.0) {
            *held = fresh(after);
        } else if (quantity > 0.0) == (before > 0.0) {
            held.cost.enlarge(quantity.abs(), after.abs(), raw);
            held.peak = held.peak.max(after.abs());
        }
    }
}

impl GroupBook {
    /// Books an order that is due, at its raw price. A rest was booked with the whole.
    pub(super) fn fill(&mut self, group: u32, order: &Order, raw: f64, job_row: usize) {
        if order.is_rest || order.quantity == 0.0 {
            return;
        }
        let group = self.groups.entry(group);
        let group = group.or_insert_with(|| Group { opened: job_row, ..Group::default() });
        group.fill(order.leg, order.quantity, raw);
    }

    /// True if nothing is held by any group.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// True if a group has something of `leg`.
    pub(super) fn holds(&self, leg: u16) -> bool {
        self.groups.values().any(|group| group.held.iter().any(|held| held.leg == leg))
    }

    pub(super) fn get(&self, group: u32) -> Option<&Group> {
        self.groups.get(&group)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Group)> {
        self.groups.iter().map(|(number, group)| (*number, group))
    }

    /// Notes that a rule has written the ticket that closes a group.
    pub(super) fn set_closing(&mut self, group: u32) {
        if let Some(group) = self.groups.get_mut(&group) {
            group.is_closing = true;
        }
    }

    /// True if a rule is closing a group of exactly these legs.
    pub(super) fn is_closing(&self, legs: &[u16]) -> bool {
        self.groups.values().any(|group| group.is_closing && group.legs == legs)
    }

    /// A leg was closed by the ledger itself: no group has anything of it any more.
    pub(super) fn lose(&mut self, leg: u16) {
        for group in self.groups.values_mut() {
            group.held.retain(|held| held.leg != leg);
        }
    }

    /// Takes out the groups that are flat.
    pub(super) fn take_flat(&mut self) -> Vec<(u32, Group)> {
        self.groups.extract_if(.., |_, group| group.held.is_empty()).collect()
    }
}

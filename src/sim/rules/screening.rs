//! Which orders of a strategy are let through.

use super::{Unit, watch::Watch};
use crate::sim::{ledger::Ledger, step::Steps, ticket::Order};

impl Steps<'_> {
    /// Drops new tickets that a rule does not let through: those of a unit that is being closed,
    /// and those that would open or enlarge one that may not be entered yet.
    pub(in crate::sim) fn screen(&mut self, job_row: usize) {
        let Self { watch: Some(watch), ledger, desk, .. } = self else { return };
        let waiting = desk.tickets.waiting_groups();
        desk.tickets.drop_tickets(|ticket| {
            ticket[0].is_new() && !watch.admits(ticket, ledger, &waiting, job_row)
        });
    }
}

impl Watch {
    fn admits(
        &mut self,
        ticket: &[Order],
        ledger: &Ledger<'_>,
        waiting: &[u32],
        row: usize,
    ) -> bool {
        match ticket[0].unit {
            Unit::Leg(leg) => self.admits_alone(leg, ticket[0].quantity, ledger, row),
            Unit::Group(group) => {
                if self.refused.contains(&group) {
                    return false;
                }
                let held = self.groups.get(group);
                let is_first = held.is_none() && !waiting.contains(&group);
                let admits = match held {
                    Some(held) => !held.is_closing && !self.is_breaking(),
                    None => !is_first || self.admits_group(ticket, row),
                };
                if is_first && !admits {
                    self.refused.insert(group);
                }
                admits
            }
        }
    }

    fn admits_alone(&self, leg: u16, quantity: f64, ledger: &Ledger<'_>, row: usize) -> bool {
        if self.is_breaking() || self.closing_legs.contains(&leg) {
            return false;
        }
        let held = ledger.held(leg).map_or(0.0, |held| held.quantity);
        let reduces = (held > 0.0) != (quantity > 0.0) && quantity.abs() <= held.abs();
        reduces || self.doors.admits_leg(leg, row)
    }

    fn admits_group(&self, ticket: &[Order], row: usize) -> bool {
        let mut legs: Vec<u16> = ticket.iter().map(|order| order.leg).collect();
        legs.sort_unstable();
        legs.dedup();
        !self.is_breaking() && !self.groups.is_closing(&legs) && self.doors.admits_group(&legs, row)
    }
}

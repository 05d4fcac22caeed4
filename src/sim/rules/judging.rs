//! When rules are judged, and what they write.

use super::{
    Unit,
    intrabar::{BarRange, Hit, hit},
    watch::{Standing, Watch},
};
use crate::sim::{Decider, FillRule, step::Steps};

/// Legs and the change of their quantities.
type ClosingOrders = Vec<(usize, f64)>;

impl Steps<'_> {
    /// True if every row must be looked at.
    pub(in crate::sim) fn is_watching(&self) -> bool {
        let awake = |watch: &Watch| watch.is_awake() || !self.ledger.positions.is_empty();
        self.watch.as_ref().is_some_and(awake)
    }

    /// Closes what the bar of `job_row` takes to its stop or its target: positions that were held
    /// at its open and belong to no group.
    pub(in crate::sim) fn within_bar(&mut self, job_row: usize, decider: &mut dyn Decider) {
        let Some(watch) = &mut self.watch else { return };
        watch.judged.clear();
        if watch.stop.is_none() && watch.target.is_none() {
            return;
        }
        let mut at = 0;
        while at < self.ledger.positions.len() {
            let leg = self.ledger.positions[at].leg;
            match self.hit(at, job_row) {
                Some(hit) => {
                    self.close_position_at(at, job_row, hit.raw, hit.reason, false);
                    self.desk.tickets.drop_alone(leg);
                    self.leg_is_closed(leg, job_row, decider);
                }
                None => at += 1,
            }
        }
    }

    /// What the bar does to the position `at`.
    fn hit(&mut self, at: usize, job_row: usize) -> Option<Hit> {
        let held = &self.ledger.positions[at];
        let row = self.market.rows[job_row] as usize;
        let leg = &self.legs[usize::from(held.leg)];
        let bar = BarRange { open: leg.opens[row], high: leg.highs[row], low: leg.lows[row] };
        let watch = self.watch.as_mut()?;
        if !bar.is_known() || watch.groups.holds(held.leg) {
            return None;
        }
        watch.judged.insert(held.leg);
        let entry = held.episode.cost.price();
        hit(&bar, entry, held.quantity > 0.0, watch.stop, watch.target)
    }

    /// Judges every unit at the close of `job_row`, and writes the tickets that close them.
    pub(in crate::sim) fn judge_close(&mut self, job_row: usize, decider: &mut dyn Decider) {
        if self.watch.is_none() {
            return;
        }
        self.look(job_row);
        self.break_circuit(job_row);
        for at in 0..self.ledger.positions.len() {
            if let Some(reason) = self.verdict_on_leg(at, job_row) {
                let (leg, quantity) = {
                    let held = &self.ledger.positions[at];
                    (held.leg, -held.quantity)
                };
                self.desk.tickets.drop_alone(leg);
                self.write_close(job_row, Unit::Leg(leg), &[(usize::from(leg), quantity)], reason);
            }
        }
        for (group, orders, reason) in self.verdicts_on_groups(job_row) {
            self.desk.tickets.drop_group(group);
            self.write_close(job_row, Unit::Group(group), &orders, reason);
        }
        self.reset_circuit(job_row, decider);
    }

    fn verdict_on_leg(&self, at: usize, job_row: usize) -> Option<&'static str> {
        let watch = self.watch.as_ref()?;
        let held = &self.ledger.positions[at];
        if watch.groups.holds(held.leg) || watch.closing_legs.contains(&held.leg) {
            return None;
        }
        let (entry, is_long) = (held.episode.cost.price(), held.quantity > 0.0);
        // What the bar could tell is settled, and without a bar there is nothing new.
        let is_told = watch.judged.contains(&held.leg) || held.stale > 0;
        let stop = watch.stop.filter(|_| !is_told);
        let target = watch.target.filter(|_| !is_told);
        let standing = Standing {
            is_stopped: stop.is_some_and(|stop| stop.is_reached(held.mark, entry, is_long)),
            is_on_target: target.is_some_and(|goal| goal.is_reached(held.mark, entry, is_long)),
            opened: held.episode.opened(),
        };
        watch.verdict(&standing, job_row)
    }

    /// Groups to be closed, each with the orders that do it and the reason.
    fn verdicts_on_groups(&self, job_row: usize) -> Vec<(u32, ClosingOrders, &'static str)> {
        let Some(watch) = &self.watch else { return Vec::new() };
        let open = watch.groups.iter().filter(|(_, group)| !group.is_closing);
        let verdict = open.filter_map(|(number, group)| {
            let gain = group.gain(&self.desk.marks);
            let standing = Standing {
                is_stopped: watch.stop.is_some_and(|stop| stop.is_reached_by(gain)),
                is_on_target: watch.target.is_some_and(|target| target.is_reached_by(gain)),
                opened: group.opened,
            };
            let reason = watch.verdict(&standing, job_row)?;
            Some((number, group.closing_orders(), reason))
        });
        verdict.collect()
    }

    /// Writes the ticket that closes a unit; it fills like any other.
    fn write_close(
        &mut self,
        job_row: usize,
        unit: Unit,
        orders: &[(usize, f64)],
        reason: &'static str,
    ) {
        self.desk.tickets.decided_at(self.market.rows[job_row]);
        self.desk.tickets.close(orders, unit, reason);
        self.schedule(if self.fill == FillRule::SameClose { job_row } else { job_row + 1 });
        let Some(watch) = &mut self.watch else { return };
        match unit {
            Unit::Leg(leg) => {
                watch.closing_legs.insert(leg);
            }
            Unit::Group(group) => watch.groups.set_closing(group),
        }
    }

    /// Looks at the equity of a close. Once the fall is too much, nothing that waits is filled any
    /// more, but for what closes something and the rests of groups that are held.
    fn break_circuit(&mut self, job_row: usize) {
        let Some(watch) = &mut self.watch else { return };
        watch.looks_again = false;
        let equity = self.out.equity[job_row];
        if !watch.breaker.as_mut().is_some_and(|breaker| breaker.trips(equity)) {
            return;
        }
        let Watch { groups, refused, .. } = watch;
        self.desk.tickets.drop_tickets(|ticket| {
            let group = match ticket[0].unit {
                Unit::Group(group) => Some(group),
                Unit::Leg(_) => None,
            };
            let is_held = group.is_some_and(|group| groups.get(group).is_some());
            let stays = ticket[0].is_by_rule() || is_held && ticket[0].is_rest;
            refused.extend(group.filter(|_| !stays && !is_held));
            !stays
        });
    }

    /// After fills at the close that was judged: what they cost is judged at the next one.
    pub(in crate::sim) fn after_close(&mut self, job_row: usize, decider: &mut dyn Decider) {
        self.reset_circuit(job_row, decider);
        self.watch.iter_mut().for_each(|watch| watch.looks_again = true);
    }

    /// After the drawdown rule: once nothing is held, the highest close starts anew.
    fn reset_circuit(&mut self, job_row: usize, decider: &mut dyn Decider) {
        self.note_closed(job_row, decider);
        let is_flat = self.ledger.positions.is_empty() && !self.desk.tickets.has_closing();
        let Some(watch) = &mut self.watch else { return };
        if !(is_flat && watch.is_breaking() && watch.groups.is_empty()) {
            return;
        }
        if let Some(breaker) = &mut watch.breaker {
            breaker.reset(self.out.equity[job_row]);
        }
        watch.doors.shut_all(job_row);
    }

    /// After fills: shuts the doors behind units that rules have closed, and tells the decider.
    pub(in crate::sim) fn note_closed(&mut self, job_row: usize, decider: &mut dyn Decider) {
        let Some(watch) = &mut self.watch else { return };
        let flat = watch.groups.take_flat();
        for (number, group) in flat.into_iter().filter(|(_, group)| group.is_closing) {
            watch.doors.shut_group(group.legs().to_vec(), job_row);
            // It is over: what follows of it would open it the other way round.
            watch.refused.insert(number);
            decider.closed(Unit::Group(number), self.market.rows[job_row] as usize);
        }
        let tickets = &self.desk.tickets;
        let closing = watch.closing_legs.iter().copied();
        let closed: Vec<u16> = closing.filter(|leg| !tickets.is_closing(Unit::Leg(*leg))).collect();
        for leg in closed {
            self.leg_is_closed(leg, job_row, decider);
        }
    }

    fn leg_is_closed(&mut self, leg: u16, job_row: usize, decider: &mut dyn Decider) {
        let Some(watch) = &mut self.watch else { return };
        watch.closing_legs.remove(&leg);
        watch.doors.shut_leg(leg, job_row);
        decider.closed(Unit::Leg(leg), self.market.rows[job_row] as usize);
    }

    /// The ledger has closed a leg itself: it is no unit's any more, and nobody is told twice. If
    /// a rule was closing it, it stays closed.
    pub(in crate::sim) fn lose_leg(&mut self, leg: u16, job_row: usize) {
        if let Some(watch) = &mut self.watch {
            watch.groups.lose(leg);
            if watch.closing_legs.remove(&leg) {
                watch.doors.shut_leg(leg, job_row);
            }
        }
    }

    /// Writes anew what closes a group, where a ticket was dropped with a leg that is gone.
    pub(in crate::sim) fn close_again(&mut self, job_row: usize) {
        let Some(watch) = &self.watch else { return };
        let tickets = &self.desk.tickets;
        let orphans = watch.groups.iter().filter(|(number, group)| {
            group.is_closing && !tickets.is_closing(Unit::Group(*number))
        });
        let orphans: Vec<_> =
            orphans.map(|(number, group)| (number, group.closing_orders())).collect();
        for (number, orders) in orphans {
            self.desk.tickets.decided_at(self.market.rows[job_row]);
            self.desk.tickets.close(&orders, Unit::Group(number), "delisted");
        }
        self.schedule(job_row + 1);
    }
}

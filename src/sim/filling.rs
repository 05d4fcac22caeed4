//! What becomes of the orders due in a row: netted, cut to lots, capped by volume, priced.

use super::{
    FillRule, Quote,
    ledger::{Execution, FLAT_SHARE},
    step::Steps,
    ticket::Order,
    volume_cap::fillable,
};

impl Steps<'_> {
    /// Fills the tickets due in a row, netted per leg, in order of legs.
    pub(super) fn fill_due(&mut self, job_row: usize) {
        let mut due = std::mem::take(&mut self.desk.due);
        self.desk.tickets.take_due(job_row, &mut due);
        due.sort_by_key(|order| order.leg);
        let mut has_rest = false;
        for orders in due.chunk_by(|a, b| a.leg == b.leg) {
            self.book(job_row, orders);
            let net: f64 = orders.iter().fold(0.0, |sum, order| sum + order.quantity);
            let least = self.least_to_pay_for(orders[0].leg);
            let largest = orders.iter().fold(least, |most, order| most.max(order.quantity.abs()));
            if net.abs() > FLAT_SHARE * largest {
                has_rest |= self.execute(job_row, net, leading(orders, net), closing(orders, net));
            }
        }
        self.desk.due = due;
        if has_rest {
            self.schedule(job_row + 1);
        }
    }

    /// What a net is held against beside its orders: where a fill pays a least commission, what is
    /// held of the leg, so that nobody pays it for rounding. Else nothing: what rounding costs is
    /// rounding.
    fn least_to_pay_for(&self, leg: u16) -> f64 {
        if self.legs[usize::from(leg)].costs.commission.minimum > 0.0 {
            self.ledger.held(leg).map_or(0.0, |held| held.quantity.abs())
        } else {
            0.0
        }
    }

    /// The raw price of fills of a leg in a row.
    fn raw_price(&self, leg: u16, job_row: usize) -> f64 {
        let leg = &self.legs[usize::from(leg)];
        let prices = if self.fill == FillRule::NextOpen { leg.opens } else { leg.closes };
        prices[self.market.rows[job_row] as usize]
    }

    /// Tells the rules, if there are any, what is due of one leg.
    fn book(&mut self, job_row: usize, orders: &[Order]) {
        if self.watch.is_some() {
            let raw = self.raw_price(orders[0].leg, job_row);
            let watch = self.watch.iter_mut();
            watch.for_each(|watch| orders.iter().for_each(|order| watch.book(order, raw, job_row)));
        }
    }

    /// Fills what the leg's bar takes of `quantity`. True if a part of it waits for the next one.
    fn execute(
        &mut self,
        job_row: usize,
        quantity: f64,
        order: &Order,
        exit_reason: &'static str,
    ) -> bool {
        let row = self.market.rows[job_row];
        let raw = self.raw_price(order.leg, job_row);
        let leg = &self.legs[usize::from(order.leg)];
        let bar = leg.traded_bar(raw, row as usize, self.track.moment(job_row));
        let wanted = self.in_lots(order.leg, quantity, bar.split_factor);
        let capped = match self.limits.volume_cap {
            None => wanted,
            Some(cap) => fillable(wanted, cap, bar.volume, leg.costs.lot, bar.split_factor),
        };
        let taken = self.ledger.widened(order.leg, capped);
        if taken != 0.0 {
            let execution = Execution {
                leg: order.leg,
                quantity: taken,
                raw: bar.raw,
                row,
                job_row,
                decided_row: order.decided_row,
                group: order.group,
                reason: order.reason,
                exit_reason,
            };
            let quote = Quote::of(taken, &bar, &leg.costs);
            self.ledger.execute(&execution, &quote, leg.closes);
        }
        let rest = wanted - taken;
        // Only the cap leaves a rest: what widening added or took away is rounding, no order.
        let waits = capped.abs() < wanted.abs() && rest != 0.0 && (rest > 0.0) == (wanted > 0.0);
        if waits {
            self.desk.tickets.keep_rest(order, rest);
        }
        waits
    }

    /// `quantity` in whole lots, unless it closes the position.
    fn in_lots(&self, number: u16, quantity: f64, split_factor: f64) -> f64 {
        let quantity = self.ledger.widened(number, quantity);
        let closes = self.ledger.held(number).is_some_and(|held| held.quantity + quantity == 0.0);
        match self.legs[usize::from(number)].costs.lot {
            Some(lot) if !closes => lot.cut(quantity * split_factor) / split_factor,
            _ => quantity,
        }
    }

    /// Closes a position at its mark; `free` of costs or not.
    pub(super) fn close_position(
        &mut self,
        at: usize,
        job_row: usize,
        reason: &'static str,
        free: bool,
    ) {
        self.close_position_at(at, job_row, self.ledger.positions[at].mark, reason, free);
    }

    /// Closes a position at a raw price of the present row, whatever the bar's volume.
    pub(super) fn close_position_at(
        &mut self,
        at: usize,
        job_row: usize,
        raw: f64,
        reason: &'static str,
        free: bool,
    ) {
        let held = &self.ledger.positions[at];
        let row = self.market.rows[job_row];
        let leg = &self.legs[usize::from(held.leg)];
        let execution = Execution {
            leg: held.leg,
            quantity: -held.quantity,
            raw,
            row,
            job_row,
            decided_row: row,
            group: 0,
            reason,
            exit_reason: reason,
        };
        let bar = leg.traded_bar(raw, row as usize, self.track.moment(job_row));
        let quote =
            if free { Quote::free(raw) } else { Quote::of(execution.quantity, &bar, &leg.costs) };
        self.ledger.execute(&execution, &quote, leg.closes);
    }
}

/// The order a netted fill is named after: the largest in its direction, the earliest of equals.
fn leading(orders: &[Order], net: f64) -> &Order {
    largest(orders, net, |_| true).unwrap_or(&orders[0])
}

/// Reason of a trade that ends because other trade groups enter against it.
const NETTED: &str = "netted";

/// Why a trade ends with a netted fill: the reason of the largest order in its direction that is not
/// the first of its trade group; [`NETTED`] if there is none.
fn closing(orders: &[Order], net: f64) -> &'static str {
    largest(orders, net, |order| !order.is_opening()).map_or(NETTED, |order| order.reason)
}

/// The largest of the orders in the direction of `net` that may lead, the earliest of those that are
/// as large up to rounding.
fn largest(orders: &[Order], net: f64, may_lead: fn(&Order) -> bool) -> Option<&Order> {
    let agrees = |order: &&Order| (order.quantity > 0.0) == (net > 0.0) && may_lead(order);
    let most = orders.iter().filter(agrees).fold(0.0_f64, |most, o| most.max(o.quantity.abs()));
    orders.iter().filter(agrees).find(|order| order.quantity.abs() >= most * (1.0 - FLAT_SHARE))
}

#[cfg(test)]
mod tests {
    use super::{closing, leading};
    use crate::sim::Tickets;

    #[test]
    fn a_netted_fill_is_named_after_its_largest_part() {
        let mut tickets = Tickets::default();
        tickets.begin(None);
        let orders = [
            (1.0, "first", 0),
            (-9.0, "exit", 0),
            (4.0, "stop", 0),
            (6.0, "enter", 1),
            (6.0, "later", 2),
        ];
        for (quantity, reason, group) in orders {
            tickets.together(&[(0, quantity)], group, reason);
        }
        tickets.schedule(0..1, |_, _| true);
        let mut due = Vec::new();
        tickets.take_due(0, &mut due);
        assert_eq!(leading(&due, 7.0).reason, "enter");
        assert_eq!(leading(&due, -1.0).reason, "exit");
        assert_eq!([closing(&due, 7.0), closing(&due, -1.0)], ["stop", "exit"]);
        assert_eq!(closing(&due[3..], 12.0), "netted", "nobody has left");
    }
}

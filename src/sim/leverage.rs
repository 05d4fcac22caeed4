//! Leverage caps: how far what a decision adds is scaled down.
//!
//! With `b` the value of a leg as it will be without what is scaled and `d` the value that is added
//! to it, the scale is the largest `s` in `[0, 1]` with `sum |b + s d| <= gross_cap * equity` and
//! `|sum (b + s d)| <= net_cap * equity`, and 0 if there is none. Both sums are convex in `s` and
//! linear between the points at which a leg (or the net) changes its sign, so the bounds are found
//! exactly.
//!
//! A cap that an earlier decision has used up is met by its sum up to rounding only, from above or
//! from below. Money below [`ROUNDING`] of what is at stake is therefore none: a sum above its cap by
//! no more is at it, and a cap that leaves room for no more leaves none.

use super::{
    Limits,
    ticket::{Order, Tickets},
};

/// Share of `equity + sum |b| + sum |d|`, or of an order, that is rounding: sums have a few hundred
/// terms of relative error 2^-53.
const ROUNDING: f64 = 1e-12;

/// Signed value of a leg at its mark.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Exposure {
    /// Once everything has been filled that is not scaled.
    fixed: f64,
    /// What the scaled orders add at full size.
    added: f64,
}

impl Exposure {
    fn at(&self, scale: f64) -> f64 {
        self.fixed + scale * self.added
    }
}

/// Scales the new orders of a decision to the caps, and settles the scale of new trade groups.
/// `quantities` and `marks` are those of the decision, by leg.
///
/// A ticket of a group whose scale is settled is multiplied by it and fixed. The first ticket of a
/// group is scaled whole; of an order alone, what goes beyond zero or away from it is scaled, and
/// what reduces the position is fixed.
pub(super) fn cap(
    tickets: &mut Tickets,
    limits: &Limits,
    equity: f64,
    quantities: &[f64],
    marks: &[f64],
) {
    tickets.apply_settled();
    let mut held: Vec<f64> = quantities.to_vec();
    let is_first = |order: &Order, tickets: &Tickets| {
        order.is_new() && !order.replaceable && tickets.scale_of(order.group).is_none()
    };
    for order in tickets.orders() {
        if !(is_first(order, tickets) || order.is_new() && order.replaceable) {
            held[usize::from(order.leg)] += order.quantity;
        }
    }
    let mut exposures = vec![Exposure::default(); marks.len()];
    for ((exposure, quantity), mark) in exposures.iter_mut().zip(&held).zip(marks) {
        // A leg without a mark is not held.
        exposure.fixed = if mark.is_nan() { 0.0 } else { quantity * mark };
    }
    for order in tickets.orders().iter().filter(|order| order.is_new()) {
        let leg = usize::from(order.leg);
        let mark = if marks[leg].is_nan() { 0.0 } else { marks[leg] };
        if order.replaceable {
            let (reducing, adding) = parted(held[leg], order.quantity);
            exposures[leg].fixed += reducing * mark;
            exposures[leg].added += adding * mark;
        } else if is_first(order, tickets) {
            exposures[leg].added += order.quantity * mark;
        }
    }
    let scale = scale(&exposures, limits, equity);
    let firsts: Vec<u32> =
        tickets.orders().iter().filter(|o| is_first(o, tickets)).map(|o| o.group).collect();
    if scale < 1.0 {
        tickets.resize_new(|order| {
            if order.replaceable {
                let (reducing, adding) = parted(held[usize::from(order.leg)], order.quantity);
                let left = reducing + scale * adding;
                // Of a position that is rounding, what reduces it is.
                if left.abs() <= ROUNDING * order.quantity.abs() { 0.0 } else { left }
            } else if firsts.contains(&order.group) {
                scale * order.quantity
            } else {
                order.quantity
            }
        });
    }
    tickets.settle_groups(&firsts, scale);
}

/// The part of a change that brings a position towards zero, and the part that enlarges it.
fn parted(held: f64, change: f64) -> (f64, f64) {
    if held == 0.0 || (held > 0.0) == (change > 0.0) {
        (0.0, change)
    } else if change.abs() <= held.abs() {
        (change, 0.0)
    } else {
        (-held, held + change)
    }
}

fn scale(exposures: &[Exposure], limits: &Limits, equity: f64) -> f64 {
    let gross = |s: f64| exposures.iter().fold(0.0, |sum, leg| sum + leg.at(s).abs());
    let net = Exposure {
        fixed: exposures.iter().fold(0.0, |sum, leg| sum + leg.fixed),
        added: exposures.iter().fold(0.0, |sum, leg| sum + leg.added),
    };
    let added = exposures.iter().fold(0.0, |sum, leg| sum + leg.added.abs());
    let rounding = ROUNDING * (equity + gross(0.0) + added);
    let bounds = |cap: Option<f64>, turns: &[Exposure], value: &dyn Fn(f64) -> f64| match cap {
        None => Some((0.0, 1.0)),
        Some(cap) => within(turns, &|s| value(s) - cap * equity, rounding),
    };
    let by_gross = bounds(limits.gross_leverage_cap, exposures, &gross);
    let by_net = bounds(limits.net_leverage_cap, &[net], &|s| net.at(s).abs());
    match (by_gross, by_net) {
        (Some(a), Some(b)) if a.0.max(b.0) <= a.1.min(b.1) => {
            let largest = a.1.min(b.1);
            if largest < 1.0 && largest * added <= rounding { 0.0 } else { largest }
        }
        _ => 0.0,
    }
}

/// The first and the last point of `[0, 1]` at which `excess` is not above zero: a convex function
/// that is linear between the points at which one of `turns` changes its sign. At such a point, and
/// at the ends, up to `rounding` is not above zero. `None` if it is above zero throughout.
fn within(turns: &[Exposure], excess: &dyn Fn(f64) -> f64, rounding: f64) -> Option<(f64, f64)> {
    let mut points: Vec<f64> = turns.iter().map(|leg| -leg.fixed / leg.added).collect();
    points.retain(|point| *point > 0.0 && *point < 1.0);
    points.extend([0.0, 1.0]);
    points.sort_by(f64::total_cmp);
    let values: Vec<f64> = points.iter().map(|&point| excess(point)).collect();
    let first = values.iter().position(|value| *value <= rounding)?;
    let last = values.iter().rposition(|value| *value <= rounding)?;
    let crossing = |inside: usize, outside: usize| {
        let (a, b) = (values[inside].min(0.0), values[outside]);
        points[inside] + (points[outside] - points[inside]) * (-a / (b - a))
    };
    let from = if first == 0 { 0.0 } else { crossing(first, first - 1) };
    let to = if last + 1 == points.len() { 1.0 } else { crossing(last, last + 1) };
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use super::{Exposure, Limits, Tickets, cap, scale};

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    fn gross(cap: f64) -> Limits {
        Limits { gross_leverage_cap: Some(cap), ..Limits::default() }
    }

    #[test]
    fn additions_are_scaled_to_what_is_left_under_the_cap() {
        let legs = [(300.0, 400.0), (-200.0, 0.0), (0.0, -400.0)];
        let legs = legs.map(|(fixed, added)| Exposure { fixed, added });
        assert!(close(scale(&legs, &gross(1.3), 1_000.0), 1.0));
        assert!(close(scale(&legs, &gross(0.9), 1_000.0), (900.0 - 500.0) / 800.0));
        assert!(close(scale(&legs, &gross(0.5), 1_000.0), 0.0));
        assert!(close(scale(&legs, &gross(0.4), 1_000.0), 0.0), "never below zero");
        let net = Limits { net_leverage_cap: Some(0.05), ..Limits::default() };
        let long = [Exposure { fixed: 0.0, added: 100.0 }];
        assert!(close(scale(&long, &net, 1_000.0), 0.5));
    }

    #[test]
    fn an_entry_that_reduces_a_position_is_scaled_no_more_than_needed() {
        // |300 - 600 s| + 600 s: 300 at 0, 300 at a half, 900 at 1.
        let legs = [(300.0, -600.0), (0.0, 600.0)];
        let legs = legs.map(|(fixed, added)| Exposure { fixed, added });
        assert!(close(scale(&legs, &gross(0.6), 1_000.0), 0.75));
        assert!(close(scale(&legs, &gross(0.3), 1_000.0), 0.5));
        assert!(close(scale(&legs, &gross(0.2), 1_000.0), 0.0));
    }

    #[test]
    fn a_cap_that_is_used_up_up_to_rounding_is_used_up() {
        // A leg without a mark adds nothing to either sum: it is not held back by a cap that the
        // others have used up, by a bit more or less.
        for used in [899.999_999_999_999_9, 900.0, 900.000_000_000_000_1] {
            let unpriced = [(used, 0.0), (0.0, 0.0)];
            let unpriced = unpriced.map(|(fixed, added)| Exposure { fixed, added });
            assert!(close(scale(&unpriced, &gross(0.9), 1_000.0), 1.0), "{used}");
            // Little is added beside what is held: the room is rounding, though the scale is not.
            let priced = [(used, 0.0), (0.0, 1e-6)];
            let priced = priced.map(|(fixed, added)| Exposure { fixed, added });
            assert_eq!(scale(&priced, &gross(0.9), 1_000.0).to_bits(), 0.0_f64.to_bits(), "{used}");
        }
        let over = [Exposure { fixed: 900.001, added: 0.0 }];
        assert!(close(scale(&over, &gross(0.9), 1_000.0), 0.0), "a cap that prices have passed");
    }

    #[test]
    fn a_group_leaves_with_the_scale_it_entered_with() {
        let mut tickets = Tickets::default();
        tickets.begin(None);
        tickets.together(&[(0, 10.0), (1, -20.0)], 4, "enter");
        cap(&mut tickets, &gross(1.0), 1_000.0, &[0.0, 0.0], &[100.0, 50.0]);
        let sizes = |tickets: &Tickets| -> Vec<f64> {
            tickets.orders().iter().map(|order| order.quantity).collect()
        };
        assert_eq!(sizes(&tickets), [5.0, -10.0]);
        tickets.schedule(0..1, |_, _| true);
        tickets.take_due(0, &mut Vec::new());
        tickets.together(&[(0, -10.0), (1, 20.0)], 4, "exit");
        tickets.each(1, 8.0, 9, "rebalance");
        tickets.apply_settled();
        assert_eq!(sizes(&tickets), [-5.0, 10.0, 8.0]);
    }

    #[test]
    fn what_rounding_leaves_of_an_order_is_none() {
        let mut tickets = Tickets::default();
        tickets.begin(None);
        tickets.each(0, -7.0, 0, "rebalance");
        // What is held and waits of leg 0 adds up to nothing but for its last bit; no room is left.
        cap(&mut tickets, &gross(0.4), 1_000.0, &[1e-15, 4.0], &[100.0, 100.0]);
        assert!(tickets.orders().is_empty(), "{:?}", tickets.orders());
    }

    #[test]
    fn of_an_order_alone_only_what_enlarges_is_scaled() {
        let mut tickets = Tickets::default();
        tickets.begin(None);
        tickets.each(0, -7.0, 0, "rebalance");
        tickets.each(1, 6.0, 0, "rebalance");
        // Through zero: 5 are reduced, 2 added; the other adds 6: 800 of room for 200 + 600.
        cap(&mut tickets, &gross(0.4), 1_000.0, &[5.0, 0.0], &[100.0, 100.0]);
        let sizes: Vec<f64> = tickets.orders().iter().map(|order| order.quantity).collect();
        assert!(close(sizes[0], -6.0) && close(sizes[1], 3.0), "{sizes:?}");
    }
}

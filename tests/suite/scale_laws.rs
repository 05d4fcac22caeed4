//! Scale: neither the unit of money nor the unit of prices is any concern of the ledger, with every
//! cost, limit, event and rule on. Powers of two scale every bit.

use barline::{
    domain::{EventHistory, EventKind, Field, InstrumentEvent, Timestamp},
    sim::{Paid, Simulation},
};
use proptest::prelude::*;

use crate::scripted::{Case, Line, Spice, everything, with_rules};

/// What the units of a case are multiplied by.
#[derive(Debug, Clone, Copy)]
struct Units {
    /// Money.
    money: f64,
    /// Quantities.
    quantity: f64,
}

impl Units {
    fn price(self) -> f64 {
        self.money / self.quantity
    }
}

/// The same case in other units: everything that is counted in money, in units of the instrument or
/// in money per unit.
fn in_units(case: &Case, units: Units) -> Case {
    let mut other = case.clone();
    for asset in 0..other.panel.universe().len() {
        for field in Field::ALL {
            if other.panel.fields().contains(&field) {
                let is_volume = field == Field::Volume;
                let factor = if is_volume { units.quantity } else { units.price() };
                other.panel.column_mut(asset, field).iter_mut().for_each(|value| *value *= factor);
            }
        }
    }
    for line in other.script.iter_mut().flat_map(|(_, lines)| lines) {
        match line {
            Line::Together(legs, _) => legs.iter_mut().for_each(|(_, q)| *q *= units.quantity),
            Line::Each(_, quantity, _) => *quantity *= units.quantity,
            Line::Weights(_) => {}
        }
    }
    other.on_delisted *= units.quantity;
    other.options.capital *= units.money;
    other.options.costs.commission_minimum *= units.money;
    other.options.costs.commission_per_unit *= units.price();
    let scaled = |term: &mut Option<f64>, factor: f64| term.iter_mut().for_each(|x| *x *= factor);
    scaled(&mut other.options.limits.lot, units.quantity);
    scaled(&mut other.options.limits.tick, units.price());
    for own in &mut other.particulars {
        scaled(&mut own.terms.lot, units.quantity);
        scaled(&mut own.terms.tick, units.price());
        scaled(&mut own.terms.commission_minimum, units.money);
        scaled(&mut own.terms.commission_per_unit, units.price());
        own.events = EventHistory::new(EventKind::ALL.into_iter().flat_map(|kind| {
            let factor = if kind == EventKind::Dividend { units.price() } else { 1.0 };
            own.events.of(kind).to_vec().into_iter().map(move |(ts, value)| InstrumentEvent {
                ts: Timestamp(ts),
                kind,
                value: value * factor,
            })
        }));
    }
    other
}

fn bits(values: &[f64], factor: f64) -> Vec<u64> {
    values.iter().map(|value| (value * factor).to_bits()).collect()
}

fn paid(paid: &Paid, factor: f64) -> [u64; 8] {
    [
        paid.commission,
        paid.slippage,
        paid.spread,
        paid.impact,
        paid.borrow,
        paid.financing,
        paid.dividend,
        paid.funding,
    ]
    .map(|part| (part * factor).to_bits())
}

/// `other` is `one` in other units, bit for bit.
fn same_in(units: Units, one: &Simulation, other: &Simulation) -> Result<(), TestCaseError> {
    let Units { money, quantity } = units;
    prop_assert_eq!(bits(&one.equity, money), bits(&other.equity, 1.0));
    prop_assert_eq!(bits(&one.cash, money), bits(&other.cash, 1.0));
    prop_assert_eq!(bits(&one.gross, money), bits(&other.gross, 1.0));
    prop_assert_eq!(paid(&one.paid, money), paid(&other.paid, 1.0));
    for (one, other) in one.paid_by_row.iter().zip(&other.paid_by_row) {
        prop_assert_eq!(paid(one, money), paid(other, 1.0));
    }
    prop_assert_eq!(one.fills.len(), other.fills.len());
    for (one, other) in one.fills.iter().zip(&other.fills) {
        let what = |fill: &barline::sim::Fill| (fill.row, fill.decided_row, fill.leg, fill.reason);
        prop_assert_eq!(what(one), what(other));
        prop_assert_eq!((one.quantity * quantity).to_bits(), other.quantity.to_bits());
        prop_assert_eq!((one.price * units.price()).to_bits(), other.price.to_bits());
    }
    prop_assert_eq!(one.trades.len(), other.trades.len());
    for (one, other) in one.trades.iter().zip(&other.trades) {
        prop_assert_eq!((one.net_pnl * money).to_bits(), other.net_pnl.to_bits());
        prop_assert_eq!((one.quantity * quantity).to_bits(), other.quantity.to_bits());
        prop_assert_eq!((one.exit_row, one.exit_reason), (other.exit_row, other.exit_reason));
    }
    prop_assert_eq!((one.ruined_at, one.exposed_rows), (other.ruined_at, other.exposed_rows));
    let called = |simulation: &Simulation| simulation.margin_call.map(|call| call.row);
    prop_assert_eq!(called(one), called(other));
    Ok(())
}

fn law(case: &Case, money: i32, quantity: i32) -> Result<(), TestCaseError> {
    let units = Units { money: 2.0_f64.powi(money), quantity: 2.0_f64.powi(quantity) };
    same_in(units, &case.simulate(), &in_units(case, units).simulate())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Capital times `2^k`: everything in money and in units is, and prices stay.
    #[test]
    fn law_with_every_term_and_rule_capital_scales_every_bit(seed in any::<u64>(), k in -20_i32..21) {
        for spice in [Spice::MILD, Spice::WILD] {
            law(&everything(seed, spice), k, k)?;
            law(&with_rules(seed, spice), k, k)?;
        }
    }

    /// Prices times `2^k`: `2^k` times fewer units, and the same money.
    #[test]
    fn law_with_every_term_and_rule_prices_scale_every_bit(seed in any::<u64>(), k in -20_i32..21) {
        for spice in [Spice::MILD, Spice::WILD] {
            law(&everything(seed, spice), 0, -k)?;
            law(&with_rules(seed, spice), 0, -k)?;
        }
    }

    /// Prices and cash times `2^k`: the same units at other prices.
    #[test]
    fn law_with_every_term_and_rule_money_scales_every_bit(seed in any::<u64>(), k in -20_i32..21) {
        for spice in [Spice::MILD, Spice::WILD] {
            law(&with_rules(seed, spice), k, 0)?;
        }
    }
}

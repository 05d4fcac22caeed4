//! Mirrors: the ledger knows no difference between long and short but those that the text names.
//!
//! Two mirrors are held to. In the first the same orders are written with the opposite sign on the
//! same bars, with every cost on: both together make nothing and lose what both pay. In the second
//! the prices are mirrored as well, `p` into `c - p`: what counts in units, in rows or in equity (lots,
//! ticks, commissions per unit and minimum, volume caps, dividends, time stop, drawdown, re-entry) is
//! its own mirror image, and so is the account, bit for bit. What is a share of a price is not.

use barline::{
    domain::{EventHistory, EventKind, Field, InstrumentEvent, Timestamp},
    sim::{Costs, Fill, Limits, Rules, Simulation},
};
use proptest::prelude::*;

use crate::scripted::{Case, Line, Spice, with_rules};

/// Prices are mirrored into this less themselves.
const CENTRE: f64 = 4_096.0;

/// Orders of fixed quantities alone, small enough for the account to outlive them.
const FIXED: Spice = Spice { weights: false, leverage: 0.05, ..Spice::MILD };

/// The case with every order the other way round.
fn reversed(case: &Case) -> Case {
    let mut other = case.clone();
    for line in other.script.iter_mut().flat_map(|(_, lines)| lines) {
        match line {
            Line::Together(legs, _) => legs.iter_mut().for_each(|(_, quantity)| *quantity *= -1.0),
            Line::Each(_, quantity, _) => *quantity *= -1.0,
            Line::Weights(weights) => weights.iter_mut().for_each(|weight| *weight *= -1.0),
        }
    }
    other.on_delisted *= -1.0;
    other
}

/// The case with every order and every price the other way round; shorts receive its dividends.
fn mirrored(case: &Case) -> Case {
    let mut other = reversed(case);
    for asset in 0..case.panel.universe().len() {
        for (field, of) in [
            (Field::Open, Field::Open),
            (Field::Close, Field::Close),
            (Field::High, Field::Low),
            (Field::Low, Field::High),
        ] {
            let column = case.panel.column(asset, of).iter().map(|price| CENTRE - price);
            let column: Vec<f64> = column.collect();
            other.panel.column_mut(asset, field).copy_from_slice(&column);
        }
    }
    for own in &mut other.particulars {
        let dividends = own.events.of(EventKind::Dividend).to_vec();
        own.events = EventHistory::new(dividends.into_iter().map(|(ts, amount)| InstrumentEvent {
            ts: Timestamp(ts),
            kind: EventKind::Dividend,
            value: -amount,
        }));
    }
    other
}

fn to_multiple(value: f64, unit: f64) -> f64 {
    (value / unit).round() * unit
}

/// A case without what is a share of a price or of cash, in prices, quantities and amounts that are
/// whole multiples of powers of two: its arithmetic is exact.
fn exact(seed: u64) -> Case {
    let mut case = with_rules(seed, Spice { weights: false, ..Spice::MILD });
    case.options.capital = 2_000.0;
    for asset in 0..case.panel.universe().len() {
        for field in [Field::Open, Field::High, Field::Low, Field::Close] {
            let column = case.panel.column_mut(asset, field);
            for price in column {
                *price = to_multiple(*price, 0.015_625);
            }
        }
    }
    for line in case.script.iter_mut().flat_map(|(_, lines)| lines) {
        match line {
            Line::Together(legs, _) => {
                for (_, quantity) in legs {
                    *quantity = to_multiple(*quantity, 0.0625);
                }
            }
            Line::Each(_, quantity, _) => *quantity = to_multiple(*quantity, 0.0625),
            Line::Weights(_) => {}
        }
    }
    case.on_delisted = to_multiple(case.on_delisted, 0.0625);
    let costs = case.options.costs;
    case.options.costs = Costs {
        commission_per_unit: to_multiple(costs.commission_per_unit, 0.003_906_25),
        commission_minimum: to_multiple(costs.commission_minimum, 0.015_625),
        ..Costs::NONE
    };
    // In whole lots a volume cap leaves whole lots.
    let limits = case.options.limits;
    case.options.limits = Limits {
        lot: limits.lot.or(limits.volume_cap).map(|_| 0.25),
        tick: limits.tick.map(|_| 0.125),
        volume_cap: limits.volume_cap,
        ..Limits::default()
    };
    (case.options.rules.stop_loss, case.options.rules.take_profit) = (None, None);
    for own in &mut case.particulars {
        own.terms = barline::sim::InstrumentTerms::default();
        let dividends = own.events.of(EventKind::Dividend).to_vec();
        own.events = EventHistory::new(dividends.into_iter().map(|(ts, amount)| InstrumentEvent {
            ts: Timestamp(ts),
            kind: EventKind::Dividend,
            value: to_multiple(amount, 0.015_625),
        }));
    }
    case
}

/// What a fill and its mirror image have in common.
fn image(fill: &Fill, sign: f64) -> (u32, u32, u16, u64, &'static str) {
    let quantity = (sign * fill.quantity).to_bits();
    (fill.row, fill.decided_row, fill.leg, quantity, fill.reason)
}

fn images(simulation: &Simulation, sign: f64) -> Vec<(u32, u32, u16, u64, &'static str)> {
    simulation.fills.iter().map(|fill| image(fill, sign)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// On every row, with every cost and event on: what one wins by prices the other loses, so that
    /// both together are short of what both have paid.
    #[test]
    fn law_long_and_short_together_lose_what_they_pay(seed in any::<u64>()) {
        let mut case = with_rules(seed, FIXED);
        // What is told by equity or by the side of a price is no mirror image.
        let Limits { lot, tick, volume_cap, .. } = case.options.limits;
        case.options.limits = Limits { lot, tick, volume_cap, ..Limits::default() };
        let Rules { time_stop_bars, reentry, .. } = case.options.rules;
        case.options.rules = Rules { time_stop_bars, reentry, ..Rules::default() };
        case.options.capital = 1_000_000.0;
        let (one, other) = (case.simulate(), reversed(&case).simulate());
        prop_assert_eq!(images(&one, -1.0), images(&other, 1.0));
        let turned = one.traded_notional + other.traded_notional + 2.0 * case.options.capital;
        let mut paid = 0.0;
        for row in 0..case.rows.len() {
            for simulation in [&one, &other] {
                let of_row = &simulation.paid_by_row[row];
                paid += of_row.beside_prices() + of_row.within_prices();
            }
            let both = one.equity[row] + other.equity[row] - 2.0 * case.options.capital;
            prop_assert!((both + paid).abs() <= 1e-12 * turned, "row {row}: {both} for {paid}");
        }
    }

    /// Prices mirrored as well: the same account, bit for bit.
    #[test]
    fn law_the_mirrored_market_is_the_same_account(seed in any::<u64>()) {
        let case = exact(seed);
        let (one, other) = (case.simulate(), mirrored(&case).simulate());
        prop_assert_eq!(&one.equity, &other.equity);
        prop_assert_eq!(images(&one, -1.0), images(&other, 1.0));
        prop_assert_eq!(one.paid, other.paid);
        for (fill, image) in one.fills.iter().zip(&other.fills) {
            prop_assert_eq!((CENTRE - fill.price).to_bits(), image.price.to_bits());
        }
        prop_assert_eq!(one.trades.len(), other.trades.len());
        for (trade, image) in one.trades.iter().zip(&other.trades) {
            prop_assert_eq!((trade.side, trade.net_pnl), (-image.side, image.net_pnl));
            prop_assert_eq!(trade.exit_reason, image.exit_reason);
        }
        prop_assert_eq!((one.ruined_at, one.exposed_rows), (other.ruined_at, other.exposed_rows));
    }
}

/// The exact cases reach what they are about.
#[test]
fn the_mirrored_cases_trade_pay_and_are_closed_by_rules() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..400 {
        let case = exact(seed);
        let simulation = case.simulate();
        let mut note = |what, happened: bool| *seen.entry(what).or_insert(0) += u32::from(happened);
        note("dividends", simulation.paid.dividend != 0.0);
        note("commission", simulation.paid.commission != 0.0);
        note("ticks", simulation.paid.slippage != 0.0);
        note("caps", case.options.limits.volume_cap.is_some());
        for reason in ["time_stop", "max_drawdown", "delisted"] {
            note(reason, simulation.fills.iter().any(|fill| fill.reason == reason));
        }
    }
    assert!(seen.values().all(|count| *count >= 20), "{seen:?}");
}

//! Every term of a job by a hand-computed example.

use barline::{
    domain::{
        EventHistory, EventKind, Field, Instrument, InstrumentEvent, Panel, Timestamp, Universe,
    },
    sim::{
        Costs, FillRule, InstrumentTerms, KeepDetail, Limits, Particulars, Rules, SimOptions,
        Simulation,
    },
};

use crate::{
    scripted::{Case, Line},
    small_store::DAY,
};

/// Daily bars of these closes (opens equal closes) per leg, filled at the next close.
fn case(closes: &[&[f64]], script: Vec<(usize, Vec<Line>)>) -> Case {
    let instrument = |at: usize| Instrument {
        market: "test".into(),
        symbol: format!("A{at}"),
        id: u32::try_from(at).expect("small"),
    };
    let universe = Universe::new((0..closes.len()).map(instrument).collect()).expect("legs");
    let rows = u32::try_from(closes[0].len()).expect("few");
    let ts = (0..i64::from(rows)).map(|row| row * DAY).collect();
    let mut panel = Panel::with_fields(universe, ts, &[Field::Volume]);
    for (asset, column) in closes.iter().enumerate() {
        panel.column_mut(asset, Field::Open).copy_from_slice(column);
        panel.column_mut(asset, Field::Close).copy_from_slice(column);
        panel.column_mut(asset, Field::Volume).fill(8.0);
    }
    let options = SimOptions {
        capital: 1_000.0,
        costs: Costs::NONE,
        limits: Limits::default(),
        rules: Rules::default(),
        fill: FillRule::NextClose,
        max_stale_bars: 9,
        keep: KeepDetail { fills: true, equity: true, weights: true },
    };
    Case {
        panel,
        assets: (0..).take(closes.len()).collect(),
        rows: (0..rows).collect(),
        script,
        options,
        particulars: Vec::new(),
        stale_rows: Vec::new(),
        on_delisted: 0.0,
    }
}

fn buy(quantity: f64) -> Vec<(usize, Vec<Line>)> {
    vec![(0, vec![Line::Each(0, quantity, 0)])]
}

fn quantities(simulation: &Simulation) -> Vec<(u32, f64)> {
    simulation.fills.iter().map(|fill| (fill.row, fill.quantity)).collect()
}

fn events(list: &[(i64, EventKind, f64)]) -> Vec<Particulars> {
    let event = |&(day, kind, value): &(i64, EventKind, f64)| InstrumentEvent {
        ts: Timestamp(day * DAY),
        kind,
        value,
    };
    let events = EventHistory::new(list.iter().map(event));
    vec![Particulars { terms: InstrumentTerms::default(), events }]
}

#[test]
fn what_a_bar_cannot_take_waits_for_the_next_one() {
    let mut capped = case(&[&[10.0; 6]], buy(5.0));
    capped.options.limits.volume_cap = Some(0.25);
    assert_eq!(quantities(&capped.simulate()), [(1, 2.0), (2, 2.0), (3, 1.0), (5, -5.0)]);
    // A newer order alone of the same leg takes the place of the rest.
    capped.script.push((1, vec![Line::Each(0, 1.0, 0)]));
    assert_eq!(quantities(&capped.simulate()), [(1, 2.0), (2, 1.0), (5, -3.0)]);
    capped.script.pop();
    capped.panel.column_mut(0, Field::Volume)[1] = f64::NAN;
    let simulation = capped.simulate();
    assert_eq!(quantities(&simulation), [(2, 2.0), (3, 2.0), (4, 1.0), (5, -5.0)]);
    assert_eq!((simulation.tickets, simulation.filled), (1, 1));
}

#[test]
fn quantities_are_cut_to_whole_lots_of_the_day() {
    let mut lots = case(&[&[10.0; 4]], buy(7.9));
    lots.options.limits.lot = Some(2.0);
    assert_eq!(quantities(&lots.simulate()), [(1, 6.0), (3, -6.0)]);
    lots.particulars = events(&[(0, EventKind::Split, 4.0)]);
    assert_eq!(quantities(&lots.simulate()), [(1, 7.5), (3, -7.5)], "30 units of the day");
    lots.particulars[0].terms.lot = Some(100.0);
    assert!(quantities(&lots.simulate()).is_empty(), "not one lot");
}

#[test]
fn what_closes_a_position_is_not_cut_to_lots() {
    let mut odd = case(&[&[10.0; 5]], buy(7.9));
    odd.options.limits.lot = Some(2.0);
    odd.script.push((2, vec![Line::Each(0, -6.0, 0)]));
    // 6 units are 3 of the day by then: a lot and a half.
    odd.particulars = events(&[(2, EventKind::Split, 0.5)]);
    assert_eq!(quantities(&odd.simulate()), [(1, 6.0), (3, -6.0)]);
}

/// Quantity, price and commission of the one purchase of an instrument with these terms of its own.
fn bought(own: InstrumentTerms) -> (f64, f64, f64) {
    let flat: &[f64] = &[10.0; 3];
    let mut second = case(&[flat, flat], buy(4.0));
    second.assets = vec![1];
    let (costs, limits) = (&mut second.options.costs, &mut second.options.limits);
    (costs.commission_minimum, costs.commission_per_unit, costs.half_spread_bps) = (1.0, 0.5, 0.0);
    (limits.lot, limits.tick) = (Some(2.0), Some(0.25));
    second.particulars = vec![Particulars::default(); 2];
    second.particulars[1].terms = own;
    let fill = second.simulate().fills[0];
    (fill.quantity, fill.price, fill.commission)
}

#[test]
fn terms_of_an_instrument_take_the_place_of_those_of_the_job() {
    let none = InstrumentTerms::default();
    assert_eq!(bought(none), (4.0, 10.0, 2.0));
    let minimum = InstrumentTerms { commission_minimum: Some(3.0), ..none };
    assert_eq!(bought(minimum), (4.0, 10.0, 3.0));
    let per_unit = InstrumentTerms { commission_per_unit: Some(0.75), ..none };
    assert_eq!(bought(per_unit), (4.0, 10.0, 3.0));
    let spread = InstrumentTerms { half_spread_bps: Some(100.0), ..none };
    assert_eq!(bought(spread), (4.0, 10.25, 2.0), "10.1 on a tick of a quarter");
    let tick = InstrumentTerms { tick: Some(4.0), ..none };
    assert_eq!(bought(tick), (4.0, 12.0, 2.0));
    let lot = InstrumentTerms { lot: Some(3.0), ..none };
    assert_eq!(bought(lot), (3.0, 10.0, 1.5));
}

#[test]
fn cash_below_zero_pays_interest_from_the_next_row_on() {
    let mut borrowed = case(&[&[10.0; 4]], buy(200.0));
    borrowed.options.costs.financing_bps = 3_650.0;
    let simulation = borrowed.simulate();
    // 1,000 are owed: a tenth of a percent a day, on what is owed by then.
    let fees: Vec<f64> = simulation.paid_by_row.iter().map(|paid| paid.financing).collect();
    let expected = [0.0, 0.0, 1.0, 1.001];
    assert!(fees.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{fees:?}");
    assert!((simulation.equity[3] - 997.999).abs() < 1e-9, "{:?}", simulation.equity);
}

#[test]
fn interest_is_due_on_the_borrow_fees_of_the_row_too() {
    let flat: &[f64] = &[10.0; 3];
    let script = vec![(0, vec![Line::Each(0, 300.0, 0), Line::Each(1, -100.0, 0)])];
    let mut both = case(&[flat, flat], script);
    (both.options.costs.borrow_bps, both.options.costs.financing_bps) = (3_650.0, 3_650.0);
    // 1,000 are short and 1,000 owed: a tenth of a percent each, of what is owed after the first.
    let paid = both.simulate().paid_by_row[2];
    assert!((paid.borrow - 1.0).abs() < 1e-12, "{paid:?}");
    assert!((paid.financing - 1.001).abs() < 1e-12, "{paid:?}");
}

#[test]
fn events_are_due_in_the_first_row_at_or_after_them_on_what_was_held_before() {
    let mut held = case(&[&[10.0, 10.0, 20.0, 20.0, 20.0]], buy(3.0));
    held.particulars = events(&[
        (0, EventKind::Dividend, 100.0),
        (1, EventKind::Dividend, 100.0),
        (2, EventKind::Dividend, 0.5),
        (3, EventKind::Funding, 0.01),
    ]);
    let paid = held.simulate().paid_by_row;
    let dividends: Vec<f64> = paid.iter().map(|paid| paid.dividend).collect();
    let funding: Vec<f64> = paid.iter().map(|paid| paid.funding).collect();
    assert_eq!(dividends, [0.0, 0.0, 1.5, 0.0, 0.0], "nothing was held before row 1's fills");
    assert_eq!(funding, [0.0, 0.0, 0.0, 3.0 * 20.0 * 0.01, 0.0]);
    // Two units of the day for each: a dividend is money for each of them.
    held.particulars = events(&[(2, EventKind::Dividend, 0.5), (2, EventKind::Split, 2.0)]);
    assert!((held.simulate().paid.dividend - 3.0).abs() < 1e-12);
}

#[test]
fn a_stored_borrow_rate_takes_the_place_of_the_terms_from_its_date_on() {
    let mut short = case(&[&[10.0; 6]], buy(-100.0));
    short.options.costs.borrow_bps = 3_650.0;
    short.particulars = events(&[(3, EventKind::Borrow, 7_300.0)]);
    let fees: Vec<f64> = short.simulate().paid_by_row.iter().map(|paid| paid.borrow).collect();
    let expected = [0.0, 0.0, 1.0, 1.0, 2.0, 2.0];
    assert!(fees.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{fees:?}");
    short.particulars[0].terms.borrow_bps = Some(0.0);
    let fees = short.simulate().paid.borrow;
    assert!((fees - 4.0).abs() < 1e-12, "only the stored rate: {fees}");
}

#[test]
fn a_margin_call_sells_everything_with_costs_and_ends_the_job() {
    let mut called = case(&[&[10.0, 10.0, 8.0, 20.0, 30.0]], buy(200.0));
    called.options.limits.maintenance_margin = Some(0.4);
    called.options.costs.slippage_bps = 100.0;
    let simulation = called.simulate();
    // Bought at 10.1; at 8: cash -1,020, positions 1,600, equity 580 below 640.
    let call = simulation.margin_call.expect("a call");
    assert_eq!(call.row, 2);
    assert!((call.equity - 580.0).abs() < 1e-9 && (call.gross - 1_600.0).abs() < 1e-9);
    let last = simulation.fills[1];
    assert_eq!((last.row, last.quantity, last.reason), (2, -200.0, "margin_call"));
    let left = 580.0 - 16.0;
    assert!(simulation.equity[2..].iter().all(|equity| (equity - left).abs() < 1e-9));
}

#[test]
fn a_margin_is_held_against_positions_at_the_close_that_is_judged() {
    // 700 of equity on 1,700 of positions, four tenths of which are 680; they were 2,000 before.
    let mut long = case(&[&[10.0, 10.0, 8.5, 8.5]], buy(200.0));
    long.options.limits.maintenance_margin = Some(0.4);
    assert_eq!(long.simulate().margin_call, None);
    // 500 of equity on 1,500 of positions, four tenths of which are 600; they were 1,000 before.
    let mut short = case(&[&[10.0, 10.0, 15.0, 15.0]], buy(-100.0));
    short.options.limits.maintenance_margin = Some(0.4);
    let call = short.simulate().margin_call.expect("a call");
    assert_eq!((call.row, call.equity, call.gross), (2, 500.0, 1_500.0));
}

#[test]
fn a_group_is_scaled_to_the_cap_and_leaves_what_it_entered() {
    let flat: &[f64] = &[10.0; 5];
    let enter = Line::Together(vec![(0, 150.0), (1, -50.0)], 7);
    let leave = Line::Together(vec![(0, -150.0), (1, 50.0)], 7);
    let mut pair = case(&[flat, flat], vec![(0, vec![enter]), (2, vec![leave])]);
    pair.options.limits.gross_leverage_cap = Some(1.0);
    let scaled = [(1, 75.0), (1, -25.0), (3, -75.0), (3, 25.0)];
    assert_eq!(quantities(&pair.simulate()), scaled);
    pair.options.limits = Limits { net_leverage_cap: Some(0.5), ..Limits::default() };
    assert_eq!(quantities(&pair.simulate()), scaled);
}

#[test]
fn a_cap_is_a_multiple_of_equity_and_counts_what_still_waits() {
    let mut doubled = case(&[&[10.0, 10.0, 20.0, 20.0, 20.0]], buy(50.0));
    doubled.script.push((2, vec![Line::Each(0, 100.0, 1)]));
    doubled.options.limits.gross_leverage_cap = Some(1.0);
    // 1,500 of equity and 1,000 of positions: 25 more at 20.
    assert_eq!(quantities(&doubled.simulate()), [(1, 50.0), (3, 25.0), (4, -75.0)]);
    let (flat, late): (&[f64], &[f64]) = (&[10.0; 5], &[10.0, f64::NAN, f64::NAN, 10.0, 10.0]);
    let script = vec![(0, vec![Line::Each(1, 60.0, 0)]), (1, vec![Line::Each(0, 100.0, 1)])];
    let mut waits = case(&[flat, late], script);
    waits.options.limits.gross_leverage_cap = Some(1.0);
    // 600 of 1,000 are on their way.
    assert_eq!(quantities(&waits.simulate()), [(2, 40.0), (3, 60.0), (4, -40.0), (4, -60.0)]);
}

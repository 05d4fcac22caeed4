//! Stops and targets on bars worked out by hand: what four prices can and cannot tell.

use barline::{
    domain::{Field, Instrument, Panel, Universe},
    sim::{Costs, Fill, FillRule, KeepDetail, Limits, Rules, SimOptions, Trade},
};

use crate::scripted::{Case, Line, Script};

/// Open, high, low and close.
pub(crate) type Ohlc = [f64; 4];

/// A bar in which nothing moves.
pub(crate) const fn still(price: f64) -> Ohlc {
    [price; 4]
}

/// A bar of a close alone.
pub(crate) const fn close_only(close: f64) -> Ohlc {
    [close, f64::NAN, f64::NAN, close]
}

/// Legs of bars, an hour apart, with a volume of 8 each.
pub(crate) fn case(legs: &[&[Ohlc]], script: Script) -> Case {
    let instrument = |at: usize| Instrument {
        market: "test".into(),
        symbol: format!("A{at}"),
        id: u32::try_from(at).expect("small"),
    };
    let universe = Universe::new((0..legs.len()).map(instrument).collect()).expect("legs");
    let rows = u32::try_from(legs[0].len()).expect("few");
    let ts = (0..i64::from(rows)).map(|row| row * 3_600_000_000).collect();
    let mut panel = Panel::with_fields(universe, ts, &Field::ALL);
    for (asset, bars) in legs.iter().enumerate() {
        for (row, bar) in bars.iter().enumerate() {
            let fields = [Field::Open, Field::High, Field::Low, Field::Close];
            for (field, price) in fields.into_iter().zip(bar) {
                panel.column_mut(asset, field)[row] = *price;
            }
            panel.column_mut(asset, Field::Volume)[row] =
                if bar[3].is_nan() { bar[3] } else { 8.0 };
        }
    }
    let options = SimOptions {
        capital: 1_000.0,
        costs: Costs::NONE,
        limits: Limits::default(),
        rules: Rules::default(),
        fill: FillRule::NextOpen,
        max_stale_bars: 9,
        keep: KeepDetail { fills: true, equity: true, weights: true },
    };
    let assets = (0..).take(legs.len()).collect();
    let rows = (0..rows).collect();
    let (particulars, stale_rows) = (Vec::new(), Vec::new());
    Case { panel, assets, rows, script, options, particulars, stale_rows, on_delisted: 0.0 }
}

/// Row, quantity, price and reason.
type Told = (u32, f64, f64, &'static str);

pub(crate) fn told(fill: &Fill) -> Told {
    (fill.row, fill.quantity, fill.price, fill.reason)
}

/// A stop an eighth below the entry and a target a quarter above it: 87.5 and 125 for 100.
fn bracket() -> Rules {
    Rules { stop_loss: Some(0.125), take_profit: Some(0.25), ..Rules::default() }
}

/// One leg, an order of `quantity` at the close of row 0.
fn bought(quantity: f64, bars: &[Ohlc], rules: Rules) -> Case {
    let mut case = case(&[bars], vec![(0, vec![Line::Each(0, quantity, 0)])]);
    case.options.rules = rules;
    case
}

/// The fills after the entry.
fn after_entry(case: &Case) -> Vec<(u32, f64, f64, &'static str)> {
    let simulation = case.simulate();
    let last = simulation.equity.last().expect("rows");
    let net: f64 = simulation.trades.iter().map(|trade| trade.net_pnl).sum();
    assert!((last - 1_000.0 - net).abs() < 1e-9);
    simulation.fills[1..].iter().map(told).collect()
}

/// What a bar does to a long position entered at 100, with the stop at 87.5 and the target at 125;
/// mirrored about 100, the same to a short one.
const BARS: [(Ohlc, Option<(f64, &str)>); 22] = [
    ([100.0, 110.0, 90.0, 105.0], None),
    ([88.0, 124.0, 88.0, 90.0], None),
    // The stop: touched, nearly touched, passed, and touched at the close alone.
    ([100.0, 101.0, 87.5, 95.0], Some((87.5, "stop_loss"))),
    ([100.0, 101.0, 87.5625, 95.0], None),
    ([100.0, 100.0, 80.0, 82.0], Some((87.5, "stop_loss"))),
    ([100.0, 100.0, 87.5, 87.5], Some((87.5, "stop_loss"))),
    // Opened at the stop, beyond it, and far beyond it before the price came back.
    ([87.5, 90.0, 87.0, 88.0], Some((87.5, "stop_loss"))),
    ([87.0, 90.0, 86.0, 88.0], Some((87.0, "stop_loss"))),
    ([80.0, 85.0, 75.0, 85.0], Some((80.0, "stop_loss"))),
    ([80.0, 130.0, 75.0, 128.0], Some((80.0, "stop_loss"))),
    ([1.0, 100.0, 1.0, 100.0], Some((1.0, "stop_loss"))),
    // Stop and target in one bar, in whichever order.
    ([100.0, 130.0, 80.0, 110.0], Some((87.5, "stop_loss"))),
    ([100.0, 125.5, 87.5, 125.5], Some((87.5, "stop_loss"))),
    ([124.0, 126.0, 87.5, 88.0], Some((87.5, "stop_loss"))),
    ([130.0, 131.0, 80.0, 85.0], Some((87.5, "stop_loss"))),
    // The target: touched (at the high, the open, the close), passed.
    ([100.0, 125.0, 99.0, 124.0], None),
    ([125.0, 125.0, 110.0, 112.0], None),
    ([100.0, 125.0, 99.0, 125.0], None),
    ([100.0, 125.5, 99.0, 110.0], Some((125.0, "take_profit"))),
    // Opened beyond the target: no better than the target.
    ([130.0, 140.0, 126.0, 135.0], Some((125.0, "take_profit"))),
    ([125.0, 126.0, 110.0, 112.0], Some((125.0, "take_profit"))),
    ([200.0, 200.0, 88.0, 190.0], Some((125.0, "take_profit"))),
];

#[test]
fn forty_four_bars_within_which_a_position_is_closed_or_not() {
    for (bar, expected) in BARS {
        let long = bought(2.0, &[still(100.0), still(100.0), bar, still(100.0)], bracket());
        let closed = match expected {
            Some((price, reason)) => vec![(2, -2.0, price, reason)],
            None => vec![(3, -2.0, 100.0, "end_of_data")],
        };
        assert_eq!(after_entry(&long), closed, "long: {bar:?}");
        let [open, high, low, close] = bar.map(|price| 200.0 - price);
        let mirrored = [open, low, high, close];
        let short = bought(-2.0, &[still(100.0), still(100.0), mirrored, still(100.0)], bracket());
        let closed: Vec<_> = closed
            .into_iter()
            .map(|(row, quantity, price, reason)| (row, -quantity, 200.0 - price, reason))
            .collect();
        assert_eq!(after_entry(&short), closed, "short: {mirrored:?}");
    }
}

#[test]
fn one_rule_alone_is_not_the_other() {
    let both = [100.0, 130.0, 80.0, 110.0];
    let bars = [still(100.0), still(100.0), both, still(100.0)];
    let target = Rules { take_profit: Some(0.25), ..Rules::default() };
    assert_eq!(after_entry(&bought(2.0, &bars, target)), [(2, -2.0, 125.0, "take_profit")]);
    let stop = Rules { stop_loss: Some(0.125), ..Rules::default() };
    assert_eq!(after_entry(&bought(2.0, &bars, stop)), [(2, -2.0, 87.5, "stop_loss")]);
}

#[test]
fn a_position_entered_at_the_open_can_be_stopped_in_the_same_bar() {
    let entry = [100.0, 101.0, 80.0, 90.0];
    let case = bought(2.0, &[still(100.0), entry, still(90.0)], bracket());
    let simulation = case.simulate();
    let fills: Vec<_> = simulation.fills.iter().map(told).collect();
    assert_eq!(fills, [(1, 2.0, 100.0, "rebalance"), (1, -2.0, 87.5, "stop_loss")]);
    assert_eq!(simulation.equity, [1_000.0, 975.0, 975.0]);
    assert_eq!((simulation.trades[0].bars_held, simulation.exposed_rows), (0, 0));
}

#[test]
fn a_position_entered_at_the_close_saw_nothing_of_its_bar() {
    for fill in [FillRule::NextClose, FillRule::SameClose] {
        let wide = [100.0, 130.0, 50.0, 100.0];
        let mut case = bought(2.0, &[wide, wide, still(100.0), still(100.0)], bracket());
        case.options.fill = fill;
        let closed = after_entry(&case);
        let expected = match fill {
            FillRule::NextClose => vec![(3, -2.0, 100.0, "end_of_data")],
            // Held since the close of row 0, so the next bar counts.
            _ => vec![(1, -2.0, 87.5, "stop_loss")],
        };
        assert_eq!(closed, expected, "{fill}");
    }
}

#[test]
fn what_happens_within_the_bar_comes_before_a_fill_at_its_close() {
    let low = [100.0, 100.0, 80.0, 95.0];
    let bars = [still(100.0), still(100.0), low, still(95.0), still(95.0)];
    // Ordered to be sold, to be turned over, to be doubled at the close of the bar of the stop.
    for change in [-2.0, -4.0, 2.0] {
        let mut case = bought(2.0, &bars, bracket());
        case.options.fill = FillRule::NextClose;
        case.script.push((1, vec![Line::Each(0, change, 0)]));
        assert_eq!(after_entry(&case), [(2, -2.0, 87.5, "stop_loss")], "{change}");
    }
    // At the open it is the other way round.
    let mut case = bought(2.0, &bars, bracket());
    case.script.push((1, vec![Line::Each(0, -2.0, 0)]));
    assert_eq!(after_entry(&case), [(2, -2.0, 100.0, "rebalance")]);
}

#[test]
fn bars_of_closes_alone_are_judged_at_the_close() {
    for (close, next, reason) in [
        (87.5, 86.0, "stop_loss"),
        (70.0, 110.0, "stop_loss"),
        (125.0, 120.0, "take_profit"),
        (140.0, 150.0, "take_profit"),
    ] {
        for (fill, price) in
            [(FillRule::NextOpen, next), (FillRule::NextClose, next), (FillRule::SameClose, close)]
        {
            let bars = [100.0, 100.0, close, next, 100.0].map(close_only);
            let mut case = bought(2.0, &bars, bracket());
            case.options.fill = fill;
            let row = if fill == FillRule::SameClose { 2 } else { 3 };
            assert_eq!(after_entry(&case), [(row, -2.0, price, reason)], "{fill} at {close}");
        }
    }
    for close in [88.0, 124.0] {
        let bars = [100.0, 100.0, close, 100.0].map(close_only);
        let closed = after_entry(&bought(2.0, &bars, bracket()));
        assert_eq!(closed, [(3, -2.0, 100.0, "end_of_data")], "{close}");
    }
}

#[test]
fn one_missing_price_leaves_the_bar_to_its_close() {
    for missing in 0..3 {
        let mut bar = [100.0, 130.0, 80.0, 100.0];
        bar[missing] = f64::NAN;
        let mut case = bought(2.0, &[still(100.0), still(100.0), bar, still(100.0)], bracket());
        assert_eq!(after_entry(&case), [(3, -2.0, 100.0, "end_of_data")], "field {missing}");
        case.options.fill = FillRule::NextClose;
        assert_eq!(after_entry(&case), [(3, -2.0, 100.0, "end_of_data")], "field {missing}");
    }
}

#[test]
fn a_bar_that_is_missing_judges_nothing() {
    let bars =
        [still(100.0), still(100.0), still(f64::NAN), [85.0, 86.0, 70.0, 71.0], still(100.0)];
    assert_eq!(after_entry(&bought(2.0, &bars, bracket())), [(3, -2.0, 85.0, "stop_loss")]);
}

#[test]
fn a_stop_pays_every_cost_of_a_fill_and_no_volume_caps_it() {
    let low = [100.0, 100.0, 80.0, 95.0];
    let bars = [still(100.0), still(100.0), low, still(95.0), still(95.0), still(95.0)];
    let mut case = bought(2.0, &bars, bracket());
    case.options.costs = Costs { slippage_bps: 1_250.0, commission_bps: 625.0, ..Costs::NONE };
    let fill = case.simulate().fills[1];
    // 87.5 less an eighth, then a sixteenth of twice that.
    assert_eq!((fill.price, fill.slippage, fill.commission), (76.5625, 21.875, 153.125 / 16.0));
    assert_eq!((fill.decided_row, fill.row), (2, 2));
    case.options.costs = Costs { half_spread_bps: 1_250.0, impact: 1.0, ..Costs::NONE };
    let fill = case.simulate().fills[1];
    // (2 / 8)^2 of impact beside the spread.
    assert_eq!((fill.price, fill.spread, fill.impact), (87.5 * 0.8125, 21.875, 10.9375));
    case.options.costs = Costs::NONE;
    case.options.limits.tick = Some(2.0);
    assert_eq!(after_entry(&case), [(2, -2.0, 86.0, "stop_loss")], "down to a tick");
    let high = [100.0, 120.0, 100.0, 100.0];
    let mut short = bought(-2.0, &[still(100.0), still(100.0), high, still(95.0)], bracket());
    short.options.limits.tick = Some(2.0);
    assert_eq!(after_entry(&short), [(2, 2.0, 114.0, "stop_loss")], "up to a tick");
    // A cap of one unit a bar: bought in two bars, sold in one.
    case.options.limits = Limits { volume_cap: Some(0.125), ..Limits::default() };
    case.panel.column_mut(0, Field::Low)[2] = 100.0;
    case.panel.column_mut(0, Field::Low)[3] = 50.0;
    let fills: Vec<_> = case.simulate().fills.iter().map(told).collect();
    let expected =
        [(1, 1.0, 100.0, "rebalance"), (2, 1.0, 100.0, "rebalance"), (3, -2.0, 87.5, "stop_loss")];
    assert_eq!(fills, expected);
}

#[test]
fn a_stop_drops_what_still_waits_for_the_position() {
    // Of four units two are bought in row 1; the stop in row 2 comes after one more at its open.
    let bars = [still(100.0), still(100.0), [100.0, 100.0, 80.0, 95.0], still(95.0), still(95.0)];
    let mut case = bought(4.0, &bars, bracket());
    case.options.limits.volume_cap = Some(0.125);
    let fills: Vec<_> = case.simulate().fills.iter().map(told).collect();
    let expected =
        [(1, 1.0, 100.0, "rebalance"), (2, 1.0, 100.0, "rebalance"), (2, -2.0, 87.5, "stop_loss")];
    assert_eq!(fills, expected, "the other two units are not bought");
}

#[test]
fn stops_are_measured_from_the_average_of_what_enlarged_the_position() {
    // 2 at 100 and 2 at 120: 110, a stop at 96.25. Selling one of them moves nothing.
    let bars = [
        still(100.0),
        still(100.0),
        [120.0, 120.0, 97.0, 120.0],
        [120.0, 120.0, 97.0, 120.0],
        [120.0, 120.0, 96.25, 120.0],
        still(120.0),
    ];
    let mut case = bought(2.0, &bars, bracket());
    case.script.push((1, vec![Line::Each(0, 2.0, 0)]));
    case.script.push((2, vec![Line::Each(0, -1.0, 0)]));
    let fills: Vec<_> = case.simulate().fills.iter().map(told).collect();
    assert_eq!(fills.last(), Some(&(4, -3.0, 96.25, "stop_loss")), "{fills:?}");
    // The costs of the entry are no part of it.
    case.options.costs = Costs { slippage_bps: 625.0, ..Costs::NONE };
    let fills = case.simulate().fills;
    assert_eq!(fills.last().map(|fill| (fill.row, fill.reason)), Some((4, "stop_loss")));
}

/// One leg, orders at the closes of rows 0, 1 and 2, a stop alone. Its fills and its first trade.
fn resized(orders: [f64; 3], bars: &[Ohlc], stop_loss: f64) -> (Vec<Told>, Trade) {
    let rules = Rules { stop_loss: Some(stop_loss), ..Rules::default() };
    let mut case = bought(orders[0], bars, rules);
    case.options.capital = 10_000.0;
    for (row, quantity) in orders.into_iter().enumerate().skip(1) {
        case.script.push((row, vec![Line::Each(0, quantity, 0)]));
    }
    let simulation = case.simulate();
    (simulation.fills.iter().map(told).collect(), simulation.trades[0])
}

#[test]
fn what_has_been_sold_is_no_part_of_the_entry_price() {
    // 8 at 100, 7 of them sold at 200, 3 bought at 200: 1 at 100 and 3 at 200 are 4 at 175, and an
    // eighth below that is 153.125. All eleven ever bought cost 1400 / 11 each, 127.27: that is the
    // trade's entry price, and nothing is measured from it.
    let near = [200.0, 200.0, 153.1875, 200.0];
    let at = [200.0, 200.0, 153.125, 200.0];
    let bars = [still(100.0), still(100.0), still(200.0), near, at, still(200.0)];
    let (fills, trade) = resized([8.0, -7.0, 3.0], &bars, 0.125);
    let expected = [
        (1, 8.0, 100.0, "rebalance"),
        (2, -7.0, 200.0, "rebalance"),
        (3, 3.0, 200.0, "rebalance"),
        (4, -4.0, 153.125, "stop_loss"),
    ];
    assert_eq!(fills, expected);
    assert_eq!((trade.quantity, trade.entry_price), (11.0, 1_400.0 / 11.0));
    // Short: 1 at 300 and 3 at 200 are 4 at 225, and an eighth above that is 253.125.
    let near = [200.0, 253.0625, 200.0, 200.0];
    let at = [200.0, 253.125, 200.0, 200.0];
    let bars = [still(300.0), still(300.0), still(200.0), near, at, still(200.0)];
    let (fills, _) = resized([-8.0, 7.0, -3.0], &bars, 0.125);
    assert_eq!(fills.last(), Some(&(4, 4.0, 253.125, "stop_loss")));
}

#[test]
fn a_position_cut_to_little_is_entered_where_it_was_bought_anew() {
    // The example of the text: 45 at 197.78, with a stop of 8 % at 181.96; a bar opens at 145.
    let bars = [still(100.0), still(100.0), still(200.0), still(200.0), still(182.0), still(145.0)];
    let (fills, _) = resized([90.0, -89.0, 44.0], &bars, 0.08);
    assert_eq!(fills.last(), Some(&(5, -45.0, 145.0, "stop_loss")));
    // One through zero begins anew: 2 short at 200, whatever was long before at 100.
    let bars = [still(100.0), still(100.0), still(200.0), still(200.0), still(225.0)];
    let (fills, _) = resized([2.0, -4.0, 0.0], &bars, 0.125);
    assert_eq!(fills.last(), Some(&(4, 2.0, 225.0, "stop_loss")));
}

#[test]
fn rules_within_the_bar_hold_in_the_last_one() {
    let low = [100.0, 100.0, 80.0, 95.0];
    let case = bought(2.0, &[still(100.0), still(100.0), low], bracket());
    assert_eq!(after_entry(&case), [(2, -2.0, 87.5, "stop_loss")]);
}

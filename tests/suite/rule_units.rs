//! Rules at the close: trade groups, time, drawdown, re-entry, and what a closing unit may not do.

use barline::{
    domain::Field,
    sim::{FillRule, Reentry, Rules, Simulation},
};

use crate::{
    rule_bars::{case, close_only, still, told},
    scripted::{Case, Line},
};

const GONE: f64 = f64::NAN;

fn rules() -> Rules {
    Rules::default()
}

/// Row, leg, quantity and reason of every fill.
fn fills(simulation: &Simulation) -> Vec<(u32, u16, f64, &'static str)> {
    let told = |fill: &barline::sim::Fill| (fill.row, fill.leg, fill.quantity, fill.reason);
    simulation.fills.iter().map(told).collect()
}

/// Legs of closes alone, filled at the next close.
fn closes(legs: &[&[f64]], script: Vec<(usize, Vec<Line>)>, rules: Rules) -> Case {
    let bars: Vec<Vec<_>> =
        legs.iter().map(|closes| closes.iter().map(|&close| close_only(close)).collect()).collect();
    let legs: Vec<&[_]> = bars.iter().map(Vec::as_slice).collect();
    let mut case = case(&legs, script);
    case.options.fill = FillRule::NextClose;
    case.options.rules = rules;
    case
}

fn alone(quantity: f64) -> Vec<Line> {
    vec![Line::Each(0, quantity, 0)]
}

fn pair(group: u32) -> Vec<Line> {
    vec![Line::Together(vec![(0, 2.0), (1, -4.0)], group)]
}

#[test]
fn a_unit_is_held_for_as_many_bars_as_allowed() {
    for bars in [1, 2, 5] {
        for fill in FillRule::ALL {
            let time = Rules { time_stop_bars: Some(bars), ..rules() };
            let mut case = closes(&[&[100.0; 12]], vec![(2, alone(1.0))], time);
            case.options.fill = fill;
            let trade = case.simulate().trades[0];
            let entry = if fill == FillRule::SameClose { 2 } else { 3 };
            let told = (trade.entry_row, trade.exit_row, trade.bars_held, trade.exit_reason);
            assert_eq!(told, (entry, entry + bars, bars, "time_stop"), "{fill}");
        }
    }
}

#[test]
fn time_runs_from_the_first_fill_of_a_unit() {
    let script = vec![(0, alone(1.0)), (2, alone(1.0)), (3, alone(-1.5))];
    let time = Rules { time_stop_bars: Some(4), ..rules() };
    let simulation = closes(&[&[100.0; 9]], script, time).simulate();
    assert_eq!(fills(&simulation).last(), Some(&(5, 0, -0.5, "time_stop")));
}

#[test]
fn a_group_is_judged_by_the_gain_of_all_its_legs() {
    // 2 long at 100, 4 short at 50: 400 entered. The long leg alone falls by a quarter.
    let (y, x) =
        ([100.0, 100.0, 75.0, 75.0, 70.0, 70.0, 70.0], [50.0, 50.0, 40.0, 40.0, 50.0, 50.0, 50.0]);
    let stop = Rules { stop_loss: Some(0.15), ..rules() };
    let case = closes(&[&y, &x], vec![(0, pair(3))], stop);
    // Row 2: -50 + 40 of 400; row 4: -60.
    let expected = [
        (1, 0, 2.0, "enter"),
        (1, 1, -4.0, "enter"),
        (5, 0, -2.0, "stop_loss"),
        (5, 1, 4.0, "stop_loss"),
    ];
    assert_eq!(fills(&case.simulate()), expected);
    // A gain of exactly a tenth, 20 + 20 of 400.
    let (y, x) = ([100.0, 100.0, 110.0, 90.0, 90.0], [50.0, 50.0, 45.0, 60.0, 60.0]);
    let target = Rules { take_profit: Some(0.1), ..rules() };
    let case = closes(&[&y, &x], vec![(0, pair(3))], target);
    let closed = [(3, 0, -2.0, "take_profit"), (3, 1, 4.0, "take_profit")];
    assert_eq!(fills(&case.simulate())[2..], closed);
}

#[test]
fn a_group_is_not_judged_within_the_bar() {
    let wide = [100.0, 300.0, 1.0, 100.0];
    let legs = [still(100.0), still(100.0), wide, still(100.0)];
    let mut case = case(&[&legs, &legs], vec![(0, pair(0))]);
    case.options.rules = Rules { stop_loss: Some(0.1), take_profit: Some(0.1), ..rules() };
    assert!(fills(&case.simulate())[2..].iter().all(|fill| fill.3 == "end_of_data"));
}

#[test]
fn groups_that_share_a_leg_are_units_of_their_own() {
    let both = vec![
        Line::Together(vec![(0, 2.0), (1, -4.0)], 0),
        Line::Together(vec![(0, -2.0), (2, 4.0)], 1),
    ];
    let x = [50.0, 50.0, 70.0, 70.0, 70.0, 70.0];
    let stop = Rules { stop_loss: Some(0.2), ..rules() };
    let case = closes(&[&[100.0; 6], &x, &[50.0; 6]], vec![(0, both)], stop);
    let expected = [
        (1, 1, -4.0, "enter"),
        (1, 2, 4.0, "enter"),
        // The first group leaves; of the second the shared leg becomes visible.
        (3, 0, -2.0, "stop_loss"),
        (3, 1, 4.0, "stop_loss"),
        (5, 0, 2.0, "end_of_data"),
        (5, 2, -4.0, "end_of_data"),
    ];
    assert_eq!(fills(&case.simulate()), expected);
}

#[test]
fn what_has_left_a_group_is_no_part_of_its_entry_prices() {
    // 8 at 100, 7 out and 3 in at 200: 4 at 175, beside 4 short at 10. An eighth of 740 is lost where
    // the first leg is at 151.875.
    let y = [100.0, 100.0, 200.0, 200.0, 152.0, 151.875, 150.0, 150.0];
    let both = |quantity: f64| vec![Line::Together(vec![(0, quantity), (1, -quantity)], 0)];
    let script = vec![(0, both(8.0)), (1, both(-7.0)), (2, both(3.0))];
    let stop = Rules { stop_loss: Some(0.125), ..rules() };
    let simulation = closes(&[&y, &[10.0; 8]], script, stop).simulate();
    let closed: Vec<_> = fills(&simulation).into_iter().filter(|fill| fill.0 > 3).collect();
    assert_eq!(closed, [(6, 0, -4.0, "stop_loss"), (6, 1, 4.0, "stop_loss")]);
}

#[test]
fn of_several_reasons_the_first_counts() {
    let y = [100.0, 100.0, 100.0, 50.0, 50.0, 50.0];
    let all =
        Rules { stop_loss: Some(0.5), time_stop_bars: Some(3), max_drawdown: Some(0.1), ..rules() };
    let reason = |rules| {
        let simulation = closes(&[&y], vec![(0, alone(2.0))], rules).simulate();
        let last = *fills(&simulation).last().expect("closed");
        (last.0, last.3)
    };
    assert_eq!(reason(all), (4, "max_drawdown"));
    assert_eq!(reason(Rules { max_drawdown: None, ..all }), (4, "stop_loss"));
    assert_eq!(reason(Rules { max_drawdown: None, stop_loss: None, ..all }), (4, "time_stop"));
    let rise = [100.0, 100.0, 100.0, 200.0, 200.0, 200.0];
    let both = Rules { take_profit: Some(0.5), time_stop_bars: Some(3), ..rules() };
    let simulation = closes(&[&rise], vec![(0, alone(2.0))], both).simulate();
    assert_eq!(fills(&simulation).last(), Some(&(4, 0, -2.0, "time_stop")));
}

#[test]
fn the_circuit_breaker_closes_everything_and_starts_anew() {
    let y = [100.0, 100.0, 80.0, 80.0, 80.0, 80.0, 80.0, 60.0, 60.0];
    let script = vec![
        (0, vec![Line::Each(0, 5.0, 0), Line::Each(1, 1.0, 0)]),
        // At the close that trips it nothing is let through, after the fills everything.
        (2, vec![Line::Each(0, 1.0, 0), Line::Each(2, 1.0, 0)]),
        (3, vec![Line::Each(0, 4.0, 0)]),
    ];
    let tenth = Rules { max_drawdown: Some(0.1), ..rules() };
    let case = closes(&[&y, &[10.0; 9], &[10.0; 9]], script, tenth);
    let simulation = case.simulate();
    let expected = [
        (1, 0, 5.0, "rebalance"),
        (1, 1, 1.0, "rebalance"),
        (3, 0, -5.0, "max_drawdown"),
        (3, 1, -1.0, "max_drawdown"),
        (4, 0, 4.0, "rebalance"),
        // 900 is the highest close now: a fall by 80 is not yet a tenth.
        (8, 0, -4.0, "end_of_data"),
    ];
    assert_eq!(fills(&simulation), expected);
    assert!((simulation.equity[8] - 820.0).abs() < 1e-9);
    let mut stricter = case;
    stricter.options.rules.max_drawdown = Some(0.08);
    let again = fills(&stricter.simulate());
    assert_eq!(again.last(), Some(&(8, 0, -4.0, "max_drawdown")), "80 of 900 is more than 8 %");
}

#[test]
fn the_highest_close_begins_with_the_capital_and_rises_with_equity() {
    let fall = |y: &[f64]| {
        let tenth = Rules { max_drawdown: Some(0.1), ..rules() };
        let simulation = closes(&[y], vec![(0, alone(5.0))], tenth).simulate();
        let last = *fills(&simulation).last().expect("closed");
        (last.0, last.3)
    };
    assert_eq!(fall(&[100.0, 100.0, 80.5, 80.5, 80.5]), (4, "end_of_data"));
    assert_eq!(fall(&[100.0, 100.0, 80.0, 80.5, 80.5]), (3, "max_drawdown"));
    assert_eq!(fall(&[100.0, 100.0, 300.0, 260.5, 260.5, 260.5]), (5, "end_of_data"));
    assert_eq!(fall(&[100.0, 100.0, 300.0, 260.0, 260.0, 260.0]), (4, "max_drawdown"));
}

#[test]
fn reentry_lets_nobody_back_in_before_its_time() {
    // Bought at every close; stopped within bar 2, at which close it is ordered again.
    let low = [100.0, 100.0, 80.0, 100.0];
    let bars =
        [still(100.0), still(100.0), low].into_iter().chain([still(100.0); 7]).collect::<Vec<_>>();
    let script: Vec<_> = (0..9).map(|row| (row, alone(1.0))).collect();
    let second_entry = |reentry| {
        let mut case = case(&[&bars], script.clone());
        case.options.rules = Rules { stop_loss: Some(0.125), reentry, ..rules() };
        let simulation = case.simulate();
        let stop = simulation.fills.iter().position(|fill| fill.reason == "stop_loss");
        simulation.fills.get(stop.expect("a stop") + 1).map(|fill| fill.row)
    };
    assert_eq!(second_entry(Reentry::Signal), Some(3));
    assert_eq!(second_entry(Reentry::Bars(1)), Some(4));
    assert_eq!(second_entry(Reentry::Bars(4)), Some(7));
    assert_eq!(second_entry(Reentry::Bars(100)), None);
    assert_eq!(second_entry(Reentry::Never), None);
}

#[test]
fn reentry_of_a_group_concerns_its_set_of_legs() {
    let x = [50.0, 50.0, 70.0, 70.0, 70.0, 70.0, 70.0, 70.0];
    let script = vec![
        (0, pair(0)),
        (3, vec![Line::Together(vec![(1, -4.0), (0, 2.0)], 1)]),
        (4, vec![Line::Together(vec![(0, 2.0), (2, 1.0)], 2)]),
        // The exit of what was not let in opens nothing either.
        (5, vec![Line::Together(vec![(1, 4.0), (0, -2.0)], 1)]),
    ];
    let never = Rules { stop_loss: Some(0.15), reentry: Reentry::Never, ..rules() };
    let mut case = closes(&[&[100.0; 8], &x, &[10.0; 8]], script, never);
    let expected = [
        (1, 0, 2.0, "enter"),
        (1, 1, -4.0, "enter"),
        (3, 0, -2.0, "stop_loss"),
        (3, 1, 4.0, "stop_loss"),
        (5, 0, 2.0, "enter"),
        (5, 2, 1.0, "enter"),
        (7, 0, -2.0, "end_of_data"),
        (7, 2, -1.0, "end_of_data"),
    ];
    assert_eq!(fills(&case.simulate()), expected);
    case.options.rules.reentry = Reentry::Bars(2);
    assert_eq!(fills(&case.simulate()), expected, "let in again when the exit is written");
    case.options.rules.reentry = Reentry::Signal;
    assert_eq!(fills(&case.simulate())[4..6], [(4, 0, 2.0, "enter"), (4, 1, -4.0, "enter")]);
}

#[test]
fn after_the_circuit_breaker_reentry_holds_for_everything() {
    let y = [100.0, 100.0, 80.0, 80.0, 80.0, 80.0, 80.0, 80.0];
    let mut script = vec![(0, alone(5.0))];
    script.extend((3..7).map(|row| (row, vec![Line::Each(1, 1.0, 0)])));
    let bars = |reentry| Rules { max_drawdown: Some(0.1), reentry, ..rules() };
    let entry = |reentry| {
        let simulation = closes(&[&y, &[10.0; 8]], script.clone(), bars(reentry)).simulate();
        fills(&simulation).into_iter().find(|fill| fill.1 == 1).map(|fill| fill.0)
    };
    assert_eq!(entry(Reentry::Signal), Some(4));
    assert_eq!(entry(Reentry::Bars(2)), Some(6));
    assert_eq!(entry(Reentry::Never), None);
}

#[test]
fn a_unit_that_is_being_closed_takes_no_other_order() {
    // The closing ticket waits for the other leg; the strategy leaves and enters meanwhile.
    let y = [100.0, 100.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0];
    let x = [50.0, 50.0, 50.0, GONE, GONE, 50.0, 50.0, 50.0];
    let script = vec![
        (0, pair(0)),
        (2, vec![Line::Together(vec![(0, -2.0), (1, 4.0)], 0)]),
        (3, vec![Line::Together(vec![(0, 2.0), (1, -4.0)], 1)]),
        (4, vec![Line::Together(vec![(0, -2.0), (1, 4.0)], 0)]),
    ];
    let stop = Rules { stop_loss: Some(0.2), ..rules() };
    let simulation = closes(&[&y, &x], script, stop).simulate();
    let expected = [
        (1, 0, 2.0, "enter"),
        (1, 1, -4.0, "enter"),
        (5, 0, -2.0, "stop_loss"),
        (5, 1, 4.0, "stop_loss"),
    ];
    assert_eq!(fills(&simulation), expected);
}

#[test]
fn a_closing_position_that_volume_caps_goes_on_closing() {
    let y = [100.0, 100.0, 100.0, 50.0, 50.0, 50.0, 50.0, 50.0];
    let script = vec![(0, alone(4.0)), (4, alone(1.0)), (5, alone(-4.0))];
    let stop = Rules { stop_loss: Some(0.25), ..rules() };
    let mut case = closes(&[&y], script, stop);
    case.options.limits.volume_cap = Some(0.25);
    let expected = [
        (1, 0, 2.0, "rebalance"),
        (2, 0, 2.0, "rebalance"),
        (4, 0, -2.0, "stop_loss"),
        (5, 0, -2.0, "stop_loss"),
        // The order of row 5 comes when it is flat: a new short, and two units of it a bar.
        (6, 0, -2.0, "rebalance"),
        (7, 0, -2.0, "rebalance"),
        (7, 0, 4.0, "end_of_data"),
    ];
    assert_eq!(fills(&case.simulate()), expected);
}

#[test]
fn an_exit_on_its_way_gives_way_to_the_rule() {
    let y = [100.0, 100.0, 100.0, 50.0, 50.0, 50.0];
    let x = [50.0, 50.0, GONE, GONE, 50.0, 50.0];
    let script = vec![(0, pair(0)), (1, vec![Line::Together(vec![(0, -2.0), (1, 4.0)], 0)])];
    let stop = Rules { stop_loss: Some(0.2), ..rules() };
    let simulation = closes(&[&y, &x], script, stop).simulate();
    let closed = [(4, 0, -2.0, "stop_loss"), (4, 1, 4.0, "stop_loss")];
    assert_eq!(fills(&simulation)[2..], closed);
}

#[test]
fn the_other_leg_of_a_closing_group_leaves_when_one_is_delisted() {
    let y = [100.0, 100.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0];
    let x = [50.0, 50.0, 50.0, GONE, GONE, GONE, GONE, GONE];
    let stop = Rules { stop_loss: Some(0.2), ..rules() };
    let mut case = closes(&[&y, &x], vec![(0, pair(0))], stop);
    case.options.max_stale_bars = 1;
    let closed = [(4, 1, 4.0, "delisted"), (5, 0, -2.0, "delisted")];
    assert_eq!(fills(&case.simulate())[2..], closed);
}

#[test]
fn lots_and_volume_do_not_leave_a_rest_of_a_closed_group() {
    let y = [100.0, 100.0, 100.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0];
    let script = vec![(0, vec![Line::Together(vec![(0, 2.7), (1, -5.2)], 0)])];
    let stop = Rules { stop_loss: Some(0.2), ..rules() };
    for cap in [None, Some(0.125)] {
        let mut case = closes(&[&y, &[50.0; 9]], script.clone(), stop);
        case.options.limits.lot = Some(1.0);
        case.options.limits.volume_cap = cap;
        let simulation = case.simulate();
        let left: f64 = simulation.fills.iter().map(|fill| fill.quantity.abs()).sum();
        assert!(simulation.fills.iter().all(|fill| fill.reason != "end_of_data"), "{cap:?}");
        assert_eq!((simulation.trades.len(), left.fract()), (2, 0.0));
    }
}

#[test]
fn a_trade_ended_by_other_entries_is_netted() {
    let script = vec![
        (0, pair(0)),
        (2, vec![Line::Together(vec![(0, -2.0), (2, 1.0)], 1)]),
        (4, vec![Line::Together(vec![(1, 4.0), (0, -2.0)], 0)]),
    ];
    let simulation = closes(&[&[100.0; 8], &[50.0; 8], &[10.0; 8]], script, rules()).simulate();
    let reasons: Vec<_> = simulation
        .trades
        .iter()
        .map(|trade| (trade.leg, trade.exit_row, trade.exit_reason))
        .collect();
    let expected =
        [(0, 3, "netted"), (1, 5, "enter"), (2, 7, "end_of_data"), (0, 7, "end_of_data")];
    assert_eq!(reasons, expected);
}

#[test]
fn prices_of_rules_are_those_of_the_bar_whatever_was_kept() {
    let low = [100.0, 100.0, 80.0, 95.0];
    let mut case = case(&[&[still(100.0), still(100.0), low, still(95.0)]], vec![(0, alone(2.0))]);
    case.options.rules = Rules { stop_loss: Some(0.125), ..rules() };
    let full = case.simulate();
    assert_eq!(told(&full.fills[1]), (2, -2.0, 87.5, "stop_loss"));
    case.panel.column_mut(0, Field::High).fill(f64::NAN);
    assert_eq!(told(&case.simulate().fills[1]), (3, -2.0, 95.0, "end_of_data"));
}

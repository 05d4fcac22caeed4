//! Laws of the ledger on random markets with missing bars.

use barline::sim::{Costs, FillRule, Scratch, Simulation, cost::Borrow};
use proptest::prelude::*;

use crate::scripted::{Case, Line, Spice, random_case};

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Quantity and mark per leg at every row, rebuilt from the fills alone.
struct Replay {
    quantities: Vec<Vec<f64>>,
    marks: Vec<Vec<f64>>,
}

fn replay(case: &Case, simulation: &Simulation) -> Replay {
    let legs = case.assets.len();
    let (mut quantity, mut mark) = (vec![0.0; legs], vec![0.0; legs]);
    let mut book = Replay { quantities: Vec::new(), marks: Vec::new() };
    for (job_row, &row) in case.rows.iter().enumerate() {
        for fill in simulation.fills.iter().filter(|fill| fill.row == row) {
            quantity[usize::from(fill.leg)] += fill.quantity;
        }
        for (leg, mark) in mark.iter_mut().enumerate() {
            let close = case.prices(leg, job_row).1;
            if !close.is_nan() {
                *mark = close;
            }
        }
        book.quantities.push(quantity.clone());
        book.marks.push(mark.clone());
    }
    book
}

/// Equity change of a row by prices, costs and borrow, from the fills and the marks alone.
fn explained_change(case: &Case, simulation: &Simulation, book: &Replay, job_row: usize) -> f64 {
    let mut change = 0.0;
    if job_row > 0 {
        let elapsed = case.ts(job_row) - case.ts(job_row - 1);
        let years = elapsed as f64 / 31_536e9;
        let rate = Borrow::of_bps(case.options.costs.borrow_bps).0 * years;
        for leg in 0..case.assets.len() {
            let held = book.quantities[job_row - 1][leg];
            let before = book.marks[job_row - 1][leg];
            change += held * (book.marks[job_row][leg] - before);
            change -= (-held).max(0.0) * before * rate;
        }
    }
    let row = case.rows[job_row];
    for fill in simulation.fills.iter().filter(|fill| fill.row == row) {
        let mark = book.marks[job_row][usize::from(fill.leg)];
        change += fill.quantity * (mark - fill.price) - fill.commission;
    }
    change
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_equity_is_cash_plus_positions_and_moves_by_prices_less_costs(seed in any::<u64>()) {
        let case = random_case(seed, Spice::WILD);
        let simulation = case.simulate();
        let book = replay(&case, &simulation);
        let scale = simulation.traded_notional + case.options.capital;
        let mut before = case.options.capital;
        for (job_row, &equity) in simulation.equity.iter().enumerate() {
            let held = book.quantities[job_row].iter().zip(&book.marks[job_row]);
            let value: f64 = held.map(|(quantity, mark)| quantity * mark).sum();
            let gap = equity - simulation.cash[job_row] - value;
            prop_assert!(gap.abs() <= 1e-12 * scale, "row {job_row}: level off by {gap}");
            let gap = equity - before - explained_change(&case, &simulation, &book, job_row);
            prop_assert!(gap.abs() <= 1e-12 * scale, "row {job_row}: change off by {gap}");
            before = equity;
        }
    }

    #[test]
    fn law_trades_add_up_to_the_change_of_equity(seed in any::<u64>()) {
        let case = random_case(seed, Spice::WILD);
        let simulation = case.simulate();
        let net: f64 = simulation.trades.iter().map(|trade| trade.net_pnl).sum();
        let last = simulation.equity.last().expect("rows");
        let gap = net - (last - case.options.capital);
        prop_assert!(gap.abs() <= 1e-9 * (simulation.traded_notional + 1.0), "off by {gap}");
        let commission: f64 = simulation.trades.iter().map(|trade| trade.commission).sum();
        let slippage: f64 = simulation.trades.iter().map(|trade| trade.slippage).sum();
        let borrow: f64 = simulation.trades.iter().map(|trade| trade.borrow).sum();
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (a.abs() + 1.0);
        prop_assert!(close(simulation.paid.commission, commission));
        prop_assert!(close(simulation.paid.slippage, slippage));
        prop_assert!(close(simulation.paid.borrow, borrow));
    }

    #[test]
    fn law_more_cost_never_raises_equity(seed in any::<u64>(), extra in 0.0_f64..50.0) {
        let fixed = Spice { weights: false, leverage: 0.05, ..Spice::MILD };
        let mut case = random_case(seed, fixed);
        let cheap = case.simulate();
        case.options.costs.commission_bps += extra;
        case.options.costs.slippage_bps += extra / 2.0;
        case.options.costs.borrow_bps += extra * 10.0;
        let dear = case.simulate();
        prop_assert_eq!(cheap.fills.len(), dear.fills.len());
        for (cheap, dear) in cheap.equity.iter().zip(&dear.equity) {
            prop_assert!(dear <= &(cheap + 1e-9), "{dear} above {cheap}");
        }
    }

    #[test]
    fn law_capital_scales_every_bit(seed in any::<u64>(), power in -8_i32..9) {
        let weights = Spice { fixed_quantities: false, ..Spice::MILD };
        let mut case = random_case(seed, weights);
        case.on_delisted = 0.0;
        let one = case.simulate();
        let factor = 2.0_f64.powi(power);
        case.options.capital *= factor;
        let many = case.simulate();
        let scaled: Vec<f64> = one.equity.iter().map(|equity| equity * factor).collect();
        prop_assert_eq!(bits(&scaled), bits(&many.equity));
        for (one, many) in one.fills.iter().zip(&many.fills) {
            prop_assert_eq!((one.quantity * factor).to_bits(), many.quantity.to_bits());
            prop_assert_eq!(one.price.to_bits(), many.price.to_bits());
        }
    }

    #[test]
    fn law_prices_scale_every_bit(seed in any::<u64>(), power in -8_i32..9) {
        let weights = Spice { fixed_quantities: false, ..Spice::MILD };
        let mut case = random_case(seed, weights);
        case.on_delisted = 0.0;
        let one = case.simulate();
        let factor = 2.0_f64.powi(power);
        case.scale_prices(factor);
        let many = case.simulate();
        prop_assert_eq!(bits(&one.equity), bits(&many.equity));
        for (one, many) in one.fills.iter().zip(&many.fills) {
            prop_assert_eq!((one.quantity / factor).to_bits(), many.quantity.to_bits());
            prop_assert_eq!((one.price * factor).to_bits(), many.price.to_bits());
        }
    }

    #[test]
    fn law_the_order_of_legs_changes_nothing(seed in any::<u64>()) {
        let mut case = random_case(seed, Spice::MILD);
        case.on_delisted = 0.0;
        let forward = case.simulate();
        reverse_legs(&mut case);
        let backward = case.simulate();
        prop_assert_eq!(forward.trades.len(), backward.trades.len());
        for (a, b) in forward.equity.iter().zip(&backward.equity) {
            prop_assert!((a - b).abs() <= 1e-9 * case.options.capital, "{a} against {b}");
        }
    }

    #[test]
    fn law_waking_more_often_changes_no_bit(seed in any::<u64>()) {
        let case = random_case(seed, Spice::WILD);
        let mut scratch = Scratch::default();
        let calm = case.simulate_with(&mut scratch, false);
        let restless = case.simulate_with(&mut scratch, true);
        prop_assert_eq!(bits(&calm.equity), bits(&restless.equity));
        prop_assert_eq!(bits(&calm.cash), bits(&restless.cash));
        prop_assert_eq!(calm.exposed_rows, restless.exposed_rows);
        prop_assert_eq!(&calm.trades, &restless.trades);
        prop_assert_eq!(calm.paid.borrow.to_bits(), restless.paid.borrow.to_bits());
        prop_assert!(restless.decisions >= calm.decisions);
    }

    #[test]
    fn law_what_is_kept_and_what_was_before_change_no_bit(seed in any::<u64>()) {
        let mut case = random_case(seed, Spice::WILD);
        let mut scratch = Scratch::default();
        let full = case.simulate_with(&mut scratch, false);
        let equity = bits(&full.equity);
        let (trades, exposed) = (full.trades.clone(), full.exposed_rows);
        scratch.recycle(full);
        case.options.keep = barline::sim::KeepDetail::default();
        let lean = case.simulate_with(&mut scratch, false);
        prop_assert_eq!(equity, bits(&lean.equity));
        prop_assert_eq!((trades, exposed), (lean.trades, lean.exposed_rows));
        prop_assert!(lean.fills.is_empty() && lean.cash.is_empty() && lean.weights.is_empty());
    }

    #[test]
    fn law_later_rows_reach_no_earlier_one(seed in any::<u64>(), cut in 2_usize..40) {
        let mut case = random_case(seed, Spice::WILD);
        let whole = case.simulate();
        let cut = cut.min(case.rows.len());
        case.rows.truncate(cut);
        case.script.retain(|(row, _)| *row < cut);
        let part = case.simulate();
        prop_assert_eq!(bits(&whole.equity[..cut - 1]), bits(&part.equity[..cut - 1]));
    }

    #[test]
    fn law_no_tickets_no_change(seed in any::<u64>()) {
        let mut case = random_case(seed, Spice::WILD);
        case.script.clear();
        let simulation = case.simulate_with(&mut Scratch::default(), true);
        let capital = vec![case.options.capital; case.rows.len()];
        prop_assert_eq!(bits(&simulation.equity), bits(&capital));
        prop_assert_eq!((simulation.trades.len(), simulation.exposed_rows), (0, 0));
        prop_assert_eq!((simulation.tickets, simulation.filled), (0, 0));
    }

    #[test]
    fn law_a_round_trip_costs_two_commissions_and_two_slippages(
        seed in any::<u64>(),
        quantity in -50.0_f64..50.0,
    ) {
        let mut case = random_case(seed, Spice { gaps: 0.0, ..Spice::MILD });
        prop_assume!(quantity != 0.0);
        case.script = vec![
            (3, vec![Line::Each(0, quantity, 0)]),
            (7, vec![Line::Each(0, -quantity, 0)]),
        ];
        case.options.costs.borrow_bps = 0.0;
        let dear = case.simulate();
        let costs = case.options.costs;
        case.options.costs = Costs::NONE;
        let free = case.simulate();
        prop_assume!(dear.fills.len() == 2 && dear.ruined_at.is_none());
        let expected: f64 = free.fills.iter().map(|fill| {
            let slip = costs.slippage_bps * 1e-4;
            let price = fill.price * (1.0 + slip * fill.quantity.signum());
            let notional = fill.quantity.abs() * price;
            costs.commission_bps * 1e-4 * notional + slip * fill.quantity.abs() * fill.price
        }).sum();
        let paid = free.equity.last().expect("rows") - dear.equity.last().expect("rows");
        prop_assert!((paid - expected).abs() <= 1e-9, "paid {paid}, expected {expected}");
        prop_assert!((dear.paid.commission + dear.paid.slippage - expected).abs() <= 1e-9);
    }
}

fn reverse_legs(case: &mut Case) {
    let last = case.assets.len() - 1;
    case.assets.reverse();
    for (_, lines) in &mut case.script {
        for line in lines {
            match line {
                Line::Together(legs, _) => legs.iter_mut().for_each(|(leg, _)| *leg = last - *leg),
                Line::Each(leg, _, _) => *leg = last - *leg,
                Line::Weights(weights) => weights.reverse(),
            }
        }
    }
}

#[test]
fn the_random_cases_reach_every_corner() {
    let (mut ruined, mut delisted, mut flips, mut rules) = (0, 0, 0, [0; 3]);
    for seed in 0..400 {
        let case = random_case(seed, Spice::WILD);
        let simulation = case.simulate();
        ruined += u32::from(simulation.ruined_at.is_some());
        delisted += u32::from(simulation.trades.iter().any(|t| t.exit_reason == "delisted"));
        let turned = |pair: &[barline::sim::Trade]| {
            pair[0].leg == pair[1].leg && pair[0].exit_row == pair[1].entry_row
        };
        flips += u32::from(simulation.trades.windows(2).any(turned));
        rules[FillRule::ALL.iter().position(|rule| *rule == case.options.fill).expect("one")] += 1;
    }
    assert!(ruined > 40 && delisted > 40 && flips > 20, "{ruined} {delisted} {flips}");
    assert!(rules.iter().all(|count| *count > 80), "{rules:?}");
}

//! Laws of the ledger with every cost, limit and event on.

use barline::{
    domain::{EventKind, Field},
    sim::{Costs, InstrumentTerms, Limits, Paid, Scratch, Simulation},
};
use proptest::prelude::*;

use crate::{
    case_laws,
    scripted::{Case, Line, Spice, everything, random_case},
};

/// Parts of what was paid, each beside its name.
fn parts(paid: &Paid) -> [(&'static str, f64); 8] {
    [
        ("commission", paid.commission),
        ("slippage", paid.slippage),
        ("spread", paid.spread),
        ("impact", paid.impact),
        ("borrow", paid.borrow),
        ("financing", paid.financing),
        ("dividend", paid.dividend),
        ("funding", paid.funding),
    ]
}

/// Job rows up to the end of the job, after which nothing happens.
fn live_rows(case: &Case, simulation: &Simulation) -> usize {
    let end = simulation.ruined_at.or(simulation.margin_call.map(|call| call.row));
    end.map_or(case.rows.len(), |row| {
        case.rows.iter().position(|&at| at as usize == row).expect("a row of the job") + 1
    })
}

/// Every identity of `docs/simulation.md` on every row; returns the number of rows looked at.
pub(crate) fn identities(case: &Case, simulation: &Simulation) -> Result<u64, TestCaseError> {
    let legs = case.assets.len();
    let (mut held, mut marks) = (vec![0.0_f64; legs], vec![0.0_f64; legs]);
    let mut before = case.options.capital;
    let (mut traded, mut fills) = (case.options.capital, simulation.fills.iter().peekable());
    for row in 0..case.rows.len() {
        let paid = &simulation.paid_by_row[row];
        let (old_held, old_marks) = (held.clone(), marks.clone());
        let mut change = -paid.beside_prices();
        for (leg, mark) in marks.iter_mut().enumerate() {
            let close = case.prices(leg, row).1;
            if !close.is_nan() && row < live_rows(case, simulation) {
                *mark = close;
            }
            change += old_held[leg] * (*mark - old_marks[leg]);
        }
        let mut within = 0.0;
        let mut commission = 0.0;
        while let Some(fill) = fills.next_if(|fill| fill.row == case.rows[row]) {
            let leg = usize::from(fill.leg);
            held[leg] += fill.quantity;
            change += fill.quantity * (marks[leg] - fill.price);
            traded += fill.quantity.abs() * fill.price;
            within += fill.slippage + fill.spread + fill.impact;
            commission += fill.commission;
        }
        let tolerance = 1e-12 * traded;
        let value: f64 = held.iter().zip(&marks).map(|(quantity, mark)| quantity * mark).sum();
        let equity = simulation.equity[row];
        let level = equity - simulation.cash[row] - value;
        prop_assert!(level.abs() <= tolerance, "row {row}: level off by {level}");
        let gap = equity - before - change;
        prop_assert!(gap.abs() <= tolerance, "row {row}: change off by {gap}");
        prop_assert!((paid.within_prices() - within).abs() <= tolerance, "row {row}: {within}");
        prop_assert!((paid.commission - commission).abs() <= tolerance, "row {row}: commission");
        before = equity;
    }
    let gap = simulation.traded_notional - (traded - case.options.capital);
    prop_assert!(gap.abs() <= 1e-12 * traded, "traded notional off by {gap}");
    trades_add_up(case, simulation, 1e-12 * traded)?;
    Ok(case.rows.len() as u64)
}

/// Trades, rows and totals tell the same story. A job that ended has closed everything.
fn trades_add_up(
    case: &Case,
    simulation: &Simulation,
    tolerance: f64,
) -> Result<(), TestCaseError> {
    let net: f64 = simulation.trades.iter().map(|trade| trade.net_pnl).sum();
    let made = simulation.equity.last().copied().unwrap_or(case.options.capital);
    let gap = net - simulation.paid.financing - (made - case.options.capital);
    prop_assert!(gap.abs() <= tolerance, "trades off by {gap}");
    let mut by_row = [0.0; 8];
    for paid in &simulation.paid_by_row {
        parts(paid).iter().zip(&mut by_row).for_each(|((_, part), sum)| *sum += part);
    }
    for ((name, total), sum) in parts(&simulation.paid).into_iter().zip(by_row) {
        prop_assert!((total - sum).abs() <= tolerance, "{name}: {total} against rows of {sum}");
    }
    let of_trades = |of: fn(&barline::sim::Trade) -> f64| simulation.trades.iter().map(of).sum();
    let sums: [f64; 7] = [
        of_trades(|t| t.commission),
        of_trades(|t| t.slippage),
        of_trades(|t| t.spread),
        of_trades(|t| t.impact),
        of_trades(|t| t.borrow),
        of_trades(|t| t.dividend),
        of_trades(|t| t.funding),
    ];
    let totals = parts(&simulation.paid);
    let totals = totals.iter().filter(|(name, _)| *name != "financing");
    for ((name, total), sum) in totals.zip(sums) {
        prop_assert!((total - sum).abs() <= tolerance, "{name}: {total} against trades of {sum}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_every_identity_holds_on_every_row_with_every_term_on(seed in any::<u64>()) {
        for spice in [Spice::MILD, Spice::WILD] {
            let case = everything(seed, spice);
            identities(&case, &case.simulate())?;
        }
    }

    #[test]
    fn law_with_every_term_waking_more_often_changes_no_bit(seed in any::<u64>()) {
        case_laws::waking_more_often_changes_no_bit(&everything(seed, Spice::WILD))?;
    }

    #[test]
    fn law_with_every_term_later_rows_reach_no_earlier_one(seed in any::<u64>(), cut in 2_usize..40) {
        case_laws::later_rows_reach_no_earlier_one(everything(seed, Spice::WILD), cut)?;
    }

    #[test]
    fn law_no_tickets_cost_nothing_whatever_the_terms(seed in any::<u64>()) {
        let mut case = everything(seed, Spice::WILD);
        case.script.clear();
        let simulation = case.simulate_with(&mut Scratch::default(), true);
        let capital = case.options.capital.to_bits();
        prop_assert!(simulation.equity.iter().all(|equity| equity.to_bits() == capital));
        prop_assert_eq!(simulation.paid, Paid::default());
    }

    #[test]
    fn law_with_every_term_a_shift_in_time_changes_no_bit(seed in any::<u64>(), days in 1_i64..4_000) {
        case_laws::a_shift_in_time_changes_no_bit(&everything(seed, Spice::WILD), days)?;
    }

    /// With the fills held fixed: quantities are, and no limit looks at equity.
    #[test]
    fn law_no_cost_raises_equity(seed in any::<u64>(), more in 0.0_f64..200.0) {
        let fixed = Spice { weights: false, leverage: 0.05, ..Spice::MILD };
        let raise: [fn(&mut Costs, f64); 8] = [
            |costs, more| costs.commission_bps += more,
            |costs, more| costs.commission_per_unit += more / 100.0,
            |costs, more| costs.commission_minimum += more / 10.0,
            |costs, more| costs.slippage_bps += more,
            |costs, more| costs.half_spread_bps += more,
            |costs, more| costs.impact += more,
            |costs, more| costs.borrow_bps += 10.0 * more,
            |costs, more| costs.financing_bps += 10.0 * more,
        ];
        for (which, raise) in raise.into_iter().enumerate() {
            let mut case = everything(seed, fixed);
            case.options.limits = Limits { lot: case.options.limits.lot, ..Limits::default() };
            case.particulars.iter_mut().for_each(|own| own.terms = InstrumentTerms::default());
            case.options.capital = 100_000.0;
            let cheap = case.simulate();
            raise(&mut case.options.costs, more);
            let dear = case.simulate();
            prop_assert_eq!(cheap.fills.len(), dear.fills.len());
            for (cheap, dear) in cheap.equity.iter().zip(&dear.equity) {
                prop_assert!(*dear <= cheap + 1e-7, "cost {which}: {dear} above {cheap}");
            }
        }
    }

    /// Bars in the units of the day with a table of splits, put into the oldest units, are the bars
    /// that were in them all along: only what is counted in units of the day can differ.
    #[test]
    fn law_a_split_changes_no_equity(seed in any::<u64>()) {
        let mut case = everything(seed, Spice::WILD);
        case.options.limits.lot = None;
        case.options.limits.tick = None;
        case.options.costs.commission_per_unit = 0.0;
        for own in &mut case.particulars {
            own.terms.lot = None;
            own.terms.commission_per_unit = None;
            // A dividend is money per unit of the day.
            own.events = own.events.without(&[EventKind::Dividend]);
        }
        let split = case.simulate();
        for own in &mut case.particulars {
            own.events = own.events.without(&[EventKind::Split]);
        }
        let whole = case.simulate();
        prop_assert_eq!(&split.equity, &whole.equity);
        prop_assert_eq!(split.paid, whole.paid);
    }

    /// Two portfolios that share no instrument, each with its own cash, are one with both.
    #[test]
    fn law_disjoint_portfolios_add_up(seed in any::<u64>()) {
        let fixed = Spice { weights: false, leverage: 0.05, ..Spice::MILD };
        let mut case = everything(seed, fixed);
        prop_assume!(case.assets.len() >= 2);
        case.options.limits = Limits { lot: case.options.limits.lot, tick: case.options.limits.tick,
            volume_cap: case.options.limits.volume_cap, ..Limits::default() };
        case.options.costs.financing_bps = 0.0;
        case.options.capital = 200_000.0;
        case.on_delisted = 0.0;
        alone_only(&mut case);
        let whole = case.simulate();
        case.options.capital /= 2.0;
        let (mut left, mut right) = (case.clone(), case);
        for (part, wanted) in [(&mut left, 0), (&mut right, 1)] {
            for (_, lines) in &mut part.script {
                lines.retain(|line| matches!(line, Line::Each(leg, _, _) if leg % 2 == wanted));
            }
        }
        let (left, right) = (left.simulate(), right.simulate());
        for (row, whole) in whole.equity.iter().enumerate() {
            let sum = left.equity[row] + right.equity[row];
            prop_assert!((whole - sum).abs() <= 1e-9 * 200_000.0, "row {row}: {whole}, {sum}");
        }
    }

    #[test]
    fn law_scaling_by_a_power_of_two_scales_every_bit(seed in any::<u64>(), power in -6_i32..7) {
        let weights = Spice { fixed_quantities: false, ..Spice::MILD };
        let mut case = everything(seed, weights);
        case.on_delisted = 0.0;
        (case.options.limits.lot, case.options.limits.tick) = (None, None);
        case.options.limits.volume_cap = None;
        case.options.costs.impact = 0.0;
        case.options.costs.commission_per_unit = 0.0;
        case.options.costs.commission_minimum = 0.0;
        case.particulars.iter_mut().for_each(|own| own.terms.lot = None);
        let one = case.simulate();
        let factor = 2.0_f64.powi(power);
        case.options.capital *= factor;
        let many = case.simulate();
        let scaled: Vec<f64> = one.equity.iter().map(|equity| equity * factor).collect();
        prop_assert_eq!(scaled, many.equity);
    }
}

/// Lines of several legs become lines of one each.
fn alone_only(case: &mut Case) {
    for (_, lines) in &mut case.script {
        let alone = lines.drain(..).flat_map(|line| match line {
            Line::Together(legs, group) => {
                legs.into_iter().map(|(leg, quantity)| Line::Each(leg, quantity, group)).collect()
            }
            other => vec![other],
        });
        *lines = alone.collect();
    }
}

#[test]
fn the_cases_with_every_term_reach_every_corner() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..300 {
        let case = everything(seed, Spice::WILD);
        let simulation = case.simulate();
        for (name, part) in parts(&simulation.paid) {
            *seen.entry(name).or_insert(0) += u32::from(part != 0.0);
        }
        *seen.entry("margin call").or_insert(0) += u32::from(simulation.margin_call.is_some());
        *seen.entry("ruined").or_insert(0) += u32::from(simulation.ruined_at.is_some());
        let uncapped = Limits { volume_cap: None, ..case.options.limits };
        let mut free = case.clone();
        free.options.limits = uncapped;
        let more = free.simulate().fills.len() != simulation.fills.len();
        *seen.entry("capped by volume").or_insert(0) += u32::from(more);
        free.options.limits.gross_leverage_cap = None;
        free.options.limits.net_leverage_cap = None;
        let scaled =
            free.simulate().traded_notional.to_bits() != simulation.traded_notional.to_bits();
        *seen.entry("scaled").or_insert(0) += u32::from(scaled);
    }
    assert!(seen.values().all(|count| *count >= 10), "{seen:?}");
    let volumes = random_case(1, Spice::MILD).panel.fields().contains(&Field::Volume);
    assert!(volumes);
}

/// 100 million bars; run with `--ignored --nocapture` to see the count.
#[test]
#[ignore = "minutes"]
#[allow(clippy::print_stdout, reason = "the count is what is asked for")]
fn law_identities_hold_over_a_hundred_million_bars() {
    let mut bars = 0_u64;
    let mut seed = 1_u64 << 40;
    while bars < 100_000_000 {
        let spice = if seed.is_multiple_of(2) { Spice::MILD } else { Spice::WILD };
        let case = everything(seed, spice);
        bars += identities(&case, &case.simulate()).expect("the identities of every row");
        seed += 1;
    }
    println!("{bars} bars checked");
}

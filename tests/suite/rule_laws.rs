//! Laws of the ledger with rules on, beside every cost, limit and event.

use barline::sim::{Paid, Rules, Scratch, Simulation};
use proptest::prelude::*;

use crate::{
    case_laws,
    ledger_costs::identities,
    scripted::{Case, Spice, with_rules},
};

const REASONS: [&str; 4] = ["stop_loss", "take_profit", "time_stop", "max_drawdown"];

fn closed_by_rule(simulation: &Simulation) -> impl Iterator<Item = &barline::sim::Fill> {
    simulation.fills.iter().filter(|fill| REASONS.contains(&fill.reason))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_every_identity_holds_with_rules_on(seed in any::<u64>()) {
        for spice in [Spice::MILD, Spice::WILD] {
            let case = with_rules(seed, spice);
            identities(&case, &case.simulate())?;
        }
    }

    #[test]
    fn law_with_rules_waking_more_often_changes_no_bit(seed in any::<u64>()) {
        case_laws::waking_more_often_changes_no_bit(&with_rules(seed, Spice::MILD))?;
    }

    #[test]
    fn law_with_rules_what_is_kept_changes_no_bit(seed in any::<u64>()) {
        let mut case = with_rules(seed, Spice::MILD);
        let full = case.simulate();
        case.options.keep = barline::sim::KeepDetail::default();
        let lean = case.simulate();
        prop_assert_eq!(&full.equity, &lean.equity);
        prop_assert_eq!(&full.trades, &lean.trades);
        prop_assert_eq!(full.exposed_rows, lean.exposed_rows);
    }

    #[test]
    fn law_with_rules_later_rows_reach_no_earlier_one(seed in any::<u64>(), cut in 2_usize..45) {
        case_laws::later_rows_reach_no_earlier_one(with_rules(seed, Spice::MILD), cut)?;
    }

    #[test]
    fn law_with_rules_bars_to_come_are_not_known(seed in any::<u64>(), from in 2_usize..40) {
        let case = with_rules(seed, Spice::MILD);
        let from = from.min(case.rows.len() - 1);
        let mut poisoned = case.clone();
        for asset in 0..case.panel.universe().len() {
            for field in barline::domain::Field::ALL {
                let column = &mut poisoned.panel.column_mut(asset, field)[case.rows[from] as usize..];
                for value in column {
                    *value *= 1_000.0;
                }
            }
        }
        let (one, other) = (case.simulate(), poisoned.simulate());
        prop_assert_eq!(&one.equity[..from], &other.equity[..from]);
    }

    #[test]
    fn law_with_rules_a_shift_in_time_changes_no_bit(seed in any::<u64>(), days in 1_i64..4_000) {
        case_laws::a_shift_in_time_changes_no_bit(&with_rules(seed, Spice::MILD), days)?;
    }

    /// Rules are shares: neither the capital nor the unit of prices is any concern of theirs.
    #[test]
    fn law_with_rules_powers_of_two_scale_every_bit(seed in any::<u64>(), power in -6_i32..7) {
        let weights = Spice { fixed_quantities: false, ..Spice::MILD };
        let mut case = plain(with_rules(seed, weights));
        let one = case.simulate();
        let factor = 2.0_f64.powi(power);
        case.scale_prices(factor);
        let dear = case.simulate();
        prop_assert_eq!(&one.equity, &dear.equity);
        case.options.capital *= factor;
        let scaled: Vec<f64> = one.equity.iter().map(|equity| equity * factor).collect();
        prop_assert_eq!(scaled, case.simulate().equity);
    }

    #[test]
    fn law_rules_write_nothing_where_nothing_is_held(seed in any::<u64>()) {
        let mut case = with_rules(seed, Spice::WILD);
        case.script.clear();
        let simulation = case.simulate_with(&mut Scratch::default(), true);
        let capital = case.options.capital.to_bits();
        prop_assert!(simulation.equity.iter().all(|equity| equity.to_bits() == capital));
        prop_assert_eq!((simulation.paid, simulation.tickets), (Paid::default(), 0));
    }

    /// A rule that nothing ever reaches is watched at every row, and leaves every bit as it is.
    #[test]
    fn law_a_rule_that_is_not_reached_changes_no_bit(seed in any::<u64>()) {
        let mut case = with_rules(seed, Spice::MILD);
        case.options.rules =
            Rules { time_stop_bars: Some(1_000), take_profit: Some(1e6), ..Rules::default() };
        let watched = case.simulate();
        case.options.rules = Rules::default();
        let free = case.simulate();
        prop_assert_eq!(&watched.equity, &free.equity);
        prop_assert_eq!(&watched.trades, &free.trades);
        prop_assert_eq!((watched.paid, watched.exposed_rows), (free.paid, free.exposed_rows));
        prop_assert_eq!((watched.tickets, watched.filled), (free.tickets, free.filled));
    }

    /// With orders alone, no position outlives its time by more than the rows it waits for a bar.
    #[test]
    fn law_nobody_is_held_longer_than_the_time_stop_allows(seed in any::<u64>(), bars in 1_u32..9) {
        let weights = Spice { fixed_quantities: false, gaps: 0.0, ..Spice::MILD };
        let mut case = plain(with_rules(seed, weights));
        case.options.rules = Rules { time_stop_bars: Some(bars), ..Rules::default() };
        case.options.max_stale_bars = 1_000;
        let simulation = case.simulate();
        let silent = |leg: u16| case.rows.iter().enumerate().any(|(row, _)| {
            case.prices(usize::from(leg), row).1.is_nan()
        });
        for trade in simulation.trades.iter().filter(|trade| !silent(trade.leg)) {
            prop_assert!(trade.bars_held <= bars, "{trade:?}");
        }
    }
}

/// Without what counts in units or in money.
fn plain(mut case: Case) -> Case {
    case.on_delisted = 0.0;
    case.options.limits = barline::sim::Limits::default();
    case.options.costs.impact = 0.0;
    case.options.costs.commission_per_unit = 0.0;
    case.options.costs.commission_minimum = 0.0;
    case.particulars.clear();
    case
}

#[test]
fn the_cases_with_rules_reach_every_corner() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..400 {
        let case = with_rules(seed, Spice::MILD);
        let simulation = case.simulate();
        for fill in closed_by_rule(&simulation) {
            let within = fill.row == fill.decided_row && case.options.fill.name() != "same-close";
            *seen.entry((fill.reason, within)).or_insert(0) += 1;
        }
    }
    let expected = [
        ("max_drawdown", false),
        ("stop_loss", false),
        ("stop_loss", true),
        ("take_profit", false),
        ("take_profit", true),
        ("time_stop", false),
    ];
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), expected);
    assert!(seen.values().all(|count| *count >= 30), "{seen:?}");
}

//! Laws that a case obeys whatever its terms, costs and rules.

use barline::sim::{Scratch, Simulation};
use proptest::prelude::*;

use crate::scripted::Case;

/// A decider that is asked at every row, and says nothing at the others, changes nothing.
pub(crate) fn waking_more_often_changes_no_bit(case: &Case) -> Result<(), TestCaseError> {
    let mut scratch = Scratch::default();
    let calm = case.simulate_with(&mut scratch, false);
    let restless = case.simulate_with(&mut scratch, true);
    prop_assert_eq!(&calm.equity, &restless.equity);
    prop_assert_eq!(calm.paid, restless.paid);
    prop_assert_eq!(&calm.trades, &restless.trades);
    Ok(())
}

/// A case that ends with row `cut` is up to there the case that goes on.
pub(crate) fn later_rows_reach_no_earlier_one(
    mut case: Case,
    cut: usize,
) -> Result<(), TestCaseError> {
    let whole = case.simulate();
    let cut = cut.min(case.rows.len());
    case.rows.truncate(cut);
    case.script.retain(|(row, _)| *row < cut);
    let part = case.simulate();
    prop_assert_eq!(&whole.equity[..cut - 1], &part.equity[..cut - 1]);
    prop_assert_eq!(&whole.paid_by_row[..cut - 1], &part.paid_by_row[..cut - 1]);
    let before = case.rows[cut - 1];
    let early = |simulation: &Simulation| {
        simulation.fills.iter().copied().filter(|fill| fill.row < before).collect::<Vec<_>>()
    };
    prop_assert_eq!(early(&whole), early(&part));
    Ok(())
}

/// The same bars and events, days later.
pub(crate) fn a_shift_in_time_changes_no_bit(case: &Case, days: i64) -> Result<(), TestCaseError> {
    let moved = case.shifted(days * 86_400_000_000);
    let (one, other) = (case.simulate(), moved.simulate());
    prop_assert_eq!(&one.equity, &other.equity);
    prop_assert_eq!(one.paid, other.paid);
    Ok(())
}

//! Engle-Granger tests of the pairs of two blocks of columns: one tile at a time, for who asks for
//! pairs as they come.

use std::ops::Range;

use super::{Calendar, EDGE, Sides, Tester, WIDTH, calendars, largest_lag, meet, prepare};
use crate::{
    compute::{
        EngleGrangerScreen, PairTests, Take,
        cpu::product::{DEPTH, padded},
    },
    stats::{LagRule, Refusal, Result},
};

/// Tests every pair of one of the first `split` columns and one of the others, in both directions.
pub(in crate::compute) fn across(
    tester: &dyn Tester,
    columns: &[&[f64]],
    split: usize,
    screen: &EngleGrangerScreen,
    take: Take<'_, PairTests>,
) -> Result<()> {
    // Broken off or not: whoever takes the answers knows.
    let _ = match prepared(columns, Some(split), screen)? {
        Ok(sides) => meet(tester, &sides, take),
        Err(refused) => take(refused),
    };
    Ok(())
}

/// The sides of a problem of complete columns: the first `split` of them against the others, or all with each
/// other; or what refuses them.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`.
pub(in crate::compute) fn prepared(
    columns: &[&[f64]],
    split: Option<usize>,
    screen: &EngleGrangerScreen,
) -> Result<std::result::Result<Sides<'static>, PairTests>> {
    let calendars = calendars(columns)?;
    let [all] = calendars.as_slice() else {
        let missing = |column: &&[f64]| column.iter().any(|value| value.is_nan());
        let series = columns.iter().position(missing).unwrap_or(0);
        return Err(Refusal::NonFinite { series });
    };
    let Some(split) = split else { return Ok(prepare(columns, (screen, None), [all, all], true)) };
    let side =
        |members: Range<usize>| Calendar { members: members.collect(), rows: all.rows.clone() };
    let split = split.min(columns.len());
    let sides = [side(0..split), side(split..columns.len())];
    Ok(prepare(columns, (screen, None), sides.each_ref(), false))
}

/// Bytes of a tile of two of the blocks of at most `block` columns that `columns` stand in: its planes and
/// what is added up for them, the series as they are gathered and as they are prepared, and the
/// regressions of eight pairs.
pub(in crate::compute::cpu) fn tile_bytes(
    columns: usize,
    block: usize,
    rows: usize,
    rule: LagRule,
) -> u64 {
    let lags = largest_lag(rows, rule).unwrap_or(0);
    let left = padded(columns.min(block).min(EDGE));
    // Two blocks are padded, and the second by a step at most where both are parts of a small universe.
    let sides = (padded(columns) + padded(1)).min(2 * left);
    let planes = (lags + 2) * left * left + sides * DEPTH;
    // Those of one side are gathered at a time.
    let rows = rows.next_multiple_of(8);
    let series = sides * (rows + 3 * (lags + 2)) + (left + 3) * rows;
    let regressions = 4 * WIDTH * (lags + 2) * (lags + 2);
    (size_of::<f64>() * (planes + series + regressions)) as u64
}

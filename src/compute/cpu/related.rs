//! Which pairs have correlated changes, from products of columns.
//!
//! On the rows that two columns share, their changes from one such row to the next are centred and
//! brought to length one; a product of the two is their correlation. Memory is that of the tiles in
//! work and of the set. A correlation too near the bound to tell is left to the plain path,
//! [`pairwise_correlation`] of the two columns of changes, and so are columns whose squares leave the
//! range of numbers: the set is that of the definition.

use std::ops::ControlFlow;

use super::{
    calendars::{Calendar, calendars},
    product::{Cells, EDGE, Panels, Side, add_products},
    work::in_order,
};
use crate::{
    compute::PairSet,
    stats::{Result, dot, mean, moves, pairwise_correlation},
};

/// Two calendars with fewer pairs than this are correlated one by one.
const FEW_PAIRS: usize = 64;
/// Correlations nearer to the bound than this are left to the plain path. A product of two columns of
/// length one is off by less than a rounding a row.
const DOUBT: f64 = 1e-9;
/// Squares of changes within which nothing under- or overflows.
const SIZES: std::ops::Range<f64> = 1e-150..1e150;

/// The pairs of `columns` whose changes over their common rows are correlated by at least `least`.
pub(super) fn related(workers: usize, columns: &[&[f64]], least: f64) -> Result<PairSet> {
    let calendars = calendars(columns)?;
    let mut set = PairSet::none(columns.len());
    let mut few = Vec::new();
    for (at, first) in calendars.iter().enumerate() {
        for second in &calendars[at..] {
            let same = std::ptr::eq(first, second);
            if first.members.len() * second.members.len() < FEW_PAIRS {
                few.push((first, second, same));
            } else {
                let rows = first.common(second);
                meet(workers, Shared { columns, rows: &rows, least }, first, second, &mut set);
            }
        }
    }
    let one_by_one = |task: usize, (): &mut ()| {
        let (first, second, same): (&Calendar, &Calendar, bool) = few[task];
        let rows = first.common(second);
        let shared = Shared { columns, rows: &rows, least };
        let of = |i: &usize| {
            let others = second.members.iter().filter(|j| !same || *j > i);
            others.filter(|j| shared.plain(*i, **j)).map(|j| (*i, *j)).collect::<Vec<_>>()
        };
        first.members.iter().flat_map(of).collect::<Vec<_>>()
    };
    in_order(workers, few.len(), || (), one_by_one, |found| insert(&mut set, &found));
    Ok(set)
}

fn insert(set: &mut PairSet, found: &[(usize, usize)]) -> ControlFlow<()> {
    for (i, j) in found {
        set.insert(*i, *j);
    }
    ControlFlow::Continue(())
}

/// Columns in the rows that two calendars share.
#[derive(Clone, Copy)]
struct Shared<'a> {
    columns: &'a [&'a [f64]],
    rows: &'a [usize],
    least: f64,
}

impl Shared<'_> {
    fn changes(&self, asset: usize) -> Vec<f64> {
        let column = self.columns[asset];
        self.rows.windows(2).map(|pair| column[pair[1]] - column[pair[0]]).collect()
    }

    /// The definition.
    fn plain(&self, i: usize, j: usize) -> bool {
        let changes = [self.changes(i), self.changes(j)];
        let found = pairwise_correlation(&[&changes[0], &changes[1]], 2);
        found.is_ok_and(|found| found.matrix.get(0, 1) >= self.least)
    }
}

/// Members whose changes are of length one, side by side, and those that are out of range.
#[derive(Default)]
struct Directions {
    assets: Vec<usize>,
    values: Panels,
    odd: Vec<usize>,
}

impl Directions {
    fn new(shared: Shared<'_>, members: &[usize]) -> Self {
        let values = Panels::zeros(members.len(), changes(shared.rows));
        let mut found = Self { values, ..Self::default() };
        for asset in members {
            let mut changes = shared.changes(*asset);
            if !moves(&changes) {
                continue;
            }
            let center = mean(&changes).unwrap_or(0.0);
            for change in &mut changes {
                *change -= center;
            }
            let squares = dot(&changes, &changes);
            if !SIZES.contains(&squares) {
                found.odd.push(*asset);
                continue;
            }
            let length = squares.sqrt();
            for change in &mut changes {
                *change /= length;
            }
            found.values.set(found.assets.len(), &changes);
            found.assets.push(*asset);
        }
        found
    }

    fn block(&self, block: usize) -> (Side<'_>, &[usize]) {
        let assets = &self.assets[block * EDGE..self.assets.len().min((block + 1) * EDGE)];
        (self.values.side(block * EDGE, assets.len()), assets)
    }
}

/// Rows of a column of changes.
fn changes(rows: &[usize]) -> usize {
    rows.len().saturating_sub(1)
}

fn meet(
    workers: usize,
    shared: Shared<'_>,
    first: &Calendar,
    second: &Calendar,
    set: &mut PairSet,
) {
    let same = std::ptr::eq(first, second);
    if shared.rows.len() < 3 {
        return;
    }
    let changes = changes(shared.rows);
    let left = Directions::new(shared, &first.members);
    let right = if same { None } else { Some(Directions::new(shared, &second.members)) };
    let across = right.as_ref().unwrap_or(&left);
    let blocks = |side: &Directions| side.assets.len().div_ceil(EDGE);
    let mut tiles = Vec::new();
    for i in 0..blocks(&left) {
        let from = if same { i } else { 0 };
        tiles.extend((from..blocks(across)).map(|j| (i, j)));
    }
    let tile = |task: usize, cells: &mut Vec<f64>| {
        let (i, j) = tiles[task];
        let ((a, rows), (b, others)) = (left.block(i), across.block(j));
        cells.resize(EDGE * EDGE, 0.0);
        add_products(&mut Cells { values: cells, stride: EDGE }, a, b, changes, true);
        let mut found = Vec::new();
        for (i_at, i_asset) in rows.iter().enumerate() {
            let from = if same && i == j { i_at + 1 } else { 0 };
            for (j_at, j_asset) in others.iter().enumerate().skip(from) {
                let above = cells[i_at * EDGE + j_at] - shared.least;
                let clear = above.abs() > DOUBT;
                if if clear { above > 0.0 } else { shared.plain(*i_asset, *j_asset) } {
                    found.push((*i_asset, *j_asset));
                }
            }
        }
        found
    };
    in_order(workers, tiles.len(), Vec::new, tile, |found| insert(set, &found));
    for odd in &left.odd {
        for other in &second.members {
            if odd != other && shared.plain(*odd, *other) {
                set.insert(*odd, *other);
            }
        }
    }
    for odd in right.iter().flat_map(|right| &right.odd) {
        for other in first.members.iter().filter(|other| shared.plain(**other, *odd)) {
            set.insert(*other, *odd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compute::cpu::universe::{near_constant, slices, walks},
        stats::Refusal,
    };

    const GAP: f64 = f64::NAN;

    /// The definition, pair by pair.
    fn definition(columns: &[&[f64]], least: f64) -> PairSet {
        let mut set = PairSet::none(columns.len());
        for i in 0..columns.len() {
            for j in i + 1..columns.len() {
                let both = |row: &usize| !columns[i][*row].is_nan() && !columns[j][*row].is_nan();
                let rows: Vec<usize> = (0..columns[i].len()).filter(both).collect();
                let changes = |at: usize| -> Vec<f64> {
                    rows.windows(2).map(|r| columns[at][r[1]] - columns[at][r[0]]).collect()
                };
                let (a, b) = (changes(i), changes(j));
                let found = pairwise_correlation(&[&a, &b], 2).map(|both| both.matrix.get(0, 1));
                if found.is_ok_and(|found| found >= least) {
                    set.insert(i, j);
                }
            }
        }
        set
    }

    #[test]
    fn the_set_is_that_of_the_definition() {
        let rows = 130;
        let mut values = walks(300, rows, 11);
        for at in 0..40 {
            let (a, b) = (values[at].clone(), values[at + 40].clone());
            values[at + 80] = a.iter().zip(&b).map(|(a, b)| 0.8 * a + 0.6 * b).collect();
        }
        values[1].fill(0.1);
        values[2] = near_constant(rows);
        values[3].iter_mut().for_each(|x| *x *= 1e-100);
        values[4] = values[5].iter().map(|x| -2.0 * x).collect();
        for (at, column) in values.iter_mut().enumerate().skip(200) {
            // Two markets with days of their own, and a few columns with a gap each.
            let gap = |row: usize| if at < 290 { row % 5 == at % 2 } else { row == at % 100 };
            column.iter_mut().enumerate().filter(|(row, _)| gap(*row)).for_each(|(_, x)| *x = GAP);
        }
        let columns = slices(&values);
        for least in [-1.0, 0.0, 0.1, 0.55, 1.0] {
            let expected = definition(&columns, least);
            for workers in [1, 3] {
                let found = related(workers, &columns, least).expect("finite");
                assert!(found == expected, "{least}: {} of {}", found.len(), expected.len());
            }
        }
        assert!(!definition(&columns, 0.55).is_empty());
    }

    #[test]
    fn a_bound_that_is_a_correlation_holds_it() {
        let values = walks(9, 60, 5);
        let columns = slices(&values);
        let changes = |at: usize| -> Vec<f64> {
            columns[at].windows(2).map(|pair| pair[1] - pair[0]).collect()
        };
        let (a, b) = (changes(3), changes(7));
        let exact = pairwise_correlation(&[&a, &b], 2).expect("finite").matrix.get(0, 1);
        assert!(related(1, &columns, exact).expect("finite").holds(3, 7));
        let above = f64::from_bits(exact.to_bits() + 1);
        let above = if exact > 0.0 { above } else { f64::from_bits(exact.to_bits() - 1) };
        assert!(!related(1, &columns, above).expect("finite").holds(3, 7));
    }

    #[test]
    fn what_is_not_a_table_is_refused() {
        assert_eq!(related(1, &[], 0.5), Err(Refusal::Empty));
        let endless = related(1, &[&[1.0, f64::INFINITY]], 0.5);
        assert_eq!(endless, Err(Refusal::NonFinite { series: 0 }));
    }
}

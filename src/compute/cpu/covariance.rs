//! Covariance of many windows of complete columns: one product each.
//!
//! Every column is centred on its mean over the window first, so that nothing cancels; the product
//! then takes two operations per cell and row. The means are those of `stats`, so that the two
//! paths differ by the order of one sum.

use std::{
    ops::{ControlFlow, Range},
    sync::{Mutex, PoisonError},
};

use super::{
    product::{Cells, EDGE, Panels, add_products, add_squares},
    simd::{Kernel, LANES, Lanes, widest},
    work::in_order,
};
use crate::{
    compute::Triangle,
    stats::{Decay, EwmaRules, Refusal, Result, ewma_covariance, mean, moves},
};

/// A column's range over its largest number, times its rows: below it the plain path is asked whether
/// the column moves.
const LEAST_RANGE: f64 = 1e-10;
/// Columns up to which a window is the work of one worker.
const SMALL: usize = 2 * EDGE;

/// Covariance matrices of `windows`, in their order.
pub(super) fn covariances(
    workers: usize,
    columns: &[&[f64]],
    windows: &[Range<usize>],
    ddof: usize,
    take: &mut (dyn FnMut(Result<Triangle>) -> ControlFlow<()> + Send),
) {
    of_windows(workers, columns, windows, take, |workers, window, scratch| {
        covariance(workers, columns, window, ddof, scratch)
    });
}

/// Answers `one(workers, window, scratch)` for each of `windows`, in their order.
pub(super) fn of_windows<T: Send>(
    workers: usize,
    columns: &[&[f64]],
    windows: &[Range<usize>],
    take: &mut (dyn FnMut(T) -> ControlFlow<()> + Send),
    one: impl Fn(usize, &Range<usize>, &mut Scratch) -> T + Sync,
) {
    if columns.len() <= SMALL {
        let one = |k: usize, scratch: &mut Scratch| one(1, &windows[k], scratch);
        in_order(workers, windows.len(), Scratch::default, one, take);
        return;
    }
    let mut scratch = Scratch::default();
    for window in windows {
        if take(one(workers, window, &mut scratch)).is_break() {
            return;
        }
    }
}

/// What a worker keeps from one window to the next.
#[derive(Default)]
pub(in crate::compute) struct Scratch {
    /// The columns of the window less their means.
    pub(super) centered: Panels,
    column: Vec<f64>,
    tile: Vec<f64>,
}

/// The covariance matrix of `window`, whose centred columns stay in `scratch`.
pub(in crate::compute) fn covariance(
    workers: usize,
    columns: &[&[f64]],
    window: &Range<usize>,
    ddof: usize,
    scratch: &mut Scratch,
) -> Result<Triangle> {
    check(columns, window, ddof)?;
    let (rows, order) = (window.len(), columns.len());
    let still = center(columns, window, scratch)?;
    let scale = 1.0 / (rows - ddof) as f64;
    let mut triangle = Triangle::zeros(order);
    let blocks: Vec<Mutex<&mut [f64]>> = triangle.row_blocks(EDGE).map(Mutex::new).collect();
    let centered = &scratch.centered;
    let side = |block: usize| centered.side(block * EDGE, EDGE.min(order - block * EDGE));
    let fill = |block: usize, tile: &mut Vec<f64>| {
        let mut target = blocks[block].lock().unwrap_or_else(PoisonError::into_inner);
        tile.resize(EDGE * EDGE, 0.0);
        for other in block..order.div_ceil(EDGE) {
            let mut cells = Cells { values: tile, stride: EDGE };
            if other == block {
                add_squares(&mut cells, side(block), rows, true);
            } else {
                add_products(&mut cells, side(block), side(other), rows, true);
            }
            for (i, row) in target.chunks_mut(order).enumerate() {
                let from = other * EDGE + if other == block { i } else { 0 };
                let end = order.min((other + 1) * EDGE);
                let products = &tile[i * EDGE + from - other * EDGE..];
                widest(Scaled { cells: &mut row[from..end], products, scale });
            }
        }
    };
    if workers <= 1 {
        let mut tile = std::mem::take(&mut scratch.tile);
        (0..blocks.len()).for_each(|block| fill(block, &mut tile));
        scratch.tile = tile;
    } else {
        in_order(workers, blocks.len(), Vec::new, fill, |()| ControlFlow::Continue(()));
    }
    drop(blocks);
    clear_still(&mut triangle, &still);
    if triangle.is_finite() { Ok(triangle) } else { Err(Refusal::Overflow) }
}

/// Writes a column less a number. Answers its range and its largest number; NaN where a number is not
/// finite.
struct Shift<'a> {
    column: &'a [f64],
    center: f64,
    target: &'a mut [f64],
}

impl Kernel for Shift<'_> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        let endless = Lanes::splat(f64::INFINITY);
        let (mut low, mut lower, mut nothing) = (endless, endless, Lanes::ZERO);
        let center = Lanes::splat(self.center);
        let (eights, rest) = self.column.as_chunks::<LANES>();
        let (targets, last) = self.target.as_chunks_mut::<LANES>();
        for (x, target) in eights.iter().zip(targets) {
            let x = Lanes(*x);
            *target = (x - center).0;
            low = x.min(low);
            lower = (Lanes::ZERO - x).min(lower);
            nothing = nothing + x * Lanes::ZERO;
        }
        let (mut smallest, mut largest, mut sum) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        for lane in 0..LANES {
            smallest = smallest.min(low.0[lane]);
            largest = largest.max(-lower.0[lane]);
            sum += nothing.0[lane];
        }
        for (x, target) in rest.iter().zip(last) {
            *target = x - self.center;
            smallest = smallest.min(*x);
            largest = largest.max(*x);
            sum += x * 0.0;
        }
        [largest - smallest, smallest.abs().max(largest.abs()) + sum]
    }
}

/// Writes products times a number into cells.
struct Scaled<'a> {
    cells: &'a mut [f64],
    products: &'a [f64],
    scale: f64,
}

impl Kernel for Scaled<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (cell, product) in self.cells.iter_mut().zip(self.products) {
            *cell = product * self.scale;
        }
    }
}

/// Refuses what `sample_covariance` refuses.
pub(in crate::compute) fn check(
    columns: &[&[f64]],
    window: &Range<usize>,
    ddof: usize,
) -> Result<()> {
    let first = columns.first().ok_or(Refusal::Empty)?.len();
    if let Some(other) = columns.iter().find(|column| column.len() != first) {
        return Err(Refusal::UnequalLengths { first, other: other.len() });
    }
    if window.start > window.end || window.end > first {
        return Err(Refusal::TooShort { needed: window.end, given: first });
    }
    let needed = ddof.saturating_add(1);
    if window.len() < needed {
        return Err(Refusal::TooShort { needed, given: window.len() });
    }
    Ok(())
}

/// Writes the columns less their means. Answers which columns do not move.
fn center(columns: &[&[f64]], window: &Range<usize>, scratch: &mut Scratch) -> Result<Vec<bool>> {
    let Scratch { centered, column: target, .. } = scratch;
    let rows = window.len();
    centered.clear(columns.len(), rows);
    target.resize(rows, 0.0);
    let mut still = Vec::with_capacity(columns.len());
    for (series, column) in columns.iter().enumerate() {
        let column = &column[window.clone()];
        let center = mean(column).unwrap_or(0.0);
        let [range, largest] = widest(Shift { column, center, target: target.as_mut_slice() });
        if largest.is_nan() {
            return Err(Refusal::NonFinite { series });
        }
        centered.set(series, target);
        let clear = range > LEAST_RANGE * largest * (1.0 + rows as f64 / 64.0);
        still.push(!clear && !moves(column));
    }
    Ok(still)
}

/// A column that does not move has a covariance of exactly zero with every other.
fn clear_still(triangle: &mut Triangle, still: &[bool]) {
    for i in (0..still.len()).filter(|i| still[*i]) {
        triangle.upper_mut(i).fill(0.0);
        for row in 0..i {
            triangle.upper_mut(row)[i - row] = 0.0;
        }
    }
}

/// The distance of hierarchical risk parity between two series that are correlated so much.
pub(in crate::compute) fn distance(correlation: f64) -> f64 {
    ((1.0 - correlation) * 0.5).max(0.0).sqrt()
}

/// Turns correlations into their distances.
pub(in crate::compute) fn distances(mut triangle: Triangle) -> Triangle {
    for i in 0..triangle.order() {
        let row = triangle.upper_mut(i);
        row[0] = 0.0;
        row[1..].iter_mut().for_each(|cell| *cell = distance(*cell));
    }
    triangle
}

/// Exponentially weighted covariances of windows, by the plain path.
pub(super) fn fading(
    workers: usize,
    columns: &[&[f64]],
    windows: &[Range<usize>],
    (decay, rules): (Decay, EwmaRules),
    take: &mut (dyn FnMut(Result<Triangle>) -> ControlFlow<()> + Send),
) {
    let one = |at: usize, (): &mut ()| {
        check(columns, &windows[at], 0)?;
        let cut: Vec<&[f64]> = columns.iter().map(|x| &x[windows[at].clone()]).collect();
        ewma_covariance(&cut, decay, rules).map(|matrix| Triangle::from(&matrix))
    };
    in_order(workers, windows.len(), || (), one, take);
}

/// Turns a covariance matrix into the correlations of [`correlation`](crate::stats::correlation()).
pub(in crate::compute) fn correlate(mut triangle: Triangle) -> Result<Triangle> {
    let order = triangle.order();
    let deviations: Vec<f64> = (0..order).map(|i| triangle.get(i, i).sqrt()).collect();
    if let Some(index) = deviations.iter().position(|deviation| *deviation <= 0.0) {
        return Err(Refusal::ZeroVariance { index });
    }
    for i in 0..order {
        let own = deviations[i];
        let row = triangle.upper_mut(i);
        row[0] = 1.0;
        for (cell, other) in row.iter_mut().zip(&deviations[i..]).skip(1) {
            *cell /= own * other;
        }
    }
    if triangle.is_finite() { Ok(triangle) } else { Err(Refusal::Overflow) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compute::cpu::universe::{near_constant, slices, walks},
        stats::{SymmetricMatrix, correlation, sample_covariance},
    };

    fn all(workers: usize, columns: &[&[f64]], windows: &[Range<usize>]) -> Vec<Result<Triangle>> {
        let mut found = Vec::new();
        covariances(workers, columns, windows, 1, &mut |answer| {
            found.push(answer);
            ControlFlow::Continue(())
        });
        found
    }

    fn cut<'a>(columns: &[&'a [f64]], window: &Range<usize>) -> Vec<&'a [f64]> {
        columns.iter().map(|column| &column[window.clone()]).collect()
    }

    /// No cell is further from the plain path than `1e-13` of both deviations.
    fn close(found: &Triangle, plain: &SymmetricMatrix) {
        for i in 0..plain.order() {
            for j in i..plain.order() {
                let scale = (plain.get(i, i) * plain.get(j, j)).sqrt();
                let off = (found.get(i, j) - plain.get(i, j)).abs();
                assert!(off <= 1e-13 * scale, "{i} {j}: {off:e} of {scale:e}");
            }
        }
    }

    #[test]
    fn it_is_the_sample_covariance_of_every_window() {
        for (assets, rows) in [(1, 9), (5, 300), (70, 257), (300, 90), (530, 60)] {
            let mut values = walks(assets, rows, 7);
            if assets > 4 {
                values[1].iter_mut().for_each(|x| *x = *x * 1e-9 + 5.0);
                values[2].iter_mut().for_each(|x| *x *= 1e12);
                values[3].fill(0.1);
                values[4] = near_constant(rows);
            }
            let columns = slices(&values);
            let windows = [0..rows, rows / 3..rows - 1, rows - 2..rows];
            for workers in [1, 3] {
                for (window, found) in windows.iter().zip(all(workers, &columns, &windows)) {
                    let plain = sample_covariance(&cut(&columns, window), 1).expect("complete");
                    close(&found.expect("complete"), &plain);
                }
            }
        }
    }

    #[test]
    fn workers_and_strangers_change_no_bit() {
        let values = walks(600, 150, 3);
        let columns = slices(&values);
        let (window, few) = (vec![10..150; 1], &columns[40..140]);
        let one = all(1, &columns, &window).remove(0).expect("complete");
        let two = all(2, &columns, &window).remove(0).expect("complete");
        let alone = all(1, few, &window).remove(0).expect("complete");
        for i in 0..600 {
            for j in i..600 {
                assert_eq!(one.get(i, j).to_bits(), two.get(i, j).to_bits());
                if i >= 40 && j < 140 {
                    assert_eq!(one.get(i, j).to_bits(), alone.get(i - 40, j - 40).to_bits());
                }
            }
        }
    }

    #[test]
    fn correlations_are_those_of_the_plain_path() {
        let values = walks(90, 200, 5);
        let columns = slices(&values);
        let found = all(1, &columns, std::slice::from_ref(&(0..200)))
            .remove(0)
            .and_then(correlate)
            .expect("moving");
        let plain = correlation(&sample_covariance(&columns, 1).expect("complete"));
        close(&found, &plain.expect("moving"));
        let still = Triangle::zeros(2);
        assert_eq!(correlate(still).err(), Some(Refusal::ZeroVariance { index: 0 }));
    }

    #[test]
    fn what_the_plain_path_refuses_is_refused() {
        let (gap, short) = ([1.0, f64::NAN, 2.0], [1.0, 2.0]);
        let refusal = |columns: &[&[f64]], window| {
            all(2, columns, std::slice::from_ref(&window)).remove(0).err()
        };
        assert_eq!(refusal(&[], 0..0), Some(Refusal::Empty));
        assert_eq!(refusal(&[&gap], 0..3), Some(Refusal::NonFinite { series: 0 }));
        assert_eq!(refusal(&[&gap], 2..3), Some(Refusal::TooShort { needed: 2, given: 1 }));
        assert_eq!(refusal(&[&gap], 2..9), Some(Refusal::TooShort { needed: 9, given: 3 }));
        let unequal = Refusal::UnequalLengths { first: 3, other: 2 };
        assert_eq!(refusal(&[&gap, &short], 0..2), Some(unequal));
        assert_eq!(refusal(&[&[1e200, -1e200]], 0..2), Some(Refusal::Overflow));
    }
}

//! Covariance of windows that step through the same columns, by what comes in and what goes out.
//!
//! One product per window would read every row again and again. Here a window's products are those
//! of the one before it, plus the products of the rows that came and less those of the rows that went,
//! in one product of `2 step` rows. Every [`RESTART`]-th window, counted from the first row, is multiplied
//! afresh, so that rounding does not pile up and a window's bits depend on its number and on the rows
//! from its restart on, not on which windows were asked for together or on how many follow.
//!
//! Columns are centred on their mean over the restarted window. Where a window has moved so far from
//! it, or become so calm, that its own squares are a small share of the largest since then, the cells
//! of the column are left to the plain path.
//!
//! # References
//! Chan, Golub & LeVeque (1983), The American Statistician 37(3), 242-247. The plain path:
//! [`sample_covariance`](crate::stats::sample_covariance).

use std::{
    ops::{ControlFlow, Range},
    sync::{Mutex, PoisonError},
};

use super::{
    product::{Cells, EDGE, Panels, add_products, add_squares, padded},
    simd::LANES,
    work::in_order,
};
use crate::{
    compute::{Steps, Triangle},
    stats::{Refusal, Result, mean, sample_covariance},
};

/// Windows from one product of all rows to the next.
pub(super) const RESTART: usize = 32;
/// Share of the largest squares since the restart that has to be left in a window.
const LEAST_SHARE: f64 = 1e-3;
/// A column's deviation over its largest number, times its rows: below it the plain path asks
/// whether the column moves.
const LEAST_RANGE: f64 = 1e-10;

/// Covariance matrices of `windows`, by their numbers.
pub(in crate::compute) fn covariances(
    workers: usize,
    columns: &[&[f64]],
    steps: Steps,
    windows: Range<usize>,
    ddof: usize,
    take: &mut (dyn FnMut(Result<Triangle>) -> ControlFlow<()> + Send),
) {
    let mut walk: Option<Walk<'_>> = None;
    for window in windows {
        let answer = check(columns, steps, window, ddof).and_then(|()| {
            let restart = window - window % restart_after(steps);
            let mut at = match walk.take().filter(|walk| walk.restart == restart) {
                Some(walk) => walk,
                None => Walk::restart(workers, columns, steps, restart),
            };
            while at.window < window {
                at.step(workers);
            }
            let found = at.covariance(workers, ddof);
            walk = Some(at);
            found
        });
        if take(answer).is_break() {
            return;
        }
    }
}

/// Windows from one restart to the next: every one where the rows that change are most of a window.
pub(in crate::compute) fn restart_after(steps: Steps) -> usize {
    let most = steps.step == 0 || steps.step.saturating_mul(4) >= steps.length;
    if most { 1 } else { RESTART }
}

/// Refuses what `sample_covariance` refuses.
pub(in crate::compute) fn check(
    columns: &[&[f64]],
    steps: Steps,
    window: usize,
    ddof: usize,
) -> Result<()> {
    let first = columns.first().ok_or(Refusal::Empty)?.len();
    if let Some(other) = columns.iter().find(|column| column.len() != first) {
        return Err(Refusal::UnequalLengths { first, other: other.len() });
    }
    let end = steps.rows(window).end;
    if end > first {
        return Err(Refusal::TooShort { needed: end, given: first });
    }
    let needed = ddof.saturating_add(1);
    if steps.length < needed {
        return Err(Refusal::TooShort { needed, given: steps.length });
    }
    Ok(())
}

/// The products of a window, on its way from one restart to the next.
struct Walk<'a> {
    columns: &'a [&'a [f64]],
    steps: Steps,
    restart: usize,
    window: usize,
    /// Means over the restarted window.
    centers: Vec<f64>,
    /// Columns rounded up to whole panels.
    order: usize,
    /// Products of the centred columns, one triangle of tiles.
    products: Vec<f64>,
    /// Of the centred columns in the window.
    sums: Vec<f64>,
    /// Largest squares of each column in a window since the restart, and largest number in its rows.
    squares: Vec<f64>,
    largest: Vec<f64>,
    /// Rows that come and go, centred; the second with those that go turned.
    changes: [Panels; 2],
}

impl<'a> Walk<'a> {
    fn restart(workers: usize, columns: &'a [&'a [f64]], steps: Steps, window: usize) -> Self {
        let order = padded(columns.len());
        let rows = steps.rows(window);
        let centers = columns.iter().map(|column| mean(&column[rows.clone()]).unwrap_or(0.0));
        // The mean of rows that are not all numbers is none.
        let centers = centers.map(|center| if center.is_finite() { center } else { 0.0 }).collect();
        let mut walk = Self {
            columns,
            steps,
            restart: window,
            window,
            centers,
            order,
            products: vec![0.0; order * order],
            sums: vec![0.0; columns.len()],
            squares: vec![0.0; columns.len()],
            largest: vec![0.0; columns.len()],
            changes: [Panels::default(), Panels::default()],
        };
        walk.multiply(workers, rows, 0..0);
        walk
    }

    /// The next window.
    fn step(&mut self, workers: usize) {
        let (before, after) = (self.steps.rows(self.window), self.steps.rows(self.window + 1));
        self.window += 1;
        self.multiply(workers, before.end..after.end, before.start..after.start);
    }

    /// Adds the products of the rows that come and takes away those of the rows that go.
    fn multiply(&mut self, workers: usize, come: Range<usize>, go: Range<usize>) {
        let rows = come.len() + go.len();
        for side in &mut self.changes {
            side.clear(self.order, rows);
        }
        let [plain, turned] = &mut self.changes;
        for (asset, column) in self.columns.iter().enumerate() {
            let center = self.centers[asset];
            // What is not a number is in no window that is answered.
            let value = |row: usize| {
                let value = column[row] - center;
                if value.is_finite() { value } else { 0.0 }
            };
            let lane = asset % LANES;
            let [plain, turned] = [&mut *plain, &mut *turned].map(|x| x.panel_mut(asset / LANES));
            let mut sum = 0.0;
            for (at, row) in come.clone().enumerate() {
                let value = value(row);
                (plain[at].0[lane], turned[at].0[lane]) = (value, value);
                sum += value;
                self.largest[asset] = self.largest[asset].max((value + center).abs());
            }
            for (at, row) in go.clone().enumerate() {
                let (at, value) = (come.len() + at, value(row));
                (plain[at].0[lane], turned[at].0[lane]) = (value, -value);
                sum -= value;
            }
            self.sums[asset] += sum;
        }
        let (order, fresh) = (self.order, go.is_empty());
        let [plain, turned] = &self.changes;
        let side = |block: usize| (block * EDGE, EDGE.min(order - block * EDGE));
        let blocks: Vec<Mutex<&mut [f64]>> =
            self.products.chunks_mut(EDGE * order).map(Mutex::new).collect();
        let fill = |block: usize, (): &mut ()| {
            let mut target = blocks[block].lock().unwrap_or_else(PoisonError::into_inner);
            let (from, count) = side(block);
            let left = plain.side(from, count);
            for other in block..order.div_ceil(EDGE) {
                let (from, count) = side(other);
                let right = turned.side(from, count);
                let mut cells = Cells { values: &mut target[other * EDGE..], stride: order };
                if other == block && go.is_empty() {
                    add_squares(&mut cells, left, rows, fresh);
                } else {
                    add_products(&mut cells, left, right, rows, fresh);
                }
            }
        };
        in_order(workers, blocks.len(), || (), fill, |()| ControlFlow::Continue(()));
        drop(blocks);
        for (asset, squares) in self.squares.iter_mut().enumerate() {
            *squares = squares.max(self.products[asset * order + asset]);
        }
    }

    fn covariance(&self, workers: usize, ddof: usize) -> Result<Triangle> {
        let rows = self.steps.rows(self.window);
        let cut = |asset: usize| &self.columns[asset][rows.clone()];
        let broken = |asset: &usize| !cut(*asset).iter().all(|value| value.is_finite());
        if let Some(series) = (0..self.columns.len()).find(broken) {
            return Err(Refusal::NonFinite { series });
        }
        let (n, count) = (rows.len() as f64, self.columns.len());
        let clear: Vec<bool> = (0..count).map(|asset| self.is_clear(asset, n)).collect();
        let divisor = (rows.len() - ddof) as f64;
        let mut triangle = Triangle::zeros(count);
        let blocks: Vec<Mutex<&mut [f64]>> = triangle.row_blocks(EDGE).map(Mutex::new).collect();
        let fill = |block: usize, (): &mut ()| {
            let mut target = blocks[block].lock().unwrap_or_else(PoisonError::into_inner);
            for (i, row) in target.chunks_mut(count).enumerate() {
                let own = block * EDGE + i;
                let products = &self.products[own * self.order..][..count];
                let sum = self.sums[own] / n;
                let cells = row.iter_mut().zip(products).zip(&self.sums).skip(own);
                for ((cell, product), other) in cells {
                    *cell = (product - sum * other) / divisor;
                }
                for other in (own..count).filter(|other| !(clear[own] && clear[*other])) {
                    // Complete columns have one; what overflows is found below.
                    let plain = sample_covariance(&[cut(own), cut(other)], ddof);
                    row[other] = plain.map_or(f64::NAN, |plain| plain.get(0, 1));
                }
            }
        };
        in_order(workers, blocks.len(), || (), fill, |()| ControlFlow::Continue(()));
        drop(blocks);
        if triangle.is_finite() { Ok(triangle) } else { Err(Refusal::Overflow) }
    }

    /// False for a column whose cells are left to the plain path.
    fn is_clear(&self, asset: usize, rows: f64) -> bool {
        let product = self.products[asset * self.order + asset];
        let own = product - self.sums[asset] * self.sums[asset] / rows;
        let least = LEAST_RANGE * self.largest[asset] * (1.0 + rows / 64.0);
        own > LEAST_SHARE * self.squares[asset] && own / rows > least * least
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu::universe::{near_constant, noise, slices, walks};

    const STEPS: Steps = Steps { length: 120, step: 7 };

    fn all(
        workers: usize,
        columns: &[&[f64]],
        steps: Steps,
        windows: Range<usize>,
    ) -> Vec<Result<Triangle>> {
        let mut found = Vec::new();
        covariances(workers, columns, steps, windows, 1, &mut |answer| {
            found.push(answer);
            ControlFlow::Continue(())
        });
        found
    }

    /// Every cell against the plain path, to 1e-12 of both deviations.
    fn compare(values: &[Vec<f64>], steps: Steps) {
        let columns = slices(values);
        let windows = 0..(columns[0].len() - steps.length) / steps.step + 1;
        for (window, found) in windows.clone().zip(all(2, &columns, steps, windows)) {
            let cut: Vec<&[f64]> = columns.iter().map(|x| &x[steps.rows(window)]).collect();
            match (found, sample_covariance(&cut, 1)) {
                (Ok(found), Ok(plain)) => {
                    for i in 0..columns.len() {
                        for j in i..columns.len() {
                            let scale = plain.get(i, i).sqrt() * plain.get(j, j).sqrt();
                            let off = (found.get(i, j) - plain.get(i, j)).abs();
                            assert!(off <= 1e-12 * scale, "{window}: {i} {j} {off:e} {scale:e}");
                        }
                    }
                }
                (found, plain) => assert_eq!(found.err(), plain.err()),
            }
        }
    }

    #[test]
    fn every_window_is_its_sample_covariance() {
        for (length, step) in [(120, 1), (120, 7), (60, 20), (50, 80), (2, 1)] {
            compare(&walks(9, 420, 61), Steps { length, step });
        }
        compare(&walks(300, 100, 62), Steps { length: 70, step: 3 });
    }

    #[test]
    fn wild_calm_still_and_far_columns_are_the_plain_paths() {
        let rows = 600;
        let mut values = walks(9, rows, 63);
        // A storm that leaves the windows, a calm, a constant, a level that runs away.
        values[0].iter_mut().zip(noise(4, rows)).take(130).for_each(|(x, e)| *x = 1e9 * e);
        values[1].iter_mut().skip(200).for_each(|x| *x = 3.0 + 1e-7 * *x);
        values[2].iter_mut().skip(300).for_each(|x| *x = 0.1);
        values[3].iter_mut().enumerate().for_each(|(t, x)| *x += (t * t) as f64);
        values[4] = near_constant(rows);
        values[5].iter_mut().for_each(|x| *x *= 1e-150);
        compare(&values, STEPS);
        values[6][250] = f64::NAN;
        values[7][520] = f64::INFINITY;
        compare(&values, STEPS);
    }

    #[test]
    fn windows_asked_for_together_workers_and_strangers_change_no_bit() {
        let values = walks(290, 420, 64);
        let columns = slices(&values);
        let of = |workers, columns: &[&[f64]], windows| {
            all(workers, columns, STEPS, windows)
                .into_iter()
                .map(|x| x.expect("complete"))
                .collect()
        };
        let whole: Vec<Triangle> = of(1, &columns, 0..40);
        let part: Vec<Triangle> = of(2, &columns, 30..37);
        let few: Vec<Triangle> = of(2, &columns[100..120], 5..40);
        // Later rows change nothing either.
        let cut: Vec<&[f64]> = columns.iter().map(|x| &x[..STEPS.rows(36).end]).collect();
        let early: Vec<Triangle> = of(1, &cut, 36..37);
        let same = |a: &Triangle, b: &Triangle, from: usize| {
            (0..b.order()).all(|i| {
                let (a, b) = (&a.upper(i + from)[..b.order() - i], b.upper(i));
                a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
            })
        };
        assert!(part.iter().zip(&whole[30..]).all(|(part, whole)| same(whole, part, 0)));
        assert!(few.iter().zip(&whole[5..]).all(|(few, whole)| same(whole, few, 100)));
        assert!(same(&whole[36], &early[0], 0));
    }

    #[test]
    fn what_the_plain_path_refuses_is_refused() {
        let (a, b) = ([1.0, 2.0, 4.0], [1.0, 2.0]);
        let steps = Steps { length: 2, step: 1 };
        let refusal = |columns: &[&[f64]], window: usize, steps| {
            all(1, columns, steps, window..window + 1).remove(0).err()
        };
        assert_eq!(refusal(&[], 0, steps), Some(Refusal::Empty));
        let unequal = Refusal::UnequalLengths { first: 3, other: 2 };
        assert_eq!(refusal(&[&a, &b], 0, steps), Some(unequal));
        assert_eq!(refusal(&[&a], 2, steps), Some(Refusal::TooShort { needed: 4, given: 3 }));
        let short = Steps { length: 1, step: 1 };
        assert_eq!(refusal(&[&a], 0, short), Some(Refusal::TooShort { needed: 2, given: 1 }));
        assert_eq!(refusal(&[&[1e200, -1e200]], 0, steps), Some(Refusal::Overflow));
    }
}

//! Covariance and correlation of columns with gaps, by masked products.
//!
//! With `z` a column less the mean of its own rows, zero where it is missing, and `m` one where it is
//! there: `n = m'm`, `s = z'm`, `c = (z'z - s s' / n) / (n - 1)`. Counts are made of bits. The centre is that of
//! the column, not of the pair, so a cell loses digits where the common rows hold little of a
//! column's squares; such cells, and columns that hardly move, are left to the plain path. How little
//! can be left is read from the column's largest squares: no set of as many rows holds more.

use std::{
    ops::{ControlFlow, Range},
    sync::{Mutex, PoisonError},
};

use super::{
    product::{Cells, EDGE, Side, add_products, add_squares, padded},
    simd::{Kernel, widest},
    work::in_order,
};
use crate::{
    compute::{PairwiseTriangles, Triangle},
    stats::{Pairwise, Refusal, Result, mean, pairwise_correlation, pairwise_covariance},
};

/// Share of a column's squares that has to be left in the common rows.
const LEAST_SHARE: f64 = 1e-3;
/// A column's range over its largest number, times its rows: below it the plain path asks whether the
/// column moves.
const LEAST_RANGE: f64 = 1e-10;
/// Steps in which removed rows are counted.
const STEPS: usize = 32;

/// What is estimated in each cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Covariance,
    Correlation,
}

/// The estimate of every window, in order.
pub(super) fn pairwise(
    workers: usize,
    columns: &[&[f64]],
    windows: &[Range<usize>],
    (moment, min_periods): (Moment, usize),
    take: &mut (dyn FnMut(Result<PairwiseTriangles>) -> ControlFlow<()> + Send),
) {
    for window in windows {
        let found = masked(columns, window, moment)
            .map(|masked| masked.estimate(workers, moment, min_periods));
        if take(found).is_break() {
            return;
        }
    }
}

fn masked<'a>(columns: &[&'a [f64]], window: &Range<usize>, moment: Moment) -> Result<Masked<'a>> {
    let first = columns.first().ok_or(Refusal::Empty)?.len();
    if let Some(other) = columns.iter().find(|column| column.len() != first) {
        return Err(Refusal::UnequalLengths { first, other: other.len() });
    }
    if window.start > window.end || window.end > first {
        return Err(Refusal::TooShort { needed: window.end, given: first });
    }
    let cut: Vec<&[f64]> = columns.iter().map(|column| &column[window.clone()]).collect();
    if let Some(series) = cut.iter().position(|x| x.iter().any(|value| value.is_infinite())) {
        return Err(Refusal::NonFinite { series });
    }
    Ok(Masked::new(cut, window.len(), moment))
}

/// The columns of a window as the products need them.
struct Masked<'a> {
    columns: Vec<&'a [f64]>,
    rows: usize,
    stride: usize,
    /// Centred, zero where missing.
    values: Vec<f64>,
    /// Their squares, for correlations.
    squares: Vec<f64>,
    /// One where a column has a value.
    presence: Vec<f64>,
    /// The same as bits.
    bits: Vec<u64>,
    /// Rows of each column.
    own: Vec<u32>,
    /// Least squares left when `step * rows / STEPS` rows are taken away; minus infinity for columns
    /// that hardly move.
    left: Vec<[f64; STEPS + 1]>,
}

impl<'a> Masked<'a> {
    fn new(columns: Vec<&'a [f64]>, rows: usize, moment: Moment) -> Self {
        let stride = rows.next_multiple_of(8).max(8);
        let whole = columns.len() / EDGE * EDGE;
        let cells = (whole + padded(columns.len() - whole)) * stride;
        let words = rows.div_ceil(64);
        let squared = if moment == Moment::Correlation { cells } else { 0 };
        let mut masked = Self {
            rows,
            stride,
            values: vec![0.0; cells],
            squares: vec![0.0; squared],
            presence: vec![0.0; cells],
            bits: vec![0; columns.len() * words],
            own: Vec::with_capacity(columns.len()),
            left: Vec::with_capacity(columns.len()),
            columns,
        };
        for at in 0..masked.columns.len() {
            masked.center(at, words);
        }
        masked
    }

    fn center(&mut self, at: usize, words: usize) {
        let column = self.columns[at];
        let own: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
        let center = mean(&own).unwrap_or(0.0);
        for (row, value) in column.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            self.values[at * self.stride + row] = value - center;
            self.presence[at * self.stride + row] = 1.0;
            self.bits[at * words + row / 64] |= 1 << (row % 64);
        }
        let values = &self.values[at * self.stride..][..self.rows];
        if let Some(squares) = self.squares.get_mut(at * self.stride..) {
            for (square, value) in squares.iter_mut().zip(values) {
                *square = value * value;
            }
        }
        self.left.push(least_left(values, &own));
        self.own.push(u32::try_from(own.len()).unwrap_or(u32::MAX));
    }

    fn side<'b>(&self, values: &'b [f64], block: usize) -> Side<'b> {
        let columns = padded(EDGE.min(self.columns.len() - block * EDGE));
        Side { values: &values[block * EDGE * self.stride..], columns, stride: self.stride }
    }

    fn estimate(&self, workers: usize, moment: Moment, min_periods: usize) -> PairwiseTriangles {
        let order = self.columns.len();
        let (mut matrix, mut counts) = (Triangle::zeros(order), Triangle::zeros(order));
        let targets: Vec<Mutex<(&mut [f64], &mut [f64])>> =
            matrix.row_blocks(EDGE).zip(counts.row_blocks(EDGE)).map(Mutex::new).collect();
        let fill = |block: usize, tile: &mut Products| {
            let mut target = targets[block].lock().unwrap_or_else(PoisonError::into_inner);
            let (matrix, counts) = &mut *target;
            for other in block..order.div_ceil(EDGE) {
                tile.multiply(self, block, other, moment);
                for (i, (row, counts)) in
                    matrix.chunks_mut(order).zip(counts.chunks_mut(order)).enumerate()
                {
                    let from = if other == block { i } else { 0 };
                    for j in from..EDGE.min(order - other * EDGE) {
                        let pair = [block * EDGE + i, other * EDGE + j];
                        let (cell, count) = tile.cell(self, (i, j), pair, (moment, min_periods));
                        (row[pair[1]], counts[pair[1]]) = (cell, count);
                    }
                }
            }
        };
        in_order(workers, targets.len(), Products::default, fill, |()| ControlFlow::Continue(()));
        drop(targets);
        PairwiseTriangles { matrix, counts }
    }
}

/// Least squares left of `values` when rows are taken away, in [`STEPS`].
fn least_left(values: &[f64], own: &[f64]) -> [f64; STEPS + 1] {
    let largest = own.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let (low, high) = own.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
        (range.0.min(*value), range.1.max(*value))
    });
    let moving = high - low > LEAST_RANGE * largest * (1.0 + own.len() as f64 / 64.0);
    if !moving {
        return [f64::NEG_INFINITY; STEPS + 1];
    }
    let mut squares: Vec<f64> = values.iter().map(|value| value * value).collect();
    squares.sort_unstable_by(|a, b| b.total_cmp(a));
    let total: f64 = squares.iter().sum();
    std::array::from_fn(|step| {
        let taken = (step * values.len()).div_ceil(STEPS).min(squares.len());
        let left: f64 = squares[taken..].iter().rev().sum();
        left - LEAST_SHARE * total
    })
}

/// The products of a tile.
#[derive(Default)]
struct Products {
    /// `z'z`.
    both: Vec<f64>,
    /// `z_i' m_j` and, turned, `z_j' m_i`.
    sums: [Vec<f64>; 2],
    /// The same of the squares.
    squares: [Vec<f64>; 2],
    counts: Vec<u32>,
}

impl Products {
    fn multiply(&mut self, masked: &Masked<'_>, block: usize, other: usize, moment: Moment) {
        let product = |cells: &mut Vec<f64>, left: Side<'_>, right: Side<'_>, square: bool| {
            cells.resize(EDGE * EDGE, 0.0);
            let mut cells = Cells { values: cells, stride: EDGE };
            if square {
                add_squares(&mut cells, left, masked.stride, true);
            } else {
                add_products(&mut cells, left, right, masked.stride, true);
            }
        };
        let values = |block| masked.side(&masked.values, block);
        let presence = |block| masked.side(&masked.presence, block);
        product(&mut self.both, values(block), values(other), block == other);
        product(&mut self.sums[0], values(block), presence(other), false);
        product(&mut self.sums[1], presence(block), values(other), false);
        if moment == Moment::Correlation {
            let squares = |block| masked.side(&masked.squares, block);
            product(&mut self.squares[0], squares(block), presence(other), false);
            product(&mut self.squares[1], presence(block), squares(other), false);
        }
        self.counts.resize(EDGE * EDGE, 0);
        let words = masked.rows.div_ceil(64);
        let counts = &mut self.counts;
        widest(CommonRows { bits: &masked.bits, words, block, other, counts });
    }

    /// The estimate of a cell and its common rows.
    fn cell(
        &self,
        masked: &Masked<'_>,
        (i, j): (usize, usize),
        pair: [usize; 2],
        (moment, min_periods): (Moment, usize),
    ) -> (f64, f64) {
        let at = i * EDGE + j;
        let count = self.counts[at];
        let n = f64::from(count);
        if (count as usize) < min_periods.max(2) {
            return (f64::NAN, n);
        }
        let sums = [self.sums[0][at], self.sums[1][at]];
        let enough = |k: usize| {
            let step = ((masked.own[pair[k]] - count) as usize * STEPS)
                .div_ceil(masked.rows.max(1))
                .min(STEPS);
            masked.left[pair[k]][step] > sums[k] * sums[k] / n
        };
        if !(enough(0) && enough(1)) {
            return (plain(masked, pair, moment, min_periods), n);
        }
        let shared = self.both[at] - sums[0] * sums[1] / n;
        let value = match moment {
            Moment::Covariance => shared / (n - 1.0),
            Moment::Correlation if pair[0] == pair[1] => 1.0,
            Moment::Correlation => {
                let own = |k: usize| self.squares[k][at] - sums[k] * sums[k] / n;
                (shared / (own(0) * own(1)).sqrt()).clamp(-1.0, 1.0)
            }
        };
        (if value.is_finite() { value } else { f64::NAN }, n)
    }
}

fn plain(masked: &Masked<'_>, [i, j]: [usize; 2], moment: Moment, min_periods: usize) -> f64 {
    let pair = [masked.columns[i], masked.columns[j]];
    let found: Result<Pairwise> = match moment {
        Moment::Covariance => pairwise_covariance(&pair, min_periods),
        Moment::Correlation => pairwise_correlation(&pair, min_periods),
    };
    found.map_or(f64::NAN, |found| found.matrix.get(0, 1))
}

/// Common rows of the pairs of a tile.
struct CommonRows<'a> {
    bits: &'a [u64],
    words: usize,
    block: usize,
    other: usize,
    counts: &'a mut [u32],
}

impl Kernel for CommonRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let rows =
            |block: usize| self.bits[block * EDGE * self.words..].chunks_exact(self.words.max(1));
        for (i, left) in rows(self.block).take(EDGE).enumerate() {
            for (j, right) in rows(self.other).take(EDGE).enumerate() {
                let common = left.iter().zip(right).map(|(a, b)| (a & b).count_ones());
                self.counts[i * EDGE + j] = common.sum();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu::universe::{near_constant, noise, slices, walks};

    fn one(
        workers: usize,
        columns: &[&[f64]],
        window: Range<usize>,
        (moment, least): (Moment, usize),
    ) -> Result<PairwiseTriangles> {
        let mut found = Vec::new();
        pairwise(workers, columns, &[window], (moment, least), &mut |answer| {
            found.push(answer);
            ControlFlow::Continue(())
        });
        found.remove(0)
    }

    /// Every cell against the plain path, to 1e-12 of what its common rows hold.
    fn compare(values: &[Vec<f64>], window: &Range<usize>, least: usize) {
        let columns: Vec<&[f64]> = values.iter().map(|x| &x[window.clone()]).collect();
        let plain = pairwise_covariance(&columns, least).expect("equal");
        let ratio = pairwise_correlation(&columns, least).expect("equal");
        let whole = slices(values);
        let found = one(2, &whole, window.clone(), (Moment::Covariance, least)).expect("equal");
        let other = one(1, &whole, window.clone(), (Moment::Correlation, least)).expect("equal");
        for i in 0..columns.len() {
            for j in i..columns.len() {
                assert_eq!(found.counts.get(i, j).to_bits(), plain.counts.get(i, j).to_bits());
                let (cell, expected) = (found.matrix.get(i, j), plain.matrix.get(i, j));
                let rows: (Vec<f64>, Vec<f64>) = columns[i]
                    .iter()
                    .zip(columns[j])
                    .filter(|(a, b)| !a.is_nan() && !b.is_nan())
                    .unzip();
                let own = |x: &[f64]| crate::stats::variance(x, 1).unwrap_or(0.0);
                let scale = (own(&rows.0) * own(&rows.1)).sqrt();
                let same = cell.is_nan() && expected.is_nan();
                assert!(
                    same || (cell - expected).abs() <= 1e-12 * scale,
                    "{i} {j}: {cell} {expected}"
                );
                let (cell, expected) = (other.matrix.get(i, j), ratio.matrix.get(i, j));
                let same = cell.is_nan() && expected.is_nan();
                assert!(same || (cell - expected).abs() <= 1e-12, "{i} {j}: {cell} {expected}");
            }
        }
    }

    fn with_gaps(assets: usize, rows: usize, share: f64) -> Vec<Vec<f64>> {
        let mut values = walks(assets, rows, 21);
        for (asset, column) in values.iter_mut().enumerate() {
            let gaps = noise(asset as u64 + 400, rows);
            for (value, gap) in column.iter_mut().zip(gaps) {
                *value = if gap + 0.5 < share { f64::NAN } else { *value };
            }
        }
        values
    }

    #[test]
    fn it_is_the_pairwise_definition() {
        for (assets, rows, share) in [(1, 5, 0.3), (40, 200, 0.02), (70, 65, 0.5), (290, 40, 0.1)] {
            let values = with_gaps(assets, rows, share);
            compare(&values, &(0..rows), 1);
            compare(&values, &(rows / 3..rows), 4);
        }
    }

    #[test]
    fn strange_columns_are_the_plain_paths() {
        let mut values = with_gaps(12, 150, 0.1);
        values[0].fill(0.1);
        values[1] = near_constant(150);
        values[2].fill(f64::NAN);
        values[3][..140].fill(f64::NAN);
        // All of its squares stand in a row that others miss.
        values[4] = near_constant(150);
        values[4][7] = 1e9;
        values[5][7] = f64::NAN;
        values[6].iter_mut().for_each(|x| *x *= 1e12);
        values[7].iter_mut().for_each(|x| *x *= 1e-12);
        values[8].fill(3.0);
        values[8][9] = 4.0;
        compare(&values, &(0..150), 1);
        compare(&values, &(2..4), 1);
    }

    #[test]
    fn workers_and_strangers_change_no_bit() {
        let mut values = with_gaps(300, 90, 0.05);
        values[7] = values[6].iter().zip(noise(3, 90)).map(|(x, e)| 2.0 * x + 1e-3 * e).collect();
        compare(&values[..20], &(0..90), 2);
        let columns = slices(&values);
        for moment in [Moment::Covariance, Moment::Correlation] {
            let of = |workers, columns: &[&[f64]]| {
                one(workers, columns, 0..90, (moment, 2)).expect("equal").matrix
            };
            let (whole, two, few) = (of(1, &columns), of(2, &columns), of(1, &columns[100..180]));
            for i in 0..300 {
                let bits = |row: &[f64]| row.iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(whole.upper(i)), bits(two.upper(i)));
                if (100..180).contains(&i) {
                    assert_eq!(bits(&whole.upper(i)[..180 - i]), bits(few.upper(i - 100)));
                }
            }
        }
    }

    #[test]
    fn what_the_plain_path_refuses_is_refused() {
        let gap = [1.0, f64::INFINITY];
        let ask =
            |columns: &[&[f64]], window| one(1, columns, window, (Moment::Covariance, 1)).err();
        assert_eq!(ask(&[], 0..0), Some(Refusal::Empty));
        assert_eq!(ask(&[&gap], 0..2), Some(Refusal::NonFinite { series: 0 }));
        let unequal = Refusal::UnequalLengths { first: 2, other: 1 };
        assert_eq!(ask(&[&gap, &[1.0]], 0..1), Some(unequal));
        assert_eq!(ask(&[&gap], 0..3), Some(Refusal::TooShort { needed: 3, given: 2 }));
    }
}

//! The products of a tile of pairs, and their estimates.

use std::{
    ops::ControlFlow,
    sync::{Mutex, PoisonError},
};

use super::{
    Moment,
    masked::{FEW_STEPS, Masked, Powers, STEPS},
};
use crate::{
    compute::{
        PairwiseTriangles, Triangle,
        cpu::{
            product::{Cells, EDGE, Panels, add_products, add_squares},
            simd::{Kernel, LANES, Lanes, widest},
            work::in_order,
        },
    },
    stats::{Pairwise, Result, pairwise_correlation, pairwise_covariance},
};

/// Cells of a square that are turned at a time.
const TURN: usize = 16;

/// The estimates of all pairs.
pub(super) fn estimate(
    masked: &Masked<'_>,
    workers: usize,
    min_periods: usize,
) -> PairwiseTriangles {
    let order = masked.columns.len();
    let (mut matrix, mut counts) = (Triangle::zeros(order), Triangle::zeros(order));
    let targets: Vec<Mutex<(&mut [f64], &mut [f64])>> =
        matrix.row_blocks(EDGE).zip(counts.row_blocks(EDGE)).map(Mutex::new).collect();
    let least = u32::try_from(min_periods.max(2)).unwrap_or(u32::MAX);
    let fill = |block: usize, tile: &mut Products| {
        let mut target = targets[block].lock().unwrap_or_else(PoisonError::into_inner);
        let (matrix, counts) = &mut *target;
        for other in block..order.div_ceil(EDGE) {
            tile.multiply(masked, block, other);
            let rows = matrix.chunks_mut(order).zip(counts.chunks_mut(order));
            for (i, (row, counts)) in rows.enumerate() {
                let from = if other == block { i } else { 0 };
                let span = other * EDGE + from..order.min((other + 1) * EDGE);
                let cells = (&mut row[span.clone()], &mut counts[span]);
                tile.row(masked, (block, other), (i, from), cells, least);
            }
        }
    };
    in_order(workers, targets.len(), Products::default, fill, |()| ControlFlow::Continue(()));
    drop(targets);
    PairwiseTriangles { matrix, counts }
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
    turned: Vec<f64>,
    /// Cells that are to be looked at one by one.
    doubtful: Vec<bool>,
}

impl Products {
    fn multiply(&mut self, masked: &Masked<'_>, block: usize, other: usize) {
        self.both.resize(EDGE * EDGE, 0.0);
        let mut cells = Cells { values: &mut self.both, stride: EDGE };
        let side = |block| masked.side(&masked.values.columns, block);
        if block == other {
            add_squares(&mut cells, side(block), masked.rows, true);
        } else {
            add_products(&mut cells, side(block), side(other), masked.rows, true);
        }
        let turned = &mut self.turned;
        sum_common(masked, &masked.values, (block, other), &mut self.sums, turned);
        if let Some(squares) = &masked.squares {
            sum_common(masked, squares, (block, other), &mut self.squares, turned);
        }
        self.counts.resize(EDGE * EDGE, 0);
        let words = masked.rows.div_ceil(64);
        let counts = &mut self.counts;
        widest(CommonRows { bits: &masked.bits, words, block, other, counts });
    }

    /// The estimates of a row of the tile from column `from` on, and their common rows.
    fn row(
        &mut self,
        masked: &Masked<'_>,
        (block, other): (usize, usize),
        (i, from): (usize, usize),
        (row, counts): (&mut [f64], &mut [f64]),
        least: u32,
    ) {
        let (left, right) = (block * EDGE + i, other * EDGE + from);
        let at = i * EDGE + from..i * EDGE + from + row.len();
        self.doubtful.clear();
        self.doubtful.resize(row.len(), false);
        // Covariances have no squares.
        let squares = if masked.squares.is_some() { at.clone() } else { 0..0 };
        widest(Row {
            cells: &mut *row,
            rows: counts,
            doubtful: &mut self.doubtful,
            counts: &self.counts[at.clone()],
            both: &self.both[at.clone()],
            sums: [&self.sums[0][at.clone()], &self.sums[1][at]],
            squares: [&self.squares[0][squares.clone()], &self.squares[1][squares]],
            own: (masked.own[left], &masked.own[right..]),
            left: (masked.mostly_left[left], &masked.mostly_left[right..]),
            few: u32::try_from(masked.rows * FEW_STEPS / STEPS).unwrap_or(u32::MAX),
            least,
            moment: masked.moment,
        });
        for (j, cell) in row.iter_mut().enumerate() {
            if self.doubtful[j] {
                let at = i * EDGE + from + j;
                *cell = self.cell(masked, at, [left, right + j], *cell, least);
            } else if masked.moment == Moment::Correlation && left == right + j {
                *cell = 1.0;
            }
        }
    }

    /// A cell that most are unlike: by the plain path, if it needs be.
    fn cell(
        &self,
        masked: &Masked<'_>,
        at: usize,
        pair: [usize; 2],
        found: f64,
        least: u32,
    ) -> f64 {
        let count = self.counts[at];
        if count < least {
            return f64::NAN;
        }
        let enough = |k: usize| {
            let gone = (masked.own[pair[k]] - count) as usize * STEPS;
            let step = gone.div_ceil(masked.rows.max(1)).min(STEPS);
            let sum = self.sums[k][at];
            masked.left[pair[k]][step] > sum * sum / f64::from(count)
        };
        if !(enough(0) && enough(1)) {
            return plain(masked, pair, least as usize);
        }
        match masked.moment {
            Moment::Correlation if pair[0] == pair[1] => 1.0,
            _ if found.is_finite() => found,
            _ => f64::NAN,
        }
    }
}

fn plain(masked: &Masked<'_>, [i, j]: [usize; 2], min_periods: usize) -> f64 {
    let pair = [masked.columns[i], masked.columns[j]];
    let found: Result<Pairwise> = match masked.moment {
        Moment::Covariance => pairwise_covariance(&pair, min_periods),
        Moment::Correlation => pairwise_correlation(&pair, min_periods),
    };
    found.map_or(f64::NAN, |found| found.matrix.get(0, 1))
}

/// Sums of the columns of each block over the rows of those of the other; `sums[0]` holds those of
/// the first block.
fn sum_common(
    masked: &Masked<'_>,
    powers: &Powers,
    (block, other): (usize, usize),
    sums: &mut [Vec<f64>; 2],
    turned: &mut Vec<f64>,
) {
    let [first, second] = sums;
    first.resize(EDGE * EDGE, 0.0);
    second.resize(EDGE * EDGE, 0.0);
    turned.resize(EDGE * EDGE, 0.0);
    let many =
        |block: usize| masked.missing.iter().skip(block * EDGE).take(EDGE).any(Option::is_none);
    let product = |cells: &mut Vec<f64>, left: &Panels, right: &Panels| {
        let (left, right) = (masked.side(left, block), masked.side(right, other));
        add_products(&mut Cells { values: cells, stride: EDGE }, left, right, masked.rows, true);
    };
    if many(other) {
        product(first, &powers.columns, &masked.presence);
    }
    if many(block) {
        product(second, &masked.presence, &powers.columns);
    }
    // Of the first block over the rows of the second: column after column, then turned.
    take_away(masked, powers, (block, other), turned);
    turn(masked, other, turned, first);
    take_away(masked, powers, (other, block), second);
}

/// For each column of block `missing` that misses few rows, the sums of the columns of `block` over
/// its rows, side by side.
fn take_away(
    masked: &Masked<'_>,
    powers: &Powers,
    (block, missing): (usize, usize),
    sums: &mut [f64],
) {
    let first = block * EDGE / LANES;
    let rows = masked.missing.iter().skip(missing * EDGE).take(EDGE);
    let side = masked.side(&powers.columns, block);
    for panel in 0..side.panels() {
        let (values, total) = (side.rows(panel, 0, masked.rows), powers.totals[first + panel]);
        let sums = &mut sums[panel * LANES..];
        widest(TakeAway { values, total, rows: rows.clone(), sums });
    }
}

/// Writes `from[j][i]` to `to[i][j]` for the columns `j` that miss few rows.
fn turn(masked: &Masked<'_>, block: usize, from: &[f64], to: &mut [f64]) {
    let columns = &masked.missing[block * EDGE..masked.missing.len().min((block + 1) * EDGE)];
    for left in (0..columns.len()).step_by(TURN) {
        let right = columns.len().min(left + TURN);
        for (i, row) in to.chunks_exact_mut(EDGE).enumerate() {
            for j in left..right {
                if columns[j].is_some() {
                    row[j] = from[j * EDGE + i];
                }
            }
        }
    }
}

/// Takes the rows that columns miss away from the sums of a panel: a row of sums for each column.
struct TakeAway<'a, I> {
    values: &'a [Lanes],
    total: Lanes,
    rows: I,
    sums: &'a mut [f64],
}

impl<'a, I: Iterator<Item = &'a Option<Vec<usize>>>> Kernel for TakeAway<'a, I> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (column, rows) in self.rows.enumerate() {
            if let Some(rows) = rows {
                let left = rows.iter().fold(self.total, |sum, row| sum - self.values[*row]);
                self.sums[column * EDGE..][..LANES].copy_from_slice(&left.0);
            }
        }
    }
}

/// A row of a tile.
struct Row<'a> {
    cells: &'a mut [f64],
    rows: &'a mut [f64],
    doubtful: &'a mut [bool],
    counts: &'a [u32],
    both: &'a [f64],
    sums: [&'a [f64]; 2],
    squares: [&'a [f64]; 2],
    own: (u32, &'a [u32]),
    /// Least squares left where few rows are gone.
    left: (f64, &'a [f64]),
    /// Rows that most pairs do without.
    few: u32,
    least: u32,
    moment: Moment,
}

impl Kernel for Row<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match self.moment {
            Moment::Covariance => self.fill(false),
            Moment::Correlation => self.fill(true),
        }
    }
}

impl Row<'_> {
    #[inline(always)]
    #[allow(clippy::needless_bitwise_bool, reason = "a branch would part the lanes")]
    fn fill(self, ratio: bool) {
        let Self { cells, rows, doubtful, counts, both, few, least, .. } = self;
        let (count, square) = (cells.len(), if ratio { cells.len() } else { 0 });
        let (rows, doubtful) = (&mut rows[..count], &mut doubtful[..count]);
        let (counts, both, own) = (&counts[..count], &both[..count], &self.own.1[..count]);
        let [first, second] = [&self.sums[0][..count], &self.sums[1][..count]];
        let [squares, others] = [&self.squares[0][..square], &self.squares[1][..square]];
        let left = &self.left.1[..count];
        for j in 0..count {
            let common = counts[j];
            let (n, s0, s1) = (f64::from(common), first[j], second[j]);
            let (m0, m1) = (s0 / n, s1 / n);
            let shared = both[j] - s0 * m1;
            let value = if ratio {
                let own = (squares[j] - s0 * m0) * (others[j] - s1 * m1);
                (shared / own.sqrt()).clamp(-1.0, 1.0)
            } else {
                shared / (n - 1.0)
            };
            let gone = self.own.0.wrapping_sub(common).max(own[j].wrapping_sub(common));
            let enough = (self.left.0 > s0 * m0) & (left[j] > s1 * m1);
            let clear = enough & (gone <= few) & (common >= least) & value.is_finite();
            (cells[j], rows[j], doubtful[j]) = (value, n, !clear);
        }
    }
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
        let from = |block: usize| &self.bits[block * EDGE * self.words..];
        let words = self.words.max(1);
        let lefts = from(self.block).chunks_exact(words).take(EDGE);
        for (left, counts) in lefts.zip(self.counts.chunks_exact_mut(EDGE)) {
            for (right, count) in from(self.other).chunks_exact(words).zip(counts) {
                let mut common = 0;
                for (a, b) in left.iter().zip(right) {
                    common += u64::from((a & b).count_ones());
                }
                #[allow(clippy::cast_possible_truncation, reason = "rows are counted")]
                let common = common as u32;
                *count = common;
            }
        }
    }
}

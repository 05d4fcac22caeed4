//! The columns of a window as the products need them.

use super::Moment;
use crate::{
    compute::cpu::product::{EDGE, Side, padded},
    stats::{mean, sum},
};

/// Share of a column's squares that has to be left in the common rows.
const LEAST_SHARE: f64 = 1e-3;
/// A column's range over its largest number, times its rows: below it the plain path asks whether the
/// column moves.
const LEAST_RANGE: f64 = 1e-10;
/// Steps in which removed rows are counted, and the one that most pairs stay within.
pub(super) const STEPS: usize = 32;
pub(super) const FEW_STEPS: usize = 2;
/// A column that misses more than this share of the rows is multiplied.
const SPARSE: usize = 8;

/// Numbers of every column, in the order of rows and in that of columns.
pub(super) struct Powers {
    /// Column after column, each in `stride` numbers.
    pub(super) along: Vec<f64>,
    /// Block of columns after block, in it row after row, each in [`EDGE`] numbers.
    pub(super) across: Vec<f64>,
    /// Sums of the columns, padded like these.
    pub(super) totals: Vec<f64>,
}

/// See the module.
pub(super) struct Masked<'a> {
    pub(super) columns: Vec<&'a [f64]>,
    pub(super) moment: Moment,
    pub(super) rows: usize,
    pub(super) stride: usize,
    /// Centred, zero where missing.
    pub(super) values: Powers,
    /// Their squares, for correlations.
    pub(super) squares: Option<Powers>,
    /// One where a column has a value, as bits.
    pub(super) bits: Vec<u64>,
    /// The same as numbers, if a column misses many rows.
    pub(super) presence: Vec<f64>,
    /// Rows that a column misses; `None` for many.
    pub(super) missing: Vec<Option<Vec<usize>>>,
    /// Rows of each column.
    pub(super) own: Vec<u32>,
    /// Least squares left when `step * rows / STEPS` rows are taken away; minus infinity for columns
    /// that hardly move.
    pub(super) left: Vec<[f64; STEPS + 1]>,
    /// The same when few are, side by side.
    pub(super) mostly_left: Vec<f64>,
}

impl<'a> Masked<'a> {
    pub(super) fn new(columns: Vec<&'a [f64]>, rows: usize, moment: Moment) -> Self {
        let stride = rows.next_multiple_of(8).max(8);
        let blocks = columns.len().div_ceil(EDGE);
        let whole = columns.len() / EDGE * EDGE;
        let padded = whole + padded(columns.len() - whole);
        let words = rows.div_ceil(64);
        let powers = || Powers {
            along: vec![0.0; padded * stride],
            across: vec![0.0; blocks * EDGE * rows],
            totals: vec![0.0; blocks * EDGE],
        };
        let mut masked = Self {
            moment,
            rows,
            stride,
            values: powers(),
            squares: (moment == Moment::Correlation).then(powers),
            bits: vec![0; columns.len() * words],
            presence: Vec::new(),
            missing: Vec::with_capacity(columns.len()),
            own: Vec::with_capacity(columns.len()),
            left: Vec::with_capacity(columns.len()),
            mostly_left: Vec::with_capacity(columns.len()),
            columns,
        };
        for at in 0..masked.columns.len() {
            masked.center(at, words);
        }
        if masked.missing.iter().any(Option::is_none) {
            masked.presence = vec![0.0; padded * stride];
            for (at, column) in masked.columns.iter().enumerate() {
                let own = &mut masked.presence[at * stride..][..rows];
                for (here, value) in own.iter_mut().zip(*column) {
                    *here = if value.is_nan() { 0.0 } else { 1.0 };
                }
            }
        }
        masked.values.turn(masked.columns.len(), rows, stride);
        if let Some(squares) = &mut masked.squares {
            squares.turn(masked.columns.len(), rows, stride);
        }
        masked
    }

    fn center(&mut self, at: usize, words: usize) {
        let column = self.columns[at];
        let own: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
        let center = mean(&own).unwrap_or(0.0);
        let mut missing = Vec::new();
        let values = &mut self.values.along[at * self.stride..][..self.rows];
        for (row, (value, target)) in column.iter().zip(values).enumerate() {
            if value.is_nan() {
                missing.push(row);
            } else {
                *target = value - center;
                self.bits[at * words + row / 64] |= 1 << (row % 64);
            }
        }
        let values = &self.values.along[at * self.stride..][..self.rows];
        if let Some(squares) = &mut self.squares {
            let target = &mut squares.along[at * self.stride..];
            for (square, value) in target.iter_mut().zip(values) {
                *square = value * value;
            }
        }
        let left = least_left(values, &own);
        self.left.push(left);
        self.mostly_left.push(left[FEW_STEPS]);
        self.own.push(u32::try_from(own.len()).unwrap_or(u32::MAX));
        self.missing.push((missing.len() * SPARSE <= self.rows).then_some(missing));
    }

    /// A block of a table of columns.
    pub(super) fn side<'b>(&self, along: &'b [f64], block: usize) -> Side<'b> {
        let columns = padded(EDGE.min(self.columns.len() - block * EDGE));
        Side { values: &along[block * EDGE * self.stride..], columns, stride: self.stride }
    }
}

impl Powers {
    fn turn(&mut self, columns: usize, rows: usize, stride: usize) {
        for at in 0..columns {
            let column = &self.along[at * stride..][..rows];
            self.totals[at] = sum(column);
            let block = &mut self.across[at / EDGE * EDGE * rows..];
            for (row, value) in block.chunks_exact_mut(EDGE).zip(column) {
                row[at % EDGE] = *value;
            }
        }
    }

    /// The rows of a block.
    pub(super) fn block(&self, block: usize, rows: usize) -> &[f64] {
        &self.across[block * EDGE * rows..][..EDGE * rows]
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
    // From the smallest on.
    let mut left = [0.0; STEPS + 1];
    let (mut sum, mut at) = (0.0, squares.len());
    for step in (0..=STEPS).rev() {
        let taken = (step * values.len()).div_ceil(STEPS).min(squares.len());
        for square in squares[taken..at].iter().rev() {
            sum += square;
        }
        at = taken;
        left[step] = sum - LEAST_SHARE * total;
    }
    left
}

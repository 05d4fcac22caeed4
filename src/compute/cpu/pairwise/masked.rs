//! The columns of a window as the products need them.

use super::Moment;
use crate::{
    compute::cpu::{
        product::{EDGE, Panels, Side, padded},
        simd::{LANES, Lanes},
    },
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

/// Numbers of every column.
pub(super) struct Powers {
    pub(super) columns: Panels,
    /// Sums of the columns, eight abreast.
    pub(super) totals: Vec<Lanes>,
}

/// See the module.
pub(super) struct Masked<'a> {
    pub(super) columns: Vec<&'a [f64]>,
    pub(super) moment: Moment,
    pub(super) rows: usize,
    /// Centred, zero where missing.
    pub(super) values: Powers,
    /// Their squares, for correlations.
    pub(super) squares: Option<Powers>,
    /// One where a column has a value, as bits.
    pub(super) bits: Vec<u64>,
    /// The same as numbers, if a column misses many rows.
    pub(super) presence: Panels,
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
        let words = rows.div_ceil(64);
        let powers = || Powers {
            columns: Panels::zeros(columns.len(), rows),
            totals: vec![Lanes::ZERO; padded(columns.len()) / LANES],
        };
        let mut masked = Self {
            moment,
            rows,
            values: powers(),
            squares: (moment == Moment::Correlation).then(powers),
            bits: vec![0; columns.len() * words],
            presence: Panels::default(),
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
            masked.presence = Panels::zeros(masked.columns.len(), rows);
            for (at, column) in masked.columns.iter().enumerate() {
                let here = |value: &f64| if value.is_nan() { 0.0 } else { 1.0 };
                masked.presence.set(at, &column.iter().map(here).collect::<Vec<f64>>());
            }
        }
        masked
    }

    fn center(&mut self, at: usize, words: usize) {
        let column = self.columns[at];
        let own: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
        let center = mean(&own).unwrap_or(0.0);
        let mut missing = Vec::new();
        let mut values = vec![0.0; self.rows];
        for (row, (value, target)) in column.iter().zip(&mut values).enumerate() {
            if value.is_nan() {
                missing.push(row);
            } else {
                *target = value - center;
                self.bits[at * words + row / 64] |= 1 << (row % 64);
            }
        }
        self.values.set(at, &values);
        let squares: Vec<f64> = values.iter().map(|value| value * value).collect();
        let left = least_left(&squares, &own);
        if let Some(powers) = &mut self.squares {
            powers.set(at, &squares);
        }
        self.left.push(left);
        self.mostly_left.push(left[FEW_STEPS]);
        self.own.push(u32::try_from(own.len()).unwrap_or(u32::MAX));
        self.missing.push((missing.len() * SPARSE <= self.rows).then_some(missing));
    }

    /// A block of columns.
    pub(super) fn side<'b>(&self, columns: &'b Panels, block: usize) -> Side<'b> {
        columns.side(block * EDGE, EDGE.min(self.columns.len() - block * EDGE))
    }
}

impl Powers {
    fn set(&mut self, at: usize, column: &[f64]) {
        self.columns.set(at, column);
        self.totals[at / LANES].0[at % LANES] = sum(column);
    }
}

/// Least of `squares` left when rows are taken away, in [`STEPS`].
fn least_left(squares: &[f64], own: &[f64]) -> [f64; STEPS + 1] {
    let largest = own.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let (low, high) = own.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
        (range.0.min(*value), range.1.max(*value))
    });
    let moving = high - low > LEAST_RANGE * largest * (1.0 + own.len() as f64 / 64.0);
    if !moving {
        return [f64::NEG_INFINITY; STEPS + 1];
    }
    let mut squares = squares.to_vec();
    squares.sort_unstable_by(|a, b| b.total_cmp(a));
    let total: f64 = squares.iter().sum();
    // From the smallest on.
    let mut left = [0.0; STEPS + 1];
    let (rows, mut sum, mut at) = (squares.len(), 0.0, squares.len());
    for step in (0..=STEPS).rev() {
        let taken = (step * rows).div_ceil(STEPS).min(squares.len());
        for square in squares[taken..at].iter().rev() {
            sum += square;
        }
        at = taken;
        left[step] = sum - LEAST_SHARE * total;
    }
    left
}

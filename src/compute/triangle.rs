//! One triangle of a symmetric matrix, written once and not mirrored.

use std::ops::Range;

use crate::stats::SymmetricMatrix;

/// A symmetric matrix of which cells `(i, j)`, `j >= i`, are stored. Shape: row `i` holds
/// `order - i` cells in a square of rows; the other triangle is never touched, so that it costs
/// no memory.
#[derive(Debug, Clone)]
pub struct Triangle {
    order: usize,
    values: Vec<f64>,
}

impl Triangle {
    /// The zero matrix of order `n`.
    pub fn zeros(order: usize) -> Self {
        Self { order, values: vec![0.0; order * order] }
    }

    /// Number of rows.
    pub fn order(&self) -> usize {
        self.order
    }

    /// Cell `(i, j)`, in any order of the two.
    ///
    /// # Panics
    /// Outside the matrix, as slices do.
    ///
    /// ```
    /// use barline::{compute::Triangle, stats::SymmetricMatrix};
    /// let whole = SymmetricMatrix::from_upper(2, |i, j| (10 * i + j) as f64);
    /// let triangle = Triangle::from(&whole);
    /// assert_eq!((triangle.get(0, 1), triangle.get(1, 0), triangle.upper(1)), (1.0, 1.0, &[11.0][..]));
    /// ```
    pub fn get(&self, i: usize, j: usize) -> f64 {
        let (row, column) = if i < j { (i, j) } else { (j, i) };
        self.upper(row)[column - row]
    }

    /// Cells `(i, i), (i, i + 1), ...` of row `i`.
    pub fn upper(&self, i: usize) -> &[f64] {
        &self.values[i * self.order + i..(i + 1) * self.order]
    }

    /// The square of rows, of which only the cells from the diagonal on count.
    pub(super) fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// Cells `(i, i), (i, i + 1), ...` of row `i`.
    pub(super) fn upper_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.values[i * self.order + i..(i + 1) * self.order]
    }

    /// Whole rows, `rows` of them at a time; of each only the cells from the diagonal on count.
    pub(super) fn row_blocks(&mut self, rows: usize) -> impl Iterator<Item = &mut [f64]> {
        self.values.chunks_mut((rows * self.order).max(1))
    }

    /// True if every cell is a number.
    pub(super) fn is_finite(&self) -> bool {
        (0..self.order).all(|i| self.upper(i).iter().all(|cell| cell.is_finite()))
    }

    /// Both triangles.
    pub fn symmetric(&self) -> SymmetricMatrix {
        SymmetricMatrix::from_upper(self.order, |i, j| self.get(i, j))
    }
}

impl From<&SymmetricMatrix> for Triangle {
    fn from(whole: &SymmetricMatrix) -> Self {
        Self { order: whole.order(), values: whole.values().to_vec() }
    }
}

/// A matrix estimated pair by pair: [`Pairwise`](crate::stats::Pairwise) in triangles.
#[derive(Debug, Clone)]
pub struct PairwiseTriangles {
    /// The estimate; NaN in cells that have too few common rows.
    pub matrix: Triangle,
    /// Common rows of each pair; a column's own rows on the diagonal. Whole numbers.
    pub counts: Triangle,
}

/// A shrunk covariance: [`Shrunk`](crate::stats::Shrunk) in a triangle.
#[derive(Debug, Clone)]
pub struct ShrunkTriangle {
    /// The estimate.
    pub covariance: Triangle,
    /// Weight of the target, in `[0, 1]`.
    pub delta: f64,
}

/// Lagged products of the columns of a tile. Shape: `values` holds `now.len()` rows of `before.len()`
/// cells; cell `(i, j)` is `sum_t x_i[t] x_j[t - lag]` of column `i` of `now` and column `j` of `before`.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossMoments {
    /// Rows by which the columns of `before` are earlier.
    pub lag: usize,
    /// Columns taken at `t`.
    pub now: Range<usize>,
    /// Columns taken at `t - lag`.
    pub before: Range<usize>,
    /// The cells, row by row.
    pub values: Vec<f64>,
}

/// Windows of equal length that step through the rows from the first one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Rows of a window.
    pub length: usize,
    /// Rows from the start of a window to that of the next.
    pub step: usize,
}

impl Steps {
    /// The rows of a window, by its number.
    ///
    /// ```
    /// use barline::compute::Steps;
    /// assert_eq!(Steps { length: 5, step: 2 }.rows(3), 6..11);
    /// ```
    pub fn rows(self, window: usize) -> std::ops::Range<usize> {
        let start = window.saturating_mul(self.step);
        start..start.saturating_add(self.length)
    }
}

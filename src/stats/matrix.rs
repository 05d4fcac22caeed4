//! A small dense symmetric matrix, row-major.
//!
//! Both triangles are stored: a row is a slice, which is what the bisection and the distances read.

use super::refusal::{Refusal, Result};

/// A symmetric matrix of order `n`. Shape: `n x n`, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct SymmetricMatrix {
    order: usize,
    values: Vec<f64>,
}

impl SymmetricMatrix {
    /// The zero matrix of order `n`.
    pub fn zeros(order: usize) -> Self {
        Self { order, values: vec![0.0; order * order] }
    }

    /// The matrix whose cell `(i, j)`, `i <= j`, is `value(i, j)`, called row by row.
    pub fn from_upper(order: usize, mut value: impl FnMut(usize, usize) -> f64) -> Self {
        let mut matrix = Self::zeros(order);
        for i in 0..order {
            for j in i..order {
                matrix.set(i, j, value(i, j));
            }
        }
        matrix
    }

    /// The matrix if all of its cells are finite.
    ///
    /// # Errors
    /// `Overflow`.
    pub(crate) fn finite(self) -> Result<Self> {
        let finite = self.values.iter().all(|value| value.is_finite());
        if finite { Ok(self) } else { Err(Refusal::Overflow) }
    }

    /// Number of rows.
    pub fn order(&self) -> usize {
        self.order
    }

    /// Cell `(i, j)`.
    ///
    /// # Panics
    /// Outside the matrix, as slices do.
    ///
    /// ```
    /// use barline::stats::SymmetricMatrix;
    /// let matrix = SymmetricMatrix::from_upper(2, |i, j| (10 * i + j) as f64);
    /// assert_eq!((matrix.get(0, 1), matrix.get(1, 0), matrix.row(1)), (1.0, 1.0, &[1.0, 11.0][..]));
    /// ```
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.row(i)[j]
    }

    /// Sets cells `(i, j)` and `(j, i)`.
    ///
    /// ```
    /// use barline::stats::SymmetricMatrix;
    /// let mut matrix = SymmetricMatrix::zeros(2);
    /// matrix.set(0, 1, 3.0);
    /// assert_eq!(matrix.values(), [0.0, 3.0, 3.0, 0.0]);
    /// ```
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.values[i * self.order + j] = value;
        self.values[j * self.order + i] = value;
    }

    /// Row `i`, which is also column `i`.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.order..(i + 1) * self.order]
    }

    /// The diagonal, top to bottom.
    ///
    /// ```
    /// use barline::stats::SymmetricMatrix;
    /// let matrix = SymmetricMatrix::from_upper(2, |i, j| (10 * i + j) as f64);
    /// assert!(matrix.diagonal().eq([0.0, 11.0]));
    /// ```
    pub fn diagonal(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        (0..self.order).map(|i| self.get(i, i))
    }

    /// All cells, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The matrix of the rows and columns in `index`, in that order. A covariance of a universe
    /// gives the covariance of a combination this way.
    ///
    /// ```
    /// use barline::stats::SymmetricMatrix;
    /// let universe = SymmetricMatrix::from_upper(3, |i, j| (10 * i + j) as f64);
    /// assert_eq!(universe.select(&[2, 0]).values(), [22.0, 2.0, 2.0, 0.0]);
    /// ```
    #[must_use]
    pub fn select(&self, index: &[usize]) -> Self {
        Self::from_upper(index.len(), |i, j| self.get(index[i], index[j]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_triangles_agree_and_selection_keeps_order() {
        let matrix = SymmetricMatrix::from_upper(3, |i, j| (10 * i + j) as f64);
        assert_eq!(matrix.row(2), [2.0, 12.0, 22.0]);
        assert_eq!(matrix.diagonal().collect::<Vec<_>>(), [0.0, 11.0, 22.0]);
        let chosen = matrix.select(&[2, 0]);
        assert_eq!(chosen.values(), [22.0, 2.0, 2.0, 0.0]);
        assert_eq!(SymmetricMatrix::zeros(0).values(), [0.0; 0]);
    }
}

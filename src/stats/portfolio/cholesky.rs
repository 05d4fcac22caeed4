//! Cholesky factor of a small positive definite matrix.

use crate::stats::matrix::SymmetricMatrix;

/// The lower triangular `L` with `L L' = A`.
pub(super) struct Cholesky {
    order: usize,
    /// Row-major; cells above the diagonal are not read.
    factor: Vec<f64>,
}

impl Cholesky {
    /// `None` unless every pivot is positive.
    pub(super) fn new(matrix: &SymmetricMatrix) -> Option<Self> {
        let order = matrix.order();
        let mut factor = matrix.values().to_vec();
        for i in 0..order {
            let (done, rest) = factor.split_at_mut(i * order);
            let row = &mut rest[..order];
            for j in 0..i {
                let other = &done[j * order..j * order + order];
                let inner = fold_dot(&row[..j], &other[..j]);
                row[j] = (row[j] - inner) / other[j];
            }
            let pivot = row[i] - fold_dot(&row[..i], &row[..i]);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            row[i] = pivot.sqrt();
        }
        Some(Self { order, factor })
    }

    /// The solution of `A x = b`.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        for i in 0..self.order {
            let row = &self.factor[i * self.order..][..self.order];
            x[i] = (x[i] - fold_dot(&row[..i], &x[..i])) / row[i];
        }
        for i in (0..self.order).rev() {
            x[i] /= self.factor[i * self.order + i];
            for j in 0..i {
                x[j] -= self.factor[i * self.order + j] * x[i];
            }
        }
        x
    }
}

fn fold_dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_solved_by_hand() {
        let matrix = SymmetricMatrix::from_upper(2, |i, j| [[4.0, 2.0], [2.0, 5.0]][i][j]);
        let found = Cholesky::new(&matrix).expect("positive definite").solve(&[10.0, 13.0]);
        assert!((found[0] - 1.5).abs() < 1e-15 && (found[1] - 2.0).abs() < 1e-15);
    }

    #[test]
    fn indefinite_and_missing_cells_have_none() {
        for cell in [2.0, f64::NAN, f64::INFINITY] {
            let bad = SymmetricMatrix::from_upper(2, |i, j| if i == j { 1.0 } else { cell });
            assert!(Cholesky::new(&bad).is_none());
        }
        assert!(Cholesky::new(&SymmetricMatrix::zeros(1)).is_none());
        assert!(Cholesky::new(&SymmetricMatrix::zeros(0)).is_some());
    }
}

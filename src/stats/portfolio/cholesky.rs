//! Cholesky factor of a small positive definite matrix.

use crate::stats::{matrix::SymmetricMatrix, moments::add_scaled};

/// The lower triangular `L` with `L L' = A`.
///
/// Column by column, all rows of a column side by side: every cell is the sum of the same products in the
/// same order as one that is made alone, and none waits for its neighbour.
pub(super) struct Cholesky {
    order: usize,
    /// Column-major; cells above the diagonal are not read.
    factor: Vec<f64>,
}

impl Cholesky {
    /// `None` unless every pivot is positive.
    pub(super) fn new(matrix: &SymmetricMatrix) -> Option<Self> {
        let order = matrix.order();
        let mut factor = matrix.values().to_vec();
        let mut inner = vec![0.0; order];
        for j in 0..order {
            let (done, rest) = factor.split_at_mut(j * order);
            inner.fill(0.0);
            let mut fours = done.chunks_exact(4 * order);
            for four in &mut fours {
                add_four(&mut inner[j..], four, j, order);
            }
            for column in fours.remainder().chunks_exact(order) {
                add_scaled(&mut inner[j..], column[j], &column[j..]);
            }
            let column = &mut rest[j..order];
            for (cell, inner) in column.iter_mut().zip(&inner[j..]) {
                *cell -= inner;
            }
            let (pivot, below) = column.split_first_mut()?;
            if !(*pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            *pivot = pivot.sqrt();
            for cell in below {
                *cell /= *pivot;
            }
        }
        Some(Self { order, factor })
    }

    /// The solution of `A x = b`.
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        let mut inner = vec![0.0; self.order];
        let columns = || self.factor.chunks_exact(self.order.max(1)).enumerate();
        for (i, column) in columns() {
            x[i] = (x[i] - inner[i]) / column[i];
            add_scaled(&mut inner[i + 1..], x[i], &column[i + 1..]);
        }
        for (i, column) in columns().rev() {
            let below = column[i + 1..].iter().zip(&x[i + 1..]).rev();
            x[i] = below.fold(x[i], |left, (cell, solved)| left - cell * solved) / column[i];
        }
        x
    }
}

/// What four columns add to the sums of column `j`, one after the other.
fn add_four(inner: &mut [f64], four: &[f64], j: usize, order: usize) {
    let column = |at: usize| &four[at * order + j..(at + 1) * order];
    let [a, b, c, d] = [column(0), column(1), column(2), column(3)];
    let scales = [a[0], b[0], c[0], d[0]];
    for ((((sum, a), b), c), d) in inner.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *sum = *sum + scales[0] * a + scales[1] * b + scales[2] * c + scales[3] * d;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::covariance::sample_covariance;

    #[test]
    fn a_system_solved_by_hand() {
        let matrix = SymmetricMatrix::from_upper(2, |i, j| [[4.0, 2.0], [2.0, 5.0]][i][j]);
        let found = Cholesky::new(&matrix).expect("positive definite").solve(&[10.0, 13.0]);
        assert!((found[0] - 1.5).abs() < 1e-15 && (found[1] - 2.0).abs() < 1e-15);
    }

    /// Row by row, the obvious way.
    fn slow(matrix: &SymmetricMatrix, b: &[f64]) -> Vec<f64> {
        let order = matrix.order();
        let mut rows: Vec<Vec<f64>> = Vec::new();
        let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y);
        for i in 0..order {
            let mut row = matrix.row(i).to_vec();
            for j in 0..i {
                row[j] = (row[j] - inner(&row[..j], &rows[j])) / rows[j][j];
            }
            row[i] = (row[i] - inner(&row[..i], &row[..i])).sqrt();
            rows.push(row);
        }
        let mut x = b.to_vec();
        for i in 0..order {
            x[i] = (x[i] - inner(&rows[i][..i], &x[..i])) / rows[i][i];
        }
        for i in (0..order).rev() {
            x[i] /= rows[i][i];
            for j in 0..i {
                x[j] -= rows[i][j] * x[i];
            }
        }
        x
    }

    proptest! {
        #[test]
        fn law_columns_side_by_side_are_rows_one_by_one_in_every_bit(
            rows in prop::collection::vec(prop::array::uniform9(-1.0..1.0_f64), 10..20),
            b in prop::collection::vec(-1.0..1.0_f64, 9),
        ) {
            let columns: Vec<Vec<f64>> =
                (0..9).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let matrix = sample_covariance(&slices, 1).expect("complete");
            let factor = Cholesky::new(&matrix);
            prop_assume!(factor.is_some());
            let (found, expected) = (factor.expect("regular").solve(&b), slow(&matrix, &b));
            for (a, b) in found.iter().zip(&expected) {
                prop_assert_eq!(a.to_bits(), b.to_bits());
            }
        }
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

//! Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations.
//!
//! # The way
//! Each sweep visits the cells above the diagonal row by row and turns every pair of axes `(p, q)`
//! by the smaller angle that makes cell `(p, q)` zero, `tan 2a = 2 a_pq / (a_pp - a_qq)`. It stops
//! after a sweep that found nothing to turn: `|a_pq| <= eps sqrt(|a_pp a_qq|)` for all pairs. The
//! matrix is first divided by the power of two next to its largest cell, so that no scale
//! overflows. The order of the rotations is fixed, hence so are the bits.
//!
//! # Conventions
//! Eigenvalues descend; equal ones keep the order of the axes they ended on. Eigenvectors have unit
//! length, and the first component that is at least half as large as the largest one is positive:
//! a rule that rounding cannot flip on the usual `(1, -1)` patterns.
//!
//! # References
//! Golub & Van Loan, Matrix Computations, 4th ed., section 8.5. Demmel & Veselic (1992), SIAM J.
//! Matrix Anal. Appl. 13, 1204-1245 (relative accuracy on positive definite matrices).

use super::{
    matrix::SymmetricMatrix,
    refusal::{Refusal, Result},
};

/// Sweeps after which the rotations stop in any case; ten suffice in practice.
const SWEEPS: usize = 60;

/// The eigenvalues and eigenvectors of a symmetric matrix of order `n`.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// The `n` eigenvalues, descending.
    pub values: Vec<f64>,
    /// Eigenvector `k`, of unit length and `n` components, belongs to eigenvalue `k`.
    pub vectors: Vec<Vec<f64>>,
}

impl Eigen {
    /// The matrix with these eigenvectors and the eigenvalues `value(k, values[k])`.
    ///
    /// # Formula
    /// `sum_k value_k v_k v_k'`, added in the order of the eigenvalues.
    ///
    /// ```
    /// use barline::stats::{SymmetricMatrix, eigen};
    /// let parts = eigen(&SymmetricMatrix::from_upper(2, |i, j| if i == j { 2.0 } else { 1.0 }))?;
    /// let squared = parts.rebuild(|_, value| value * value);
    /// assert!((squared.get(0, 0) - 5.0).abs() < 1e-14 && (squared.get(0, 1) - 4.0).abs() < 1e-14);
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    #[must_use]
    pub fn rebuild(&self, mut value: impl FnMut(usize, f64) -> f64) -> SymmetricMatrix {
        let changed: Vec<f64> =
            self.values.iter().enumerate().map(|(k, old)| value(k, *old)).collect();
        SymmetricMatrix::from_upper(self.values.len(), |i, j| {
            let terms = changed.iter().zip(&self.vectors);
            terms.fold(0.0, |sum, (value, vector)| sum + value * vector[i] * vector[j])
        })
    }
}

/// Decomposes `matrix = sum_k values[k] vectors[k] vectors[k]'`.
///
/// About `10 n^3` multiplications per sweep and six to ten sweeps: 0.1 ms for ten series, seconds for
/// four hundred. A matrix of order 0 has no eigenvalues.
///
/// # Errors
/// `NonFinite` with the first row that holds a NaN or an infinity, `Overflow` for an eigenvalue beyond
/// the range of an `f64`.
///
/// ```
/// use barline::stats::{SymmetricMatrix, eigen};
/// let matrix = SymmetricMatrix::from_upper(2, |i, j| if i == j { 2.0 } else { 1.0 });
/// let found = eigen(&matrix)?;
/// assert!((found.values[0] - 3.0).abs() < 1e-15 && (found.values[1] - 1.0).abs() < 1e-15);
/// assert!((found.vectors[1][0] + found.vectors[1][1]).abs() < 1e-15);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn eigen(matrix: &SymmetricMatrix) -> Result<Eigen> {
    let order = matrix.order();
    for row in 0..order {
        if !matrix.row(row).iter().all(|value| value.is_finite()) {
            return Err(Refusal::NonFinite { series: row });
        }
    }
    let exponent = largest_exponent(matrix.values());
    let scaled = matrix.values().iter().map(|value| libm::scalbn(*value, -exponent)).collect();
    let mut axes = Axes::new(scaled, order);
    for _ in 0..SWEEPS {
        if !axes.sweep() {
            break;
        }
    }
    let found = axes.sorted(exponent);
    if found.values.iter().all(|value| value.is_finite()) {
        Ok(found)
    } else {
        Err(Refusal::Overflow)
    }
}

/// The binary exponent of the largest magnitude; 0 for a matrix of zeros.
fn largest_exponent(values: &[f64]) -> i32 {
    let largest = values.iter().fold(0.0, |max: f64, value| max.max(value.abs()));
    if largest > 0.0 { libm::ilogb(largest) } else { 0 }
}

/// A matrix on its way to a diagonal one, and the axes turned so far.
struct Axes {
    order: usize,
    /// Row-major, both triangles.
    matrix: Vec<f64>,
    /// Axis `k` at `k * order..`: the rows of the accumulated rotation.
    vectors: Vec<f64>,
}

impl Axes {
    fn new(matrix: Vec<f64>, order: usize) -> Self {
        let mut vectors = vec![0.0; order * order];
        for k in 0..order {
            vectors[k * order + k] = 1.0;
        }
        Self { order, matrix, vectors }
    }

    fn cell(&self, i: usize, j: usize) -> f64 {
        self.matrix[i * self.order + j]
    }

    /// One pass over all pairs of axes; whether any was turned.
    fn sweep(&mut self) -> bool {
        let mut turned = false;
        for p in 0..self.order {
            for q in p + 1..self.order {
                if !self.is_negligible(p, q) {
                    self.turn(p, q);
                    turned = true;
                }
            }
        }
        turned
    }

    /// The floor, against a largest cell of one, ends the turning of noise by noise where the
    /// matrix has less than full rank.
    fn is_negligible(&self, p: usize, q: usize) -> bool {
        let scale = (self.cell(p, p).abs() * self.cell(q, q).abs()).sqrt();
        self.cell(p, q).abs() <= f64::EPSILON * scale.max(f64::EPSILON)
    }

    /// Turns axes `p < q` so that their cell vanishes.
    fn turn(&mut self, p: usize, q: usize) {
        let (a, b, off) = (self.cell(p, p), self.cell(q, q), self.cell(p, q));
        let cotangent = (b - a) / (2.0 * off);
        // The smaller root: at most 45 degrees.
        let root = (cotangent * cotangent + 1.0).sqrt();
        let tangent = if cotangent < 0.0 { -1.0 } else { 1.0 } / (cotangent.abs() + root);
        let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
        let sine = tangent * cosine;
        rotate_rows(&mut self.matrix, self.order, [p, q], [cosine, sine]);
        rotate_rows(&mut self.vectors, self.order, [p, q], [cosine, sine]);
        // Columns follow by symmetry, all but the four cells where both cross.
        for k in 0..self.order {
            self.matrix[k * self.order + p] = self.cell(p, k);
            self.matrix[k * self.order + q] = self.cell(q, k);
        }
        self.matrix[p * self.order + p] = a - tangent * off;
        self.matrix[q * self.order + q] = b + tangent * off;
        self.matrix[p * self.order + q] = 0.0;
        self.matrix[q * self.order + p] = 0.0;
    }

    fn sorted(&self, exponent: i32) -> Eigen {
        let mut order: Vec<usize> = (0..self.order).collect();
        order.sort_by(|a, b| self.cell(*b, *b).total_cmp(&self.cell(*a, *a)));
        let values = order.iter().map(|k| libm::scalbn(self.cell(*k, *k), exponent)).collect();
        let axis = |k: &usize| self.vectors[k * self.order..(k + 1) * self.order].to_vec();
        let vectors = order.iter().map(|k| oriented(axis(k))).collect();
        Eigen { values, vectors }
    }
}

/// Rows `p` and `q` of a square matrix become `c p - s q` and `s p + c q`.
fn rotate_rows(matrix: &mut [f64], order: usize, [p, q]: [usize; 2], [c, s]: [f64; 2]) {
    let (above, below) = matrix.split_at_mut(q * order);
    let first = &mut above[p * order..(p + 1) * order];
    for (x, y) in first.iter_mut().zip(&mut below[..order]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

/// The sign rule of the module's documentation.
fn oriented(mut vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().fold(0.0, |max: f64, value| max.max(value.abs()));
    let leading = vector.iter().find(|value| value.abs() >= 0.5 * largest);
    if leading.is_some_and(|value| *value < 0.0) {
        for value in &mut vector {
            *value = -*value;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::moments::dot;

    fn matrix(order: usize, cells: &[f64]) -> SymmetricMatrix {
        let mut next = cells.iter();
        SymmetricMatrix::from_upper(order, |_, _| *next.next().expect("enough cells"))
    }

    #[test]
    fn a_matrix_solved_by_hand() {
        // Second differences of order 3: 2 +- sqrt 2 and 2.
        let found = eigen(&matrix(3, &[2.0, -1.0, 0.0, 2.0, -1.0, 2.0])).expect("finite");
        let root = 2.0_f64.sqrt();
        for (value, expected) in found.values.iter().zip([2.0 + root, 2.0, 2.0 - root]) {
            assert!((value - expected).abs() < 1e-14, "{value}");
        }
        for (value, expected) in found.vectors[0].iter().zip([0.5, -0.5 * root, 0.5]) {
            assert!((value - expected).abs() < 1e-14, "{:?}", found.vectors[0]);
        }
    }

    #[test]
    fn the_edges_are_harmless() {
        assert_eq!(eigen(&SymmetricMatrix::zeros(0)).expect("empty").values, [0.0; 0]);
        assert_eq!(eigen(&SymmetricMatrix::zeros(2)).expect("zeros").values, [0.0; 2]);
        let one = eigen(&matrix(1, &[-3.0])).expect("finite");
        assert_eq!((one.values, one.vectors), (vec![-3.0], vec![vec![1.0]]));
        let gap = matrix(2, &[1.0, 0.0, f64::NAN]);
        assert_eq!(eigen(&gap), Err(Refusal::NonFinite { series: 1 }));
    }

    #[test]
    fn duplicates_leave_zero_eigenvalues() {
        let found = eigen(&SymmetricMatrix::from_upper(40, |_, _| 1e9)).expect("finite");
        assert!((found.values[0] - 40e9).abs() < 1e-4);
        assert!(found.values[1..].iter().all(|value| value.abs() < 1e-4));
    }

    proptest! {
        #[test]
        fn law_the_parts_rebuild_the_whole(
            cells in prop::collection::vec(prop_oneof![4 => -1.0..1.0_f64, 1 => Just(0.0)], 45),
            order in 1..10_usize, exponent in -900..900_i32,
        ) {
            let scale = libm::scalbn(1.0, exponent);
            let cells: Vec<f64> = cells.iter().map(|cell| cell * scale).collect();
            let whole = matrix(order, &cells);
            let found = eigen(&whole).expect("finite");
            prop_assert!(found.values.windows(2).all(|pair| pair[0] >= pair[1]));
            let again = found.rebuild(|_, value| value);
            for (a, b) in again.values().iter().zip(whole.values()) {
                prop_assert!((a - b).abs() <= 1e-13 * scale, "{a} {b}");
            }
            for (i, a) in found.vectors.iter().enumerate() {
                for (j, b) in found.vectors.iter().enumerate() {
                    prop_assert!((dot(a, b) - f64::from(u8::from(i == j))).abs() < 1e-13);
                }
            }
        }
    }
}

//! Orthogonal reduction of a tall regression to a small triangle, block of rows by block of rows.
//!
//! # The way
//! `[X | y]` with `n` rows and `k + 1` columns becomes `R` (`k x k`, upper triangular), `z = Q'y` and
//! the sum of squares left over. Rows arrive in blocks of [`BLOCK_ROWS`]; a Householder reflection
//! per column folds the block into the triangle made so far, which is one exact-arithmetic QR of the
//! whole. A block of forty columns stays in the nearest cache, so the reduction runs at the speed
//! of the arithmetic and reads the series once. The block size is part of the definition: another
//! would round differently.
//!
//! # Nested models
//! Columns keep their order, so the regression on the first `j` columns has the residual sum of
//! squares `left over + sum_{i >= j} z_i^2`, and the t-ratio of its last column is
//! `z_{j-1} / sqrt(ssr_j / (n - j))`: one reduction answers a whole lag search.
//!
//! # References
//! Golub & Van Loan, Matrix Computations, 4th ed., sections 5.1, 5.2.2 and 6.5.3 (row updating).

use super::{
    moments::{dot, dot_pair, subtract_scaled},
    refusal::{Refusal, Result},
};

/// Rows folded into the triangle at a time.
const BLOCK_ROWS: usize = 64;

/// A regression reduced to its triangle.
#[derive(Debug, Clone)]
pub(crate) struct Reduction {
    rows: usize,
    columns: usize,
    /// Column `j` of `[R | z]` at `j * columns..`; below the diagonal unused.
    triangle: Vec<f64>,
    left_over: f64,
}

impl Reduction {
    /// Reduces the regression of `y` on `columns`, all of the same length.
    pub(crate) fn new(columns: &[&[f64]], y: &[f64]) -> Self {
        let width = columns.len();
        let mut reduction = Self {
            rows: y.len(),
            columns: width,
            triangle: vec![0.0; width * (width + 1)],
            left_over: 0.0,
        };
        let mut block = vec![0.0; BLOCK_ROWS * (width + 1)];
        for start in (0..y.len()).step_by(BLOCK_ROWS) {
            let end = y.len().min(start + BLOCK_ROWS);
            let height = end - start;
            let block = &mut block[..height * (width + 1)];
            let sources = columns.iter().copied().chain([y]);
            for (target, source) in block.chunks_exact_mut(height).zip(sources) {
                target.copy_from_slice(&source[start..end]);
            }
            reduction.fold_in(block, height);
        }
        reduction
    }

    /// Folds a block of `height` rows, stored column by column, into the triangle.
    fn fold_in(&mut self, block: &mut [f64], height: usize) {
        for pivot in 0..self.columns {
            let (done, following) = block.split_at_mut((pivot + 1) * height);
            let reflector = &done[pivot * height..];
            let squares = dot(reflector, reflector);
            // What is left of columns that are alike in a block is the rounding of roundings: where its squares
            // underflow there is no reflection that could be made of it.
            if squares < f64::MIN_POSITIVE {
                continue;
            }
            let diagonal = self.triangle[pivot * self.columns + pivot];
            let norm = (diagonal * diagonal + squares).sqrt();
            // The sign that adds, never cancels.
            let head = if diagonal < 0.0 { diagonal - norm } else { diagonal + norm };
            let scale = 1.0 / (norm * (norm + diagonal.abs()));
            self.triangle[pivot * self.columns + pivot] = diagonal - head;
            let reflection = Reflection { head, scale, tail: reflector };
            let tops = &mut self.triangle[(pivot + 1) * self.columns..];
            let tops = tops.iter_mut().skip(pivot).step_by(self.columns);
            reflection.apply(following, tops);
        }
        let response = &block[self.columns * height..];
        self.left_over += dot(response, response);
    }

    /// Rows reduced.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// `R[i][j]`, `i <= j`.
    pub(super) fn r(&self, i: usize, j: usize) -> f64 {
        self.triangle[j * self.columns + i]
    }

    /// `z_j`, element `j` of `Q'y`.
    fn z(&self, j: usize) -> f64 {
        self.triangle[self.columns * self.columns + j]
    }

    /// Residual sums of squares of the regressions on the first 0, 1, ..., `columns` regressors.
    pub(crate) fn nested_ssr(&self) -> Vec<f64> {
        let mut nested = vec![self.left_over; self.columns + 1];
        for j in (0..self.columns).rev() {
            nested[j] = nested[j + 1] + self.z(j) * self.z(j);
        }
        nested
    }

    /// t-ratio of the last of the first `j` regressors in the regression on these, given its
    /// residual sum of squares. NaN or infinite when no degree of freedom or no residual is left.
    pub(crate) fn last_t_ratio(&self, j: usize, ssr: f64) -> f64 {
        let sigma = (ssr / (self.rows.saturating_sub(j)) as f64).sqrt();
        let z = self.z(j - 1);
        (if self.r(j - 1, j - 1) < 0.0 { -z } else { z }) / sigma
    }

    /// Coefficient of the last regressor in the regression on all; NaN or infinite where the columns
    /// depend on each other.
    pub(super) fn last_coefficient(&self) -> f64 {
        let last = self.columns - 1;
        self.z(last) / self.r(last, last)
    }

    /// Refuses a regressor that the ones before it explain up to rounding.
    ///
    /// # Rule
    /// Column `j` is dependent when `|R[j][j]| <= max(rows, columns) * eps * ||column j||`.
    pub(crate) fn check_rank(&self) -> Result<()> {
        let tolerance = self.rows.max(self.columns) as f64 * f64::EPSILON;
        for j in 0..self.columns {
            let column = &self.triangle[j * self.columns..=j * self.columns + j];
            let least = tolerance * dot(column, column).sqrt();
            // Columns whose squares overflow leave a NaN or an infinity, which is no rank either.
            if self.r(j, j).abs() <= least || least.is_nan() {
                return Err(Refusal::Singular { column: j });
            }
        }
        Ok(())
    }

    /// Coefficients of the regression on all columns, by back substitution.
    pub(crate) fn solve(&self) -> Result<Vec<f64>> {
        self.check_rank()?;
        let right: Vec<f64> = (0..self.columns).map(|j| self.z(j)).collect();
        Ok(self.solve_leading(&right))
    }

    /// Solves `R x = right` for columns of full rank; on the leading square of `R` where `right` is
    /// shorter.
    pub(super) fn solve_leading(&self, right: &[f64]) -> Vec<f64> {
        let mut solution = right.to_vec();
        for j in (0..right.len()).rev() {
            solution[j] /= self.r(j, j);
            for i in 0..j {
                solution[i] -= self.r(i, j) * solution[j];
            }
        }
        solution
    }

    /// Solves `R' x = right` for columns of full rank; `x` is also the row with `x R = right`.
    pub(super) fn solve_rows(&self, right: &[f64]) -> Vec<f64> {
        let mut solution = right.to_vec();
        for j in 0..self.columns {
            let known = (0..j).fold(0.0, |sum, i| sum + self.r(i, j) * solution[i]);
            solution[j] = (solution[j] - known) / self.r(j, j);
        }
        solution
    }

    /// `||row j of R^-1||`: the standard error of coefficient `j` over the residuals' standard
    /// deviation.
    pub(crate) fn inverse_row_norm(&self, j: usize) -> f64 {
        // Row j of the inverse solves w R = e_j: forward from column j.
        let mut row = vec![0.0; self.columns];
        row[j] = 1.0 / self.r(j, j);
        for column in j + 1..self.columns {
            let covered: f64 = (j..column).fold(0.0, |sum, i| sum + row[i] * self.r(i, column));
            row[column] = -covered / self.r(column, column);
        }
        dot(&row, &row).sqrt()
    }
}

/// `I - scale v v'` with `v = [head, tail]`.
struct Reflection<'a> {
    head: f64,
    scale: f64,
    tail: &'a [f64],
}

impl Reflection<'_> {
    /// Reflects the columns of `block` and the triangle's cells above them, two at a time so that
    /// the reflector is read half as often; each column's arithmetic is that of its own.
    fn apply<'t>(&self, block: &mut [f64], mut tops: impl Iterator<Item = &'t mut f64>) {
        let height = self.tail.len();
        for columns in block.chunks_mut(2 * height) {
            let (first, second) = columns.split_at_mut(height);
            if second.is_empty() {
                let along = dot(self.tail, first);
                self.reflect(tops.next(), first, along);
            } else {
                let along = dot_pair(self.tail, first, second);
                self.reflect(tops.next(), first, along[0]);
                self.reflect(tops.next(), second, along[1]);
            }
        }
    }

    fn reflect(&self, top: Option<&mut f64>, column: &mut [f64], along: f64) {
        if let Some(top) = top {
            let weight = (self.head * *top + along) * self.scale;
            *top -= weight * self.head;
            subtract_scaled(column, weight, self.tail);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gram-Schmidt residuals: the slow and obvious way to a nested sum of squares.
    fn residual_ss(columns: &[Vec<f64>], y: &[f64]) -> f64 {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let project = |basis: &[Vec<f64>], v: &[f64]| {
            let mut rest = v.to_vec();
            for _ in 0..2 {
                for q in basis {
                    let along = dot(q, &rest);
                    subtract_scaled(&mut rest, along, q);
                }
            }
            rest
        };
        for column in columns {
            let rest = project(&basis, column);
            let norm = dot(&rest, &rest).sqrt();
            basis.push(rest.iter().map(|value| value / norm).collect());
        }
        let rest = project(&basis, y);
        dot(&rest, &rest)
    }

    fn wave(rows: usize, frequency: f64) -> Vec<f64> {
        (0..rows).map(|row| libm::sin(frequency * row as f64) + frequency).collect()
    }

    /// Thirty columns that are two in the first block, and come apart later.
    #[test]
    fn columns_that_are_alike_for_a_while_are_no_less_independent() {
        let alternating: Vec<f64> =
            (0..240).map(|t| if t % 2 == 0 { 0.004_98 } else { -0.004_98 }).collect();
        let column = |j: usize| -> Vec<f64> {
            let bump = |t: usize| if t == 100 + j { 0.18 } else { 0.0 };
            (0..200).map(|t| alternating[t + j] + bump(t)).collect()
        };
        let columns: Vec<Vec<f64>> = (0..30).map(column).collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let y: Vec<f64> = (0..200).map(|t| f64::from(t * t % 13)).collect();
        assert_eq!(Reduction::new(&slices, &y).check_rank(), Ok(()));
    }

    #[test]
    fn nested_sums_agree_with_gram_schmidt_across_blocks() {
        for rows in [7, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS + 5] {
            let columns: Vec<Vec<f64>> = [0.3, 1.1, 2.2].iter().map(|f| wave(rows, *f)).collect();
            let y = wave(rows, 0.7);
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let nested = Reduction::new(&slices, &y).nested_ssr();
            for (j, found) in nested.iter().enumerate() {
                let expected = residual_ss(&columns[..j], &y);
                assert!(
                    (found - expected).abs() <= 1e-11 * dot(&y, &y),
                    "{rows} rows, {j} columns"
                );
            }
        }
    }

    #[test]
    fn dependent_columns_are_refused() {
        let a = wave(50, 0.3);
        let b: Vec<f64> = a.iter().map(|value| 3.0 * value).collect();
        let reduction = Reduction::new(&[&a, &b], &wave(50, 0.9));
        assert_eq!(reduction.solve(), Err(Refusal::Singular { column: 1 }));
        let zero = vec![0.0; 50];
        let reduction = Reduction::new(&[&zero], &a);
        assert_eq!(reduction.check_rank(), Err(Refusal::Singular { column: 0 }));
    }

    #[test]
    fn no_rows_and_no_columns_are_harmless() {
        assert_eq!(Reduction::new(&[], &[1.0, 2.0]).nested_ssr(), [5.0]);
        let empty: &[f64] = &[];
        let reduction = Reduction::new(&[empty], empty);
        assert_eq!(reduction.solve(), Err(Refusal::Singular { column: 0 }));
    }

    proptest! {
        #[test]
        fn law_solution_recovers_an_exact_combination(
            x in prop::collection::vec(-1.0..1.0_f64, 200), beta in -5.0..5.0_f64, alpha in -5.0..5.0_f64,
        ) {
            let ones = vec![1.0; x.len()];
            let y: Vec<f64> = x.iter().map(|value| alpha + beta * value).collect();
            let solution = Reduction::new(&[&x, &ones], &y).solve().expect("full rank");
            prop_assert!((solution[0] - beta).abs() < 1e-12);
            prop_assert!((solution[1] - alpha).abs() < 1e-12);
        }
    }
}

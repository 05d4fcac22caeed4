//! Eight small matrices side by side, and where their numbers are read from.
//!
//! # References
//! Golub & Van Loan, Matrix Computations, 4th ed., section 4.2 (Cholesky).

use super::simd::{LANES, Lanes};

/// One series in each of eight problems.
pub(super) trait Leg {
    /// Its numbers in a table that has the series side by side.
    fn read(&self, table: &[f64]) -> Lanes;
}

/// The same series in every lane.
pub(super) struct One(pub(super) usize);

impl Leg for One {
    #[inline(always)]
    fn read(&self, table: &[f64]) -> Lanes {
        Lanes::splat(table[self.0])
    }
}

/// Eight neighbours.
pub(super) struct Eight(pub(super) usize);

impl Leg for Eight {
    #[inline(always)]
    fn read(&self, table: &[f64]) -> Lanes {
        Lanes::load(table, self.0)
    }
}

/// A series of its own in every lane.
#[derive(Clone, Copy)]
pub(super) struct Any(pub(super) [usize; LANES]);

impl Leg for Any {
    #[inline(always)]
    fn read(&self, table: &[f64]) -> Lanes {
        Lanes(self.0.map(|at| table[at]))
    }
}

/// Eight positive matrices and their factors `S D^-1 S'`: rows of `width`, the lower triangle.
///
/// `S` keeps its scale, so that a column costs one division and no root; `D` is its diagonal.
pub(super) struct Factors {
    pub(super) width: usize,
    /// The matrices, and after [`factor`](Self::factor) the first columns of `S`.
    pub(super) cells: Vec<Lanes>,
    /// One over the diagonal of `S`.
    pub(super) inverses: Vec<Lanes>,
    /// Two rows of `S`, scaled.
    scaled: [Vec<Lanes>; 2],
}

impl Factors {
    /// Room for matrices of up to `width` rows.
    pub(super) fn new(width: usize) -> Self {
        let row = || vec![Lanes::ZERO; width];
        Self {
            width,
            cells: vec![Lanes::ZERO; width * width],
            inverses: row(),
            scaled: [row(), row()],
        }
    }

    /// Cell `(row, column)` of the lower triangle.
    #[inline(always)]
    pub(super) fn get(&self, row: usize, column: usize) -> Lanes {
        self.cells[row * self.width + column]
    }

    /// Cell `(row, column)`, in any order of the two.
    #[inline(always)]
    pub(super) fn either(&self, row: usize, column: usize) -> Lanes {
        if row < column { self.get(column, row) } else { self.get(row, column) }
    }

    /// Sets cell `(row, column)`, in any order of the two.
    #[inline(always)]
    pub(super) fn set(&mut self, row: usize, column: usize, value: Lanes) {
        let (row, column) = if row < column { (column, row) } else { (row, column) };
        self.cells[row * self.width + column] = value;
    }

    /// The first `columns` columns of the factor of the first `order` rows; the rest of the triangle is
    /// left as it was. Answers the least share of a column's square that those before it leave.
    #[inline(always)]
    pub(super) fn factor(&mut self, order: usize, columns: usize) -> Lanes {
        let Self { width, cells, inverses, scaled } = self;
        let width = *width;
        let mut least = Lanes::splat(1.0);
        let mut c = 0;
        while c < columns {
            let pair = c + 1 < columns;
            let second = if pair { c + 1 } else { c };
            let [first, next] = scaled;
            let (first, next) = (&mut first[..c], &mut next[..c]);
            for k in 0..c {
                first[k] = cells[c * width + k] * inverses[k];
                next[k] = cells[second * width + k] * inverses[k];
            }
            let own = [cells[c * width + c], cells[second * width + second]];
            let mut fours = cells[c * width..order * width].chunks_exact_mut(4 * width);
            for rows in &mut fours {
                let (r0, rows) = rows.split_at_mut(width);
                let (r1, rows) = rows.split_at_mut(width);
                let (r2, r3) = rows.split_at_mut(width);
                let mut left = [r0[c], r1[c], r2[c], r3[c]];
                let mut right = [r0[second], r1[second], r2[second], r3[second]];
                let rows = r0[..c].iter().zip(&r1[..c]).zip(r2[..c].iter().zip(&r3[..c]));
                for ((a, b), ((x0, x1), (x2, x3))) in first.iter().zip(&*next).zip(rows) {
                    left[0] = left[0].less(*x0, *a);
                    right[0] = right[0].less(*x0, *b);
                    left[1] = left[1].less(*x1, *a);
                    right[1] = right[1].less(*x1, *b);
                    left[2] = left[2].less(*x2, *a);
                    right[2] = right[2].less(*x2, *b);
                    left[3] = left[3].less(*x3, *a);
                    right[3] = right[3].less(*x3, *b);
                }
                (r0[second], r1[second], r2[second], r3[second]) =
                    (right[0], right[1], right[2], right[3]);
                (r0[c], r1[c], r2[c], r3[c]) = (left[0], left[1], left[2], left[3]);
            }
            for row in fours.into_remainder().chunks_exact_mut(width) {
                let (mut left, mut right) = (row[c], row[second]);
                for ((a, b), x) in first.iter().zip(&*next).zip(&row[..c]) {
                    left = left.less(*x, *a);
                    right = right.less(*x, *b);
                }
                (row[second], row[c]) = (right, left);
            }
            inverses[c] = Lanes::splat(1.0) / cells[c * width + c];
            least = (cells[c * width + c] / own[0]).min(least);
            if pair {
                let along = cells[second * width + c] * inverses[c];
                for row in cells[second * width..order * width].chunks_exact_mut(width) {
                    row[second] = row[second].less(row[c], along);
                }
                inverses[second] = Lanes::splat(1.0) / cells[second * width + second];
                least = (cells[second * width + second] / own[1]).min(least);
            }
            c += 2;
        }
        least
    }

    /// What column `column` of the factor takes off the square of `row`.
    #[inline(always)]
    pub(super) fn square(&self, row: usize, column: usize) -> Lanes {
        self.get(row, column).squared() * self.inverses[column]
    }

    /// What `columns` of the factor leave of cell `(i, j)`, `j <= i`, of the rows after them, which was
    /// `from`.
    #[inline(always)]
    pub(super) fn left(
        &self,
        i: usize,
        j: usize,
        columns: std::ops::Range<usize>,
        from: Lanes,
    ) -> Lanes {
        let one = &self.cells[i * self.width..][columns.clone()];
        let other = &self.cells[j * self.width..][columns.clone()];
        let mut sum = from;
        for ((a, b), inverse) in one.iter().zip(other).zip(&self.inverses[columns.clone()]) {
            sum = sum.less(*a, *b * *inverse);
        }
        sum
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use super::*;

    #[test]
    fn the_factors_multiply_to_the_matrix() {
        let order = 11;
        let value = |i: usize, j: usize, lane: usize| {
            let apart = (i as f64 - j as f64).abs();
            libm::exp(-apart * (0.2 + 0.1 * lane as f64)) + if i == j { 0.5 } else { 0.0 }
        };
        for columns in [order, order - 1, 4, 0] {
            let mut matrix = Factors::new(order + 1);
            for i in 0..order {
                for j in 0..=i {
                    matrix.set(j, i, Lanes(std::array::from_fn(|lane| value(i, j, lane))));
                }
            }
            let least = matrix.factor(order, columns);
            for i in 0..order {
                for j in 0..=i {
                    let from = if j < columns { Lanes::ZERO } else { matrix.get(i, j) };
                    let known = columns.min(j + 1);
                    let found = if j < columns {
                        matrix.left(i, j, 0..known, from).0.map(|x| -x)
                    } else {
                        from.0
                    };
                    for (lane, (least, found)) in least.0.iter().zip(found).enumerate() {
                        assert!(*least > 0.3 && *least <= 1.0);
                        assert!((found - value(i, j, lane)).abs() < 1e-14, "{i} {j}");
                    }
                }
            }
        }
    }

    #[test]
    fn legs_read_their_own_numbers() {
        let table: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(One(3).read(&table).0, [3.0; LANES]);
        assert_eq!(
            Any([9, 1, 1, 4, 0, 19, 7, 2]).read(&table).0,
            [9.0, 1.0, 1.0, 4.0, 0.0, 19.0, 7.0, 2.0]
        );
        assert_eq!(Eight(2).read(&table).0, [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    }
}

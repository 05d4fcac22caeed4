//! Eight small matrices side by side, and where their numbers are read from.
//!
//! # References
//! Golub & Van Loan, Matrix Computations, 4th ed., section 4.2 (Cholesky).

use super::simd::Lanes;

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

/// The first `columns` columns of the factor of a positive matrix of that `order`, of which rows of `width` hold the
/// lower triangle. Diagonals are inverted; the rest of the triangle is left as it was. Answers the
/// least share of a column's square that those before it leave.
#[inline(always)]
pub(super) fn factor(matrix: &mut [Lanes], width: usize, order: usize, columns: usize) -> Lanes {
    let mut least = Lanes::splat(1.0);
    for c in 0..columns {
        let (done, rest) = matrix.split_at_mut((c + 1) * width);
        let pivot_row = &mut done[c * width..][..=c];
        let own = pivot_row[c];
        for k in 0..c {
            pivot_row[c] = pivot_row[c] - pivot_row[k].squared();
        }
        least = (pivot_row[c] / own).min(least);
        pivot_row[c] = Lanes::splat(1.0) / pivot_row[c].sqrt();
        let (inverse, pivot_row) = (pivot_row[c], &pivot_row[..c]);
        let mut fours = rest[..(order - c - 1) * width].chunks_exact_mut(4 * width);
        for rows in &mut fours {
            let (r0, rows) = rows.split_at_mut(width);
            let (r1, rows) = rows.split_at_mut(width);
            let (r2, r3) = rows.split_at_mut(width);
            let mut sums = [r0[c], r1[c], r2[c], r3[c]];
            let four = r0[..c].iter().zip(&r1[..c]).zip(r2[..c].iter().zip(&r3[..c]));
            for (pivot, ((x0, x1), (x2, x3))) in pivot_row.iter().zip(four) {
                sums[0] = sums[0] - *x0 * *pivot;
                sums[1] = sums[1] - *x1 * *pivot;
                sums[2] = sums[2] - *x2 * *pivot;
                sums[3] = sums[3] - *x3 * *pivot;
            }
            r0[c] = sums[0] * inverse;
            r1[c] = sums[1] * inverse;
            r2[c] = sums[2] * inverse;
            r3[c] = sums[3] * inverse;
        }
        for row in fours.into_remainder().chunks_exact_mut(width) {
            let mut sum = row[c];
            for (pivot, x) in pivot_row.iter().zip(&row[..c]) {
                sum = sum - *x * *pivot;
            }
            row[c] = sum * inverse;
        }
    }
    least
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use super::*;
    use crate::compute::cpu::simd::LANES;

    #[test]
    fn the_factor_times_itself_is_the_matrix() {
        let order = 11;
        let value = |i: usize, j: usize, lane: usize| {
            let apart = (i as f64 - j as f64).abs();
            libm::exp(-apart * (0.2 + 0.1 * lane as f64)) + if i == j { 0.5 } else { 0.0 }
        };
        let mut matrix = vec![Lanes::ZERO; order * order];
        for i in 0..order {
            for j in 0..=i {
                matrix[i * order + j] = Lanes(std::array::from_fn(|lane| value(i, j, lane)));
            }
        }
        let least = factor(&mut matrix, order, order, order);
        let cell = |i: usize, k: usize, lane: usize| {
            let value = matrix[i * order + k].0[lane];
            if i == k { 1.0 / value } else { value }
        };
        for lane in 0..LANES {
            assert!(least.0[lane] > 0.3 && least.0[lane] < 1.0);
            for i in 0..order {
                for j in 0..=i {
                    let product: f64 = (0..=j).map(|k| cell(i, k, lane) * cell(j, k, lane)).sum();
                    assert!((product - value(i, j, lane)).abs() < 1e-14, "{i} {j}");
                }
            }
        }
    }

    #[test]
    fn legs_read_their_own_numbers() {
        let table: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(One(3).read(&table).0, [3.0; LANES]);
        assert_eq!(Eight(2).read(&table).0, [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    }
}

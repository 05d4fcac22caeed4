//! Cholesky factor of a positive definite matrix that gains and loses rows.

use crate::stats::moments::{dot, subtract_scaled};

/// The lower triangular `L` with `L L' = A`, row by row: a row more costs its square, not the cube of all.
#[derive(Default)]
pub(super) struct GrownFactor {
    /// What each row stands for, in the order of the factor.
    places: Vec<usize>,
    /// Rows one after the other, the first of one cell, the next of two.
    cells: Vec<f64>,
}

/// Cells before row `at`.
fn before(at: usize) -> usize {
    at * (at + 1) / 2
}

impl GrownFactor {
    /// What each row stands for.
    pub(super) fn places(&self) -> &[usize] {
        &self.places
    }

    fn row(&self, at: usize) -> &[f64] {
        &self.cells[before(at)..before(at + 1)]
    }

    /// Keeps the rows of the places that `wanted` holds, and adds the others; `entry` gives the cells of the
    /// matrix by place. `None` unless every pivot is positive.
    pub(super) fn become_of(
        &mut self,
        wanted: &[usize],
        entry: impl Fn(usize, usize) -> f64,
    ) -> Option<()> {
        // Rows before the first that is gone stand as they are.
        let stands = self.places.iter().take_while(|at| wanted.binary_search(at).is_ok()).count();
        let later: Vec<usize> = self.places.drain(stands..).collect();
        self.cells.truncate(before(stands));
        let known: Vec<usize> = {
            let mut known = [&self.places[..], &later[..]].concat();
            known.sort_unstable();
            known
        };
        let still = later.into_iter().filter(|at| wanted.binary_search(at).is_ok());
        let new = wanted.iter().copied().filter(|at| known.binary_search(at).is_err());
        for place in still.chain(new) {
            self.add(place, &entry)?;
        }
        Some(())
    }

    fn add(&mut self, place: usize, entry: &impl Fn(usize, usize) -> f64) -> Option<()> {
        let mut row = Vec::with_capacity(self.places.len() + 1);
        for (at, other) in self.places.iter().enumerate() {
            let above = self.row(at);
            row.push((entry(place, *other) - dot(&row, &above[..at])) / above[at]);
        }
        let pivot = entry(place, place) - dot(&row, &row);
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        row.push(pivot.sqrt());
        self.places.push(place);
        self.cells.extend(row);
        Some(())
    }

    /// The solution of `A x = b`, both in the order of [`Self::places`].
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        for at in 0..x.len() {
            let row = self.row(at);
            x[at] = (x[at] - dot(&row[..at], &x[..at])) / row[at];
        }
        for at in (0..x.len()).rev() {
            let row = self.row(at);
            x[at] /= row[at];
            let solved = x[at];
            subtract_scaled(&mut x[..at], solved, &row[..at]);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::cholesky::Cholesky, *};
    use crate::stats::covariance::sample_covariance;

    proptest! {
        #[test]
        fn law_a_factor_that_gained_and_lost_rows_solves_what_a_new_one_solves(
            rows in prop::collection::vec(prop::array::uniform9(-1.0..1.0_f64), 14..30),
            b in prop::array::uniform9(-1.0..1.0_f64),
            sets in prop::collection::vec(prop::array::uniform9(any::<bool>()), 1..6),
        ) {
            let columns: Vec<Vec<f64>> =
                (0..9).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let matrix = sample_covariance(&slices, 1).expect("complete");
            let mut grown = GrownFactor::default();
            for set in sets {
                let wanted: Vec<usize> = (0..9).filter(|at| set[*at]).collect();
                let became = grown.become_of(&wanted, |i, j| matrix.get(i, j));
                let new = Cholesky::new(&matrix.select(&wanted));
                prop_assume!(became.is_some() && new.is_some());
                let mut places = grown.places().to_vec();
                let right: Vec<f64> = places.iter().map(|at| b[*at]).collect();
                let found = grown.solve(&right);
                let right: Vec<f64> = wanted.iter().map(|at| b[*at]).collect();
                let expected = new.expect("regular").solve(&right);
                for (at, x) in places.iter().zip(&found) {
                    let is = expected[wanted.binary_search(at).expect("wanted")];
                    prop_assert!((x - is).abs() <= 1e-7 * is.abs().max(1.0), "{x} is {is}");
                }
                places.sort_unstable();
                prop_assert_eq!(places, wanted);
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_none() {
        for cell in [2.0, f64::NAN, f64::INFINITY] {
            let entry = |i: usize, j: usize| if i == j { 1.0 } else { cell };
            assert!(GrownFactor::default().become_of(&[0, 1], entry).is_none());
        }
    }
}

//! Pseudo-observations: ranks between 0 and 1, of a whole column or of the last rows at each row.
//!
//! # Formula
//! `u_t = rank(x_t) / (n + 1)`, ranks from 1 within the `n` rows considered, equal values sharing their
//! mean rank; so `0 < u < 1`. This is the empirical distribution function, scaled to stay below 1.
//! Ranks do not change with a rising function of `x`: simple and logarithmic returns have the same.
//!
//! # References
//! C. Genest, K. Ghoudi, L.-P. Rivest (1995), A semiparametric estimation procedure of dependence
//! parameters in multivariate families of distributions, Biometrika 82(3), 543-552. Rolling counts:
//! P. M. Fenwick (1994), A new data structure for cumulative frequency tables, Software: Practice and
//! Experience 24(3), 327-336.

use crate::stats::refusal::{Refusal, Result, check_finite};

/// Pseudo-observations of a column; one element per row.
///
/// # Errors
/// `NonFinite`.
///
/// ```
/// use barline::stats::pseudo_observations;
/// assert_eq!(pseudo_observations(&[30.0, 10.0, 10.0])?, [0.75, 0.375, 0.375]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn pseudo_observations(x: &[f64]) -> Result<Vec<f64>> {
    check_finite(&[x])?;
    let mut counts = Counts::of(x);
    x.iter().enumerate().for_each(|(row, _)| counts.add(row));
    Ok((0..x.len()).map(|row| counts.pseudo_observation(row)).collect())
}

/// At each row the pseudo-observation of its value among the last `window` rows, its own included;
/// one element per row. `n log n` in the rows, whatever the window.
///
/// # None
/// Before the first full window.
///
/// # Errors
/// `NonFinite`, `OutOfRange` for a window of no rows.
///
/// ```
/// use barline::stats::rolling_pseudo_observations;
/// let found = rolling_pseudo_observations(&[5.0, 1.0, 2.0, 3.0], 3)?;
/// assert_eq!(found, [None, None, Some(0.5), Some(0.75)]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn rolling_pseudo_observations(x: &[f64], window: usize) -> Result<Vec<Option<f64>>> {
    check_finite(&[x])?;
    if window == 0 {
        return Err(Refusal::out_of_range("window", 0.0));
    }
    let mut counts = Counts::of(x);
    let at = |row: usize| {
        counts.add(row);
        if let Some(gone) = row.checked_sub(window) {
            counts.remove(gone);
        }
        (row + 1 >= window).then(|| counts.pseudo_observation(row))
    };
    Ok((0..x.len()).map(at).collect())
}

/// How many of the rows added lie below a value, kept in a Fenwick tree over the values' order.
struct Counts {
    /// Position of each row's value among the distinct values, from 1.
    place: Vec<usize>,
    tree: Vec<usize>,
    rows: usize,
}

impl Counts {
    /// Counts over the values of `x`, no row added yet.
    fn of(x: &[f64]) -> Self {
        // Adding zero takes the sign from a negative zero.
        let mut values: Vec<f64> = x.iter().map(|value| value + 0.0).collect();
        values.sort_by(f64::total_cmp);
        values.dedup_by(|a, b| a.total_cmp(b).is_eq());
        let place = |value: &f64| values.partition_point(|other| *other < value + 0.0) + 1;
        Self { place: x.iter().map(place).collect(), tree: vec![0; values.len() + 1], rows: 0 }
    }

    fn add(&mut self, row: usize) {
        self.rows += 1;
        self.change(self.place[row], |count| count + 1);
    }

    fn remove(&mut self, row: usize) {
        self.rows -= 1;
        self.change(self.place[row], |count| count - 1);
    }

    fn change(&mut self, mut place: usize, by: impl Fn(usize) -> usize) {
        while place < self.tree.len() {
            self.tree[place] = by(self.tree[place]);
            place += place & place.wrapping_neg();
        }
    }

    /// Rows added whose value stands at `place` or below.
    fn up_to(&self, mut place: usize) -> usize {
        let mut count = 0;
        while place > 0 {
            count += self.tree[place];
            place &= place - 1;
        }
        count
    }

    /// Mean rank of an added row over the rows added plus one.
    fn pseudo_observation(&self, row: usize) -> f64 {
        let place = self.place[row];
        // Below b rows and level with e of them, itself included: mean rank b + (e + 1) / 2.
        let twice = self.up_to(place - 1) + self.up_to(place) + 1;
        0.5 * twice as f64 / (self.rows + 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wrong_input_is_refused_and_none_is_fine() {
        assert_eq!(pseudo_observations(&[]), Ok(vec![]));
        assert_eq!(pseudo_observations(&[0.0, -0.0]), Ok(vec![0.5, 0.5]));
        let gap = Err(Refusal::NonFinite { series: 0 });
        assert_eq!(pseudo_observations(&[1.0, f64::NAN]), gap);
        let zero = rolling_pseudo_observations(&[1.0], 0);
        assert_eq!(zero, Err(Refusal::out_of_range("window", 0.0)));
        assert_eq!(rolling_pseudo_observations(&[1.0], 2), Ok(vec![None]));
    }

    proptest! {
        #[test]
        fn law_a_rolling_rank_is_the_rank_within_the_window(
            x in prop::collection::vec(0..9_i32, 0..60), window in 1..20_usize,
        ) {
            let x: Vec<f64> = x.into_iter().map(f64::from).collect();
            let found = rolling_pseudo_observations(&x, window).expect("finite");
            for (row, found) in found.iter().enumerate() {
                let Some(from) = (row + 1).checked_sub(window) else {
                    prop_assert_eq!(*found, None);
                    continue;
                };
                let whole = pseudo_observations(&x[from..=row]).expect("finite");
                prop_assert_eq!(*found, whole.last().copied());
                let below = x[from..=row].iter().filter(|other| **other < x[row]).count() as f64;
                let level = x[from..=row].iter().filter(|other| (**other - x[row]).abs() < 0.5).count() as f64;
                let rank = below + 0.5 * (level + 1.0);
                prop_assert!(found.is_some_and(|u| (u - rank / (window as f64 + 1.0)).abs() < 1e-15));
            }
        }

        #[test]
        fn law_a_longer_series_keeps_the_rows_before(
            x in prop::collection::vec(-1.0..1.0_f64, 1..60), window in 1..20_usize,
        ) {
            let cut = x.len() / 2;
            let whole = rolling_pseudo_observations(&x, window).expect("finite");
            let part = rolling_pseudo_observations(&x[..cut], window).expect("finite");
            prop_assert_eq!(&whole[..cut], &part[..]);
        }
    }
}

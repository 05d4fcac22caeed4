//! Whether a column moves at all, or only as far as rounding carries it.
//!
//! `variance > 0` does not answer this: the mean of a thousand times 0.1 is not 0.1, so a constant
//! column has a positive variance and, as a denominator, makes a ratio of 1e15 out of nothing.
//!
//! # The rule
//! A column of `n` numbers moves when
//!
//! ```text
//! max(x) - min(x)  >  (n / 8 + 16) * u * max|x|,      u = 2^-53
//! ```
//!
//! The range is exact, apart from one rounding. On the right stands what rounding may do: [`sum`]
//! adds in eight lanes, so no number passes through more than `n / 8 + 10` additions and the error
//! of the mean is at most that many `u * max|x|` (Higham, Accuracy and Stability of Numerical
//! Algorithms, 2002, section 4.2); a few more are left to the computation of the column itself. A
//! range below the bound would be a variance in which the error of the mean weighs as much as the
//! column. The rule does not see the scale, and moves of 1e-12 of the level count in columns of up
//! to 70,000 rows.
//!
//! [`sum`]: super::sum

/// The unit roundoff of a double, `2^-53`.
const UNIT_ROUNDOFF: f64 = f64::EPSILON / 2.0;

/// Whether a column moves beyond the rounding of its own numbers.
///
/// False for fewer than two numbers and for any that is not finite, so that a caller who asks
/// first need not ask whether the column is finite.
///
/// # Example
/// ```
/// use barline::stats::{moves, variance};
/// let constant = [0.1; 1000];
/// assert!(variance(&constant, 1) > Some(0.0));
/// assert!(!moves(&constant));
/// assert!(moves(&[1e9, 1e9 + 0.001]));
/// ```
pub fn moves(x: &[f64]) -> bool {
    moves_against(x, x.iter().fold(0.0, |size, value| value.abs().max(size)))
}

/// Whether a column moves beyond the rounding of numbers of this `size` from which it was made.
///
/// A return is the difference between a ratio of prices and one, so its error has the size of the
/// ratio, however small the return; [`moves`] would take that error for a move.
///
/// # Example
/// ```
/// use barline::stats::{moves, moves_against};
/// let noise = [1.0001 - 1.0, 1e-4];
/// assert!(moves(&noise));
/// assert!(!moves_against(&noise, 1.0));
/// ```
pub fn moves_against(x: &[f64], size: f64) -> bool {
    let mut range = (f64::INFINITY, f64::NEG_INFINITY);
    for value in x {
        if !value.is_finite() {
            return false;
        }
        range = (range.0.min(*value), range.1.max(*value));
    }
    let steps = x.len() as f64 / 8.0 + 16.0;
    range.1 - range.0 > steps * UNIT_ROUNDOFF * size
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::variance;

    #[test]
    fn nothing_and_what_is_not_finite_do_not_move() {
        assert!(!moves(&[]));
        assert!(!moves(&[3.0]));
        assert!(!moves(&[0.0; 9]));
        for hostile in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!moves(&[1.0, hostile, 2.0]));
            assert!(!moves(&[hostile; 3]));
            assert!(!moves_against(&[1.0, 2.0], hostile.abs()));
        }
    }

    #[test]
    fn the_noise_of_a_mean_is_no_move_and_a_trillionth_is_one() {
        for scale in [1e9, 1.0, 0.1, 1e-6] {
            for rows in [2, 10, 1000, 60_000] {
                let mut column = vec![scale; rows];
                assert!(!moves(&column));
                column[rows / 2] = scale * (1.0 + f64::EPSILON);
                assert!(!moves(&column), "{scale} {rows}");
                column[rows / 2] = scale * (1.0 + 1e-12);
                assert!(moves(&column), "{scale} {rows}");
            }
        }
    }

    proptest! {
        #[test]
        fn law_a_variance_of_rounding_is_below_the_bound(value in 1e-9..1e9_f64, rows in 2..3000_usize) {
            let deviation = variance(&vec![value; rows], 0).unwrap_or(f64::NAN).sqrt();
            prop_assert!(deviation <= (rows as f64 / 8.0 + 16.0) * UNIT_ROUNDOFF * value);
        }

        #[test]
        fn law_a_power_of_two_does_not_change_the_answer(
            x in prop::collection::vec(1.0..1.0 + 1e-13, 2..40), exponent in -40..40_i32,
        ) {
            let scaled: Vec<f64> = x.iter().map(|value| value * 2.0_f64.powi(exponent)).collect();
            prop_assert_eq!(moves(&x), moves(&scaled));
        }
    }
}

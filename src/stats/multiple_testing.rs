//! Adjusted p-values for many tests at once.
//!
//! An adjusted p-value is the smallest level at which its test is rejected among all; comparing it
//! with the level is the whole procedure. [`holm`] bounds the chance of a single false rejection,
//! whatever the dependence; [`benjamini_hochberg`] the expected share of false ones among the
//! rejections, for independent or positively dependent tests; [`benjamini_yekutieli`] the same
//! under any dependence.
//!
//! # Null and alternative
//! Those of the tests that are adjusted.
//!
//! # References
//! S. Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
//! Statistics 6, 65-70. Y. Benjamini and Y. Hochberg (1995), Controlling the false discovery rate,
//! Journal of the Royal Statistical Society B 57, 289-300. Y. Benjamini and D. Yekutieli (2001), The
//! control of the false discovery rate in multiple testing under dependency, Annals of Statistics
//! 29, 1165-1188.

use super::refusal::{Result, check_range};

/// Holm's adjusted p-values, in the order given.
///
/// # Formula
/// For the sorted `p_(1) <= ... <= p_(m)`: `max over j <= i of min(1, (m - j + 1) p_(j))`.
///
/// # Errors
/// `OutOfRange` unless every p-value lies in `[0, 1]`. An empty list is fine.
///
/// ```
/// use barline::stats::holm;
/// assert_eq!(holm(&[0.5, 0.0625, 0.125])?, [0.5, 0.1875, 0.25]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, at) in order.iter().enumerate() {
        largest = largest.max(p_values[*at] * (p_values.len() - rank) as f64).min(1.0);
        adjusted[*at] = largest;
    }
    Ok(adjusted)
}

/// Benjamini and Hochberg's adjusted p-values, in the order given.
///
/// # Formula
/// `min over j >= i of min(1, m p_(j) / j)`.
///
/// # Errors
/// As [`holm`].
///
/// ```
/// use barline::stats::benjamini_hochberg;
/// assert_eq!(benjamini_hochberg(&[0.5, 0.0625, 0.125])?, [0.5, 0.1875, 0.1875]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>> {
    false_discovery(p_values, 1.0)
}

/// Benjamini and Yekutieli's adjusted p-values, in the order given: those of
/// [`benjamini_hochberg`] with `m` times the harmonic sum `1 + 1/2 + ... + 1/m` for `m`.
///
/// # Errors
/// As [`holm`].
///
/// ```
/// use barline::stats::benjamini_yekutieli;
/// // Two tests: the harmonic sum is 3/2, so that 1/16 becomes 2 * 1/16 * 3/2.
/// assert_eq!(benjamini_yekutieli(&[0.0625, 0.5])?, [0.1875, 0.75]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn benjamini_yekutieli(p_values: &[f64]) -> Result<Vec<f64>> {
    let harmonic = (1..=p_values.len()).rev().fold(0.0, |sum, rank| sum + 1.0 / rank as f64);
    false_discovery(p_values, harmonic)
}

fn false_discovery(p_values: &[f64], factor: f64) -> Result<Vec<f64>> {
    let order = ascending(p_values)?;
    let tests = p_values.len() as f64;
    let mut adjusted = vec![0.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, at) in order.iter().enumerate().rev() {
        smallest = smallest.min(p_values[*at] * factor * tests / (rank + 1) as f64);
        adjusted[*at] = smallest;
    }
    Ok(adjusted)
}

/// Positions by ascending p-value; equal ones keep their order.
fn ascending(p_values: &[f64]) -> Result<Vec<usize>> {
    for p in p_values {
        check_range("p-value", *p, 0.0..=1.0)?;
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::refusal::Refusal;

    // statsmodels 0.15.0: multipletests(p, method=...)[1]
    const P: [f64; 7] = [0.01, 0.20, 0.03, 0.03, 0.005, 0.9, 0.04];
    const HOLM: [f64; 7] = [0.06, 0.4, 0.15, 0.15, 0.035, 0.9, 0.15];
    const HOCHBERG: [f64; 7] = [0.035, 0.233_333_333_333_333_36, 0.0525, 0.0525, 0.035, 0.9, 0.056];
    const YEKUTIELI: [f64; 7] =
        [0.09075, 0.605, 0.136_125, 0.136_125, 0.09075, 1.0, 0.145_199_999_999_999_97];

    #[test]
    fn adjusted_values_agree_with_statsmodels() {
        let close = |found: Vec<f64>, expected: [f64; 7]| {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-15, "{found} {expected}");
            }
        };
        close(holm(&P).expect("p-values"), HOLM);
        close(benjamini_hochberg(&P).expect("p-values"), HOCHBERG);
        close(benjamini_yekutieli(&P).expect("p-values"), YEKUTIELI);
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for p in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(holm(&[0.5, p]), Err(Refusal::out_of_range("p-value", p)));
        }
        assert_eq!(benjamini_yekutieli(&[]), Ok(vec![]));
        assert_eq!(benjamini_hochberg(&[0.3]), Ok(vec![0.3]));
    }

    proptest! {
        #[test]
        fn law_adjusting_keeps_the_order_and_never_lowers(
            p_values in prop::collection::vec(0.0..=1.0_f64, 0..50),
        ) {
            for adjust in [holm, benjamini_hochberg, benjamini_yekutieli] {
                let adjusted = adjust(&p_values).expect("p-values");
                for (i, p) in p_values.iter().enumerate() {
                    prop_assert!(adjusted[i] >= *p - 1e-15 && adjusted[i] <= 1.0);
                    for (j, q) in p_values.iter().enumerate() {
                        prop_assert!(p > q || adjusted[i] <= adjusted[j]);
                    }
                }
            }
        }
    }
}

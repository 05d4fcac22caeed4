//! Returns between consecutive common bars of instruments with gaps.
//!
//! A close column holds NaN where the instrument has no bar. For a pair, only rows where both have a
//! bar count; the return of each leg runs from one such row to the next, however far apart they
//! are. A variance uses the instrument's own bars. The matrix made of these cells
//! ([`close_covariance`]) equals the sample covariance of simple returns when nothing is missing; with
//! gaps it is a pairwise estimate and need not be positive semi-definite.
//!
//! # References
//! Little & Rubin (2019), Statistical Analysis with Missing Data, 3rd ed., section 3.4 (available-case
//! covariances). That a return runs over a gap is the house's convention.

use super::{
    dispersion::moves_against,
    matrix::SymmetricMatrix,
    moments::{centered_dot, largest, mean},
    refusal::{Refusal, Result},
};

/// Returns two legs share and their second moments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CommonReturns {
    /// Number of common returns, one fewer than common bars.
    pub count: usize,
    /// Sample covariance, divisor `count - 1`.
    pub covariance: f64,
    /// Sample variance of the first leg over the common returns.
    pub first_variance: f64,
    /// Sample variance of the second leg over the common returns.
    pub second_variance: f64,
}

/// Simple returns between consecutive rows where both columns have a bar, and their moments with
/// divisor `count - 1`, in two passes. A leg whose returns do not move beyond the rounding of the ratios
/// they were made of has a variance and a covariance of exactly zero.
///
/// # Errors
/// `UnequalLengths`; `TooShort` (in bars) with fewer than 3 common ones; `NonFinite` (0 or 1) where
/// a return is not finite, as after a zero price; `Overflow`.
///
/// ```
/// use barline::stats::common_returns;
/// let gap = f64::NAN;
/// let found = common_returns(&[1.0, 2.0, gap, 1.0, 2.0], &[4.0, 2.0, 9.0, 4.0, gap])?;
/// assert_eq!((found.count, found.covariance), (2, -1.125));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn common_returns(first: &[f64], second: &[f64]) -> Result<CommonReturns> {
    let [a, b] = returns_between_common(first, second)?;
    let moment = |x: &[f64], y: &[f64]| -> Option<f64> {
        Some(centered_dot(x, mean(x)?, y, mean(y)?) / (x.len() - 1) as f64)
    };
    let cells = (moment(&a, &b), moment(&a, &a), moment(&b, &b));
    let (Some(covariance), Some(first_variance), Some(second_variance)) = cells else {
        return Err(Refusal::TooShort { needed: 3, given: 0 });
    };
    let mut found = CommonReturns { count: a.len(), covariance, first_variance, second_variance };
    if is_still(&a, first_variance) {
        (found.first_variance, found.covariance) = (0.0, 0.0);
    }
    if is_still(&b, second_variance) {
        (found.second_variance, found.covariance) = (0.0, 0.0);
    }
    let cells = [found.covariance, found.first_variance, found.second_variance];
    if cells.iter().all(|cell| cell.is_finite()) { Ok(found) } else { Err(Refusal::Overflow) }
}

/// Whether returns do not move beyond the rounding of the price ratios they were made of.
fn is_still(returns: &[f64], variance: f64) -> bool {
    // Returns that do not move lie next to the first one, so that a look at it spares most columns
    // the pass: no more than this is left of their variance.
    let size = 2.0 * (1.0 + returns[0].abs());
    let noise = returns.len() as f64 * 32.0 * f64::EPSILON * size;
    variance <= noise * noise && !moves_against(returns, 1.0 + largest(returns))
}

/// The covariance matrix of close columns with gaps: each variance over the instrument's own bars,
/// each covariance over the pair's common bars.
///
/// # Errors
/// Those of [`common_returns`], and `Empty`.
///
/// ```
/// use barline::stats::close_covariance;
/// let gap = f64::NAN;
/// let found = close_covariance(&[&[1.0, 2.0, gap, 1.0], &[4.0, 2.0, 2.0, 4.0]])?;
/// // The second column alone returns -1/2, 0 and 1; over the common bars -1/2 and 1.
/// assert!((found.get(1, 1) - 7.0 / 12.0).abs() < 1e-15 && found.get(0, 1) == -1.125);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn close_covariance(closes: &[&[f64]]) -> Result<SymmetricMatrix> {
    if closes.is_empty() {
        return Err(Refusal::Empty);
    }
    let mut covariance = SymmetricMatrix::zeros(closes.len());
    for i in 0..closes.len() {
        for j in i..closes.len() {
            covariance.set(i, j, common_returns(closes[i], closes[j])?.covariance);
        }
    }
    Ok(covariance)
}

/// Simple returns between consecutive rows where every column has a bar: a list per column, all of
/// one length, empty with fewer than 2 such rows.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `NonFinite` where a return is not finite, as after a zero price.
///
/// ```
/// use barline::stats::complete_returns;
/// let gap = f64::NAN;
/// assert_eq!(complete_returns(&[&[1.0, 2.0, 4.0], &[1.0, gap, 3.0]])?, [[3.0], [2.0]]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn complete_returns(closes: &[&[f64]]) -> Result<Vec<Vec<f64>>> {
    let first = closes.first().ok_or(Refusal::Empty)?;
    if let Some(other) = closes.iter().find(|column| column.len() != first.len()) {
        return Err(Refusal::UnequalLengths { first: first.len(), other: other.len() });
    }
    let mut returns = vec![Vec::new(); closes.len()];
    let mut last: Option<usize> = None;
    for row in 0..first.len() {
        if closes.iter().any(|column| column[row].is_nan()) {
            continue;
        }
        if let Some(last) = last.replace(row) {
            for (series, column) in returns.iter_mut().zip(closes) {
                series.push(column[row] / column[last] - 1.0);
            }
        }
    }
    match returns.iter().position(|series| series.iter().any(|value| !value.is_finite())) {
        Some(series) => Err(Refusal::NonFinite { series }),
        None => Ok(returns),
    }
}

fn returns_between_common(first: &[f64], second: &[f64]) -> Result<[Vec<f64>; 2]> {
    if first.len() != second.len() {
        return Err(Refusal::UnequalLengths { first: first.len(), other: second.len() });
    }
    let both = first.iter().zip(second).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let mut returns = [Vec::new(), Vec::new()];
    let mut last: Option<(f64, f64)> = None;
    for (a, b) in both {
        if let Some((a0, b0)) = last {
            returns[0].push(a / a0 - 1.0);
            returns[1].push(b / b0 - 1.0);
        }
        last = Some((*a, *b));
    }
    if returns[0].len() < 2 {
        let given = returns[0].len() + usize::from(last.is_some());
        return Err(Refusal::TooShort { needed: 3, given });
    }
    match returns.iter().position(|leg| leg.iter().any(|value| !value.is_finite())) {
        Some(series) => Err(Refusal::NonFinite { series }),
        None => Ok(returns),
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::covariance::{sample_covariance, simple_returns};

    const GAP: f64 = f64::NAN;

    #[test]
    fn a_gap_joins_the_bars_around_it() {
        let found = common_returns(&[1.0, GAP, 2.0, 4.0], &[1.0, 7.0, 3.0, 3.0]).expect("3 bars");
        assert_eq!(found.count, 2);
        assert_eq!(found.first_variance, 0.0);
        assert_eq!(found.second_variance, 2.0);
    }

    #[test]
    fn too_little_in_common_is_refused() {
        let refusal = common_returns(&[1.0, 2.0, GAP], &[GAP, 2.0, 3.0]);
        assert_eq!(refusal, Err(Refusal::TooShort { needed: 3, given: 1 }));
        assert_eq!(common_returns(&[], &[]), Err(Refusal::TooShort { needed: 3, given: 0 }));
        let unequal = Refusal::UnequalLengths { first: 1, other: 2 };
        assert_eq!(common_returns(&[1.0], &[1.0, 2.0]), Err(unequal));
        let zero = common_returns(&[1.0, 2.0, 3.0], &[1.0, 0.0, 3.0]);
        assert_eq!(zero, Err(Refusal::NonFinite { series: 1 }));
        assert_eq!(close_covariance(&[]), Err(Refusal::Empty));
    }

    #[test]
    fn complete_returns_run_between_rows_that_all_have() {
        let found = complete_returns(&[&[1.0, 2.0, 4.0, 8.0], &[1.0, GAP, 2.0, GAP]]);
        assert_eq!(found, Ok(vec![vec![3.0], vec![1.0]]));
        assert_eq!(complete_returns(&[&[GAP], &[1.0]]), Ok(vec![vec![], vec![]]));
        assert_eq!(complete_returns(&[]), Err(Refusal::Empty));
        let zero = complete_returns(&[&[1.0, 1.0], &[0.0, 1.0]]);
        assert_eq!(zero, Err(Refusal::NonFinite { series: 1 }));
    }

    #[test]
    fn a_variance_uses_the_own_bars() {
        let a = [1.0, 2.0, 1.0, 3.0];
        let b = [1.0, GAP, 2.0, 5.0];
        let matrix = close_covariance(&[&a, &b]).expect("3 common bars");
        // Own returns 1, -1/2, 2; between common bars 0, 2.
        assert!((matrix.get(0, 0) - 19.0 / 12.0).abs() < 1e-15);
        assert_eq!(common_returns(&a, &b).expect("3 bars").first_variance, 2.0);
    }

    proptest! {
        #[test]
        fn law_without_gaps_it_is_the_sample_covariance(
            rows in prop::collection::vec((0.5..2.0_f64, 0.5..2.0_f64), 3..80),
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            let (x, y) = (simple_returns(&a), simple_returns(&b));
            let expected = sample_covariance(&[&x, &y], 1).expect("complete");
            prop_assert_eq!(close_covariance(&[&a, &b]).expect("complete"), expected);
        }
    }
}

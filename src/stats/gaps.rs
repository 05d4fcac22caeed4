//! What to do with missing values before a definition that needs complete columns.
//!
//! NaN marks what is missing. The choice changes the numbers: rows may be dropped
//! ([`complete_rows`]), values carried forward ([`forward_filled`]), or each pair of columns may
//! use what both have ([`pairwise_covariance`](super::pairwise_covariance)). Returns are taken
//! before dropping and after filling: a return needs both neighbouring prices.
//!
//! # References
//! Little & Rubin (2019), Statistical Analysis with Missing Data, 3rd ed., chapter 3 (complete-case and
//! available-case analysis). `DataFrame.dropna` and `ffill` of pandas.

use super::refusal::{Refusal, Result};

/// The rows where no column is NaN (listwise deletion). Columns keep their order.
///
/// # Errors
/// `Empty` without columns, `UnequalLengths`.
///
/// ```
/// use barline::stats::complete_rows;
/// let gap = f64::NAN;
/// let kept = complete_rows(&[&[1.0, gap, 3.0], &[4.0, 5.0, 6.0]])?;
/// assert_eq!(kept, [[1.0, 3.0], [4.0, 6.0]]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn complete_rows(columns: &[&[f64]]) -> Result<Vec<Vec<f64>>> {
    let rows = check_lengths(columns)?;
    let complete = |row: &usize| columns.iter().all(|column| !column[*row].is_nan());
    let kept: Vec<usize> = (0..rows).filter(complete).collect();
    Ok(columns.iter().map(|column| kept.iter().map(|row| column[*row]).collect()).collect())
}

/// Every NaN after the first value replaced by the value before it; leading NaN stay.
///
/// ```
/// let filled = barline::stats::forward_filled(&[f64::NAN, 2.0, f64::NAN, 3.0]);
/// assert!(filled[0].is_nan());
/// assert_eq!(filled[1..], [2.0, 2.0, 3.0]);
/// ```
pub fn forward_filled(values: &[f64]) -> Vec<f64> {
    let mut last = f64::NAN;
    let mut filled = Vec::with_capacity(values.len());
    for value in values {
        if !value.is_nan() {
            last = *value;
        }
        filled.push(last);
    }
    filled
}

/// The common length of `columns`.
pub(super) fn check_lengths(columns: &[&[f64]]) -> Result<usize> {
    let first = columns.first().ok_or(Refusal::Empty)?.len();
    match columns.iter().find(|column| column.len() != first) {
        Some(other) => Err(Refusal::UnequalLengths { first, other: other.len() }),
        None => Ok(first),
    }
}

/// The rows of two columns of equal length where both have a value.
pub(super) fn common_rows(first: &[f64], second: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let pairs = first.iter().zip(second).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    pairs.unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f64 = f64::NAN;

    #[test]
    fn the_edges_are_harmless() {
        assert_eq!(complete_rows(&[]), Err(Refusal::Empty));
        let unequal = Refusal::UnequalLengths { first: 1, other: 2 };
        assert_eq!(complete_rows(&[&[1.0], &[1.0, 2.0]]), Err(unequal));
        assert_eq!(complete_rows(&[&[GAP], &[1.0]]), Ok(vec![vec![], vec![]]));
        assert!(forward_filled(&[]).is_empty());
        assert!(forward_filled(&[GAP, GAP]).iter().all(|value| value.is_nan()));
    }

    #[test]
    fn infinities_are_values() {
        assert_eq!(complete_rows(&[&[f64::INFINITY]]), Ok(vec![vec![f64::INFINITY]]));
        assert_eq!(common_rows(&[1.0, GAP, 3.0], &[4.0, 5.0, GAP]), (vec![1.0], vec![4.0]));
    }
}

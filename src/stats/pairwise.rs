//! Covariance and correlation of columns with gaps, pair by pair.
//!
//! Each cell uses the rows where both columns have a value, with means over those rows, as
//! `DataFrame.cov(min_periods)` and `DataFrame.corr(min_periods)` of pandas do. The result need not
//! be positive semi-definite; [`clipped_covariance`](super::clipped_covariance) and its kin repair
//! that. Unlike [`close_covariance`](super::close_covariance) it works on returns, so that a gap
//! drops the returns on both sides of it.

use super::{
    dispersion::moves,
    gaps::{check_lengths, common_rows},
    matrix::SymmetricMatrix,
    moments::{centered_dot, mean},
    refusal::{Refusal, Result},
};

/// A matrix estimated pair by pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairwise {
    /// The estimate; NaN in cells that have too few common rows.
    pub matrix: SymmetricMatrix,
    /// Common rows of each pair; a column's own rows on the diagonal. Whole numbers.
    pub counts: SymmetricMatrix,
}

impl Pairwise {
    /// Cells without an estimate, both triangles counted.
    ///
    /// ```
    /// let found = barline::stats::pairwise_covariance(&[&[1.0, 2.0], &[1.0, f64::NAN]], 1)?;
    /// assert_eq!(found.undefined(), 3);
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn undefined(&self) -> usize {
        self.matrix.values().iter().filter(|cell| cell.is_nan()).count()
    }
}

/// Sample covariance of each pair over its common rows, divisor `count - 1`; NaN in `columns` is
/// missing.
///
/// # None
/// A cell is NaN with fewer than `max(min_periods, 2)` common rows, and where the moment is too large.
/// Where one of the two does not move over them it is exactly zero.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite` for an infinite value.
///
/// # References
/// `DataFrame.cov(min_periods)` of pandas 3.1.1.
///
/// ```
/// use barline::stats::pairwise_covariance;
/// let gap = f64::NAN;
/// let found = pairwise_covariance(&[&[1.0, 2.0, 9.0, 3.0], &[2.0, 4.0, gap, 6.0]], 1)?;
/// assert_eq!((found.matrix.get(0, 1), found.counts.get(0, 1)), (2.0, 3.0));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn pairwise_covariance(columns: &[&[f64]], min_periods: usize) -> Result<Pairwise> {
    by_pair(columns, min_periods, |x, y| {
        let (a, b) = (mean(x)?, mean(y)?);
        let moment = if moves(x) && moves(y) { centered_dot(x, a, y, b) } else { 0.0 };
        (x.len() > 1).then(|| moment / (x.len() - 1) as f64)
    })
}

/// Pearson correlation of each pair over its common rows, which give the variances too; clipped to
/// `[-1, 1]`.
///
/// # None
/// A cell is NaN with fewer than `max(min_periods, 2)` common rows, or where one of the two does not
/// move over them ([`moves`](super::moves)); this includes the diagonal.
///
/// # Errors
/// Those of [`pairwise_covariance`].
///
/// # References
/// `DataFrame.corr(min_periods)` of pandas 3.1.1.
///
/// ```
/// use barline::stats::pairwise_correlation;
/// let gap = f64::NAN;
/// let found = pairwise_correlation(&[&[1.0, 2.0, 9.0, 3.0], &[6.0, 4.0, gap, 2.0], &[0.1; 4]], 1)?;
/// assert_eq!(found.matrix.get(0, 1), -1.0);
/// assert!(found.matrix.get(0, 2).is_nan(), "the third column does not move");
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn pairwise_correlation(columns: &[&[f64]], min_periods: usize) -> Result<Pairwise> {
    by_pair(columns, min_periods, pearson)
}

/// Fills a matrix from a function of the common rows of each pair.
pub(super) fn by_pair(
    columns: &[&[f64]],
    min_periods: usize,
    cell: impl Fn(&[f64], &[f64]) -> Option<f64>,
) -> Result<Pairwise> {
    check_lengths(columns)?;
    if let Some(series) = columns.iter().position(|x| x.iter().any(|value| value.is_infinite())) {
        return Err(Refusal::NonFinite { series });
    }
    let mut counts = SymmetricMatrix::zeros(columns.len());
    let matrix = SymmetricMatrix::from_upper(columns.len(), |i, j| {
        let (x, y) = common_rows(columns[i], columns[j]);
        counts.set(i, j, x.len() as f64);
        let value = cell(&x, &y).filter(|value| value.is_finite() && x.len() >= min_periods);
        value.unwrap_or(f64::NAN)
    });
    Ok(Pairwise { matrix, counts })
}

/// Pearson correlation of two columns of equal length; `None` below two rows or without variance.
pub(super) fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let (a, b) = (mean(x)?, mean(y)?);
    // One root of the product: a column's correlation with itself is exactly 1.
    let scale = (centered_dot(x, a, x, a) * centered_dot(y, b, y, b)).sqrt();
    let defined = x.len() > 1 && scale.is_normal() && moves(x) && moves(y);
    defined.then(|| (centered_dot(x, a, y, b) / scale).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::covariance::sample_covariance;

    const GAP: f64 = f64::NAN;

    #[test]
    fn too_few_common_rows_leave_a_hole() {
        let found = pairwise_covariance(&[&[1.0, 2.0, GAP], &[GAP, 1.0, 3.0]], 1).expect("equal");
        assert!(found.matrix.get(0, 1).is_nan());
        assert_eq!((found.undefined(), found.matrix.get(1, 1)), (2, 2.0));
        let found = pairwise_covariance(&[&[1.0, 2.0], &[1.0, 3.0]], 3).expect("equal");
        assert_eq!(found.undefined(), 4);
        assert_eq!(pairwise_covariance(&[], 1), Err(Refusal::Empty));
        let endless = pairwise_covariance(&[&[f64::INFINITY]], 1);
        assert_eq!(endless, Err(Refusal::NonFinite { series: 0 }));
        assert_eq!(pairwise_covariance(&[&[]], 0).expect("equal").undefined(), 1);
    }

    #[test]
    fn a_constant_column_has_no_correlation() {
        let found = pairwise_correlation(&[&[1.0, 2.0, 4.0], &[3.0; 3]], 1).expect("equal");
        assert_eq!((found.undefined(), found.matrix.get(0, 0)), (3, 1.0));
    }

    proptest! {
        #[test]
        fn law_without_gaps_it_is_the_sample_covariance(
            rows in prop::collection::vec((-1e9..1e9_f64, -1e-6..1e-6_f64), 2..60),
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            let found = pairwise_covariance(&[&x, &y], 1).expect("equal");
            prop_assert_eq!(found.matrix, sample_covariance(&[&x, &y], 1).expect("complete"));
        }
    }
}

//! The Gerber statistic: co-movement counted only where both moves are large.
//!
//! A return counts as up when it is at least `threshold` standard deviations (divisor `T`) above
//! zero, as down when it is as far below, else as quiet. A row where both assets are large agrees or
//! disagrees; three ways to scale the difference of the counts are in use.
//!
//! # References
//! Gerber, Markowitz, Ernst, Miao, Javid & Sargen (2022), The Gerber statistic: a robust co-movement
//! measure for portfolio optimization, Journal of Portfolio Management 48(3), 87-102.

use std::ops::Bound;

use super::{
    dispersion::moves,
    matrix::SymmetricMatrix,
    moments::standard_deviation,
    refusal::{Refusal, Result, check_finite, check_range},
};

/// What the excess of agreeing over disagreeing rows is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GerberScale {
    /// The rows where both are large: the original statistic, not always positive semi-definite.
    BothLarge,
    /// The rows where at least one is large (`gerber1` of Riskfolio-Lib).
    AnyLarge,
    /// The geometric mean of the two assets' own large rows (`gerber2` of Riskfolio-Lib): positive
    /// semi-definite by construction.
    OwnLarge,
}

/// Gerber correlation of each pair; 1 on the diagonal, 0 for a pair that gives nothing to divide by.
///
/// # Formula
/// `(agree - disagree) / scale`. `threshold` is a fraction of a standard deviation, commonly 0.5.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` without rows, `OutOfRange` for a threshold that is
/// not positive and finite.
///
/// ```
/// use barline::stats::{GerberScale, gerber_correlation};
/// let (a, b) = ([1.0, -1.0, 1.0, 0.1], [2.0, -2.0, -2.0, 0.2]);
/// let found = gerber_correlation(&[&a, &b], 0.5, GerberScale::BothLarge)?;
/// assert_eq!(found.get(0, 1), 1.0 / 3.0);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn gerber_correlation(
    columns: &[&[f64]],
    threshold: f64,
    scale: GerberScale,
) -> Result<SymmetricMatrix> {
    let moves = large_moves(columns, threshold)?;
    Ok(SymmetricMatrix::from_upper(columns.len(), |i, j| {
        if i == j { 1.0 } else { statistic(&moves[i], &moves[j], scale) }
    }))
}

/// Gerber covariance: the correlation times the standard deviations, divisor `T`.
///
/// # Errors
/// Those of [`gerber_correlation`], `Overflow`.
///
/// ```
/// use barline::stats::{GerberScale, gerber_covariance};
/// // Deviations 1 and 2; the rows agree in three cases and disagree in one.
/// let (a, b) = ([1.0, -1.0, 1.0, -1.0], [2.0, -2.0, 2.0, 2.0]);
/// let found = gerber_covariance(&[&a, &b], 0.5, GerberScale::BothLarge)?;
/// assert_eq!(found.get(0, 0), 1.0);
/// assert!((found.get(0, 1) - 0.5 * found.get(1, 1).sqrt()).abs() < 1e-15);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn gerber_covariance(
    columns: &[&[f64]],
    threshold: f64,
    scale: GerberScale,
) -> Result<SymmetricMatrix> {
    let correlation = gerber_correlation(columns, threshold, scale)?;
    let deviations: Vec<f64> = columns.iter().filter_map(|x| standard_deviation(x, 0)).collect();
    let still: Vec<bool> = columns.iter().map(|column| !moves(column)).collect();
    SymmetricMatrix::from_upper(columns.len(), |i, j| {
        if still[i] || still[j] {
            return 0.0;
        }
        correlation.get(i, j) * (deviations[i] * deviations[j])
    })
    .finite()
}

/// 1 for up, -1 for down, 0 for quiet.
fn large_moves(columns: &[&[f64]], threshold: f64) -> Result<Vec<Vec<i8>>> {
    if check_finite(columns)? == 0 {
        return Err(Refusal::TooShort { needed: 1, given: 0 });
    }
    check_range("threshold", threshold, (Bound::Excluded(0.0), Bound::Included(f64::MAX)))?;
    let of = |column: &&[f64]| {
        let bound = threshold * standard_deviation(column, 0).unwrap_or(0.0);
        // A column that never moves has no large moves, though each is beyond a bound of rounding.
        let still = !moves(column);
        let large = |x: &f64| match *x {
            _ if still => 0,
            x if x >= bound => 1,
            x if x <= -bound => -1,
            _ => 0,
        };
        column.iter().map(large).collect()
    };
    Ok(columns.iter().map(of).collect())
}

fn statistic(x: &[i8], y: &[i8], scale: GerberScale) -> f64 {
    let (mut excess, mut both, mut any) = (0.0, 0.0, 0.0);
    let (mut own_x, mut own_y) = (0.0, 0.0);
    for (a, b) in x.iter().zip(y).map(|(a, b)| (f64::from(*a), f64::from(*b))) {
        excess += a * b;
        both += (a * b).abs();
        any += a.abs().max(b.abs());
        own_x += a.abs();
        own_y += b.abs();
    }
    let divisor = match scale {
        GerberScale::BothLarge => both,
        GerberScale::AnyLarge => any,
        GerberScale::OwnLarge => f64::sqrt(own_x * own_y),
    };
    if divisor > 0.0 { excess / divisor } else { 0.0 }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::eigen::eigen;

    #[test]
    fn a_column_that_never_moves_has_no_correlation() {
        for scale in [GerberScale::BothLarge, GerberScale::AnyLarge, GerberScale::OwnLarge] {
            let found = gerber_covariance(&[&[0.0; 3], &[1.0, -1.0, 2.0]], 0.5, scale);
            let found = found.expect("complete");
            assert_eq!((found.get(0, 0), found.get(0, 1)), (0.0, 0.0));
            let constant = gerber_correlation(&[&[0.1; 9], &[0.3; 9]], 0.5, scale);
            assert_eq!(constant.expect("complete").get(0, 1), 0.0);
            for threshold in [0.0, -0.5, f64::NAN, f64::INFINITY] {
                let refused = gerber_correlation(&[&[1.0, 2.0]], threshold, scale);
                assert_eq!(refused, Err(Refusal::out_of_range("threshold", threshold)));
            }
            let none = gerber_correlation(&[&[]], 0.5, scale);
            assert_eq!(none, Err(Refusal::TooShort { needed: 1, given: 0 }));
        }
    }

    #[test]
    fn the_three_scales_by_hand() {
        // Large rows: x 0, 1, 2; y 0, 1, 3; agree in 0, disagree in 1.
        let x = [1.0, 1.0, 1.0, 0.0];
        let y = [1.0, -1.0, 0.0, 1.0];
        let of = |scale| gerber_correlation(&[&x, &y], 0.5, scale).expect("complete").get(0, 1);
        assert_eq!(of(GerberScale::BothLarge), 0.0);
        let y = [1.0, 1.0, 0.0, 1.0];
        let of = |scale| gerber_correlation(&[&x, &y], 0.5, scale).expect("complete").get(0, 1);
        assert_eq!(of(GerberScale::BothLarge), 1.0);
        assert_eq!(of(GerberScale::AnyLarge), 0.5);
        assert_eq!(of(GerberScale::OwnLarge), 2.0 / 3.0);
    }

    proptest! {
        #[test]
        fn law_the_second_is_positive_semi_definite(
            rows in prop::collection::vec([-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64], 1..30),
        ) {
            let columns: Vec<Vec<f64>> = (0..4).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let found = gerber_correlation(&slices, 0.5, GerberScale::OwnLarge).expect("complete");
            prop_assert!(eigen(&found).expect("finite").values[3] > -1e-14);
        }
    }
}

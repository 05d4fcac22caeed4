//! Repair of covariance matrices that are not positive semi-definite.
//!
//! Pairwise estimates and rounding can leave negative eigenvalues. Four repairs, with different
//! promises:
//!
//! | function | keeps variances | what it does | found in |
//! |---|---|---|---|
//! | [`clipped_covariance`] | yes | raises the correlation's eigenvalues to a floor once | statsmodels `cov_nearest("clipped")`, Riskfolio-Lib `cov_fix`, skfolio |
//! | [`nearest_covariance`] | yes | nearest correlation matrix by alternating projections | statsmodels `cov_nearest("nearest")`, skfolio `higham` |
//! | [`spectral_covariance`] | no | sets the covariance's negative eigenvalues to zero | PyPortfolioOpt `spectral` |
//! | [`loaded_covariance`] | no | adds 1.1 times the worst eigenvalue to every variance | PyPortfolioOpt `diag` |
//!
//! A matrix that needs no repair comes back bit for bit.
//!
//! # References
//! Higham (2002), Computing the nearest correlation matrix: a problem from finance, IMA Journal of
//! Numerical Analysis 22, 329-343.

use super::{
    correlation::correlation,
    eigen::{Eigen, eigen},
    matrix::SymmetricMatrix,
    refusal::{Refusal, Result, check_range},
};

/// The floor statsmodels clips at.
pub const STATSMODELS_FLOOR: f64 = 1e-15;

/// The floor skfolio clips at.
pub const SKFOLIO_FLOOR: f64 = 1e-13;

/// The covariance whose correlation has its eigenvalues raised to `floor`, rescaled to a unit
/// diagonal. Variances stay.
///
/// # Errors
/// `NonFinite`, `ZeroVariance`, `OutOfRange` for a floor outside 0 to 1, `Overflow`.
///
/// ```
/// use barline::stats::{SymmetricMatrix, clipped_covariance, eigen};
/// let cells = [[1.0, 0.9, 0.2], [0.9, 1.0, 0.9], [0.2, 0.9, 1.0]];
/// let broken = SymmetricMatrix::from_upper(3, |i, j| cells[i][j]);
/// assert!(eigen(&broken)?.values[2] < -0.1);
/// let repaired = clipped_covariance(&broken, 1e-8)?;
/// assert!(eigen(&repaired)?.values[2] > 0.0 && repaired.get(1, 1) == 1.0);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn clipped_covariance(covariance: &SymmetricMatrix, floor: f64) -> Result<SymmetricMatrix> {
    check_range("floor", floor, 0.0..=1.0)?;
    let parts = eigen(&correlation(covariance)?)?;
    if !has_below(&parts, floor) {
        return Ok(covariance.clone());
    }
    let raised = parts.rebuild(|_, value| value.max(floor));
    with_variances_of(covariance, &correlation(&raised)?)
}

/// Rounds after which the alternating projections stop in any case.
const ROUNDS: usize = 1000;

/// Least eigenvalue of a correlation that the last round may leave for the final clipping.
const SETTLED: f64 = -1e-9;

/// The covariance of the nearest positive semi-definite correlation matrix in the Frobenius norm, by
/// alternating projections with Dykstra's correction. Variances stay.
///
/// Convergence is linear. It stops when the iterate with unit diagonal has no eigenvalue below
/// rounding (`-n eps` times the largest), or after 1000 rounds if none is below -1e-9; that iterate is
/// clipped at `floor` as [`clipped_covariance`] does.
///
/// # Errors
/// `NonFinite`, `ZeroVariance`, `Unsettled`, `OutOfRange` for a floor outside 0 to 1, `Overflow`.
///
/// # References
/// N. J. Higham (2002), Computing the nearest correlation matrix: a problem from finance, IMA Journal of
/// Numerical Analysis 22, 329-343. Its first example, a matrix of ones beside the diagonal and zeros in
/// the corners, has the nearest correlation matrix with 0.7607 and 0.1573:
///
/// ```
/// use barline::stats::{SymmetricMatrix, nearest_covariance};
/// let cells = [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]];
/// let higham = SymmetricMatrix::from_upper(3, |i, j| cells[i][j]);
/// let nearest = nearest_covariance(&higham, 0.0)?;
/// for (i, j, printed) in [(0, 1, 0.7607), (1, 2, 0.7607), (0, 2, 0.1573)] {
///     assert!((nearest.get(i, j) - printed).abs() < 5e-5);
/// }
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn nearest_covariance(covariance: &SymmetricMatrix, floor: f64) -> Result<SymmetricMatrix> {
    check_range("floor", floor, 0.0..=1.0)?;
    let mut unit = correlation(covariance)?;
    let order = unit.order();
    let mut excess = SymmetricMatrix::zeros(order);
    if !has_below(&eigen(&unit)?, floor) {
        return Ok(covariance.clone());
    }
    let mut least = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let shifted = combine(&unit, &excess, |x, e| x - e);
        let projected = eigen(&shifted)?.rebuild(|_, value| value.max(floor));
        excess = combine(&projected, &shifted, |p, s| p - s);
        unit = SymmetricMatrix::from_upper(
            order,
            |i, j| {
                if i == j { 1.0 } else { projected.get(i, j) }
            },
        );
        let values = eigen(&unit)?.values;
        least = values[order - 1];
        if least >= -(order as f64) * f64::EPSILON * values[0] {
            break;
        }
    }
    if least < SETTLED {
        return Err(Refusal::Unsettled { rounds: ROUNDS });
    }
    let raised = eigen(&unit)?.rebuild(|_, value| value.max(floor));
    with_variances_of(covariance, &correlation(&raised)?)
}

/// The covariance with its negative eigenvalues set to zero. Variances grow.
///
/// # Errors
/// `NonFinite`, `Overflow`.
///
/// ```
/// use barline::stats::{SymmetricMatrix, spectral_covariance};
/// // Eigenvalues 3 and -1: only 3/2 of each cell is left.
/// let broken = SymmetricMatrix::from_upper(2, |i, j| if i == j { 1.0 } else { 2.0 });
/// let found = spectral_covariance(&broken)?;
/// assert!(found.values().iter().all(|cell| (cell - 1.5).abs() < 1e-14));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn spectral_covariance(covariance: &SymmetricMatrix) -> Result<SymmetricMatrix> {
    let parts = eigen(covariance)?;
    if !has_below(&parts, 0.0) {
        return Ok(covariance.clone());
    }
    parts.rebuild(|_, value| value.max(0.0)).finite()
}

/// The covariance plus 1.1 times the size of its most negative eigenvalue on the diagonal.
///
/// # Errors
/// `NonFinite`, `Overflow`.
///
/// ```
/// use barline::stats::{SymmetricMatrix, loaded_covariance};
/// // Eigenvalues 3 and -1.
/// let broken = SymmetricMatrix::from_upper(2, |i, j| if i == j { 1.0 } else { 2.0 });
/// assert!((loaded_covariance(&broken)?.get(0, 0) - 2.1).abs() < 1e-14);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn loaded_covariance(covariance: &SymmetricMatrix) -> Result<SymmetricMatrix> {
    let parts = eigen(covariance)?;
    let worst = parts.values.last().copied().unwrap_or(0.0).min(0.0);
    SymmetricMatrix::from_upper(covariance.order(), |i, j| {
        covariance.get(i, j) - if i == j { 1.1 * worst } else { 0.0 }
    })
    .finite()
}

fn has_below(parts: &Eigen, floor: f64) -> bool {
    parts.values.iter().any(|value| *value < floor)
}

fn combine(
    a: &SymmetricMatrix,
    b: &SymmetricMatrix,
    cell: impl Fn(f64, f64) -> f64,
) -> SymmetricMatrix {
    SymmetricMatrix::from_upper(a.order(), |i, j| cell(a.get(i, j), b.get(i, j)))
}

/// A covariance with the variances of `covariance` and the off-diagonal cells of `correlation`.
pub(super) fn with_variances_of(
    covariance: &SymmetricMatrix,
    correlation: &SymmetricMatrix,
) -> Result<SymmetricMatrix> {
    let deviations: Vec<f64> = covariance.diagonal().map(f64::sqrt).collect();
    SymmetricMatrix::from_upper(covariance.order(), |i, j| {
        if i == j {
            covariance.get(i, i)
        } else {
            correlation.get(i, j) * (deviations[i] * deviations[j])
        }
    })
    .finite()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(cells: [[f64; 3]; 3]) -> SymmetricMatrix {
        SymmetricMatrix::from_upper(3, |i, j| cells[i][j])
    }

    #[test]
    fn highams_example() {
        // Higham (2002), section 5: the nearest correlation matrix to a tridiagonal of ones.
        let ones = matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]]);
        let found = nearest_covariance(&ones, STATSMODELS_FLOOR).expect("settles");
        assert!((found.get(0, 1) - 0.760_689_86).abs() < 1e-7, "{}", found.get(0, 1));
        assert!((found.get(0, 2) - 0.157_298_11).abs() < 1e-7, "{}", found.get(0, 2));
    }

    #[test]
    fn what_needs_no_repair_stays() {
        let sound = matrix([[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 3.0]]);
        assert_eq!(clipped_covariance(&sound, 1e-8).as_ref(), Ok(&sound));
        assert_eq!(nearest_covariance(&sound, 1e-15).as_ref(), Ok(&sound));
        assert_eq!(spectral_covariance(&sound).as_ref(), Ok(&sound));
        assert_eq!(loaded_covariance(&sound).as_ref(), Ok(&sound));
    }

    #[test]
    fn the_edges_are_harmless() {
        let none = SymmetricMatrix::zeros(0);
        for repair in [clipped_covariance, nearest_covariance] {
            assert_eq!(repair(&none, 1e-15).as_ref(), Ok(&none));
            let flat = repair(&SymmetricMatrix::zeros(1), 1e-15);
            assert_eq!(flat, Err(Refusal::ZeroVariance { index: 0 }));
        }
        let gap = SymmetricMatrix::from_upper(1, |_, _| f64::NAN);
        assert_eq!(spectral_covariance(&gap), Err(Refusal::NonFinite { series: 0 }));
        assert_eq!(loaded_covariance(&gap), Err(Refusal::NonFinite { series: 0 }));
    }

    proptest! {
        #[test]
        fn law_repairs_leave_no_negative_eigenvalue(
            cells in prop::collection::vec(-1.0..1.0_f64, 10), exponent in -30..30_i32,
        ) {
            let scale = 2.0_f64.powi(exponent);
            let mut next = cells.iter();
            let broken = SymmetricMatrix::from_upper(4, |i, j| {
                let cell = *next.next().expect("ten cells");
                scale * if i == j { 1.0 } else { cell }
            });
            let repaired = [
                clipped_covariance(&broken, 1e-13), nearest_covariance(&broken, 1e-13),
                spectral_covariance(&broken), loaded_covariance(&broken),
            ];
            for (k, repaired) in repaired.into_iter().enumerate() {
                let repaired = repaired.expect("repairable");
                let worst = eigen(&repaired).expect("finite").values[3];
                prop_assert!(worst >= -1e-12 * scale, "{k}: {worst}");
                if k < 2 {
                    prop_assert!(repaired.diagonal().eq(broken.diagonal()));
                }
            }
        }
    }
}

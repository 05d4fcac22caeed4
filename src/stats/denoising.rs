//! Random-matrix denoising and detoning of a correlation matrix.
//!
//! # The idea
//! Eigenvalues of the correlation of pure noise fall below the Marchenko-Pastur edge
//! `v (1 + sqrt(n / T))^2`, with `v` the variance that is not explained by the eigenvalues above it.
//! Those at or above the edge are signal and stay; the others are noise and are flattened.
//! Detoning removes the leading components, the market, altogether, which leaves a singular matrix
//! for clustering.
//!
//! # References
//! Lopez de Prado (2020), Machine Learning for Asset Managers, Cambridge University Press, chapter 2
//! (snippets 2.1 to 2.6). Laloux, Cizeau, Bouchaud & Potters (1999), Physical Review Letters 83,
//! 1467-1470.

use super::{
    correlation::correlation,
    eigen::{Eigen, eigen},
    marchenko_pastur::{marchenko_pastur_edge, marchenko_pastur_variance},
    matrix::SymmetricMatrix,
    psd_repair::with_variances_of,
    refusal::{Refusal, Result, check_range},
};

/// What becomes of the noise eigenvalues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Residual {
    /// Their mean, all alike: the trace stays. The matrix is rescaled to a unit diagonal.
    Constant,
    /// The off-diagonal cells of the noise part times `keep`, from 0 (none left) to 1 (nothing done);
    /// the diagonal stays.
    Shrunk {
        /// Share of the noise that is kept.
        keep: f64,
    },
}

/// A denoised matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Denoised {
    /// The covariance with the variances it had.
    pub covariance: SymmetricMatrix,
    /// Number of eigenvalues taken as signal.
    pub signals: usize,
    /// The edge below which eigenvalues of the correlation are noise.
    pub edge: f64,
}

/// Denoises a covariance estimated from `rows` observations, the noise variance fitted by
/// [`marchenko_pastur_variance`].
///
/// # Errors
/// `Empty`, `NonFinite`, `ZeroVariance`, `TooShort` without rows, `OutOfRange` for a share outside 0 to 1,
/// `Overflow`.
///
/// ```
/// use barline::stats::{Residual, SymmetricMatrix, denoised};
/// let noise = SymmetricMatrix::from_upper(4, |i, j| if i == j { 1.0 } else { 0.02 });
/// let found = denoised(&noise, 400, Residual::Constant)?;
/// assert_eq!(found.covariance.order(), 4);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn denoised(covariance: &SymmetricMatrix, rows: usize, residual: Residual) -> Result<Denoised> {
    let order = covariance.order();
    if order == 0 {
        return Err(Refusal::Empty);
    }
    if rows == 0 {
        return Err(Refusal::TooShort { needed: 1, given: 0 });
    }
    if let Residual::Shrunk { keep } = residual {
        check_range("share of the noise kept", keep, 0.0..=1.0)?;
    }
    let parts = eigen(&correlation(covariance)?)?;
    let ratio = rows as f64 / order as f64;
    let edge = marchenko_pastur_edge(marchenko_pastur_variance(&parts.values, ratio)?, ratio)?;
    let signals = parts.values.iter().filter(|value| **value >= edge).count();
    let flat = match residual {
        Residual::Constant => constant_residual(&parts, signals)?,
        Residual::Shrunk { keep } => shrunk_residual(&parts, signals, keep),
    };
    Ok(Denoised { covariance: with_variances_of(covariance, &flat)?, signals, edge })
}

/// The correlation matrix of the covariance without its `components` leading eigenvectors, rescaled
/// to a unit diagonal. Singular, so of use for distances but not for weights.
///
/// # Errors
/// `NonFinite`, `ZeroVariance`; also `ZeroVariance` for an asset that is wholly in what is removed.
///
/// ```
/// use barline::stats::{SymmetricMatrix, detoned};
/// let two = SymmetricMatrix::from_upper(2, |i, j| if i == j { 1.0 } else { 0.6 });
/// assert!((detoned(&two, 1)?.get(0, 1) + 1.0).abs() < 1e-14);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn detoned(covariance: &SymmetricMatrix, components: usize) -> Result<SymmetricMatrix> {
    let parts = eigen(&correlation(covariance)?)?;
    let rest = parts.rebuild(|k, value| if k < components { 0.0 } else { value });
    // What rounding leaves of a component that was everything is not a variance.
    let gone = |variance: f64| variance <= 1e-14;
    match rest.diagonal().position(gone) {
        Some(index) => Err(Refusal::ZeroVariance { index }),
        None => correlation(&rest),
    }
}

fn constant_residual(parts: &Eigen, signals: usize) -> Result<SymmetricMatrix> {
    let noise = &parts.values[signals..];
    if noise.is_empty() {
        return correlation(&parts.rebuild(|_, value| value));
    }
    let level = noise.iter().fold(0.0, |sum, value| sum + value) / noise.len() as f64;
    correlation(&parts.rebuild(|k, value| if k < signals { value } else { level }))
}

fn shrunk_residual(parts: &Eigen, signals: usize, keep: f64) -> SymmetricMatrix {
    let signal = parts.rebuild(|k, value| if k < signals { value } else { 0.0 });
    let noise = parts.rebuild(|k, value| if k < signals { 0.0 } else { value });
    SymmetricMatrix::from_upper(parts.values.len(), |i, j| {
        signal.get(i, j) + if i == j { 1.0 } else { keep } * noise.get(i, j)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::covariance::sample_covariance;

    #[test]
    fn a_market_in_noise_is_one_signal() {
        // Equal correlations of one half: eigenvalues 1 + 9/2 and nine of 1/2.
        let matrix = SymmetricMatrix::from_upper(10, |i, j| if i == j { 4.0 } else { 2.0 });
        let found = denoised(&matrix, 500, Residual::Constant).expect("regular");
        assert_eq!(found.signals, 1);
        for (a, b) in found.covariance.values().iter().zip(matrix.values()) {
            assert!((a - b).abs() < 1e-12);
        }
        let bare = detoned(&matrix, 1).expect("regular");
        assert!((bare.get(0, 1) + 1.0 / 9.0).abs() < 1e-13);
    }

    #[test]
    fn degenerate_matrices_are_refused() {
        let none = SymmetricMatrix::zeros(0);
        assert_eq!(denoised(&none, 9, Residual::Constant), Err(Refusal::Empty));
        let one = SymmetricMatrix::from_upper(1, |_, _| 1.0);
        let short = denoised(&one, 0, Residual::Constant);
        assert_eq!(short, Err(Refusal::TooShort { needed: 1, given: 0 }));
        assert_eq!(detoned(&one, 1), Err(Refusal::ZeroVariance { index: 0 }));
        assert_eq!(detoned(&one, 0).map(|found| found.order()), Ok(1));
    }

    proptest! {
        #[test]
        fn law_variances_stay_and_full_keep_changes_nothing(
            rows in prop::collection::vec([-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64], 2..30),
        ) {
            let columns: Vec<Vec<f64>> = (0..4).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let sample = sample_covariance(&slices, 1).expect("complete");
            let same = denoised(&sample, rows.len(), Residual::Shrunk { keep: 1.0 }).expect("varies");
            for (a, b) in same.covariance.values().iter().zip(sample.values()) {
                prop_assert!((a - b).abs() <= 1e-12);
            }
            let flat = denoised(&sample, rows.len(), Residual::Constant).expect("varies");
            prop_assert!(flat.covariance.diagonal().eq(sample.diagonal()));
        }
    }
}

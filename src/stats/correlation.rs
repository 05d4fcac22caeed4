//! Correlation, and the codependence distances that hierarchical risk parity clusters on.
//!
//! # The two distances
//! [`Distance::Correlation`] is `d = sqrt((1 - rho) / 2)`, what every library clusters on.
//! [`Distance::Paper`] is the Euclidean distance between the columns of `d`, what the paper of 2016
//! clusters on. They lead to different trees.
//!
//! # References
//! M. Lopez de Prado (2016), Building diversified portfolios that outperform out of sample, Journal
//! of Portfolio Management 42(4), 59-69.

use super::{
    condensed::Condensed,
    matrix::SymmetricMatrix,
    refusal::{Refusal, Result},
};

/// Which distance is clustered on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distance {
    /// `sqrt((1 - rho) / 2)`.
    Correlation,
    /// Euclidean distance between the columns of the former.
    Paper,
}

/// Correlation matrix of a covariance matrix; the diagonal is exactly 1.
///
/// # Formula
/// `c_ij / (sqrt(c_ii) sqrt(c_jj))`
///
/// # Errors
/// `NonFinite` (the asset's row), `ZeroVariance` where `c_ii <= 0`, `Overflow` where a covariance is far
/// above what its variances allow.
///
/// ```
/// use barline::stats::{SymmetricMatrix, correlation};
/// let covariance = SymmetricMatrix::from_upper(2, |i, j| [[4.0, 3.0], [3.0, 9.0]][i][j]);
/// assert_eq!(correlation(&covariance)?.values(), [1.0, 0.5, 0.5, 1.0]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn correlation(covariance: &SymmetricMatrix) -> Result<SymmetricMatrix> {
    check_variances(covariance)?;
    let deviations: Vec<f64> = covariance.diagonal().map(f64::sqrt).collect();
    SymmetricMatrix::from_upper(covariance.order(), |i, j| {
        if i == j { 1.0 } else { covariance.get(i, j) / (deviations[i] * deviations[j]) }
    })
    .finite()
}

/// The weights if all are finite; variances near the largest number overflow on the way to them.
pub(super) fn finite_weights(weights: Vec<f64>) -> Result<Vec<f64>> {
    let finite = weights.iter().all(|weight| weight.is_finite());
    if finite { Ok(weights) } else { Err(Refusal::Overflow) }
}

/// Refuses assets whose variance is not positive and cells that are not finite.
pub(super) fn check_variances(covariance: &SymmetricMatrix) -> Result<()> {
    for i in 0..covariance.order() {
        if !covariance.row(i).iter().all(|cell| cell.is_finite()) {
            return Err(Refusal::NonFinite { series: i });
        }
        if covariance.get(i, i) <= 0.0 {
            return Err(Refusal::ZeroVariance { index: i });
        }
    }
    Ok(())
}

/// Condensed distance matrix of a correlation matrix; `(1 - rho) / 2` is clipped to `[0, 1]`, since
/// pairwise estimates leave `[-1, 1]`. A correlation that is NaN gives a distance that is NaN, which
/// [`linkage`](super::linkage()) refuses.
///
/// ```
/// use barline::stats::{Distance, SymmetricMatrix, codependence_distance};
/// let correlation = SymmetricMatrix::from_upper(2, |i, j| if i == j { 1.0 } else { 0.5 });
/// let distance = codependence_distance(&correlation, Distance::Correlation);
/// assert_eq!(distance.get(0, 1), 0.5);
/// ```
pub fn codependence_distance(correlation: &SymmetricMatrix, distance: Distance) -> Condensed {
    let plain = Condensed::from_pairs(correlation.order(), |i, j| {
        ((1.0 - correlation.get(i, j)) / 2.0).clamp(0.0, 1.0).sqrt()
    });
    match distance {
        Distance::Correlation => plain,
        Distance::Paper => distance_of_distances(&plain),
    }
}

/// `sqrt(sum_k (d_ki - d_kj)^2)`, `k` over all assets, `d_ii = 0`.
fn distance_of_distances(plain: &Condensed) -> Condensed {
    let square = SymmetricMatrix::from_upper(plain.points(), |i, j| plain.get(i, j));
    Condensed::from_pairs(plain.points(), |i, j| {
        let pairs = square.row(i).iter().zip(square.row(j));
        pairs.fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b)).sqrt()
    })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(cells: [f64; 3]) -> SymmetricMatrix {
        let mut matrix = SymmetricMatrix::zeros(2);
        matrix.set(0, 0, cells[0]);
        matrix.set(0, 1, cells[1]);
        matrix.set(1, 1, cells[2]);
        matrix
    }

    #[test]
    fn no_variance_and_no_number_are_refused() {
        assert_eq!(correlation(&matrix([1.0, 0.0, 0.0])), Err(Refusal::ZeroVariance { index: 1 }));
        assert_eq!(correlation(&matrix([-1.0, 0.0, 1.0])), Err(Refusal::ZeroVariance { index: 0 }));
        let gap = correlation(&matrix([1.0, f64::NAN, 1.0]));
        assert_eq!(gap, Err(Refusal::NonFinite { series: 0 }));
    }

    #[test]
    fn a_correlation_beyond_one_is_clipped() {
        let wild = matrix([1.0, 1.5, 1.0]);
        assert_eq!(codependence_distance(&wild, Distance::Correlation).get(0, 1), 0.0);
        let wild = matrix([1.0, -1.5, 1.0]);
        assert_eq!(codependence_distance(&wild, Distance::Correlation).get(0, 1), 1.0);
    }

    #[test]
    fn the_papers_distance_compares_columns() {
        let rho = SymmetricMatrix::from_upper(
            3,
            |i, j| if i == j { 1.0 } else { [0.5, -0.5][j - i - 1] },
        );
        let d = codependence_distance(&rho, Distance::Correlation);
        let (a, b, c) = (d.get(0, 1), d.get(0, 2), d.get(1, 2));
        let expected = (2.0 * a * a + (b - c) * (b - c)).sqrt();
        assert!((codependence_distance(&rho, Distance::Paper).get(0, 1) - expected).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn law_scaling_an_asset_by_a_power_of_two_keeps_the_correlation(
            cells in (0.1..1.0_f64, -0.1..0.1_f64, 0.1..1.0_f64), exponent in -15..15_i32,
        ) {
            let scale = 2.0_f64.powi(exponent);
            let one = correlation(&matrix([cells.0, cells.1, cells.2]));
            let two = correlation(&matrix([cells.0 * scale * scale, cells.1 * scale, cells.2]));
            prop_assert_eq!(one, two);
        }
    }
}

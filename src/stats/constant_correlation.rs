//! Covariance shrunk towards equal correlations.
//!
//! Only `S` is a matrix product: the sums over pairs in the intensity factor into sums over rows.

use super::{
    correlation::check_variances,
    covariance::sample_covariance,
    matrix::SymmetricMatrix,
    moments::dot,
    refusal::Result,
    shrinkage::{Shrunk, centered_rows, intensity, squared_distance, sum_of_squares, towards},
};

/// A covariance shrunk towards equal correlations.
#[derive(Debug, Clone, PartialEq)]
pub struct EquallyCorrelated {
    /// The estimate and the weight of the target.
    pub shrunk: Shrunk,
    /// The correlation of the target: the mean over all pairs.
    pub correlation: f64,
}

/// Ledoit-Wolf shrinkage to `f_ij = r sqrt(s_ii s_jj)`, `f_ii = s_ii`, with `r` the mean correlation.
///
/// # Formula
/// `delta = clip((pi - rho) / (T gamma), 0, 1)` with `gamma = ||S - F||^2`, `pi` the summed variances
/// of the cells of `S`, `rho` their covariances with the cells of `F`, the moments with divisor `T`.
///
/// # The two conventions
/// `ddof` is that of `S`. With 0 everything has divisor `T`, as in the authors' own program. With 1
/// the moments keep `T` but `S` does not, as in PyPortfolioOpt. For one asset `delta` and `r` are 0.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` when `T <= ddof`, `ZeroVariance`,
/// `Overflow`.
///
/// # References
/// Ledoit & Wolf (2004), Honey, I shrunk the sample covariance matrix, Journal of Portfolio
/// Management 30(4), 110-119.
///
/// ```
/// use barline::stats::ledoit_wolf_constant_correlation;
/// let (a, b) = ([0.01, -0.02, 0.03], [0.02, 0.01, -0.01]);
/// // Of two assets the mean correlation is the correlation: nothing to shrink.
/// assert_eq!(ledoit_wolf_constant_correlation(&[&a, &b], 0)?.shrunk.covariance.order(), 2);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn ledoit_wolf_constant_correlation(
    columns: &[&[f64]],
    ddof: usize,
) -> Result<EquallyCorrelated> {
    let sample = sample_covariance(columns, ddof)?;
    check_variances(&sample)?;
    let deviations: Vec<f64> = sample.diagonal().map(f64::sqrt).collect();
    let correlation = mean_correlation(&sample, &deviations);
    let target = SymmetricMatrix::from_upper(sample.order(), |i, j| {
        if i == j { sample.get(i, i) } else { correlation * (deviations[i] * deviations[j]) }
    });
    let rows = centered_rows(columns);
    let count = rows.len() as f64;
    let gain = gain(&sample, &rows, &deviations, correlation, (count - ddof as f64) / count);
    let delta = intensity(gain / count, squared_distance(&sample, &target));
    Ok(EquallyCorrelated { shrunk: towards(&sample, &target, delta)?, correlation })
}

fn mean_correlation(sample: &SymmetricMatrix, deviations: &[f64]) -> f64 {
    let order = sample.order();
    let mut sum = 0.0;
    for i in 0..order {
        for j in i + 1..order {
            sum += sample.get(i, j) / (deviations[i] * deviations[j]);
        }
    }
    if order > 1 { 2.0 * sum / (order * (order - 1)) as f64 } else { 0.0 }
}

/// `pi - rho`; `scale * S` is the covariance with divisor `T`.
fn gain(
    sample: &SymmetricMatrix,
    rows: &[Vec<f64>],
    deviations: &[f64],
    correlation: f64,
    scale: f64,
) -> f64 {
    let count = rows.len() as f64;
    let (mut fourth, mut fourth_own, mut third) = (0.0, 0.0, 0.0);
    for row in rows {
        let squares = dot(row, row);
        fourth += squares * squares;
        let (mut cubes, mut along, mut own) = (0.0, 0.0, 0.0);
        for (x, s) in row.iter().zip(deviations) {
            let cube = x * x * x;
            cubes += cube / s;
            along += x * s;
            own += cube * x;
        }
        fourth_own += own;
        third += cubes * along - own;
    }
    // pi_ij = mean(x_i^2 x_j^2) - 2 (scale s_ij) s_ij + s_ij^2, summed over all cells and the diagonal.
    let shift = 1.0 - 2.0 * scale;
    let own = sample.diagonal().fold(0.0, |sum, s| sum + s * s);
    let pairs = fourth / count + shift * sum_of_squares(sample);
    let diagonal = fourth_own / count + shift * own;
    // theta_ij s_j / s_i, with theta_ij = mean(x_i^3 x_j) - (2 scale - 1) s_ii s_ij, off the diagonal.
    let mut fitted = 0.0;
    for (i, s) in deviations.iter().enumerate() {
        fitted += s * (dot(sample.row(i), deviations) - s * sample.get(i, i));
    }
    pairs - (diagonal + correlation * (third / count + shift * fitted))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::refusal::Refusal;

    #[test]
    fn degenerate_columns_are_refused_or_trivial() {
        let flat = ledoit_wolf_constant_correlation(&[&[1.0, 2.0], &[3.0, 3.0]], 0);
        assert_eq!(flat, Err(Refusal::ZeroVariance { index: 1 }));
        let short = ledoit_wolf_constant_correlation(&[&[1.0]], 1);
        assert_eq!(short, Err(Refusal::TooShort { needed: 2, given: 1 }));
        let one = ledoit_wolf_constant_correlation(&[&[1.0, 3.0]], 0).expect("varies");
        assert_eq!((one.shrunk.delta, one.correlation), (0.0, 0.0));
    }

    #[test]
    fn duplicates_are_their_own_target() {
        let x = [1.0, 2.0, 4.0, 0.5];
        let found = ledoit_wolf_constant_correlation(&[&x, &x], 0).expect("varies");
        assert!((found.correlation - 1.0).abs() < 1e-15);
        let sample = sample_covariance(&[&x, &x], 0).expect("complete");
        for (a, b) in found.shrunk.covariance.values().iter().zip(sample.values()) {
            assert!((a - b).abs() < 1e-15);
        }
    }

    proptest! {
        #[test]
        fn law_the_intensity_ignores_a_power_of_two_scale(
            rows in prop::collection::vec([-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64], 4..30),
            exponent in -15..15_i32,
        ) {
            let scale = 4.0_f64.powi(exponent);
            let column = |k: usize, scale: f64| -> Vec<f64> { rows.iter().map(|row| row[k] * scale).collect() };
            let of = |scale: f64| {
                let columns: Vec<Vec<f64>> = (0..3).map(|k| column(k, scale)).collect();
                let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                ledoit_wolf_constant_correlation(&slices, 1).expect("varies").shrunk.delta
            };
            prop_assert!((0.0..=1.0).contains(&of(1.0)));
            prop_assert_eq!(of(1.0), of(scale));
        }
    }
}

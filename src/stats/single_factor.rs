//! Covariance shrunk towards Sharpe's single-factor model.
//!
//! The factor is the equally weighted mean of the assets. All moments have divisor `T`. Only `S` is a
//! matrix product: the sums over pairs in the intensity factor into sums over rows.

use super::{
    covariance::sample_covariance,
    dispersion::moves_against,
    matrix::SymmetricMatrix,
    moments::{dot, largest},
    refusal::{Refusal, Result},
    shrinkage::{Shrunk, centered_rows, intensity, squared_distance, sum_of_squares, towards},
};

/// Ledoit-Wolf shrinkage to `f_ij = beta_i beta_j / v` with `f_ii = s_ii`.
///
/// # Formula
/// With `x` centered, `m_t` the mean of row `t`, `v = m'm / T` and `beta_i = x_i'm / T`:
/// `delta = clip((p - r) / (T c), 0, 1)`, `c = ||S - F||^2`, `p` the summed variances of the cells of
/// `S`, `r` their covariances with the cells of `F`.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` without rows, `ZeroVariance` with index `n`
/// where the factor is rounding (assets that cancel), `Overflow`.
///
/// # References
/// Ledoit & Wolf (2003), Improved estimation of the covariance matrix of stock returns with an
/// application to portfolio selection, Journal of Empirical Finance 10, 603-621. The same numbers as
/// `ledoit_wolf("single_factor")` of PyPortfolioOpt.
///
/// ```
/// use barline::stats::ledoit_wolf_single_factor;
/// let (a, b) = ([0.01, -0.02, 0.03, 0.0], [0.02, 0.01, -0.01, 0.0]);
/// let found = ledoit_wolf_single_factor(&[&a, &b])?;
/// assert!((0.0..=1.0).contains(&found.delta));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn ledoit_wolf_single_factor(columns: &[&[f64]]) -> Result<Shrunk> {
    let sample = sample_covariance(columns, 0)?;
    let rows = centered_rows(columns);
    let count = rows.len() as f64;
    let factor: Vec<f64> = rows.iter().map(|row| super::sum(row) / row.len() as f64).collect();
    let variance = dot(&factor, &factor) / count;
    let level = rows.iter().fold(0.0, |most: f64, row| most.max(largest(row)));
    if !moves_against(&factor, level) {
        return Err(Refusal::ZeroVariance { index: columns.len() });
    }
    let beta: Vec<f64> = (0..columns.len())
        .map(|i| rows.iter().zip(&factor).fold(0.0, |sum, (row, m)| sum + row[i] * m) / count)
        .collect();
    let target = SymmetricMatrix::from_upper(columns.len(), |i, j| {
        if i == j { sample.get(i, i) } else { beta[i] * beta[j] / variance }
    });
    let gain = gain(&sample, &rows, &factor, &beta, variance);
    let delta = intensity(gain / count, squared_distance(&sample, &target));
    towards(&sample, &target, delta)
}

/// `p - r` of the formula.
fn gain(
    sample: &SymmetricMatrix,
    rows: &[Vec<f64>],
    factor: &[f64],
    beta: &[f64],
    variance: f64,
) -> f64 {
    let count = rows.len() as f64;
    // Sums over rows: all pairs, and the diagonal alone.
    let (mut fourth, mut fourth_own) = (0.0, 0.0);
    let (mut mixed, mut mixed_own) = (0.0, 0.0);
    let (mut outer, mut outer_own) = (0.0, 0.0);
    for (row, m) in rows.iter().zip(factor) {
        let squares = dot(row, row);
        let along = dot(row, beta);
        fourth += squares * squares;
        mixed += m * squares * along;
        outer += m * m * along * along;
        for (x, b) in row.iter().zip(beta) {
            let square = x * x;
            fourth_own += square * square;
            mixed_own += m * square * x * b;
            outer_own += m * m * square * b * b;
        }
    }
    // The same sums over S, whose own products the moments are centered on.
    let (mut fitted, mut fitted_own, mut own) = (0.0, 0.0, 0.0);
    for (i, b) in beta.iter().enumerate() {
        fitted += b * dot(sample.row(i), beta);
        fitted_own += b * b * sample.get(i, i);
        own += sample.get(i, i) * sample.get(i, i);
    }
    let pairs = fourth / count - sum_of_squares(sample);
    let diagonal = fourth_own / count - own;
    let first = ((mixed - mixed_own) / count - (fitted - fitted_own)) / variance;
    let second =
        ((outer - outer_own) / count - variance * (fitted - fitted_own)) / (variance * variance);
    pairs - (diagonal + 2.0 * first - second)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn without_a_factor_there_is_no_target() {
        let (up, down) = ([1.0, -1.0, 0.5], [-1.0, 1.0, -0.5]);
        let found = ledoit_wolf_single_factor(&[&up, &down]);
        assert_eq!(found, Err(Refusal::ZeroVariance { index: 2 }));
        assert_eq!(ledoit_wolf_single_factor(&[]), Err(Refusal::Empty));
        let short = ledoit_wolf_single_factor(&[&[]]);
        assert_eq!(short, Err(Refusal::TooShort { needed: 1, given: 0 }));
    }

    #[test]
    fn one_asset_is_its_own_factor() {
        let found = ledoit_wolf_single_factor(&[&[1.0, 2.0, 4.0]]).expect("varies");
        assert_eq!(found.delta, 0.0);
    }

    proptest! {
        #[test]
        fn law_variances_stay(
            rows in prop::collection::vec([-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64], 1..30),
        ) {
            let columns: Vec<Vec<f64>> = (0..3).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            if let Ok(found) = ledoit_wolf_single_factor(&slices) {
                prop_assert!((0.0..=1.0).contains(&found.delta));
                let sample = sample_covariance(&slices, 0).expect("complete");
                for (found, own) in found.covariance.diagonal().zip(sample.diagonal()) {
                    prop_assert!((found - own).abs() <= 1e-15 * own);
                }
            }
        }
    }
}

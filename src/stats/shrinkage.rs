//! Covariance shrunk towards a multiple of the identity.
//!
//! The estimators take the moments with divisor `T`, as their papers and scikit-learn do, and
//! return `(1 - delta) S + delta mu I` with `mu = tr S / n`; they differ in `delta`. The result is
//! positive definite even with fewer rows than assets, unless every asset is constant. Other
//! targets: [`ledoit_wolf_single_factor`](super::ledoit_wolf_single_factor),
//! [`ledoit_wolf_constant_correlation`](super::ledoit_wolf_constant_correlation).

use super::{
    covariance::sample_covariance,
    matrix::SymmetricMatrix,
    moments::mean,
    refusal::{Refusal, Result, check_range},
};

/// A shrunk covariance.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrunk {
    /// The estimate.
    pub covariance: SymmetricMatrix,
    /// Weight of the target, in `[0, 1]`.
    pub delta: f64,
}

/// Ledoit-Wolf shrinkage to the identity, which PyPortfolioOpt calls constant variance.
///
/// The only product is that of `S`: the fourth moments come from one pass over the rows.
///
/// # Formula
/// `delta = min(b2, d2) / d2` with `d2 = ||S - mu I||^2` and
/// `b2 = (sum_t (sum_i x_it^2)^2 / T - ||S||^2) / T`, `x` centered; 0 when `S` is the target already.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` without rows, `Overflow`.
///
/// # References
/// Ledoit & Wolf (2004), A well-conditioned estimator for large-dimensional covariance matrices, Journal
/// of Multivariate Analysis 88, 365-411.
///
/// ```
/// use barline::stats::ledoit_wolf;
/// // S = [[1, 0], [0, 4]] and mu = 5/2, so that d2 = 9/2 and ||S||^2 = 17.
/// let (a, b) = ([1.0, -1.0, 1.0, -1.0], [2.0, 2.0, -2.0, -2.0]);
/// let found = ledoit_wolf(&[&a, &b])?;
/// // Every row has the squared length 5: (25 - 17) / 4 = 2 of the distance 4.5.
/// assert!((found.delta - 2.0 / 4.5).abs() < 1e-15);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn ledoit_wolf(columns: &[&[f64]]) -> Result<Shrunk> {
    ledoit_wolf_of(&sample_covariance(columns, 0)?, columns)
}

/// The same, from the sample covariance of the columns (divisor `T`), however it was computed.
pub(crate) fn ledoit_wolf_of(sample: &SymmetricMatrix, columns: &[&[f64]]) -> Result<Shrunk> {
    let rows = columns.first().map_or(0, |column| column.len());
    let target = scale_of_target(sample);
    let squares = sum_of_squares(sample);
    let distance = distance_to_target(sample, target);
    let means: Vec<f64> = columns.iter().filter_map(|column| mean(column)).collect();
    let mut fourth = 0.0;
    for row in 0..rows {
        let length = columns.iter().zip(&means).fold(0.0, |sum, (column, center)| {
            let x = column[row] - center;
            sum + x * x
        });
        fourth += length * length;
    }
    let spread = (fourth / rows as f64 - squares) / rows as f64;
    let delta = if distance > 0.0 { spread.clamp(0.0, distance) / distance } else { 0.0 };
    shrink(sample, target, delta)
}

/// Oracle approximating shrinkage.
///
/// # Formula
/// `delta = min(1, (a + mu^2) / ((T + 1) (a - mu^2 / n)))` with `a` the mean of the squared cells of
/// `S`; 1 when the denominator is zero.
///
/// # Errors
/// As [`ledoit_wolf`].
///
/// # References
/// Chen, Wiesel, Eldar & Hero (2010), IEEE Transactions on Signal Processing 58, 5016-5029, in the
/// form scikit-learn uses (its note says how it departs from equation 23).
///
/// ```
/// use barline::stats::oracle_approximating;
/// // S = [[1, 0], [0, 4]]: a = 17/4, mu^2 = 25/4, so that (42/4) / (5 (17/4 - 25/8)) > 1.
/// let (a, b) = ([1.0, -1.0, 1.0, -1.0], [2.0, 2.0, -2.0, -2.0]);
/// let found = oracle_approximating(&[&a, &b])?;
/// assert_eq!(found.delta, 1.0);
/// assert_eq!(found.covariance.values(), [2.5, 0.0, 0.0, 2.5]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn oracle_approximating(columns: &[&[f64]]) -> Result<Shrunk> {
    let sample = sample_covariance(columns, 0)?;
    oracle_approximating_of(&sample, columns[0].len())
}

/// The same, from the sample covariance of `rows` rows (divisor `T`), however it was computed.
pub(crate) fn oracle_approximating_of(sample: &SymmetricMatrix, rows: usize) -> Result<Shrunk> {
    let target = scale_of_target(sample);
    if sample.order() == 1 {
        return shrink(sample, target, 0.0);
    }
    let n = sample.order() as f64;
    let cells = sum_of_squares(sample) / (n * n);
    let numerator = cells + target * target;
    let denominator = (rows as f64 + 1.0) * (cells - target * target / n);
    let delta = if denominator > 0.0 { (numerator / denominator).min(1.0) } else { 1.0 };
    shrink(sample, target, delta)
}

/// Shrinkage by a given `delta` (`ShrunkCovariance` of scikit-learn).
///
/// # Errors
/// As [`ledoit_wolf`], and `OutOfRange` unless `0 <= delta <= 1`.
///
/// # References
/// `sklearn.covariance.ShrunkCovariance` of scikit-learn 1.9.1.
///
/// ```
/// use barline::stats::shrunk_covariance;
/// let found = shrunk_covariance(&[&[1.0, 3.0], &[1.0, 1.0]], 0.5)?;
/// assert_eq!(found.covariance.values(), [0.75, 0.0, 0.0, 0.25]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn shrunk_covariance(columns: &[&[f64]], delta: f64) -> Result<Shrunk> {
    let sample = sample_covariance(columns, 0)?;
    check_range("intensity", delta, 0.0..=1.0)?;
    shrink(&sample, scale_of_target(&sample), delta)
}

/// The matrix `(1 - delta) sample + delta target`.
pub(super) fn towards(
    sample: &SymmetricMatrix,
    target: &SymmetricMatrix,
    delta: f64,
) -> Result<Shrunk> {
    let covariance = SymmetricMatrix::from_upper(sample.order(), |i, j| {
        delta * target.get(i, j) + (1.0 - delta) * sample.get(i, j)
    });
    finite(covariance, delta)
}

/// The squares behind an intensity overflow long before a covariance does.
fn finite(covariance: SymmetricMatrix, delta: f64) -> Result<Shrunk> {
    let covariance = covariance.finite()?;
    if delta.is_nan() { Err(Refusal::Overflow) } else { Ok(Shrunk { covariance, delta }) }
}

/// `gain / distance`, the intensity of Ledoit and Wolf, in `[0, 1]`; 0 when the sample is the target
/// already.
pub(super) fn intensity(gain: f64, distance: f64) -> f64 {
    if distance > 0.0 { (gain / distance).clamp(0.0, 1.0) } else { 0.0 }
}

/// The columns less their means, row by row.
pub(super) fn centered_rows(columns: &[&[f64]]) -> Vec<Vec<f64>> {
    let means: Vec<f64> = columns.iter().filter_map(|column| mean(column)).collect();
    let rows = columns.first().map_or(0, |column| column.len());
    let row = |t: usize| columns.iter().zip(&means).map(|(x, center)| x[t] - center).collect();
    (0..rows).map(row).collect()
}

/// `sum_ij (s_ij - t_ij)^2`.
pub(super) fn squared_distance(sample: &SymmetricMatrix, target: &SymmetricMatrix) -> f64 {
    sum_of_squares(&SymmetricMatrix::from_upper(sample.order(), |i, j| {
        sample.get(i, j) - target.get(i, j)
    }))
}

/// `mu = tr S / n`.
fn scale_of_target(sample: &SymmetricMatrix) -> f64 {
    sample.diagonal().fold(0.0, |sum, variance| sum + variance) / sample.order() as f64
}

pub(super) fn sum_of_squares(matrix: &SymmetricMatrix) -> f64 {
    super::dot(matrix.values(), matrix.values())
}

fn distance_to_target(sample: &SymmetricMatrix, target: f64) -> f64 {
    sum_of_squares(&SymmetricMatrix::from_upper(sample.order(), |i, j| {
        sample.get(i, j) - if i == j { target } else { 0.0 }
    }))
}

fn shrink(sample: &SymmetricMatrix, target: f64, delta: f64) -> Result<Shrunk> {
    let covariance = SymmetricMatrix::from_upper(sample.order(), |i, j| {
        let kept = (1.0 - delta) * sample.get(i, j);
        if i == j { kept + delta * target } else { kept }
    });
    finite(covariance, delta)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn constant_assets_shrink_to_nothing() {
        let flat = [1.0; 5];
        assert_eq!(ledoit_wolf(&[&flat, &flat]).expect("complete").delta, 0.0);
        assert_eq!(oracle_approximating(&[&flat, &flat]).expect("complete").delta, 1.0);
        assert_eq!(ledoit_wolf(&[]), Err(Refusal::Empty));
        assert_eq!(oracle_approximating(&[&[]]), Err(Refusal::TooShort { needed: 1, given: 0 }));
    }

    proptest! {
        #[test]
        fn law_shrinking_keeps_the_trace(
            rows in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64), 2..30),
        ) {
            let column = |k: usize| -> Vec<f64> {
                rows.iter().map(|row| [row.0, row.1, row.2][k]).collect()
            };
            let (a, b, c) = (column(0), column(1), column(2));
            let columns: [&[f64]; 3] = [&a, &b, &c];
            let sample = scale_of_target(&sample_covariance(&columns, 0).expect("complete"));
            for shrunk in [ledoit_wolf(&columns), oracle_approximating(&columns)] {
                let shrunk = shrunk.expect("complete");
                prop_assert!((0.0..=1.0).contains(&shrunk.delta));
                prop_assert!((scale_of_target(&shrunk.covariance) - sample).abs() <= 1e-12 * sample);
            }
        }
    }
}

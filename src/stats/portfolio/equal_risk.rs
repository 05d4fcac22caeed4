//! Equal risk contribution.
//!
//! # The way
//! With `z` the weights in units of each asset's risk and `R` the correlation, the portfolio is the
//! minimum of `z'Rz / 2 - sum_i ln z_i`, where `z_i (Rz)_i = 1` for all `i`. Each coordinate in turn is set to
//! the positive root of its own condition, in the order of the assets, until a round changes none by
//! more than rounding. That takes many rounds where many assets are told apart by few bars; where they would
//! take too long, Newton's steps go on from there, each as long as keeps them within the domain (the function
//! is self-concordant).
//!
//! # References
//! Maillard, Roncalli & Teiletche (2010), The properties of equally weighted risk contribution
//! portfolios, Journal of Portfolio Management 36(4), 60-70. Griveau-Billion, Richard & Roncalli
//! (2013), A fast algorithm for computing high-dimensional risk parity portfolios,
//! arXiv:1311.4057. Spinu (2013), An algorithm for computing risk parity weights, SSRN 2297383.

use super::cholesky::Cholesky;
use crate::stats::{
    correlation::correlation,
    matrix::SymmetricMatrix,
    moments::dot,
    refusal::{Refusal, Result},
};

/// Rounds after which the search by coordinates is given up, and products that they may take, so that a hundred
/// assets have all of them.
const ROUNDS: usize = 100_000;
const PRODUCTS: usize = 1_000_000_000;

/// Newton's steps after which there is no such portfolio; twenty are many.
const STEPS: usize = 200;

/// A decrement below which Newton's steps are not shortened.
const NEAR: f64 = 0.25;

/// Relative change at which the coordinates count as settled.
const SETTLED: f64 = 1e-15;

/// Relative change below which a round that changes no less than the one before is rounding.
const ROUNDING: f64 = 1e-12;

/// How far a contribution may be from its share.
const EVEN: f64 = 1e-9;

/// The long-only portfolio in which `w_i (S w)_i` is the same for all assets.
///
/// # Errors
/// `NonFinite`, `ZeroVariance`; `Unsettled` where no such portfolio exists, as with two assets that
/// cancel exactly.
///
/// ```
/// use barline::stats::{SymmetricMatrix, equal_risk_contribution};
/// // Two assets: inverse to their volatilities, whatever their correlation.
/// let covariance = SymmetricMatrix::from_upper(2, |i, j| if i == j { [1.0, 9.0][i] } else { 0.6 });
/// let weights = equal_risk_contribution(&covariance)?;
/// assert!((weights[0] - 0.75).abs() < 1e-12);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn equal_risk_contribution(covariance: &SymmetricMatrix) -> Result<Vec<f64>> {
    let correlation = correlation(covariance)?;
    let risks = settled(&correlation)?;
    let deviations: Vec<f64> = covariance.diagonal().map(f64::sqrt).collect();
    let weights: Vec<f64> = risks.iter().zip(&deviations).map(|(z, s)| z / s).collect();
    let total = weights.iter().fold(0.0, |sum, weight| sum + weight);
    Ok(weights.iter().map(|weight| weight / total).collect())
}

fn settled(correlation: &SymmetricMatrix) -> Result<Vec<f64>> {
    let order = correlation.order();
    let mut z = vec![1.0 / (order.max(1) as f64).sqrt(); order];
    let mut last = f64::INFINITY;
    let rounds = ROUNDS.min(PRODUCTS / (order * order).max(1));
    for _ in 0..rounds {
        let mut moved: f64 = 0.0;
        for i in 0..order {
            let others = dot(correlation.row(i), &z) - z[i];
            let root = (others * others + 4.0).sqrt();
            // The positive root of z^2 + others z - 1, without cancellation.
            let next = if others > 0.0 { 2.0 / (others + root) } else { 0.5 * (root - others) };
            moved = moved.max((next - z[i]).abs() / next);
            z[i] = next;
        }
        let diverges = !z.iter().all(|value| value.is_finite() && *value < 1e8);
        if moved <= SETTLED || diverges || (moved < ROUNDING && moved >= last) {
            break;
        }
        last = moved;
    }
    let even = |z: &[f64]| {
        let is = |i: usize| (z[i] * dot(correlation.row(i), z) - 1.0).abs() <= EVEN;
        (0..order).all(is)
    };
    if !even(&z) && rounds < ROUNDS {
        newton(correlation, &mut z);
    }
    if even(&z) { Ok(z) } else { Err(Refusal::Unsettled { rounds }) }
}

/// Newton's steps from `z` until they change nothing any more, or there are too many of them.
fn newton(correlation: &SymmetricMatrix, z: &mut [f64]) {
    let order = correlation.order();
    if !z.iter().all(|value| value.is_finite() && *value > 0.0) {
        z.fill(1.0 / (order as f64).sqrt());
    }
    let mut last = f64::INFINITY;
    for _ in 0..STEPS {
        let slope: Vec<f64> = (0..order).map(|i| dot(correlation.row(i), z) - 1.0 / z[i]).collect();
        let curved = SymmetricMatrix::from_upper(order, |i, j| {
            let own = if i == j { 1.0 / (z[i] * z[i]) } else { 0.0 };
            correlation.row(i)[j] + own
        });
        let Some(factor) = Cholesky::new(&curved) else { return };
        let step = factor.solve(&slope);
        let decrement = dot(&slope, &step).max(0.0).sqrt();
        if !decrement.is_finite() || (decrement < ROUNDING && decrement >= last) {
            return;
        }
        last = decrement;
        let length = if decrement < NEAR { 1.0 } else { 1.0 / (1.0 + decrement) };
        for (value, step) in z.iter_mut().zip(&step) {
            *value -= length * step;
        }
        if decrement == 0.0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{covariance::sample_covariance, walk::walk};

    #[test]
    fn degenerate_matrices_are_refused_or_trivial() {
        assert_eq!(equal_risk_contribution(&SymmetricMatrix::zeros(0)), Ok(vec![]));
        let flat = equal_risk_contribution(&SymmetricMatrix::zeros(1));
        assert_eq!(flat, Err(Refusal::ZeroVariance { index: 0 }));
        let cancels = SymmetricMatrix::from_upper(2, |i, j| if i == j { 1.0 } else { -1.0 });
        let found = equal_risk_contribution(&cancels);
        assert_eq!(found, Err(Refusal::Unsettled { rounds: ROUNDS }));
        let twins = SymmetricMatrix::from_upper(2, |_, _| 5.0);
        assert_eq!(equal_risk_contribution(&twins), Ok(vec![0.5, 0.5]));
    }

    /// Walks of so many assets over so few bars that their covariances leave most of them undecided.
    fn crowded(assets: u64, bars: usize) -> SymmetricMatrix {
        let steps = |seed: u64| -> Vec<f64> {
            let levels = walk(seed, bars + 1);
            levels.windows(2).map(|pair| pair[1] - pair[0]).collect()
        };
        let common = steps(7);
        let columns: Vec<Vec<f64>> = (0..assets)
            .map(|asset| {
                let own = steps(1_000 * (asset + 1));
                common.iter().zip(own).map(|(common, own)| 0.7 * common + own).collect()
            })
            .collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        sample_covariance(&slices, 1).expect("complete")
    }

    #[test]
    fn many_assets_over_few_bars_have_equal_contributions() {
        let covariance = crowded(300, 80);
        let weights = equal_risk_contribution(&covariance).expect("settled");
        let share = |i: usize| weights[i] * dot(covariance.row(i), &weights);
        let all: f64 = (0..300).map(share).sum();
        for (i, weight) in weights.iter().enumerate() {
            assert!((share(i) * 300.0 / all - 1.0).abs() <= 1e-8, "{i}: {}", share(i) / all);
            assert!(*weight > 0.0);
        }
    }

    #[test]
    fn both_ways_come_to_the_same() {
        let correlation = correlation(&crowded(40, 60)).expect("variances");
        let by_rounds = settled(&correlation).expect("settled");
        let mut by_steps = vec![1.0; 40];
        newton(&correlation, &mut by_steps);
        for (one, other) in by_rounds.iter().zip(&by_steps) {
            assert!((one / other - 1.0).abs() < 1e-10, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn law_contributions_are_equal(
            rows in prop::collection::vec([-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64], 12..40),
            scales in prop::array::uniform4(-6..9_i32),
        ) {
            let scaled = |k: usize| -> Vec<f64> {
                rows.iter().map(|row| row[k] * 10.0_f64.powi(scales[k])).collect()
            };
            let columns: Vec<Vec<f64>> = (0..4).map(scaled).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let covariance = sample_covariance(&slices, 1).expect("complete");
            let weights = equal_risk_contribution(&covariance).expect("regular");
            prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let share = |i: usize| weights[i] * dot(covariance.row(i), &weights);
            for i in 1..4 {
                prop_assert!((share(i) - share(0)).abs() <= 1e-9 * share(0));
            }
        }
    }
}

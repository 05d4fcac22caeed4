//! The Marchenko-Pastur law: where the eigenvalues of noise end.
//!
//! The correlation matrix of `n` independent series over `T` rows has eigenvalues with density
//! `q / (2 pi v x) sqrt((b - x)(x - a))` on `[a, b] = v (1 -+ sqrt(1/q))^2`, `q = T / n`.
//!
//! # References
//! Marchenko & Pastur (1967), Mathematics of the USSR-Sbornik 1, 457-483. Lopez de Prado (2020),
//! Machine Learning for Asset Managers, snippets 2.1 to 2.4.

use std::ops::Bound;

use super::refusal::{Refusal, Result, check_finite, check_range};

/// Width of the kernel with which the empirical density is smoothed.
const BANDWIDTH: f64 = 0.01;

/// Points at which the densities are compared.
const POINTS: usize = 1000;

/// Candidate variances before refinement.
const GRID: usize = 100;

/// Upper edge `v (1 + sqrt(1 / q))^2` for noise of `variance` and `ratio = T / n` rows per asset.
///
/// # Errors
/// `OutOfRange` for a variance or a ratio that is not positive and finite, `Overflow`.
///
/// ```
/// use barline::stats::{Refusal, marchenko_pastur_edge};
/// assert_eq!(marchenko_pastur_edge(1.0, 4.0), Ok(2.25));
/// assert!(matches!(marchenko_pastur_edge(1.0, 0.0), Err(Refusal::OutOfRange { .. })));
/// ```
pub fn marchenko_pastur_edge(variance: f64, ratio: f64) -> Result<f64> {
    check_range("variance", variance, POSITIVE)?;
    check_range("rows per asset", ratio, POSITIVE)?;
    let edge = edge(variance, ratio);
    if edge.is_finite() { Ok(edge) } else { Err(Refusal::Overflow) }
}

/// Above zero and finite.
const POSITIVE: (Bound<f64>, Bound<f64>) = (Bound::Excluded(0.0), Bound::Included(f64::MAX));

fn edge(variance: f64, ratio: f64) -> f64 {
    let reach = 1.0 + (1.0 / ratio).sqrt();
    variance * (reach * reach)
}

/// The noise variance in `(0, 1)` whose Marchenko-Pastur density is nearest to the density of
/// `eigenvalues`, smoothed by a Gaussian kernel of width 0.01.
///
/// # Formula
/// Least sum of squared differences at 1000 evenly spaced points of `[a, b]`: the best of the
/// hundred variances 0.005, 0.015, ..., 0.995, refined by golden section between its neighbours to
/// `1e-10`. The grid makes it the global minimum; a library that descends from one start may stop
/// in a local one. 1 without eigenvalues.
///
/// # Errors
/// `OutOfRange` for a ratio that is not positive and finite, `NonFinite` for the eigenvalues.
///
/// ```
/// use barline::stats::marchenko_pastur_variance;
/// // Eigenvalues between the edges of noise with variance 1 and four rows per asset: 0.25 and 2.25.
/// let noise: Vec<f64> = (0..40).map(|k| 0.3 + 0.045 * f64::from(k)).collect();
/// let found = marchenko_pastur_variance(&noise, 4.0)?;
/// assert!(found > 0.7 && found < 1.0);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn marchenko_pastur_variance(eigenvalues: &[f64], ratio: f64) -> Result<f64> {
    check_range("rows per asset", ratio, POSITIVE)?;
    check_finite(&[eigenvalues])?;
    if eigenvalues.is_empty() {
        return Ok(1.0);
    }
    let step = 1.0 / GRID as f64;
    let (mut best, mut least) = (0.5 * step, f64::INFINITY);
    for k in 0..GRID {
        let variance = (k as f64 + 0.5) * step;
        let misfit = misfit(eigenvalues, variance, ratio);
        if misfit < least {
            (best, least) = (variance, misfit);
        }
    }
    Ok(golden_section(best - 0.99 * 0.5 * step, best + 0.99 * 0.5 * step, |variance| {
        misfit(eigenvalues, variance, ratio)
    }))
}

fn misfit(eigenvalues: &[f64], variance: f64, ratio: f64) -> f64 {
    let near = 1.0 - (1.0 / ratio).sqrt();
    let from = variance * (near * near);
    let to = edge(variance, ratio);
    let step = (to - from) / (POINTS - 1) as f64;
    let mut sum = 0.0;
    for k in 0..POINTS {
        let x = from + k as f64 * step;
        let inside = ((to - x) * (x - from)).max(0.0).sqrt();
        let law = ratio / (2.0 * std::f64::consts::PI * variance * x) * inside;
        // At the lower edge of a square matrix the density has a pole.
        let law = if law.is_finite() { law } else { 0.0 };
        let difference = smoothed(eigenvalues, x) - law;
        sum += difference * difference;
    }
    sum
}

/// Kernel density of the eigenvalues at `x`.
fn smoothed(eigenvalues: &[f64], x: f64) -> f64 {
    let scale = eigenvalues.len() as f64 * BANDWIDTH * (2.0 * std::f64::consts::PI).sqrt();
    let sum = eigenvalues.iter().fold(0.0, |sum, value| {
        let z = (x - value) / BANDWIDTH;
        sum + libm::exp(-0.5 * z * z)
    });
    sum / scale
}

/// The minimum of a function with one valley between `low` and `high`.
fn golden_section(mut low: f64, mut high: f64, value: impl Fn(f64) -> f64) -> f64 {
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (value(a), value(b));
    while high - low > 1e-10 {
        if at_a <= at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = value(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = value(b);
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_the_law_give_its_variance_back() {
        // Quantiles of the law with v = 0.6, q = 5, by adding up its density.
        let (variance, ratio) = (0.6, 5.0);
        let near = 1.0 - (1.0_f64 / ratio).sqrt();
        let (from, to) = (variance * near * near, edge(variance, ratio));
        let steps = 20_000_u32;
        let (mut mass, mut quantiles) = (0.0, Vec::new());
        for k in 0..steps {
            let x = from + (f64::from(k) + 0.5) * (to - from) / f64::from(steps);
            let law = ratio / (2.0 * std::f64::consts::PI * variance * x)
                * ((to - x) * (x - from)).sqrt();
            mass += law * (to - from) / f64::from(steps);
            if mass * 200.0 >= quantiles.len() as f64 + 0.5 {
                quantiles.push(x);
            }
        }
        let found = marchenko_pastur_variance(&quantiles, ratio).expect("finite");
        assert!((found - variance).abs() < 0.01, "{found}");
    }

    #[test]
    fn what_is_no_ratio_or_eigenvalue_is_refused() {
        for ratio in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let refusal = Refusal::out_of_range("rows per asset", ratio);
            assert_eq!(marchenko_pastur_variance(&[1.0], ratio), Err(refusal));
            assert_eq!(marchenko_pastur_edge(1.0, ratio), Err(refusal));
        }
        let missing = marchenko_pastur_variance(&[f64::NAN], 2.0);
        assert_eq!(missing, Err(Refusal::NonFinite { series: 0 }));
    }

    #[test]
    fn odd_inputs_give_a_number() {
        for eigenvalues in [vec![], vec![1.0], vec![0.0; 4], vec![1e9, 1.0]] {
            for ratio in [0.5, 1.0, 100.0] {
                let found = marchenko_pastur_variance(&eigenvalues, ratio);
                assert!(found.is_ok_and(f64::is_finite));
            }
        }
    }
}

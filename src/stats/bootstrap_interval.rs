//! Confidence intervals from replications: bias-corrected and accelerated (BCa), and percentile.
//!
//! # Formula
//! With `z0 = Phi^-1(share of replications below the estimate)` and the acceleration
//! `a = sum u^3 / (6 (sum u^2)^(3/2))`, `u` the jackknife mean minus each jackknife value, the ends are
//! the quantiles at `Phi(z0 + (z0 + z) / (1 - a (z0 + z)))`, `z = Phi^-1` of the percentile ends.
//! Quantiles interpolate linearly. The jackknife leaves out one row at a time, as arch 8.0.0 does
//! for dependent samples too; the blocks are in the replications.
//!
//! # References
//! B. Efron (1987), Better bootstrap confidence intervals, JASA 82, 171-185. B. Efron and R. J.
//! Tibshirani (1993), An Introduction to the Bootstrap, section 14.3.

use super::{
    bootstrap::{BlockBootstrap, Blocks},
    moments::mean,
    normal::{normal_probability, normal_quantile},
    quantile::{quantile_of_sorted, sorted},
    refusal::{Refusal, Result, check_finite},
};

/// An interval and what it was made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// `None` where replications so far apart were interpolated that an end is not finite.
    fn finite(low: f64, high: f64) -> Option<Self> {
        (low.is_finite() && high.is_finite()).then_some(Self { low, high })
    }
}

/// The BCa interval of `level` around `estimate`.
///
/// # None
/// Unless `0 < level < 1`; without replications; where a number is not finite; where all
/// replications lie on one side of the estimate (the bias is infinite) or the acceleration turns
/// the ends around.
///
/// ```
/// use barline::stats::bca_interval;
/// let replications: Vec<f64> = (0..=100).map(f64::from).collect();
/// // A symmetric sample has neither bias nor acceleration: the percentile interval.
/// let found = bca_interval(50.5, &replications, &[1.0, 2.0, 3.0], 0.9).unwrap();
/// assert!(found.low > 4.0 && found.low < 7.0 && found.high > 94.0 && found.high < 97.0);
/// ```
pub fn bca_interval(
    estimate: f64,
    replications: &[f64],
    jackknife: &[f64],
    level: f64,
) -> Option<Interval> {
    let ascending = sorted(replications)?;
    let below = ascending.partition_point(|value| *value < estimate);
    let below = below as f64 / ascending.len() as f64;
    let bias = normal_quantile(below)?;
    let acceleration = acceleration(jackknife)?;
    let end = |tail: f64| {
        let moved = bias + normal_quantile(tail)?;
        let free = 1.0 - acceleration * moved;
        (free > 0.0)
            .then(|| quantile_of_sorted(&ascending, normal_probability(bias + moved / free)))
    };
    let tail = tail_of(level)?;
    Interval::finite(end(tail)?, end(1.0 - tail)?)
}

/// The interval between the quantiles of the replications.
///
/// # None
/// Unless `0 < level < 1`; without replications; where one is not finite.
///
/// ```
/// use barline::stats::{Interval, percentile_interval};
/// let replications: Vec<f64> = (0..=100).map(f64::from).collect();
/// assert_eq!(percentile_interval(&replications, 0.5), Some(Interval { low: 25.0, high: 75.0 }));
/// ```
pub fn percentile_interval(replications: &[f64], level: f64) -> Option<Interval> {
    let (ascending, tail) = (sorted(replications)?, tail_of(level)?);
    let end = |p: f64| quantile_of_sorted(&ascending, p);
    Interval::finite(end(tail), end(1.0 - tail))
}

/// A bootstrap of a statistic of one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resampling {
    /// How rows are drawn.
    pub blocks: Blocks,
    /// How many replications.
    pub replications: usize,
    /// Seed of the draws.
    pub seed: u64,
}

/// BCa interval of a statistic of `sample` under a block bootstrap; replications and jackknife
/// samples where the statistic is undefined are left out.
///
/// # None (inside the `Ok`)
/// Where the statistic of the sample is undefined, or [`bca_interval`] is.
///
/// # Errors
/// `NonFinite`; those of [`BlockBootstrap::new`].
///
/// ```
/// use barline::stats::{Blocks, Resampling, block_bootstrap_interval, mean};
/// let returns: Vec<f64> = (0..60).map(|t| f64::from(t * t % 17) - 7.0).collect();
/// let resampling = Resampling { blocks: Blocks::Stationary(4.0), replications: 500, seed: 1 };
/// let found = block_bootstrap_interval(&returns, mean, resampling, 0.95)?.unwrap();
/// let center = mean(&returns).unwrap();
/// assert!(found.low < center && center < found.high);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn block_bootstrap_interval(
    sample: &[f64],
    statistic: impl Fn(&[f64]) -> Option<f64>,
    resampling: Resampling,
    level: f64,
) -> Result<Option<Interval>> {
    let rows = check_finite(&[sample])?;
    let mut source = BlockBootstrap::new(resampling.seed, resampling.blocks, rows)?;
    if tail_of(level).is_none() {
        return Err(Refusal::out_of_range("level", level));
    }
    let Some(estimate) = statistic(sample) else { return Ok(None) };
    let mut replication = || {
        let drawn: Vec<f64> = source.draw().into_iter().map(|row| sample[row]).collect();
        statistic(&drawn)
    };
    let replications: Vec<f64> =
        (0..resampling.replications).filter_map(|_| replication()).collect();
    let without = |row: usize| {
        let (before, after) = (&sample[..row], &sample[row + 1..]);
        statistic(&[before, after].concat())
    };
    let jackknife: Vec<f64> = (0..rows).filter_map(without).collect();
    Ok(bca_interval(estimate, &replications, &jackknife, level))
}

fn tail_of(level: f64) -> Option<f64> {
    (level > 0.0 && level < 1.0).then_some((1.0 - level) / 2.0)
}

/// `None` without spread-free numbers; 0 where all jackknife values are one.
fn acceleration(jackknife: &[f64]) -> Option<f64> {
    let center = mean(jackknife).filter(|center| center.is_finite())?;
    let (mut cubes, mut squares) = (0.0, 0.0);
    for value in jackknife {
        let u = center - value;
        squares += u * u;
        cubes += u * u * u;
    }
    let denominator = 6.0 * squares * squares.sqrt();
    // Rounding noise around a statistic that no single row moves is no acceleration.
    if denominator <= cubes.abs() * f64::EPSILON || denominator == 0.0 {
        return Some(0.0);
    }
    Some(cubes / denominator).filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ends_agree_with_arch() {
        // arch 8.0.0: the formulas of `conf_int(method="bca")` on these replications.
        let replications: Vec<f64> = (0..97).map(|t| f64::from(t * t * 31 % 101) / 10.0).collect();
        let jackknife: Vec<f64> = (0..23).map(|t| f64::from(t * t % 29)).collect();
        let found = bca_interval(4.2, &replications, &jackknife, 0.9).expect("defined");
        assert!((found.low - ARCH.low).abs() < 1e-12, "{found:?}");
        assert!((found.high - ARCH.high).abs() < 1e-12, "{found:?}");
    }

    const ARCH: Interval = Interval { low: 0.128_780_652_366_346_45, high: 8.8 };

    #[test]
    fn undefined_cases() {
        assert_eq!(bca_interval(5.0, &[1.0, 2.0], &[1.0, 2.0], 0.9), None);
        assert_eq!(bca_interval(1.5, &[], &[1.0, 2.0], 0.9), None);
        assert_eq!(bca_interval(1.5, &[1.0, f64::NAN], &[1.0, 2.0], 0.9), None);
        assert_eq!(bca_interval(1.5, &[1.0, 2.0], &[], 0.9), None);
        assert_eq!(percentile_interval(&[1.0, 2.0], 1.0), None);
        let flat = bca_interval(1.5, &[1.0, 2.0], &[3.0; 4], 0.5).expect("no acceleration");
        let plain = percentile_interval(&[1.0, 2.0], 0.5).expect("defined");
        assert!((flat.low - plain.low).abs() < 1e-12 && (flat.high - plain.high).abs() < 1e-12);
        let resampling = Resampling { blocks: Blocks::Circular(2), replications: 9, seed: 1 };
        assert!(block_bootstrap_interval(&[], mean, resampling, 0.9).is_err());
        let level = block_bootstrap_interval(&[1.0], mean, resampling, 1.5);
        assert_eq!(level, Err(Refusal::out_of_range("level", 1.5)));
        assert_eq!(block_bootstrap_interval(&[1.0; 5], mean, resampling, 0.9), Ok(None));
        assert_eq!(block_bootstrap_interval(&[1.0; 5], |_| None, resampling, 0.9), Ok(None));
    }

    #[test]
    fn the_interval_covers_about_as_often_as_it_says() {
        // Means of 40 independent numbers, 200 samples: 95 % is 190 with a deviation of 3.
        let mut source = BlockBootstrap::new(5, Blocks::Circular(1), 1000).expect("valid");
        let mut covered = 0;
        for seed in 0..200 {
            let sample: Vec<f64> =
                source.draw()[..40].iter().map(|row| *row as f64 / 999.0).collect();
            let resampling = Resampling { blocks: Blocks::Circular(1), replications: 300, seed };
            let found = block_bootstrap_interval(&sample, mean, resampling, 0.95);
            let found = found.expect("valid").expect("defined");
            covered += usize::from(found.low <= 0.5 && 0.5 <= found.high);
        }
        assert!((178..=199).contains(&covered), "{covered} of 200");
    }

    proptest! {
        #[test]
        fn law_the_ends_are_ordered_and_inside(
            replications in prop::collection::vec(-1.0..1.0_f64, 20..80), level in 0.1..0.99_f64,
        ) {
            let center = mean(&replications).expect("not empty");
            if let Some(found) = bca_interval(center, &replications, &replications, level) {
                prop_assert!(found.low <= found.high);
                prop_assert!(found.low >= -1.0 && found.high <= 1.0);
            }
        }
    }
}

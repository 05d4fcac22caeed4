//! Automatic block length of the stationary and the circular block bootstrap.
//!
//! # Formula
//! `b = (2 g^2 n / d)^(1/3)` with `g = sum_k h(k/m) |k| r(k)`, `s = sum_k h(k/m) r(k)` over
//! `|k| <= m`, the flat-top window `h(x) = min(1, 2 (1 - |x|))`, autocovariances `r` with divisor `n`,
//! `d = 2 s^2` (stationary) or `4/3 s^2` (circular), and `b <= ceil(min(3 sqrt(n), n / 3))`. `m` is twice
//! the lag before the first run of `max(5, [log10 n])` autocorrelations inside
//! `2 sqrt(log10(n) / n)`, at most `ceil(sqrt n)` plus the run.
//!
//! # References
//! D. N. Politis and H. White (2004), Automatic block-length selection for the dependent bootstrap,
//! Econometric Reviews 23(1), 53-70. A. Patton, D. N. Politis and H. White (2009), Correction,
//! Econometric Reviews 28(4), 372-375. Tuning as arch 8.0.0 `optimal_block_length`, which takes every
//! autocovariance on the longest sample (Patton's own program takes a common one).

use super::{
    bootstrap::Blocks,
    dispersion::moves,
    moments::{dot, mean},
    refusal::{Refusal, Result, check_finite},
};

/// Fewest values: below, the run of insignificant autocorrelations has no room.
const LEAST_VALUES: usize = 16;

/// Mean block lengths, not rounded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockLength {
    /// Mean length of the stationary bootstrap's blocks.
    pub stationary: f64,
    /// Length of the circular bootstrap's blocks.
    pub circular: f64,
}

impl BlockLength {
    /// Stationary blocks of this mean length, at least 1.
    ///
    /// ```
    /// use barline::stats::{Blocks, Resampling, block_bootstrap_interval, block_length, mean};
    /// let returns: Vec<f64> = (0..90).map(|t| f64::from(t * t % 17) - 7.0).collect();
    /// let blocks = block_length(&returns)?.stationary_blocks();
    /// let resampling = Resampling { blocks, replications: 200, seed: 1 };
    /// assert!(block_bootstrap_interval(&returns, mean, resampling, 0.9)?.is_some());
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn stationary_blocks(self) -> Blocks {
        Blocks::Stationary(self.stationary.max(1.0))
    }

    /// Circular blocks of this length, rounded up, at least 1.
    ///
    /// ```
    /// use barline::stats::{BlockLength, Blocks};
    /// let length = BlockLength { stationary: 0.4, circular: 3.2 };
    /// assert_eq!(length.circular_blocks(), Blocks::Circular(4));
    /// assert_eq!(length.stationary_blocks(), Blocks::Stationary(1.0));
    /// ```
    pub fn circular_blocks(self) -> Blocks {
        Blocks::Circular(whole(self.circular.ceil()).max(1))
    }
}

/// Block lengths for a series.
///
/// # Errors
/// `NonFinite`, `TooShort` under 16 values, `Constant` where nothing moves, `Overflow`.
///
/// ```
/// use barline::stats::block_length;
/// let fast: Vec<f64> = (0..300).map(|t| f64::from((31 * t * t + 17 * t) % 211)).collect();
/// let mut level = 0.0;
/// let slow = fast.iter().map(|step| {
///     level = 0.9 * level + step;
///     level
/// });
/// let slow: Vec<f64> = slow.collect();
/// assert!(block_length(&slow)?.stationary > block_length(&fast)?.stationary);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn block_length(x: &[f64]) -> Result<BlockLength> {
    let given = check_finite(&[x])?;
    if given < LEAST_VALUES {
        return Err(Refusal::TooShort { needed: LEAST_VALUES, given });
    }
    let center = mean(x).unwrap_or(0.0);
    if !moves(x) {
        return Err(Refusal::Constant { series: 0 });
    }
    // Lengths do not depend on the scale; taking it out keeps squares in range.
    let scale = x.iter().fold(0.0_f64, |largest, value| largest.max((value - center).abs()));
    if !scale.is_finite() {
        return Err(Refusal::Overflow);
    }
    let deviations: Vec<f64> = x.iter().map(|value| (value - center) / scale).collect();
    let covariances = Autocovariances::of(&deviations);
    Ok(covariances.lengths(given as f64))
}

/// Autocovariances up to the last lag that may enter, and how many do.
struct Autocovariances {
    values: Vec<f64>,
    bandwidth: usize,
}

impl Autocovariances {
    fn of(deviations: &[f64]) -> Self {
        let n = deviations.len() as f64;
        let run = whole(libm::log10(n)).max(5);
        let last = whole(n.sqrt().ceil()) + run;
        let bound = 2.0 * (libm::log10(n) / n).sqrt();
        let (mut values, mut inside) = (Vec::new(), 0);
        let mut before_run = None;
        for lag in 0..=last.min(deviations.len() - 2) {
            if inside >= run && before_run.is_none() {
                before_run = Some(lag - run);
            }
            let cross = dot(&deviations[lag..], &deviations[..deviations.len() - lag]);
            // The peer's correlation leaves one row more out than the product has lags.
            let (late, early) = (&deviations[lag + 1..], &deviations[..deviations.len() - lag - 1]);
            let correlation = cross.abs() / (dot(late, late) * dot(early, early)).sqrt();
            inside = if correlation < bound { inside + 1 } else { 0 };
            values.push(cross / n);
        }
        let bandwidth = before_run.map_or(last, |lag| 2 * lag.max(1)).min(values.len() - 1);
        Self { values, bandwidth }
    }

    fn lengths(&self, n: f64) -> BlockLength {
        let (mut weighted, mut long_run) = (0.0, self.values[0]);
        for lag in 1..=self.bandwidth {
            let share = lag as f64 / self.bandwidth as f64;
            let window = if share <= 0.5 { 1.0 } else { 2.0 * (1.0 - share) };
            weighted += 2.0 * window * lag as f64 * self.values[lag];
            long_run += 2.0 * window * self.values[lag];
        }
        let most = (3.0 * n.sqrt()).min(n / 3.0).ceil();
        let length = |d: f64| {
            let length = libm::cbrt(2.0 * weighted * weighted / d) * libm::cbrt(n);
            // A long-run variance of zero asks for blocks without end.
            if length.is_nan() { most } else { length.min(most) }
        };
        let square = long_run * long_run;
        BlockLength { stationary: length(2.0 * square), circular: length(4.0 / 3.0 * square) }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn whole(x: f64) -> usize {
    x as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows, persistence, stationary and circular length of arch 8.0.0.
    const ARCH: [(u32, f64, f64, f64); 4] = [
        (60, 0.0, 2.346_543_232_245_525_5, 2.686_121_458_718_584),
        (200, 0.5, 6.675_525_918_402_655, 7.641_569_595_329_429),
        (500, 0.9, 14.827_655_030_738_448, 16.973_427_897_353_86),
        (211, -0.4, 4.286_496_523_520_433, 4.906_813_621_129_182),
    ];

    /// A persistent series from plain arithmetic.
    fn persistent(rows: u32, phi: f64) -> Vec<f64> {
        let mut level = 0.0;
        let step = |t: u32| f64::from((t * t * 31 + 17 * t) % 211) / 211.0 - 0.5;
        (0..rows)
            .map(|t| {
                level = phi * level + step(t);
                level
            })
            .collect()
    }

    #[test]
    fn lengths_agree_with_arch() {
        for (rows, phi, stationary, circular) in ARCH {
            let found = block_length(&persistent(rows, phi)).expect("it moves");
            assert!((found.stationary / stationary - 1.0).abs() < 1e-9, "{found:?}");
            assert!((found.circular / circular - 1.0).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn what_has_no_length_is_refused() {
        let short = block_length(&[1.0, 2.0]);
        assert_eq!(short, Err(Refusal::TooShort { needed: 16, given: 2 }));
        assert_eq!(block_length(&[4.0; 50]), Err(Refusal::Constant { series: 0 }));
        let mut gap = persistent(50, 0.5);
        gap[7] = f64::NAN;
        assert_eq!(block_length(&gap), Err(Refusal::NonFinite { series: 0 }));
    }

    proptest! {
        #[test]
        fn law_lengths_are_bounded_and_ignore_scale(
            x in prop::collection::vec(-1.0..1.0_f64, 16..120), exponent in -20..30_i32,
        ) {
            let scaled: Vec<f64> = x.iter().map(|x| x * 2.0_f64.powi(exponent)).collect();
            let found = block_length(&x).expect("it moves");
            prop_assert_eq!(block_length(&scaled), Ok(found));
            let most = (x.len() as f64 / 3.0).ceil();
            prop_assert!((0.0..=most).contains(&found.stationary), "{:?}", found);
            prop_assert!((0.0..=most).contains(&found.circular), "{:?}", found);
        }
    }
}

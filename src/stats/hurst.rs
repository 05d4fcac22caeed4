//! Hurst exponent, in the two definitions that are in use.
//!
//! They are not interchangeable: [`hurst_of_differences`] measures how the dispersion of changes grows
//! with their span and tends to 0 for a spread that reverts; [`hurst_rescaled_range`] measures ranges
//! within windows and reads 0.4 to 0.9 on prices. Neither is a test.
//!
//! # References
//! H. E. Hurst (1951), Long-term storage capacity of reservoirs, Transactions of the ASCE 116,
//! 770-808. E. Chan (2013), Algorithmic Trading, chapter 2 (the first form). Windows and ranges of
//! the second: Python package `hurst` 0.0.5.

use std::ops::RangeInclusive;

use super::{
    dispersion::{moves, moves_against},
    moments::{centered_dot, largest, mean, standard_deviation, sum},
    refusal::check_finite,
};

/// Fewest values for which rescaled ranges are taken.
const LEAST_VALUES: usize = 100;

/// Slope of `ln sd(x[t + l] - x[t])` on `ln l` over the spans `l`; `x` is a spread or logarithms of
/// prices, not returns. Standard deviations have divisor `n`.
///
/// # None
/// Fewer than two spans, a span of 0 or as long as the series, a value that is not finite, or
/// changes of some span that never differ by more than the rounding of the levels.
///
/// ```
/// use barline::stats::hurst_of_differences;
/// let sawtooth: Vec<f64> = (0..50).map(|t| f64::from(t % 2)).collect();
/// assert_eq!(hurst_of_differences(&sawtooth, 2..=20), None);
/// ```
pub fn hurst_of_differences(x: &[f64], spans: RangeInclusive<usize>) -> Option<f64> {
    check_finite(&[x]).ok()?;
    if *spans.start() == 0 || *spans.end() >= x.len() {
        return None;
    }
    let mut logs = (Vec::new(), Vec::new());
    for span in spans {
        let changes: Vec<f64> = x[span..].iter().zip(x).map(|(now, then)| now - then).collect();
        if !moves_against(&changes, largest(x)) {
            return None;
        }
        let deviation = standard_deviation(&changes, 0)?;
        logs.0.push(libm::log(span as f64));
        logs.1.push(libm::log(deviation));
    }
    slope(&logs.0, &logs.1)
}

/// What a step of the series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// Differences: the series is a walk with random increments (`random_walk`).
    Differences,
    /// Simple returns: the series is a price (`price`).
    Returns,
}

/// How the range within a window is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowRange {
    /// Of the series itself: `max - min`, for prices `max / min - 1` (`simplified=True`).
    Levels,
    /// Of the cumulated deviations of the steps from their mean: Hurst's own (`simplified=False`).
    Deviations,
}

/// Exponent and windows of a rescaled range analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct RescaledRange {
    /// Slope of the logarithm of the mean `R / S` on that of the window.
    pub exponent: f64,
    /// Window lengths, ascending: the whole parts of `10^(1 + k/4)` below `n - 1`, and `n`.
    pub windows: Vec<usize>,
}

/// Rescaled range analysis over windows side by side; `S` has divisor `n - 1`, windows whose range
/// or deviation is zero are left out of the mean.
///
/// # None
/// Fewer than 100 values, a value that is not finite, prices that are not positive under
/// [`Steps::Returns`], or a window length at which nothing moves.
///
/// ```
/// use barline::stats::{Steps, WindowRange, hurst_rescaled_range};
/// let walk: Vec<f64> = (0..200).scan(0.0, |level, t| {
///     *level += f64::from(t * t % 7) - 2.9;
///     Some(*level)
/// }).collect();
/// let found = hurst_rescaled_range(&walk, Steps::Differences, WindowRange::Deviations).unwrap();
/// assert_eq!(found.windows, [10, 17, 31, 56, 100, 177, 200]);
/// assert_eq!(hurst_rescaled_range(&walk[..99], Steps::Differences, WindowRange::Levels), None);
/// ```
pub fn hurst_rescaled_range(
    series: &[f64],
    steps: Steps,
    range: WindowRange,
) -> Option<RescaledRange> {
    check_finite(&[series]).ok().filter(|rows| *rows >= LEAST_VALUES)?;
    if steps == Steps::Returns && series.iter().any(|price| *price <= 0.0) {
        return None;
    }
    let windows = window_lengths(series.len());
    let mut logs = (Vec::new(), Vec::new());
    for window in &windows {
        let ratios: Vec<f64> = series
            .chunks_exact(*window)
            .filter_map(|levels| rescaled_range(levels, steps, range))
            .collect();
        logs.0.push(libm::log(*window as f64));
        logs.1.push(libm::log(mean(&ratios)?));
    }
    Some(RescaledRange { exponent: slope(&logs.0, &logs.1)?, windows })
}

fn window_lengths(values: usize) -> Vec<usize> {
    let mut windows = Vec::new();
    for quarter in 4..80 {
        let length = libm::pow(10.0, f64::from(quarter) / 4.0);
        if length >= (values - 1) as f64 {
            break;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the whole part"
        )]
        windows.push(length as usize);
    }
    windows.push(values);
    windows
}

/// `R / S` of one window; `None` where either is zero.
fn rescaled_range(levels: &[f64], steps: Steps, range: WindowRange) -> Option<f64> {
    let changes: Vec<f64> = levels
        .windows(2)
        .map(|pair| match steps {
            Steps::Differences => pair[1] - pair[0],
            Steps::Returns => pair[1] / pair[0] - 1.0,
        })
        .collect();
    let deviation = standard_deviation(&changes, 1)?;
    let width = match (range, steps) {
        (WindowRange::Levels, Steps::Differences) => {
            let (low, high) = bounds(levels.iter().copied());
            high - low
        }
        (WindowRange::Levels, Steps::Returns) => {
            let (low, high) = bounds(levels.iter().copied());
            high / low - 1.0
        }
        (WindowRange::Deviations, _) => {
            let center = sum(&changes) / changes.len() as f64;
            let mut total = 0.0;
            let (low, high) = bounds(changes.iter().map(|change| {
                total += change - center;
                total
            }));
            high - low
        }
    };
    // Steps that do not move have neither; what their rounding leaves of both is no ratio.
    let size = match steps {
        Steps::Differences => largest(levels),
        Steps::Returns => 1.0 + largest(&changes),
    };
    (moves_against(&changes, size) && width > 0.0).then(|| width / deviation)
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

fn slope(x: &[f64], y: &[f64]) -> Option<f64> {
    let (center_x, center_y) = (mean(x)?, mean(y)?);
    let slope = centered_dot(x, center_x, y, center_y) / centered_dot(x, center_x, x, center_x);
    (moves(x) && slope.is_finite()).then_some(slope)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_grow_by_quarters_of_a_decade() {
        assert_eq!(window_lengths(1001), [10, 17, 31, 56, 100, 177, 316, 562, 1001]);
        assert_eq!(window_lengths(1002).len(), 10);
        assert_eq!(window_lengths(100), [10, 17, 31, 56, 100]);
    }

    #[test]
    fn undefined_cases() {
        let trend: Vec<f64> = (0..200).map(f64::from).collect();
        assert_eq!(hurst_of_differences(&trend, 2..=20), None);
        assert_eq!(hurst_of_differences(&[], 2..=20), None);
        assert_eq!(hurst_of_differences(&[1.0, 2.0, 4.0], 1..=1), None);
        assert_eq!(hurst_of_differences(&trend, 0..=3), None);
        let range = |x: &[f64]| hurst_rescaled_range(x, Steps::Returns, WindowRange::Deviations);
        assert_eq!(range(&trend), None);
        assert_eq!(range(&[1.0; 150]), None);
        assert_eq!(range(&trend[1..50]), None);
        assert_eq!(range(&[f64::NAN; 150]), None);
    }

    proptest! {
        #[test]
        fn law_the_exponent_of_differences_ignores_scale(
            x in prop::collection::vec(-1.0..1.0_f64, 30..80), exponent in -20..30_i32,
        ) {
            let scaled: Vec<f64> = x.iter().map(|x| x * 2.0_f64.powi(exponent)).collect();
            let one = hurst_of_differences(&x, 2..=20).expect("it moves");
            let two = hurst_of_differences(&scaled, 2..=20).expect("it moves");
            prop_assert!((one - two).abs() < 1e-9);
        }
    }
}

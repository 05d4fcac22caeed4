//! Weighted mean and variance of the last `n` values: what bands are made of.
//!
//! Two stacks, as in [`SlidingFold`](super::SlidingFold), of sums of deviations from an anchor. Each
//! time the stacks are turned over the newest value becomes the anchor, so that it always lies in
//! the window: the deviations are no larger than the window is wide, and those of equal values are
//! zero.

use super::{Result, at_least_one, finite};

/// Weighted mean and variance (ddof 0) of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// `sum w x / sum w`.
    pub mean: f64,
    /// `sum w (x - mean)^2 / sum w`.
    pub variance: f64,
}

/// Sums of weights, of weighted deviations from the anchor, and of their weighted squares.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    weight: f64,
    deviations: f64,
    squares: f64,
}

impl Sums {
    #[inline]
    fn plus(self, value: f64, weight: f64, anchor: f64) -> Self {
        let apart = value - anchor;
        let weighted = weight * apart;
        Self {
            weight: self.weight + weight,
            deviations: self.deviations + weighted,
            squares: self.squares + weighted * apart,
        }
    }

    #[inline]
    fn join(self, other: Self) -> Self {
        Self {
            weight: self.weight + other.weight,
            deviations: self.deviations + other.deviations,
            squares: self.squares + other.squares,
        }
    }
}

/// Moments of the last values, as many as the window has bars.
///
/// # Formula
/// With `d = x - a` for an anchor `a` in the window: `mean = a + sum w d / sum w`,
/// `variance = (sum w d^2 - (sum w d)^2 / sum w) / sum w`. A difference that rounding alone can make,
/// at most `4 n` units in the last place of `sum w d^2`, is none: the variance is 0.
///
/// # None
/// Before the `n`-th value, without weight in the window, and where the squares leave the range of
/// `f64`.
///
/// # References
/// Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance", The American
/// Statistician 37(3), section 3, on shifted values.
///
/// ```
/// use barline::stats::indicator::{Moments, SlidingMoments};
/// let mut moments = SlidingMoments::new(2)?;
/// assert_eq!(moments.push(10.0, 1.0), None);
/// assert_eq!(moments.push(16.0, 2.0), Some(Moments { mean: 14.0, variance: 8.0 }));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct SlidingMoments {
    window: usize,
    anchor: f64,
    /// Sums from each older value to the youngest older one; those of the oldest are on top.
    older: Vec<Sums>,
    /// Newer values and their weights.
    newer: Vec<(f64, f64)>,
    /// Sums of the newer values.
    sums: Sums,
}

impl SlidingMoments {
    /// Moments of windows of so many values, none seen yet.
    ///
    /// # Errors
    /// `OutOfRange` for an empty window.
    pub fn new(window: usize) -> Result<Self> {
        let window = at_least_one(window, "window")?;
        let (older, newer) = (Vec::new(), Vec::new());
        Ok(Self { window, anchor: 0.0, older, newer, sums: Sums::default() })
    }

    /// The moments of the last values with this one, of a weight of at least 0.
    #[inline]
    pub fn push(&mut self, value: f64, weight: f64) -> Option<Moments> {
        self.older.pop();
        self.newer.push((value, weight));
        self.sums = self.sums.plus(value, weight, self.anchor);
        if self.newer.len() == self.window {
            self.turn_over(value);
        }
        // Nothing is older before the first window is full, nor ever empty after it.
        let sums = self.older.last()?.join(self.sums);
        self.moments(sums)
    }

    fn turn_over(&mut self, newest: f64) {
        self.anchor = newest;
        let mut sums = Sums::default();
        while let Some((value, weight)) = self.newer.pop() {
            sums = sums.plus(value, weight, newest);
            self.older.push(sums);
        }
        self.sums = Sums::default();
    }

    #[inline]
    fn moments(&self, sums: Sums) -> Option<Moments> {
        let total = finite(sums.squares)?;
        if sums.weight <= 0.0 {
            return None;
        }
        let shift = sums.deviations / sums.weight;
        let spread = total - sums.deviations * shift;
        let noise = 4.0 * self.window as f64 * f64::EPSILON * total;
        let variance = if spread > noise { spread / sums.weight } else { 0.0 };
        Some(Moments { mean: finite(self.anchor + shift)?, variance: finite(variance)? })
    }
}

#[cfg(test)]
mod tests {
    use super::SlidingMoments;

    #[test]
    fn moments_agree_with_two_passes_far_from_zero() {
        let value = |at: usize| 1e6 + ((at * 7_919) % 101) as f64 / 64.0;
        let weight = |at: usize| ((at * 31) % 7) as f64;
        for window in [3, 4, 20] {
            let mut moments = SlidingMoments::new(window).expect("a window");
            for last in 0..200 {
                let found = moments.push(value(last), weight(last));
                let rows = (last + 1).saturating_sub(window)..=last;
                if last + 1 < window {
                    assert_eq!(found, None);
                    continue;
                }
                let total: f64 = rows.clone().map(weight).sum();
                let mean = rows.clone().map(|at| weight(at) * value(at)).sum::<f64>() / total;
                let squares: f64 = rows.map(|at| weight(at) * (value(at) - mean).powi(2)).sum();
                let found = found.expect("weight in every three");
                assert!((found.mean - mean).abs() < 1e-9 * mean);
                assert!((found.variance - squares / total).abs() < 1e-7, "{window} {last}");
            }
        }
    }

    #[test]
    fn equal_values_have_no_spread_after_any_others() {
        let mut moments = SlidingMoments::new(9).expect("a window");
        let moving = (0..40).map(|at| 50.0 + f64::from(at % 7) / 3.0);
        for (at, value) in moving.chain([0.1; 60]).enumerate() {
            let found = moments.push(value, f64::from(u32::try_from(at % 5).expect("small")));
            if at >= 48 {
                let found = found.expect("weight");
                assert_eq!((found.mean.to_bits(), found.variance), (0.1_f64.to_bits(), 0.0));
            }
        }
        assert_eq!(SlidingMoments::new(1).expect("a window").push(3.0, 0.0), None);
    }

    #[test]
    fn what_left_the_range_is_forgotten_with_its_window() {
        let mut moments = SlidingMoments::new(2).expect("a window");
        let found = [f64::MAX, f64::MIN, 1.0, 1.0, 3.0].map(|value| moments.push(value, 1.0));
        assert!(found[..3].iter().all(Option::is_none));
        assert_eq!(found[4].map(|found| (found.mean, found.variance)), Some((2.0, 1.0)));
    }
}

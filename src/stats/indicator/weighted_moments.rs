//! Weighted mean and variance that can be joined: the fold behind bands.

use super::Fold;

/// Weight, mean and sum of weighted squared deviations of some values.
///
/// # Formula
/// Joining `a` and `b` with `d = mean_b - mean_a` and `w = w_a + w_b`:
/// `mean = mean_a + d w_b / w`, `squares = squares_a + squares_b + d^2 w_a w_b / w`. Equal values
/// give their own mean and squares of zero, exactly.
///
/// # None
/// [`Self::variance`] without weight.
///
/// # References
/// Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance", The American
/// Statistician 37(3), formulas 2.1, with weights for counts.
///
/// ```
/// use barline::stats::indicator::{Fold, WeightedMoments};
/// let both = WeightedMoments::of(10.0, 1.0).join(WeightedMoments::of(16.0, 2.0));
/// assert_eq!((both.mean, both.variance()), (14.0, Some(8.0)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedMoments {
    /// Sum of weights, at least 0.
    pub weight: f64,
    /// Weighted mean.
    pub mean: f64,
    /// Weighted sum of squared deviations from the mean.
    pub squares: f64,
}

impl WeightedMoments {
    /// One value.
    #[inline]
    pub fn of(value: f64, weight: f64) -> Self {
        Self { weight, mean: value, squares: 0.0 }
    }

    /// Weighted variance, ddof 0.
    #[inline]
    pub fn variance(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.squares / self.weight)
    }
}

impl Fold for WeightedMoments {
    #[inline]
    fn join(self, later: Self) -> Self {
        // What has no weight says nothing, not even a mean.
        if later.weight <= 0.0 {
            return self;
        }
        let weight = self.weight + later.weight;
        let share = later.weight / weight;
        let apart = later.mean - self.mean;
        Self {
            weight,
            mean: if self.weight > 0.0 { self.mean + apart * share } else { later.mean },
            squares: self.squares + later.squares + apart * apart * (self.weight * share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fold, WeightedMoments};

    #[test]
    fn weightless_values_change_nothing() {
        let (some, none) = (WeightedMoments::of(3.0, 2.0), WeightedMoments::of(1e9, 0.0));
        assert_eq!(some.join(none), some);
        assert_eq!(none.join(some), some);
        assert_eq!(none.join(none).variance(), None);
    }

    #[test]
    fn equal_values_have_no_spread_at_all() {
        let one = WeightedMoments::of(0.1, 1.0);
        let many = (0..999).fold(one, |all, at| all.join(WeightedMoments::of(0.1, f64::from(at))));
        assert_eq!((many.mean, many.variance()), (0.1, Some(0.0)));
    }
}

//! What becomes of a covariance, and weights that fade.

use crate::stats::Decay;

/// What becomes of a covariance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Covariance,
    Correlation,
    Distance,
}

/// Weights that fade: those of complete rows by age, and what the oldest row has times its own.
pub(super) struct Fading {
    pub(super) ages: Vec<f64>,
    oldest: f64,
    biased: bool,
}

impl Fading {
    /// Weights of up to `rows` rows, as [`ewma_covariance`](crate::stats::ewma_covariance) has them, up to a
    /// factor that no moment sees.
    pub(super) fn new(decay: Decay, biased: bool, recursive: bool, rows: usize) -> Self {
        let keep = 1.0 - decay.alpha();
        let ages = std::iter::successors(Some(1.0), |weight| Some(weight * keep));
        let oldest = if recursive { 1.0 / decay.alpha() } else { 1.0 };
        Self { ages: ages.take(rows).collect(), oldest, biased }
    }

    /// What the oldest row has times its own, the sum of the weights, and what a moment is multiplied by; no
    /// number where one row has all the weight.
    pub(super) fn of_rows(&self, rows: usize) -> [f64; 3] {
        let weights = self.ages[..rows].iter().enumerate();
        let weights = weights
            .map(|(age, weight)| if age + 1 == rows { weight * self.oldest } else { *weight });
        let (total, squares) =
            weights.fold((0.0, 0.0), |(sum, squares), w: f64| (sum + w, squares + w * w));
        let freedom = total * total - squares;
        let scale = if self.biased {
            1.0 / total
        } else if freedom > 8.0 * f64::EPSILON * total * total {
            total / freedom
        } else {
            f64::NAN
        };
        [self.oldest, total, scale]
    }
}

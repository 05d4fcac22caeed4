//! Probabilistic Sharpe ratio and minimum track record length.
//!
//! A Sharpe ratio is an estimate; skewed and fat-tailed returns make it a worse one. These
//! statistics say how sure one may be that the true ratio exceeds a threshold, and how long a track
//! record must be for that. Two forms are in use, named by the year of their paper: the one of 2012
//! takes the variance at the observed ratio and `T - 1`, the one of 2025 at the threshold and `T`.
//! They can be far apart: the track record printed in 2012 has 0.913 and 0.987.
//!
//! All ratios are per bar, not annualized, and kurtosis is raw: 3 for normal returns.
//!
//! # References
//! D. H. Bailey and M. Lopez de Prado (2012), The Sharpe ratio efficient frontier, Journal of Risk
//! 15(2), 3-44. M. Lopez de Prado, A. Lipton, V. Zoonekynd (2025), How to use the Sharpe ratio.

use super::normal::{normal_probability, normal_quantile};

/// An observed Sharpe ratio and what its error depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharpeEstimate {
    /// Ratio per bar.
    pub ratio: f64,
    /// Number of returns, `T`.
    pub observations: usize,
    /// Skewness of the returns, 0 for normal ones.
    pub skewness: f64,
    /// Raw kurtosis of the returns, 3 for normal ones.
    pub kurtosis: f64,
}

impl SharpeEstimate {
    /// An estimate from normal returns.
    ///
    /// ```
    /// use barline::stats::SharpeEstimate;
    /// let estimate = SharpeEstimate::normal(0.1, 60);
    /// assert_eq!((estimate.skewness, estimate.kurtosis), (0.0, 3.0));
    /// ```
    pub fn normal(ratio: f64, observations: usize) -> Self {
        Self { ratio, observations, skewness: 0.0, kurtosis: 3.0 }
    }

    /// `T` times the variance of the estimate if the true ratio were `at`:
    /// `1 - skewness at + (kurtosis - 1) / 4 at^2`.
    ///
    /// # None
    /// Where it is not positive beyond rounding: no distribution has these moments.
    fn unit_variance(&self, at: f64) -> Option<f64> {
        let variance = 1.0 - self.skewness * at + (self.kurtosis - 1.0) / 4.0 * at * at;
        // Two-point returns have a ratio at which the terms cancel; their rounding is no variance.
        let square = (self.kurtosis - 1.0) / 4.0 * at * at;
        let noise = 8.0 * f64::EPSILON * (1.0 + (self.skewness * at).abs() + square.abs());
        (variance > noise && variance.is_finite()).then_some(variance)
    }
}

/// Probability that the true ratio exceeds `threshold`, in the form of 2012.
///
/// # Formula
/// `Phi((SR - SR0) sqrt(T - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4 SR^2))`. The null is `SR = SR0`, the
/// alternative that it is greater; 1 minus the result is the p-value.
///
/// # None
/// Under 2 observations, and where the variance is not positive or not finite.
///
/// ```
/// use barline::stats::{SharpeEstimate, probabilistic_sharpe_2012};
/// // The track record of 24 months in the paper: 0.981 if it were normal, 0.913 as it is.
/// let normal = SharpeEstimate::normal(0.036 / 0.079, 24);
/// let found = SharpeEstimate { skewness: -2.448, kurtosis: 10.164, ..normal };
/// assert!((probabilistic_sharpe_2012(normal, 0.0).unwrap() - 0.981).abs() < 5e-4);
/// assert!((probabilistic_sharpe_2012(found, 0.0).unwrap() - 0.913).abs() < 5e-4);
/// ```
pub fn probabilistic_sharpe_2012(estimate: SharpeEstimate, threshold: f64) -> Option<f64> {
    let weight = estimate.observations.checked_sub(1).filter(|weight| *weight > 0)?;
    exceedance(estimate, threshold, weight, estimate.ratio)
}

/// Probability that the true ratio exceeds `threshold`, in the form of 2025.
///
/// # Formula
/// `Phi((SR - SR0) sqrt(T) / sqrt(1 - g3 SR0 + (g4 - 1) / 4 SR0^2))`.
///
/// # None
/// Without observations, and where the variance is not positive or not finite.
///
/// ```
/// use barline::stats::{SharpeEstimate, probabilistic_sharpe_2025};
/// // Against zero the moments do not enter: the track record of 2012 has 0.987 instead of 0.913.
/// let found = SharpeEstimate {
///     ratio: 0.036 / 0.079, observations: 24, skewness: -2.448, kurtosis: 10.164,
/// };
/// assert!((probabilistic_sharpe_2025(found, 0.0).unwrap() - 0.987).abs() < 5e-4);
/// ```
pub fn probabilistic_sharpe_2025(estimate: SharpeEstimate, threshold: f64) -> Option<f64> {
    let weight = Some(estimate.observations).filter(|weight| *weight > 0)?;
    exceedance(estimate, threshold, weight, threshold)
}

fn exceedance(estimate: SharpeEstimate, threshold: f64, weight: usize, at: f64) -> Option<f64> {
    let error = (estimate.unit_variance(at)? / weight as f64).sqrt();
    let score = (estimate.ratio - threshold) / error;
    (!score.is_nan()).then(|| normal_probability(score))
}

/// Observations needed for the probability of 2012 to reach `confidence`.
///
/// # Formula
/// `1 + (1 - g3 SR + (g4 - 1) / 4 SR^2) (Phi^-1(confidence) / (SR - SR0))^2`; infinite where `SR` does
/// not exceed `SR0`. The number of observations of `estimate` does not enter.
///
/// # None
/// Unless `0 < confidence < 1`; where the variance is not positive or not finite.
///
/// ```
/// use barline::stats::{SharpeEstimate, minimum_track_record_2012};
/// // The paper: monthly returns, true ratio 2 against 1 a year: 3.24 years.
/// let monthly = |ratio: f64| ratio / 12.0_f64.sqrt();
/// let found = minimum_track_record_2012(SharpeEstimate::normal(monthly(2.0), 0), monthly(1.0), 0.95);
/// assert!((found.unwrap() / 12.0 - 3.24).abs() < 5e-3);
/// ```
pub fn minimum_track_record_2012(
    estimate: SharpeEstimate,
    threshold: f64,
    confidence: f64,
) -> Option<f64> {
    length(estimate, threshold, confidence, estimate.ratio).map(|length| 1.0 + length)
}

/// Observations needed for the probability of 2025 to reach `confidence`.
///
/// # Formula
/// `(1 - g3 SR0 + (g4 - 1) / 4 SR0^2) (Phi^-1(confidence) / (SR - SR0))^2`; infinite where `SR` does not
/// exceed `SR0`.
///
/// # None
/// As [`minimum_track_record_2012`].
///
/// ```
/// use barline::stats::{SharpeEstimate, minimum_track_record_2025, normal_quantile};
/// // Against zero: (1.645 / 0.1)^2 = 271 bars, whatever the moments.
/// let found = minimum_track_record_2025(SharpeEstimate::normal(0.1, 0), 0.0, 0.95).unwrap();
/// let bars = 100.0 * normal_quantile(0.95).unwrap().powi(2);
/// assert!((found - bars).abs() < 1e-9 && (found - 270.6).abs() < 0.1);
/// ```
pub fn minimum_track_record_2025(
    estimate: SharpeEstimate,
    threshold: f64,
    confidence: f64,
) -> Option<f64> {
    length(estimate, threshold, confidence, threshold)
}

fn length(estimate: SharpeEstimate, threshold: f64, confidence: f64, at: f64) -> Option<f64> {
    let quantile = normal_quantile(confidence)?;
    let variance = estimate.unit_variance(at)?;
    let excess = estimate.ratio - threshold;
    if excess.is_nan() {
        return None;
    }
    let root = quantile / excess;
    Some(if excess > 0.0 { variance * (root * root) } else { f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_two_forms_differ_as_documented() {
        let record = SharpeEstimate {
            ratio: 0.036 / 0.079,
            observations: 24,
            skewness: -2.448,
            kurtosis: 10.164,
        };
        let [old, new] = [probabilistic_sharpe_2012, probabilistic_sharpe_2025]
            .map(|form| form(record, 0.0).expect("defined"));
        assert!((old - 0.913).abs() < 5e-4 && (new - 0.987).abs() < 5e-4, "{old} {new}");
    }

    #[test]
    fn undefined_cases() {
        let one = SharpeEstimate::normal(0.1, 1);
        assert_eq!(probabilistic_sharpe_2012(one, 0.0), None);
        assert!(probabilistic_sharpe_2025(one, 0.0).is_some());
        assert_eq!(probabilistic_sharpe_2025(SharpeEstimate::normal(0.1, 0), 0.0), None);
        let impossible = SharpeEstimate { skewness: 9.0, ..SharpeEstimate::normal(0.5, 50) };
        assert_eq!(probabilistic_sharpe_2012(impossible, 0.0), None);
        assert_eq!(minimum_track_record_2012(impossible, 0.0, 0.95), None);
        assert_eq!(probabilistic_sharpe_2012(SharpeEstimate::normal(f64::NAN, 50), 0.0), None);
        assert_eq!(minimum_track_record_2012(one, 0.0, 1.0), None);
        assert_eq!(minimum_track_record_2025(one, 0.1, 0.95), Some(f64::INFINITY));
    }

    proptest! {
        #[test]
        fn law_at_the_minimum_length_the_probability_is_the_confidence(
            ratio in 0.05..0.5_f64, skewness in -1.0..1.0_f64, kurtosis in 3.0..9.0_f64, confidence in 0.6..0.99_f64,
        ) {
            let estimate = SharpeEstimate { ratio, observations: 0, skewness, kurtosis };
            let needed = minimum_track_record_2012(estimate, 0.0, confidence).expect("defined");
            let reached = |observations: f64| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
                let observations = observations as usize;
                probabilistic_sharpe_2012(SharpeEstimate { observations, ..estimate }, 0.0)
            };
            prop_assert!(reached(needed.floor()).is_none_or(|p| p <= confidence + 1e-9));
            prop_assert!(reached(needed.ceil() + 1.0).expect("defined") >= confidence - 1e-9);
        }
    }
}

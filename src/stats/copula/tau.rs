//! Kendall's tau and the correlation of an elliptical copula.
//!
//! # Formula
//! `tau = 2 / pi asin(rho)` for every elliptical copula, the Gaussian and Student's t among them,
//! whatever the degrees of freedom.
//!
//! # References
//! H.-B. Fang, K.-T. Fang, S. Kotz (2002), The meta-elliptical distributions with given marginals,
//! Journal of Multivariate Analysis 82(1), 1-16, theorem 3.1.

use std::f64::consts::FRAC_PI_2;

/// The correlation `sin(pi tau / 2)`.
///
/// # None
/// Unless `-1 <= tau <= 1`.
///
/// ```
/// use barline::stats::correlation_from_tau;
/// assert!((correlation_from_tau(1.0 / 3.0).unwrap() - 0.5).abs() < 1e-15);
/// assert_eq!(correlation_from_tau(1.5), None);
/// ```
pub fn correlation_from_tau(tau: f64) -> Option<f64> {
    (tau.abs() <= 1.0).then(|| libm::sin(FRAC_PI_2 * tau))
}

/// Kendall's tau `2 / pi asin(rho)`.
///
/// # None
/// Unless `-1 <= rho <= 1`.
///
/// ```
/// use barline::stats::tau_from_correlation;
/// assert!((tau_from_correlation(0.5).unwrap() - 1.0 / 3.0).abs() < 1e-15);
/// ```
pub fn tau_from_correlation(correlation: f64) -> Option<f64> {
    (correlation.abs() <= 1.0).then(|| libm::asin(correlation) / FRAC_PI_2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_statsmodels() {
        // statsmodels 0.15.0, GaussianCopula(corr).tau() and StudentTCopula(corr, 4).tau().
        for (rho, tau) in [
            (-0.6, -0.409_665_529_398_266_7),
            (0.3, 0.193_973_368_041_356_56),
            (0.9, 0.712_867_413_742_587_4),
        ] {
            assert!((tau_from_correlation(rho).expect("in range") - tau).abs() < 1e-15);
        }
        assert_eq!(tau_from_correlation(f64::NAN), None);
        assert_eq!(correlation_from_tau(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn law_each_undoes_the_other(tau in -1.0..=1.0_f64) {
            let rho = correlation_from_tau(tau).expect("in range");
            prop_assert!((-1.0..=1.0).contains(&rho));
            // Near one the sine is flat.
            prop_assert!((tau_from_correlation(rho).expect("in range") - tau).abs() < 1e-7);
        }
    }
}

//! Ornstein-Uhlenbeck parameters of a spread, one bar as the unit of time.
//!
//! The process `ds = theta (mu - s) dt + sigma dW`, seen once a bar, is an AR(1). Its parameters are
//! read off the regression `s_t = a + phi s_{t-1} + e_t`, which is the exact maximum likelihood
//! given the first value.
//!
//! # References
//! G. E. Uhlenbeck and L. S. Ornstein (1930), On the theory of the Brownian motion, Physical Review
//! 36, 823-841.

use super::{
    half_life::MeanReversion,
    moments::{dot, is_rounding, largest},
};

/// A fitted process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrnsteinUhlenbeck {
    /// Autoregressive coefficient `phi` of one bar.
    pub phi: f64,
    /// Level the spread returns to.
    pub mu: f64,
    /// Speed of return per bar; `None` unless `0 < phi < 1`.
    pub theta: Option<f64>,
    /// Diffusion per root of a bar; `None` unless `0 < phi < 1`.
    pub sigma: Option<f64>,
    /// Residual standard deviation of the regression, divisor `n`: the maximum likelihood one.
    pub residual_deviation: f64,
    /// t-ratio of `phi - 1` with divisor `n - 2`: a Dickey-Fuller statistic, not a normal one.
    /// `None` without a degree of freedom or where the residuals are rounding.
    pub t_ratio: Option<f64>,
}

/// Fits the process to a spread of `n + 1` bars.
///
/// # Formula
/// `theta = -ln phi`, `mu = a / (1 - phi)`, `sigma = s sqrt(-2 ln phi / (1 - phi^2))` with `s` the
/// residual standard deviation.
///
/// # None
/// Fewer than 3 values, a value that is not finite, a spread that does not move, `phi = 1` (a straight
/// line included), or numbers that are too large.
///
/// ```
/// use barline::stats::ornstein_uhlenbeck;
/// let found = ornstein_uhlenbeck(&[9.0, 5.0, 3.0, 2.0, 1.5]).unwrap();
/// assert!((found.mu - 1.0).abs() < 1e-12 && (found.phi - 0.5).abs() < 1e-12);
/// ```
pub fn ornstein_uhlenbeck(spread: &[f64]) -> Option<OrnsteinUhlenbeck> {
    let fit = MeanReversion::with_intercept(spread)?;
    let phi = 1.0 + fit.lambda;
    let residuals: Vec<f64> = spread
        .windows(2)
        .map(|pair| pair[1] - pair[0] - fit.intercept - fit.lambda * pair[0])
        .collect();
    let n = residuals.len();
    let ssr = dot(&residuals, &residuals);
    let residual_deviation = (ssr / n as f64).sqrt();
    let reverts = phi > 0.0 && phi < 1.0;
    let theta = reverts.then(|| -libm::log(phi));
    let sigma =
        theta.map(|theta| residual_deviation * (2.0 * theta / ((1.0 - phi) * (1.0 + phi))).sqrt());
    let mu = -fit.intercept / fit.lambda;
    let t_ratio = t_ratio(fit.lambda, ssr, spread);
    let finite = mu.is_finite() && residual_deviation.is_finite();
    let sound = finite && sigma.is_none_or(f64::is_finite);
    sound.then_some(OrnsteinUhlenbeck { phi, mu, theta, sigma, residual_deviation, t_ratio })
}

fn t_ratio(lambda: f64, ssr: f64, spread: &[f64]) -> Option<f64> {
    let lagged = &spread[..spread.len() - 1];
    let free = lagged.len().checked_sub(2).filter(|free| *free > 0)?;
    let center = super::moments::mean(lagged)?;
    let moved = super::moments::centered_dot(lagged, center, lagged, center);
    let error = (ssr / free as f64 / moved).sqrt();
    let fitted = is_rounding(ssr, lagged.len() as f64, largest(spread));
    (!fitted && error > 0.0).then(|| lambda / error).filter(|ratio| ratio.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn undefined_cases() {
        assert_eq!(ornstein_uhlenbeck(&[]), None);
        assert_eq!(ornstein_uhlenbeck(&[1.0, 2.0]), None);
        assert_eq!(ornstein_uhlenbeck(&[3.0; 9]), None);
        assert_eq!(ornstein_uhlenbeck(&[1.0, f64::INFINITY, 0.0, 2.0]), None);
        let overshoots = ornstein_uhlenbeck(&[1.0, -1.2, 1.3, -1.4, 1.5]).expect("it moves");
        assert!(overshoots.phi < 0.0);
        assert_eq!((overshoots.theta, overshoots.sigma), (None, None));
    }

    proptest! {
        #[test]
        fn law_any_spread_has_a_documented_outcome(
            spread in prop::collection::vec(-1.0..1.0_f64, 0..30), exponent in -20..30_i32,
        ) {
            let scaled: Vec<f64> = spread.iter().map(|s| s * 2.0_f64.powi(exponent)).collect();
            if let Some(found) = ornstein_uhlenbeck(&scaled) {
                prop_assert!(found.theta.is_none_or(|theta| theta > 0.0));
                prop_assert!(found.mu.is_finite() && found.residual_deviation >= 0.0);
            }
        }
    }
}

//! The best of many trials: expected maximum Sharpe ratio, deflated Sharpe ratio, minimum backtest
//! length.
//!
//! The best of `N` trials without any skill has a positive Sharpe ratio. The deflated ratio is the
//! probabilistic one against the maximum that `N` such trials are expected to reach.
//!
//! # Null and alternative
//! Null: the best trial has no more skill than the best of as many without any. Alternative: it has.
//!
//! # References
//! D. H. Bailey and M. Lopez de Prado (2014), The deflated Sharpe ratio, Journal of Portfolio
//! Management 40(5), 94-107. D. H. Bailey, J. M. Borwein, M. Lopez de Prado, Q. J. Zhu (2014),
//! Pseudo-mathematics and financial charlatanism, Notices of the AMS 61(5), 458-471.

use std::f64::consts::{E, EULER_GAMMA};

use super::{
    normal::normal_quantile,
    probabilistic_sharpe::{SharpeEstimate, probabilistic_sharpe_2012},
};

/// Approximate expected maximum of `trials` independent standard normal numbers.
///
/// # Formula
/// `(1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))`, `g` the Euler-Mascheroni constant. Poor for few
/// trials: 0.520 at `N = 2`, where the exact value is 0.564.
///
/// # None
/// Under 2 trials: the formula has no value there.
///
/// ```
/// use barline::stats::expected_maximum;
/// // The notices of the AMS print 1.57 for ten trials.
/// assert!((expected_maximum(10).unwrap() - 1.57).abs() < 5e-3);
/// assert_eq!(expected_maximum(1), None);
/// ```
pub fn expected_maximum(trials: usize) -> Option<f64> {
    let n = trials as f64;
    // Upper quantiles are taken from the small probability, which keeps its digits.
    let upper = |tail: f64| normal_quantile(tail).map(|x| -x);
    let whole = upper(1.0 / n).filter(|_| trials >= 2)?;
    Some((1.0 - EULER_GAMMA) * whole + EULER_GAMMA * upper(1.0 / (n * E))?)
}

/// Sharpe ratio that the best of `trials` without skill is expected to reach, in the unit of the
/// root of `variance`, the variance of the ratios over the trials.
///
/// # None
/// Under 2 trials, and for a variance that is negative or not finite.
///
/// ```
/// use barline::stats::expected_maximum_sharpe;
/// // The paper of 2014: 100 trials of variance 1/2 a year reach 0.1132 a day.
/// assert!((expected_maximum_sharpe(100, 0.5 / 250.0).unwrap() - 0.1132).abs() < 5e-5);
/// assert_eq!(expected_maximum_sharpe(100, -0.1), None);
/// ```
pub fn expected_maximum_sharpe(trials: usize, variance: f64) -> Option<f64> {
    let deviation = Some(variance.sqrt()).filter(|deviation| deviation.is_finite())?;
    Some(deviation * expected_maximum(trials)?)
}

/// Deflated Sharpe ratio: [`probabilistic_sharpe_2012`] against [`expected_maximum_sharpe`].
/// `variance` is that of the ratios per bar over the trials.
///
/// # Null and alternative
/// Null: the true ratio is no greater than what the best of `trials` without skill is expected to reach.
/// Alternative: it is greater. The result is the probability under which the null is rejected: 1 minus
/// it is the p-value, 0.95 and above rejects at 5 %.
///
/// # None
/// Where one of the two is.
///
/// ```
/// use barline::stats::{SharpeEstimate, deflated_sharpe};
/// // The paper: 2.5 a year over five years of 250 days, 100 trials of variance 1/2 a year: 0.9004;
/// // after 46 trials it would have been 0.9505.
/// let estimate = SharpeEstimate {
///     ratio: 2.5 / 250.0_f64.sqrt(), observations: 1250, skewness: -3.0, kurtosis: 10.0,
/// };
/// let deflated = |trials| deflated_sharpe(estimate, trials, 0.5 / 250.0).unwrap();
/// assert!((deflated(100) - 0.9004).abs() < 5e-5 && (deflated(46) - 0.9505).abs() < 5e-5);
/// ```
pub fn deflated_sharpe(estimate: SharpeEstimate, trials: usize, variance: f64) -> Option<f64> {
    probabilistic_sharpe_2012(estimate, expected_maximum_sharpe(trials, variance)?)
}

/// Years of bars under which the best of `trials` without skill is expected to reach
/// `annual_sharpe`.
///
/// # Formula
/// `(E[max_N] / annual_sharpe)^2`.
///
/// # None
/// Under 2 trials, and for a target that is not positive.
///
/// ```
/// use barline::stats::minimum_backtest_years;
/// // With five years of bars no more than 45 trials.
/// assert!(minimum_backtest_years(45, 1.0).unwrap() < 5.0);
/// assert!(minimum_backtest_years(46, 1.0).unwrap() > 5.0);
/// ```
pub fn minimum_backtest_years(trials: usize, annual_sharpe: f64) -> Option<f64> {
    let root = expected_maximum(trials)? / annual_sharpe;
    (annual_sharpe > 0.0).then_some(root * root).filter(|years| years.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn undefined_cases() {
        assert_eq!(expected_maximum(0), None);
        assert_eq!(expected_maximum_sharpe(10, -1.0), None);
        assert_eq!(expected_maximum_sharpe(10, f64::NAN), None);
        assert_eq!(expected_maximum_sharpe(10, 0.0), Some(0.0));
        assert_eq!(minimum_backtest_years(10, 0.0), None);
        assert_eq!(deflated_sharpe(SharpeEstimate::normal(0.1, 100), 1, 0.01), None);
    }

    proptest! {
        #[test]
        fn law_more_trials_deflate_more(trials in 2..100_000_usize, ratio in -0.2..0.4_f64) {
            let estimate = SharpeEstimate::normal(ratio, 500);
            let one = deflated_sharpe(estimate, trials, 0.002).expect("defined");
            let more = deflated_sharpe(estimate, trials + 1, 0.002).expect("defined");
            prop_assert!(more <= one && (0.0..=1.0).contains(&one));
        }
    }
}

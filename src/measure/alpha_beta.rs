//! Alpha and beta to the benchmark.

use super::{
    finite::{defined, finite, positive},
    returns::returns_move,
};
use crate::stats::{dot, mean};

/// Beta, and alpha in the two conventions of annualization.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlphaBeta {
    /// Covariance with the benchmark over the benchmark's variance; the divisor cancels.
    pub beta: f64,
    /// Return per bar that the benchmark does not explain: `mean(r) - beta mean(b)`.
    pub alpha_per_period: f64,
    /// The same times bars per year: quantstats' `greeks`.
    pub alpha_annual: f64,
    /// The same compounded over a year, `(1 + alpha)^A - 1`: empyrical's `alpha`.
    pub alpha_compounded: f64,
}

/// Regresses returns on those of the benchmark over the same bars, at a risk-free rate of zero. With
/// another one, give [`excess_returns`](super::excess_returns()) of both.
///
/// # Formula
/// `beta = sum((b - mean(b)) (r - mean(r))) / sum((b - mean(b))^2)`; the alphas in [`AlphaBeta`].
///
/// # None
/// For fewer than two bars, series of different length, a benchmark that never moves beyond
/// rounding, bars per year that are not positive, and where a value is not finite.
///
/// # Example
/// ```
/// use barline::measure::alpha_beta;
/// let found = alpha_beta(&[0.75, -0.25], &[0.5, 0.0], 4.0).unwrap();
/// // The line through (0.5, 0.75) and (0, -0.25).
/// assert_eq!((found.beta, found.alpha_per_period, found.alpha_annual), (2.0, -0.25, -1.0));
/// assert_eq!(found.alpha_compounded, 0.75_f64.powi(4) - 1.0);
/// ```
///
/// # References
/// M. C. Jensen (1968), The performance of mutual funds in the period 1945-1964, Journal of Finance
/// 23(2), 389-416.
pub fn alpha_beta(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> Option<AlphaBeta> {
    if returns.len() != benchmark.len() || !returns_move(benchmark) {
        return None;
    }
    let year = positive(periods_per_year)?;
    let (own, market) = (mean(finite(returns)?)?, mean(benchmark)?);
    let moved: Vec<f64> = benchmark.iter().map(|value| value - market).collect();
    let answered: Vec<f64> = returns.iter().map(|value| value - own).collect();
    let beta = defined(dot(&moved, &answered) / dot(&moved, &moved))?;
    let alpha = defined(own - beta * market)?;
    Some(AlphaBeta {
        beta,
        alpha_per_period: alpha,
        alpha_annual: defined(alpha * year)?,
        alpha_compounded: defined(libm::pow(1.0 + alpha, year) - 1.0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::alpha_beta;

    #[test]
    fn a_scaled_benchmark_has_its_scale_as_beta() {
        let benchmark = [0.01, -0.02, 0.03, 0.0];
        let returns = benchmark.map(|b| 1.5 * b + 0.001);
        let found = alpha_beta(&returns, &benchmark, 252.0).expect("it moves");
        assert!((found.beta - 1.5).abs() < 1e-12);
        assert!((found.alpha_annual - 0.252).abs() < 1e-12);
        assert!((found.alpha_compounded - (libm::pow(1.001, 252.0) - 1.0)).abs() < 1e-10);
        assert_eq!(alpha_beta(&returns, &[0.0; 4], 252.0), None);
        assert_eq!(alpha_beta(&returns, &[0.1; 4], 252.0), None);
        assert_eq!(alpha_beta(&returns, &benchmark, 0.0), None);
        assert_eq!(alpha_beta(&[0.1], &[0.1], 252.0), None);
        assert_eq!(alpha_beta(&returns, &benchmark[..3], 252.0), None);
    }
}

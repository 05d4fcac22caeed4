//! Alpha and beta to the benchmark.

use super::finite::{defined, finite};
use crate::stats::{dot, mean};

/// Beta, and alpha in the two conventions of annualization.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlphaBeta {
    /// Covariance with the benchmark over the benchmark's variance.
    pub beta: f64,
    /// Return per bar that the benchmark does not explain: `mean(r) - beta mean(b)`.
    pub alpha_per_period: f64,
    /// The same times bars per year: quantstats' `greeks`.
    pub alpha_annual: f64,
    /// The same compounded over a year, `(1 + alpha)^A - 1`: empyrical's `alpha`.
    pub alpha_compounded: f64,
}

/// Regresses returns on those of the benchmark over the same bars. With a risk-free rate, give
/// [`excess_returns`](super::excess_returns()) of both.
///
/// # None
/// For fewer than two bars, series of different length, a benchmark that never moves, and where a
/// value is not finite.
///
/// # References
/// M. C. Jensen (1968), The performance of mutual funds in the period 1945-1964, Journal of Finance
/// 23(2), 389-416.
pub fn alpha_beta(returns: &[f64], benchmark: &[f64], periods_per_year: f64) -> Option<AlphaBeta> {
    if returns.len() != benchmark.len() || returns.len() < 2 {
        return None;
    }
    let (own, market) = (mean(finite(returns)?)?, mean(finite(benchmark)?)?);
    let moved: Vec<f64> = benchmark.iter().map(|value| value - market).collect();
    let answered: Vec<f64> = returns.iter().map(|value| value - own).collect();
    let beta = defined(dot(&moved, &answered) / dot(&moved, &moved))?;
    let alpha = own - beta * market;
    Some(AlphaBeta {
        beta,
        alpha_per_period: alpha,
        alpha_annual: alpha * periods_per_year,
        alpha_compounded: defined(libm::pow(1.0 + alpha, periods_per_year) - 1.0)?,
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
        assert_eq!(alpha_beta(&[0.1], &[0.1], 252.0), None);
        assert_eq!(alpha_beta(&returns, &benchmark[..3], 252.0), None);
    }
}

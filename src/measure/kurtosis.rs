//! Kurtosis.

use super::{finite::defined, skewness::central_moments};

/// Raw kurtosis of the sample as a population, 3 for normal returns. What the probabilistic Sharpe
/// ratio takes.
///
/// # Formula
/// `m4 / m2^2`, central moments with divisor `n`. Per bar.
///
/// # None
/// Without returns, where they never differ beyond rounding, or one is not finite.
///
/// # Example
/// ```
/// use barline::measure::kurtosis_raw;
/// // Two points have the least there is.
/// assert_eq!(kurtosis_raw(&[1.0, -1.0]), Some(1.0));
/// ```
///
/// # References
/// scipy `kurtosis(fisher=False, bias=True)`; Bacon (2008), chapter 4.
pub fn kurtosis_raw(returns: &[f64]) -> Option<f64> {
    let [m2, _, m4] = central_moments(returns)?;
    defined(m4 / (m2 * m2))
}

/// Unbiased excess kurtosis `G2`, 0 for normal returns, what pandas and quantstats report.
///
/// # Formula
/// `(n - 1) / ((n - 2) (n - 3)) ((n + 1) (m4 / m2^2 - 3) + 6)`.
///
/// # None
/// For fewer than four returns, and as [`kurtosis_raw`].
///
/// # Example
/// ```
/// use barline::measure::kurtosis_excess;
/// // 3 / (2 * 1) * (5 * (1 - 3) + 6)
/// assert_eq!(kurtosis_excess(&[1.0, -1.0, 1.0, -1.0]), Some(-6.0));
/// ```
///
/// # References
/// D. N. Joanes and C. A. Gill (1998), Comparing measures of sample skewness and kurtosis, The
/// Statistician 47(1), 183-189.
pub fn kurtosis_excess(returns: &[f64]) -> Option<f64> {
    let n = returns.len() as f64;
    let raw = kurtosis_raw(returns).filter(|_| returns.len() > 3)?;
    defined((n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * (raw - 3.0) + 6.0))
}

/// Sample kurtosis of R's PerformanceAnalytics (`method="sample"`): unbiased, not in excess.
///
/// # Formula
/// `n (n + 1) / ((n - 1) (n - 2) (n - 3)) sum((r - mean)^4) / sd^4` with divisor `n - 1` in `sd`.
///
/// # None
/// As [`kurtosis_excess`].
///
/// # Example
/// ```
/// use barline::measure::kurtosis_sample;
/// // 5 * 3 / (2 * 1) * 1
/// assert_eq!(kurtosis_sample(&[1.0, -1.0, 1.0, -1.0]), Some(7.5));
/// ```
///
/// # References
/// C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., p. 84.
pub fn kurtosis_sample(returns: &[f64]) -> Option<f64> {
    let n = returns.len() as f64;
    let raw = kurtosis_raw(returns).filter(|_| returns.len() > 3)?;
    defined((n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)) * raw)
}

#[cfg(test)]
mod tests {
    use super::{kurtosis_excess, kurtosis_raw, kurtosis_sample};

    #[test]
    fn two_points_have_the_least() {
        let returns = [1.0, -1.0, 1.0, -1.0, 1.0, -1.0];
        assert_eq!(kurtosis_raw(&returns), Some(1.0));
        let excess = kurtosis_excess(&returns).expect("six returns");
        assert!((excess + 10.0 / 3.0).abs() < 1e-14);
        let sample = kurtosis_sample(&returns).expect("six returns");
        assert!((sample - 35.0 / 12.0).abs() < 1e-14);
        assert_eq!(kurtosis_excess(&returns[..3]), None);
        assert_eq!(kurtosis_raw(&[0.1; 5]), None);
        assert_eq!(kurtosis_raw(&[0.1; 1000]), None);
    }
}

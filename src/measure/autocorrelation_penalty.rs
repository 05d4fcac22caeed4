//! Autocorrelation penalty.

use super::{finite::finite, returns::returns_move};
use crate::stats::{dot, mean};

/// Factor by which a standard deviation is raised for returns that depend on the one before; the
/// "smart" Sharpe ratio of quantstats is the [ratio](super::sharpe()) over it.
///
/// # Formula
/// `sqrt(1 + 2 sum_{k=1}^{n-1} (n - k) / n |c|^k)`, `c` the correlation of returns with their
/// predecessors; 1 where there is none, because one of the two columns never moves beyond rounding.
///
/// # None
/// Without returns, or where one is not finite.
///
/// # Example
/// ```
/// use barline::measure::autocorrelation_penalty;
/// // |c| = 1 over four bars: sqrt(1 + 2 (3 + 2 + 1) / 4) = 2.
/// let penalty = autocorrelation_penalty(&[0.25, -0.25, 0.25, -0.25]).unwrap();
/// assert!((penalty - 2.0).abs() < 1e-15);
/// ```
///
/// # References
/// A. W. Lo (2002), The statistics of Sharpe ratios, Financial Analysts Journal 58(4), 36-52, for
/// the variance of a sum; quantstats 0.0.86 `autocorr_penalty`, which has powers of one correlation
/// in place of the correlations of the lags, and its size in place of its sign.
pub fn autocorrelation_penalty(returns: &[f64]) -> Option<f64> {
    let n = finite(returns)?.len();
    let Some(size) = lag_one_correlation(returns) else { return Some(1.0) };
    let (mut total, mut power) = (0.0, 1.0);
    for k in 1..n {
        power *= size;
        total += (n - k) as f64 / n as f64 * power;
    }
    Some((1.0 + 2.0 * total).sqrt())
}

fn lag_one_correlation(returns: &[f64]) -> Option<f64> {
    let centered = |values: &[f64]| -> Option<Vec<f64>> {
        let center = mean(values).filter(|_| returns_move(values))?;
        Some(values.iter().map(|value| value - center).collect())
    };
    let last = returns.len() - 1;
    let (early, late) = (centered(&returns[..last])?, centered(&returns[1..])?);
    let deviations = dot(&early, &early).sqrt() * dot(&late, &late).sqrt();
    let correlation = (dot(&early, &late) / deviations).abs().min(1.0);
    (deviations > 0.0 && correlation.is_finite()).then_some(correlation)
}

#[cfg(test)]
mod tests {
    use super::autocorrelation_penalty;

    #[test]
    fn independent_of_sign_and_one_without_a_correlation() {
        let alternating = [0.1, -0.1, 0.1, -0.1];
        // |c| = 1: 1 + 2 (3 + 2 + 1) / 4 = 4.
        let value = autocorrelation_penalty(&alternating).expect("returns");
        assert!((value - 2.0).abs() < 1e-12);
        assert_eq!(autocorrelation_penalty(&[0.1, 0.2]), Some(1.0));
        assert_eq!(autocorrelation_penalty(&[0.1]), Some(1.0));
        assert_eq!(autocorrelation_penalty(&[0.1; 5]), Some(1.0));
        assert_eq!(autocorrelation_penalty(&[0.1; 1000]), Some(1.0));
        assert_eq!(autocorrelation_penalty(&[]), None);
    }
}

//! Skewness.

use super::{
    finite::{defined, finite},
    returns::{mean, returns_move, sum},
};

/// Skewness of the sample as a population. Per bar.
///
/// # Formula
/// `m3 / m2^(3/2)`, central moments with divisor `n`.
///
/// # None
/// Without returns, where they never differ beyond rounding, or one is not finite.
///
/// # Example
/// ```
/// use barline::measure::skewness_biased;
/// // m2 = 3/16, m3 = 6/64: 2 / sqrt(3).
/// let found = skewness_biased(&[0.0, 0.0, 0.0, 1.0]).unwrap();
/// assert!((found - 2.0 / 3.0_f64.sqrt()).abs() < 1e-15);
/// ```
///
/// # References
/// scipy `skew(bias=True)`; Bacon (2008), chapter 4.
pub fn skewness_biased(returns: &[f64]) -> Option<f64> {
    let [m2, m3, _] = central_moments(returns)?;
    defined(m3 / (m2 * m2.sqrt()))
}

/// Adjusted Fisher-Pearson skewness `G1`, what pandas, quantstats and most sheets report.
///
/// # Formula
/// `sqrt(n (n - 1)) / (n - 2) m3 / m2^(3/2)`.
///
/// # None
/// For fewer than three returns, and as [`skewness_biased`].
///
/// # Example
/// ```
/// use barline::measure::skewness;
/// // sqrt(4 * 3) / 2 * 2 / sqrt(3)
/// let found = skewness(&[0.0, 0.0, 0.0, 1.0]).unwrap();
/// assert!((found - 2.0).abs() < 1e-15);
/// ```
///
/// # References
/// D. N. Joanes and C. A. Gill (1998), Comparing measures of sample skewness and kurtosis, The
/// Statistician 47(1), 183-189.
pub fn skewness(returns: &[f64]) -> Option<f64> {
    let n = returns.len() as f64;
    let biased = skewness_biased(returns).filter(|_| returns.len() > 2)?;
    defined(biased * (n * (n - 1.0)).sqrt() / (n - 2.0))
}

/// Central moments of order 2, 3 and 4 with divisor `n`, if the returns move.
pub(super) fn central_moments(returns: &[f64]) -> Option<[f64; 3]> {
    let center = mean(finite(returns)?).filter(|_| returns_move(returns))?;
    let n = returns.len() as f64;
    let moment = |power: fn(f64) -> f64| sum(returns, |value| power(value - center)) / n;
    Some([moment(|d| d * d), moment(|d| d * d * d), moment(|d| d * d * (d * d))])
}

#[cfg(test)]
mod tests {
    use super::{skewness, skewness_biased};

    #[test]
    fn a_long_upper_tail_is_positive() {
        let returns = [0.0, 0.0, 0.0, 4.0];
        let biased = skewness_biased(&returns).expect("they differ");
        assert!((biased - 6.0 / 3.0_f64.powf(1.5)).abs() < 1e-14);
        let unbiased = skewness(&returns).expect("four returns");
        assert!((unbiased - 2.0).abs() < 1e-14);
        assert_eq!(skewness(&[0.1, 0.2]), None);
        assert_eq!(skewness_biased(&[0.1, 0.1, 0.1]), None);
        assert_eq!(skewness(&[0.1; 1000]), None);
        assert_eq!(skewness_biased(&[]), None);
    }
}

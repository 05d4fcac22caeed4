//! Skewness.

use super::{
    finite::{defined, finite},
    returns::{mean, sum},
};

/// Skewness of the sample as a population: `m3 / m2^(3/2)`, central moments with divisor `n`.
///
/// # None
/// Without returns, where they never differ beyond rounding, or one is not finite.
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
pub fn skewness(returns: &[f64]) -> Option<f64> {
    let n = returns.len() as f64;
    let biased = skewness_biased(returns).filter(|_| returns.len() > 2)?;
    Some(biased * (n * (n - 1.0)).sqrt() / (n - 2.0))
}

/// Central moments of order 2, 3 and 4 with divisor `n`, if the second is more than rounding.
pub(super) fn central_moments(returns: &[f64]) -> Option<[f64; 3]> {
    let center = mean(finite(returns)?)?;
    let n = returns.len() as f64;
    let moment = |power: fn(f64) -> f64| sum(returns, |value| power(value - center)) / n;
    let m2 = moment(|d| d * d);
    // Returns that are one up to rounding have no shape.
    let noise = f64::EPSILON * center;
    (m2 > noise * noise).then(|| [m2, moment(|d| d * d * d), moment(|d| d * d * (d * d))])
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
        assert_eq!(skewness_biased(&[]), None);
    }
}

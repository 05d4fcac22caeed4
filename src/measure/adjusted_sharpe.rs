//! Adjusted Sharpe ratio.

use super::finite::defined;

/// A Sharpe ratio with a penalty for negative skewness and fat tails, in the time unit of the ratio
/// given.
///
/// # Formula
/// `SR (1 + S / 6 SR - K / 24 SR^2)`, `S` [`skewness_biased`](super::skewness_biased()), `K`
/// [`kurtosis_raw`](super::kurtosis_raw()) less 3. In Bacon's book `SR` is annual, from the compound
/// rate.
///
/// # None
/// Where a number or the result is not finite.
///
/// # Example
/// ```
/// use barline::measure::adjusted_sharpe;
/// // 1 - 3/6 - 6/24
/// assert_eq!(adjusted_sharpe(1.0, -3.0, 6.0), Some(0.25));
/// ```
///
/// # References
/// J. Pezier and A. White (2006), The relative merits of investable hedge fund indices and of funds
/// of hedge funds in optimal passive portfolios, ICMA discussion paper 2006-10.
pub fn adjusted_sharpe(sharpe: f64, skewness: f64, excess_kurtosis: f64) -> Option<f64> {
    let penalty = 1.0 + skewness / 6.0 * sharpe - excess_kurtosis / 24.0 * (sharpe * sharpe);
    defined(sharpe * penalty)
}

#[cfg(test)]
mod tests {
    use super::adjusted_sharpe;

    #[test]
    fn normal_returns_have_no_penalty() {
        assert_eq!(adjusted_sharpe(1.5, 0.0, 0.0), Some(1.5));
        assert_eq!(adjusted_sharpe(1.0, -3.0, 6.0), Some(0.25));
        assert_eq!(adjusted_sharpe(f64::NAN, 0.0, 0.0), None);
    }
}

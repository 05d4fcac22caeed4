//! Pain index.

use super::{drawdowns::drawdowns, finite::defined, returns::mean};

/// Mean depth of drawdowns, zero or positive, over all bars. No annualization.
///
/// # Formula
/// `mean(|drawdown[t]|)`, divisor `n`; the capital is the first maximum.
///
/// # None
/// Without bars, and where [`drawdowns`](super::drawdowns()) is.
///
/// # Example
/// ```
/// use barline::measure::pain_index;
/// // Depths of a half and nothing.
/// assert_eq!(pain_index(&[50.0, 100.0], 100.0), Some(0.25));
/// ```
///
/// # References
/// C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., p. 89,
/// after Zephyr Associates.
pub fn pain_index(equity: &[f64], capital: f64) -> Option<f64> {
    defined(-mean(&drawdowns(equity, capital)?)?).map(f64::abs)
}

#[cfg(test)]
mod tests {
    use super::pain_index;

    #[test]
    fn is_the_mean_depth() {
        assert_eq!(pain_index(&[50.0, 100.0], 100.0), Some(0.25));
        assert_eq!(pain_index(&[], 100.0), None);
    }
}

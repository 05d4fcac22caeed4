//! Calmar ratio.

use super::finite::ratio;

/// Growth rate over the deepest fall, both over the same bars.
///
/// # Formula
/// `cagr / |max_drawdown|`: [`cagr`](super::cagr()) at a risk-free rate of zero and
/// [`max_drawdown`](super::max_drawdown()) with the capital as the first maximum.
///
/// # None
/// Without a growth rate, and without a drawdown that is more than rounding; a positive drawdown is
/// none.
///
/// # Example
/// ```
/// use barline::measure::calmar;
/// assert_eq!(calmar(Some(0.25), Some(-0.5)), Some(0.5));
/// assert_eq!(calmar(Some(0.25), Some(0.0)), None);
/// ```
///
/// # References
/// T. W. Young (1991), Calmar ratio: a smoother tool, Futures, there over 36 months; empyrical
/// and quantstats take the whole record, as here.
pub fn calmar(cagr: Option<f64>, max_drawdown: Option<f64>) -> Option<f64> {
    let depth = max_drawdown.filter(|depth| *depth < 0.0)?;
    ratio(cagr?, depth.abs(), 1.0)
}

#[cfg(test)]
mod tests {
    use super::calmar;

    #[test]
    fn needs_a_drawdown() {
        assert_eq!(calmar(Some(0.1), Some(-0.2)), Some(0.5));
        assert_eq!(calmar(Some(0.1), Some(0.0)), None);
        assert_eq!(calmar(None, Some(-0.2)), None);
        assert_eq!(calmar(Some(0.1), None), None);
        assert_eq!(calmar(Some(0.1), Some(-f64::EPSILON)), None);
        assert_eq!(calmar(Some(f64::NAN), Some(-0.2)), None);
    }
}

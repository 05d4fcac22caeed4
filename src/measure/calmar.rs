//! Calmar ratio.

/// Growth rate over the deepest fall.
///
/// # Formula
/// `cagr / |max_drawdown|`.
///
/// # None
/// Without a drawdown or a growth rate.
pub fn calmar(cagr: Option<f64>, max_drawdown: f64) -> Option<f64> {
    cagr.filter(|_| max_drawdown < 0.0).map(|rate| rate / max_drawdown.abs())
}

#[cfg(test)]
mod tests {
    use super::calmar;

    #[test]
    fn needs_a_drawdown() {
        assert_eq!(calmar(Some(0.1), -0.2), Some(0.5));
        assert_eq!(calmar(Some(0.1), 0.0), None);
        assert_eq!(calmar(None, -0.2), None);
    }
}

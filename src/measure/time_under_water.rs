//! Time under water.

use super::drawdowns::drawdowns;

/// Longest run of bars that close below the maximum so far, in bars; the bar of the maximum and the
/// one that reaches it again are not counted.
///
/// # Formula
/// The longest run of rows with `drawdown[t] < 0`; the capital is the first maximum.
///
/// # None
/// Where [`drawdowns`](super::drawdowns()) is; zero without bars.
///
/// # Example
/// ```
/// use barline::measure::longest_under_water;
/// assert_eq!(longest_under_water(&[110.0, 90.0, 105.0, 120.0, 115.0], 100.0), Some(2));
/// ```
///
/// # References
/// quantstats 0.0.86 `drawdown_details` (`days`) counts calendar days of the same runs.
pub fn longest_under_water(equity: &[f64], capital: f64) -> Option<usize> {
    let (mut run, mut longest) = (0, 0);
    for depth in drawdowns(equity, capital)? {
        run = if depth < 0.0 { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    Some(longest)
}

/// Share of bars that close below the maximum so far.
///
/// # Formula
/// `count(drawdown[t] < 0) / n`; the capital is the first maximum.
///
/// # None
/// Without bars, and where [`drawdowns`](super::drawdowns()) is.
///
/// # Example
/// ```
/// use barline::measure::share_under_water;
/// assert_eq!(share_under_water(&[110.0, 90.0, 105.0, 120.0], 100.0), Some(0.5));
/// ```
///
/// # References
/// M. Lopez de Prado (2018), Advances in Financial Machine Learning, section 14.5, for drawdown and
/// time under water.
pub fn share_under_water(equity: &[f64], capital: f64) -> Option<f64> {
    let below = drawdowns(equity, capital)?.iter().filter(|depth| **depth < 0.0).count();
    (!equity.is_empty()).then(|| below as f64 / equity.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::{longest_under_water, share_under_water};

    #[test]
    fn runs_end_at_a_new_maximum() {
        let equity = [90.0, 110.0, 100.0, 105.0, 110.0, 120.0, 119.0, 130.0];
        assert_eq!(longest_under_water(&equity, 100.0), Some(2));
        assert_eq!(share_under_water(&equity, 100.0), Some(0.5));
        assert_eq!((longest_under_water(&[], 1.0), share_under_water(&[], 1.0)), (Some(0), None));
        assert_eq!(longest_under_water(&[90.0, f64::NAN], 100.0), None);
        assert_eq!(share_under_water(&[90.0, f64::INFINITY], 100.0), None);
    }
}

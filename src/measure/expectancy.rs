//! Expectancy.

use super::{
    finite::{defined, finite},
    returns::mean,
};

/// What a trade (or a bar) earns on average, in the unit of the profits; losers and break-evens are
/// included.
///
/// # Formula
/// `mean(p)`, which is `win rate * mean win - loss rate * |mean loss|`. No annualization.
///
/// # None
/// Without trades, or where a profit is not finite.
///
/// # Example
/// ```
/// use barline::measure::expectancy;
/// assert_eq!(expectancy(&[3.0, -1.0, 0.0, 0.0]), Some(0.5));
/// ```
///
/// # References
/// V. K. Tharp (1998), Trade Your Way to Financial Freedom: expectancy before it is divided by the
/// risk of a trade.
pub fn expectancy(net_profits: &[f64]) -> Option<f64> {
    defined(mean(finite(net_profits)?)?)
}

#[cfg(test)]
mod tests {
    use super::expectancy;

    #[test]
    fn is_the_mean_of_all() {
        assert_eq!(expectancy(&[3.0, -1.0, 0.0, 0.0]), Some(0.5));
        assert_eq!(expectancy(&[]), None);
    }
}

//! Expectancy.

use super::{
    finite::{defined, finite},
    returns::mean,
};

/// What a trade (or a bar) earns on average: the mean of net profits, losers and break-evens
/// included.
///
/// # None
/// Without trades, or where a profit is not finite.
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

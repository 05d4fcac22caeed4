//! Information ratio.

use super::{
    finite::{defined, finite},
    returns::{mean, standard_deviation},
};

/// Mean return above the benchmark over the tracking error, per bar. quantstats'
/// `information_ratio` and empyrical's `excess_sharpe`; times the root of the bars per year it is
/// annual.
///
/// # Formula
/// `mean(r - b) / sd(r - b)` with divisor `n - 1`.
///
/// # None
/// For fewer than two bars, series of different length, a difference that never varies, and where
/// a value is not finite.
pub fn information_ratio(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    if returns.len() != benchmark.len() {
        return None;
    }
    let active: Vec<f64> = returns.iter().zip(benchmark).map(|(r, b)| r - b).collect();
    let error = standard_deviation(finite(&active)?).filter(|error| *error > 0.0)?;
    defined(mean(&active)? / error)
}

#[cfg(test)]
mod tests {
    use super::information_ratio;

    #[test]
    fn is_the_ratio_of_the_difference() {
        let value = information_ratio(&[0.02, 0.05], &[0.01, 0.02]).expect("two bars");
        assert!((value - 0.02 / (0.01 * 2.0_f64.sqrt())).abs() < 1e-12);
        assert_eq!(information_ratio(&[0.5, 0.5], &[0.25, 0.25]), None);
        assert_eq!(information_ratio(&[0.1], &[0.1, 0.2]), None);
        assert_eq!(information_ratio(&[], &[]), None);
    }
}

//! Simple returns per bar, and their moments.

use super::finite::ROUNDING;
use crate::stats::moves_against;

/// Independent sums a reduction runs in, so that it is fast and the same on every machine.
const LANES: usize = 4;

/// Simple returns of an equity curve, one per bar; the first is measured from `capital`.
///
/// # Formula
/// `r[t] = equity[t] / equity[t - 1] - 1`, and 0 where the equity before is zero or negative: a
/// ruined account earns nothing more. No annualization.
///
/// # NaN
/// Where one of the two is not finite, or their ratio is not.
///
/// # Example
/// ```
/// use barline::measure::returns;
/// assert_eq!(returns(&[150.0, 75.0, 0.0, 0.0], 100.0), [0.5, -0.5, -1.0, 0.0]);
/// ```
///
/// # References
/// quantstats and empyrical take the same after `prices.pct_change()`, without the rule of ruin.
pub fn returns(equity: &[f64], capital: f64) -> Vec<f64> {
    let before = std::iter::once(&capital).chain(equity);
    let growth = |(now, before): (&f64, &f64)| {
        let rate = if *before > 0.0 { now / before - 1.0 } else { 0.0 };
        let known = now.is_finite() && before.is_finite() && rate.is_finite();
        if known { rate } else { f64::NAN }
    };
    equity.iter().zip(before).map(growth).collect()
}

/// Whether returns differ by more than rounding: that of the ratio of prices which each of them
/// was, of size `1 + |r|`, and that of their mean. The size is doubled because [`sum`] adds in half
/// as many lanes as the sums of `stats`, for which the bound is made.
pub(super) fn returns_move(returns: &[f64]) -> bool {
    moves_against(returns, 2.0 * (1.0 + largest(returns)))
}

/// The largest size of a return.
pub(super) fn largest(returns: &[f64]) -> f64 {
    returns.iter().fold(0.0, |size, value| value.abs().max(size))
}

/// Whether a return falls below a threshold by more than the rounding of a ratio of prices.
pub(super) fn falls_below(returns: &[f64], threshold: f64) -> bool {
    let bound = threshold - ROUNDING * (1.0 + threshold.abs());
    returns.iter().any(|value| *value < bound)
}

/// Sum of `term` over `values`: element `i` goes to lane `i mod 4`, lanes are added pairwise, the
/// last few elements in order. Fixed, whatever the machine.
#[inline]
pub(super) fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let (groups, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for group in groups {
        for (lane, &value) in lanes.iter_mut().zip(group) {
            *lane += term(value);
        }
    }
    let whole = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    rest.iter().fold(whole, |sum, &value| sum + term(value))
}

/// Arithmetic mean; `None` of nothing.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| sum(values, |value| value) / values.len() as f64)
}

/// Standard deviation with divisor `n - 1`, in two passes; `None` for fewer than two values.
pub(super) fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares = sum(values, |value| (value - mean) * (value - mean));
    Some((squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::{falls_below, returns, returns_move, standard_deviation, sum};

    #[test]
    fn the_first_return_is_from_the_capital() {
        assert_eq!(returns(&[110.0, 99.0], 100.0), [110.0 / 100.0 - 1.0, 99.0 / 110.0 - 1.0]);
        assert!(returns(&[], 100.0).is_empty());
    }

    #[test]
    fn nothing_is_earned_after_ruin() {
        assert_eq!(returns(&[50.0, -5.0, -5.0, -5.0], 100.0), [-0.5, -1.1, 0.0, 0.0]);
        assert_eq!(returns(&[0.0, 0.0], 100.0), [-1.0, 0.0]);
    }

    #[test]
    fn what_is_no_number_has_no_return() {
        for hostile in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let found = returns(&[100.0, hostile, 100.0, 150.0], 100.0);
            assert!(found[1].is_nan() && found[2].is_nan(), "{hostile}: {found:?}");
            assert_eq!((found[0], found[3]), (0.0, 0.5));
            assert!(returns(&[100.0], hostile)[0].is_nan());
            assert!(returns(&[hostile], -1.0)[0].is_nan());
        }
        assert!(returns(&[f64::MAX], 1e-9)[0].is_nan());
    }

    #[test]
    fn steady_growth_does_not_move() {
        let growth = |bar: u32| 100.0 * libm::pow(1.000_1, f64::from(bar));
        let equity: Vec<f64> = (1..5_000).map(growth).collect();
        let steady = returns(&equity, 100.0);
        assert!(standard_deviation(&steady) > Some(1e-17));
        assert!(!returns_move(&steady));
        assert!(returns_move(&[1e-6, 2e-6]));
        assert!(falls_below(&[1e-6], 2e-6) && !falls_below(&[0.3], 0.1 + 0.2));
    }

    #[test]
    fn lanes_add_up() {
        let values: Vec<f64> = (1..=11).map(f64::from).collect();
        assert_eq!(sum(&values, |value| value), 66.0);
        assert_eq!(standard_deviation(&[1.0, 3.0]), Some(2.0_f64.sqrt()));
        assert_eq!(standard_deviation(&[1.0]), None);
    }
}

//! Simple returns per bar, and their moments.

/// Independent sums a reduction runs in, so that it is fast and the same on every machine.
const LANES: usize = 4;

/// Simple returns of an equity curve, one per bar; the first is measured from `capital`.
///
/// # Formula
/// `r[t] = equity[t] / equity[t - 1] - 1`, and 0 where the equity before is zero or negative: a
/// ruined account earns nothing more.
pub fn returns(equity: &[f64], capital: f64) -> Vec<f64> {
    let before = std::iter::once(&capital).chain(equity);
    let growth = |(now, before): (&f64, &f64)| if *before > 0.0 { now / before - 1.0 } else { 0.0 };
    equity.iter().zip(before).map(growth).collect()
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
    use super::{returns, standard_deviation, sum};

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
    fn lanes_add_up() {
        let values: Vec<f64> = (1..=11).map(f64::from).collect();
        assert_eq!(sum(&values, |value| value), 66.0);
        assert_eq!(standard_deviation(&[1.0, 3.0]), Some(2.0_f64.sqrt()));
        assert_eq!(standard_deviation(&[1.0]), None);
    }
}

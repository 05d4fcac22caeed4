//! D ratio.

use super::finite::{finite, ratio};

/// Value of losses over value of gains, each times how often it occurs; the lower the better. No
/// annualization.
///
/// # Formula
/// `n_d |sum(r < 0)| / (n_u sum(r > 0))`.
///
/// # None
/// Without gains that are more than the rounding of the losses, or where a return is not finite.
///
/// # Example
/// ```
/// use barline::measure::d_ratio;
/// // (1 * 0.25) / (2 * 1.0)
/// assert_eq!(d_ratio(&[0.5, 0.5, -0.25]), Some(0.125));
/// ```
///
/// # References
/// C. Bacon (2008), Practical Portfolio Performance Measurement and Attribution, 2nd ed., p. 95.
pub fn d_ratio(returns: &[f64]) -> Option<f64> {
    let (mut up, mut ups, mut down, mut downs) = (0.0, 0_u32, 0.0, 0_u32);
    for value in finite(returns)? {
        if *value > 0.0 {
            (up, ups) = (up + value, ups + 1);
        } else if *value < 0.0 {
            (down, downs) = (down - value, downs + 1);
        }
    }
    let lost = f64::from(downs) * down;
    ratio(lost, f64::from(ups) * up, lost)
}

#[cfg(test)]
mod tests {
    use super::d_ratio;

    #[test]
    fn counts_and_sums_both_enter() {
        assert_eq!(d_ratio(&[0.5, 0.5, -0.25, 0.0]), Some(0.125));
        assert_eq!(d_ratio(&[-0.5]), None);
    }
}

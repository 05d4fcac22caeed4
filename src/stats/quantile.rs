//! Quantiles of a sample, linear between neighbours.

/// Quantile at `p`: the rule of numpy, pandas, empyrical and quantstats (type 7 of R).
///
/// # Formula
/// With the numbers in ascending order and `h = p (n - 1)`: the number at `floor(h)`, and from there
/// the fraction `h - floor(h)` of the way to the next.
///
/// # None
/// Without numbers, where one is not finite or the way between two is not, and unless
/// `0 <= p <= 1`.
///
/// # Example
/// ```
/// use barline::stats::quantile;
/// // h = 1.5: half way from 2 to 4.
/// assert_eq!(quantile(&[4.0, 1.0, 2.0], 0.75), Some(3.0));
/// ```
///
/// # References
/// R. J. Hyndman and Y. Fan (1996), Sample quantiles in statistical packages, The American
/// Statistician 50(4), 361-365, definition 7.
pub fn quantile(x: &[f64], p: f64) -> Option<f64> {
    let ascending = sorted(x)?;
    let place = (0.0..=1.0).contains(&p).then(|| quantile_of_sorted(&ascending, p))?;
    place.is_finite().then_some(place)
}

/// The numbers in ascending order, if there are any and all are finite.
pub(crate) fn sorted(x: &[f64]) -> Option<Vec<f64>> {
    let usable = !x.is_empty() && x.iter().all(|value| value.is_finite());
    usable.then(|| {
        let mut ascending = x.to_vec();
        ascending.sort_by(f64::total_cmp);
        ascending
    })
}

/// [`quantile`] of numbers that are in ascending order; there is one at least.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position")]
pub(super) fn quantile_of_sorted(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let at = (place as usize).min(sorted.len() - 1);
    let next = (at + 1).min(sorted.len() - 1);
    sorted[at] + (sorted[next] - sorted[at]) * (place - at as f64)
}

#[cfg(test)]
mod tests {
    use super::{quantile, sorted};

    #[test]
    fn interpolates_between_neighbours() {
        let x = [4.0, 1.0, 2.0];
        assert_eq!(quantile(&x, 0.0), Some(1.0));
        assert_eq!(quantile(&x, 0.75), Some(3.0));
        assert_eq!(quantile(&x, 1.0), Some(4.0));
        assert_eq!(quantile(&[7.0], 0.3), Some(7.0));
    }

    #[test]
    fn undefined_cases() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(sorted(&[1.0, f64::NAN]), None);
        for p in [1.5, -0.1, f64::NAN] {
            assert_eq!(quantile(&[1.0, 2.0], p), None);
        }
        for hostile in [f64::NAN, f64::INFINITY] {
            assert_eq!(quantile(&[1.0, hostile], 0.5), None);
        }
        assert_eq!(quantile(&[-f64::MAX, f64::MAX], 0.5), None);
    }
}

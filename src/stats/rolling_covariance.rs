//! Covariance of two columns over a moving window.

use super::{
    refusal::Result,
    rolling_ols::check_gapped,
    windows::{Moments, Windows},
};

/// For each row the sample covariance, divisor `count - 1`, over the common rows among the last
/// `window` rows including this one, as `x.rolling(window, min_periods).cov(y)` of pandas. NaN is
/// missing. Each window's moments are merged from two parts and none is ever subtracted: linear in the
/// rows, and an outlier that has left a window leaves no trace. Windows in which a column repeats one
/// value have exactly zero.
///
/// # None
/// With fewer than `max(min_periods, 2)` common rows in the window, and where the moment is too large.
///
/// # Errors
/// `UnequalLengths`, `NonFinite` (0 or 1) for an infinite value, `OutOfRange` for a window under 2 rows and
/// for more rows asked for than it holds.
///
/// # References
/// Chan, Golub & LeVeque (1983), The American Statistician 37(3), 242-247 (merging of moments).
/// `rolling(window, min_periods).cov` of pandas 3.1.1.
///
/// ```
/// use barline::stats::rolling_covariance;
/// let found = rolling_covariance(&[1.0, 2.0, 4.0], &[1.0, 3.0, 3.0], 2, 2)?;
/// assert_eq!(found, [None, Some(1.0), Some(0.0)]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn rolling_covariance(
    x: &[f64],
    y: &[f64],
    window: usize,
    min_periods: usize,
) -> Result<Vec<Option<f64>>> {
    check_gapped(x, y, window, min_periods)?;
    let of = |moments: Moments| {
        let covariance = moments.s_xy / moments.count.saturating_sub(1) as f64;
        (moments.count >= min_periods.max(2) && covariance.is_finite()).then_some(covariance)
    };
    Ok(Windows::of(x, y, window).moments.into_iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{covariance::sample_covariance, gaps::common_rows, refusal::Refusal};

    #[test]
    fn gaps_count_against_the_least() {
        let x = [1.0, f64::NAN, 3.0, 4.0];
        let found = rolling_covariance(&x, &x, 3, 2).expect("equal");
        assert_eq!(found, [None, None, Some(2.0), Some(0.5)]);
        assert_eq!(rolling_covariance(&x, &x, 3, 3).expect("equal"), [None; 4]);
    }

    #[test]
    fn no_rows_and_no_window_have_no_covariance() {
        assert_eq!(rolling_covariance(&[], &[], 3, 1), Ok(vec![]));
        for window in [0, 1] {
            let narrow = rolling_covariance(&[1.0, 2.0], &[1.0, 2.0], window, 0);
            assert_eq!(narrow, Err(Refusal::out_of_range("window", window as f64)));
        }
        let never = rolling_covariance(&[1.0, 2.0], &[1.0, 2.0], 2, 3);
        assert_eq!(never, Err(Refusal::out_of_range("fewest rows", 3.0)));
        let endless = rolling_covariance(&[1.0], &[f64::INFINITY], 2, 1);
        assert_eq!(endless, Err(Refusal::NonFinite { series: 1 }));
    }

    proptest! {
        #[test]
        fn law_a_window_is_the_sample_covariance_of_its_rows(
            rows in prop::collection::vec((-1.0..1.0_f64, prop::option::weighted(0.9, -1.0..1.0_f64)), 0..60),
            window in 2..20_usize, scale in prop::sample::select(vec![1.0, 1e9, 1e-6]),
        ) {
            let x: Vec<f64> = rows.iter().map(|row| scale * (10.0 + row.0)).collect();
            let y: Vec<f64> = rows.iter().map(|row| row.1.unwrap_or(f64::NAN)).collect();
            let found = rolling_covariance(&x, &y, window, 2).expect("finite");
            for (row, found) in found.iter().enumerate() {
                let from = (row + 1).saturating_sub(window);
                let (a, b) = common_rows(&x[from..=row], &y[from..=row]);
                let expected = sample_covariance(&[&a, &b], 1).ok().map(|cells| cells.get(0, 1));
                prop_assert_eq!(found.is_some(), expected.is_some());
                let off = found.zip(expected).map_or(0.0, |(a, b)| (a - b).abs());
                prop_assert!(off <= 1e-12 * scale, "{} {}", row, off);
            }
        }
    }

    #[test]
    fn an_outlier_leaves_no_trace() {
        let x = [1e9, 1.0, 2.0, 3.0];
        assert_eq!(rolling_covariance(&x, &x, 2, 2).expect("equal")[2..], [Some(0.5), Some(0.5)]);
    }
}

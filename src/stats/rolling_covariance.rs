//! Covariance of two columns over a moving window.

use super::{
    gaps::{check_lengths, common_rows},
    moments::{centered_dot, mean},
    refusal::{Refusal, Result},
};

/// For each row the sample covariance, divisor `count - 1`, over the common rows among the last
/// `window` rows including this one, as `x.rolling(window, min_periods).cov(y)` of pandas. NaN is
/// missing. Each window is taken in two passes: an outlier that has left a window leaves no trace,
/// at a cost of `rows * window`.
///
/// # None
/// With fewer than `max(min_periods, 2)` common rows in the window.
///
/// # Errors
/// `UnequalLengths`, `NonFinite` (0 or 1) for an infinite value.
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
    let rows = check_lengths(&[x, y])?;
    if let Some(series) = [x, y].iter().position(|x| x.iter().any(|value| value.is_infinite())) {
        return Err(Refusal::NonFinite { series });
    }
    let at = |row: usize| {
        let from = (row + 1).saturating_sub(window);
        let (a, b) = common_rows(&x[from..=row], &y[from..=row]);
        let moment = centered_dot(&a, mean(&a)?, &b, mean(&b)?);
        (a.len() >= min_periods.max(2)).then(|| moment / (a.len() - 1) as f64)
    };
    Ok((0..rows).map(at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(rolling_covariance(&[1.0, 2.0], &[1.0, 2.0], 0, 0), Ok(vec![None, None]));
        let endless = rolling_covariance(&[1.0], &[f64::INFINITY], 1, 1);
        assert_eq!(endless, Err(Refusal::NonFinite { series: 1 }));
    }

    #[test]
    fn an_outlier_leaves_no_trace() {
        let x = [1e9, 1.0, 2.0, 3.0];
        assert_eq!(rolling_covariance(&x, &x, 2, 2).expect("equal")[2..], [Some(0.5), Some(0.5)]);
    }
}

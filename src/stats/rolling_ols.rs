//! Rolling least squares of a pair: `y = slope x + intercept + e` on the last `window` rows.
//!
//! The value at row `t` uses rows `t - window + 1 ..= t`: it includes the row it is reported on, so a
//! position taken on it stands from the next row on.
//!
//! # The way
//! The moments of every window are merged from two parts (`windows`): linear in the rows, without
//! drift, the same for every longer series that starts at the same row.
//!
//! # References
//! T. F. Chan, G. H. Golub, R. J. LeVeque (1983), Algorithms for computing the sample variance, The
//! American Statistician 37(3), 242-247. Conventions: statsmodels 0.15 `RollingOLS`.

use super::{
    refusal::{Refusal, Result, check_finite},
    windows::{Moments, Windows},
};

/// What a missing value (NaN in either leg) does to the windows that hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    /// The row is left out; the window has fewer rows. `missing="drop"` of statsmodels.
    Drop,
    /// The window has no value. What `missing="skip"` of statsmodels is meant to do; what it does
    /// is [`rolling_slope_statsmodels_skip`](super::rolling_slope_statsmodels_skip).
    Skip,
}

/// Which windows are fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollingWindow {
    /// Rows of a window, at least 2.
    pub rows: usize,
    /// What missing values do.
    pub gaps: Gaps,
    /// Fewest rows with both values; never below 2.
    pub least: usize,
}

impl RollingWindow {
    /// Windows of `rows` rows, with gaps left out and as few as 2 rows.
    ///
    /// ```
    /// use barline::stats::{Gaps, RollingWindow};
    /// let window = RollingWindow::new(60);
    /// assert_eq!((window.rows, window.gaps, window.least), (60, Gaps::Drop, 2));
    /// ```
    pub fn new(rows: usize) -> Self {
        Self { rows, gaps: Gaps::Drop, least: 2 }
    }
}

/// The fit of one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RollingFit {
    /// Units of `x` per unit of `y`.
    pub slope: f64,
    /// Intercept.
    pub intercept: f64,
    /// `1 - ssr / total` around the mean; `None` where `y` does not move.
    pub r_squared: Option<f64>,
    /// Standard error of the slope; `None` with 2 rows.
    pub slope_error: Option<f64>,
    /// Standard deviation of the window's residuals (ddof 1).
    pub residual_sd: f64,
    /// Rows that entered.
    pub rows: usize,
}

/// Fits every window; one element per row.
///
/// # None
/// Before the first full window, with fewer rows than asked for, and where `x` does not move.
///
/// # Errors
/// `UnequalLengths`, `NonFinite` for an infinity (series 0 is `y`), `OutOfRange` for a window under
/// 2 rows and for fewest rows above the window.
///
/// ```
/// use barline::stats::{RollingWindow, rolling_ols};
/// let fits = rolling_ols(&[1.0, 3.0, 5.0, 9.0], &[0.0, 1.0, 2.0, 3.0], RollingWindow::new(3))?;
/// assert_eq!(fits[1], None);
/// assert_eq!(fits[2].unwrap().slope, 2.0);
/// assert_eq!(fits[3].unwrap().slope, 3.0);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn rolling_ols(y: &[f64], x: &[f64], window: RollingWindow) -> Result<Vec<Option<RollingFit>>> {
    check_gapped(y, x, window.rows, window.least)?;
    let windows = Windows::of(y, x, window.rows);
    let of = |(at, moments): (usize, Moments)| {
        (at + 1 >= window.rows).then(|| moments.fit(window)).flatten()
    };
    Ok(windows.moments.into_iter().enumerate().map(of).collect())
}

/// Refuses unequal lengths, infinities, a window too short to fit a line and one that cannot hold
/// the fewest rows asked for.
pub(super) fn check_gapped(y: &[f64], x: &[f64], window: usize, least: usize) -> Result<()> {
    if y.len() != x.len() {
        return Err(Refusal::UnequalLengths { first: y.len(), other: x.len() });
    }
    if window < 2 {
        return Err(Refusal::out_of_range("window", window as f64));
    }
    if least > window {
        return Err(Refusal::out_of_range("fewest rows", least as f64));
    }
    let without_gaps =
        |leg: &[f64]| leg.iter().map(|v| if v.is_nan() { 0.0 } else { *v }).collect();
    let legs: [Vec<f64>; 2] = [without_gaps(y), without_gaps(x)];
    check_finite(&[&legs[0], &legs[1]]).map(|_| ())
}

impl Moments {
    fn fit(&self, window: RollingWindow) -> Option<RollingFit> {
        let skipped = window.gaps == Gaps::Skip && self.gaps > 0;
        if skipped || self.count < window.least.max(2) || self.s_xx <= 0.0 {
            return None;
        }
        let slope = self.s_xy / self.s_xx;
        let ssr = (self.s_yy - slope * self.s_xy).max(0.0);
        let free = (self.count - 2) as f64;
        let fit = RollingFit {
            slope,
            intercept: self.mean[0] - slope * self.mean[1],
            r_squared: Some(1.0 - ssr / self.s_yy).filter(|share| share.is_finite()),
            slope_error: (free > 0.0)
                .then(|| (ssr / free / self.s_xx).sqrt())
                .filter(|error| error.is_finite()),
            residual_sd: (ssr / (self.count - 1) as f64).sqrt(),
            rows: self.count,
        };
        (fit.slope.is_finite() && fit.intercept.is_finite()).then_some(fit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{Center, ols, standard_deviation};

    const GAP: f64 = f64::NAN;

    #[test]
    fn gaps_are_left_out_or_void_the_window() {
        let y = [1.0, 3.0, GAP, 7.0, 9.0, 11.0];
        let x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let dropped = rolling_ols(&y, &x, RollingWindow::new(3)).expect("fits");
        let rows: Vec<usize> = dropped.iter().map(|fit| fit.map_or(0, |fit| fit.rows)).collect();
        assert_eq!(rows, [0, 0, 2, 2, 2, 3]);
        let skip = RollingWindow { gaps: Gaps::Skip, ..RollingWindow::new(3) };
        let skipped = rolling_ols(&y, &x, skip).expect("fits");
        assert_eq!(skipped.iter().filter(|fit| fit.is_some()).count(), 1);
        let least = RollingWindow { least: 3, ..RollingWindow::new(3) };
        assert_eq!(rolling_ols(&y, &x, least).expect("fits"), skipped);
    }

    #[test]
    fn wrong_input_is_refused_and_short_input_has_no_value() {
        let window = RollingWindow::new(3);
        assert_eq!(rolling_ols(&[], &[], window), Ok(vec![]));
        assert_eq!(rolling_ols(&[1.0, 2.0], &[1.0, 2.0], window), Ok(vec![None, None]));
        let flat = rolling_ols(&[1.0, 2.0, 3.0], &[5.0; 3], window);
        assert_eq!(flat, Ok(vec![None; 3]));
        let infinite = rolling_ols(&[1.0, 2.0], &[1.0, f64::INFINITY], window);
        assert_eq!(infinite, Err(Refusal::NonFinite { series: 1 }));
        let narrow = rolling_ols(&[1.0], &[1.0], RollingWindow::new(1));
        assert_eq!(narrow, Err(Refusal::out_of_range("window", 1.0)));
    }

    proptest! {
        #[test]
        fn law_every_window_is_a_least_squares_fit(
            points in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 0..60),
            rows in 3..20_usize, exponent in -20..30_i32,
        ) {
            let scale = 2.0_f64.powi(exponent);
            let (y, x): (Vec<f64>, Vec<f64>) =
                points.into_iter().map(|(y, x)| (scale * y, scale * (x + 50.0))).unzip();
            let fits = rolling_ols(&y, &x, RollingWindow::new(rows)).expect("finite");
            prop_assert_eq!(fits.len(), y.len());
            for (t, fit) in fits.iter().enumerate() {
                prop_assert_eq!(fit.is_some(), t + 1 >= rows);
                let Some(fit) = fit else { continue };
                let from = t + 1 - rows;
                let expected = ols(&[&x[from..=t], &vec![1.0; rows]], &y[from..=t], Center::Mean);
                let expected = expected.expect("regular");
                prop_assert!((fit.slope - expected.params[0]).abs() < 1e-8 * (1.0 + fit.slope.abs()));
                let shares = fit.r_squared.zip(expected.r_squared);
                prop_assert!(shares.is_none_or(|(a, b)| (a - b).abs() < 1e-8));
                let error = expected.standard_error(0).expect("freedom");
                let found = fit.slope_error.expect("freedom");
                prop_assert!((found - error).abs() <= 1e-6 * error + 1e-8);
                let sd = standard_deviation(&expected.residuals, 1).expect("rows");
                prop_assert!((fit.residual_sd - sd).abs() <= 1e-6 * sd + 1e-8 * scale);
            }
        }

        #[test]
        fn law_a_longer_series_keeps_the_rows_before(
            points in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 1..60), rows in 2..20_usize,
        ) {
            let (y, x): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            let cut = y.len() / 2;
            let whole = rolling_ols(&y, &x, RollingWindow::new(rows)).expect("finite");
            let part = rolling_ols(&y[..cut], &x[..cut], RollingWindow::new(rows)).expect("finite");
            prop_assert_eq!(format!("{:?}", &whole[..cut]), format!("{part:?}"));
        }
    }
}

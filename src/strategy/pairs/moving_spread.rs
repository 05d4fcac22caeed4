//! Spreads whose hedge ratio moves: by a Kalman filter, or by a regression of the last bars.
//!
//! # Rolling
//! PZ-1's rolling mode: least squares with intercept of `ln y` on `ln x` over the last `rolling_bars`
//! rows, row `t` included; `z_t` is the residual of row `t` over the standard deviation (ddof 1) of the
//! window's residuals.
//!
//! # Kalman
//! The legs enter as `y* = ln y - m_y` and `x* = (ln x - m_x) / s_x` with the means and the standard
//! deviation (ddof 1) of the formation window, so that neither a unit of price nor the scale of a
//! leg changes anything. State `[b, a]` of `y* = b x* + a + noise`:
//! - observation variance `R = kalman_observation_variance`, in squared log points; by default the
//!   variance (ddof 1) of the residuals of the regression that was tested;
//! - step variance of each coefficient `delta / (1 - delta) R`, `delta = kalman_delta`: the filter
//!   remembers about `1 / sqrt(delta)` bars;
//! - prior at the first bar of the formation window, where the recursion starts anew for every
//!   window: mean 0, covariance `s_y^2 I`, `s_y^2` the variance (ddof 1) of `ln y`.
//!
//! `z_t = e_t / sqrt(S_t)`: the innovation and its variance use the state before bar `t` is seen. The
//! ratio a decision at the close of `t` trades on is that after: `beta = b / s_x`, and `alpha` from the
//! same line. Within the formation window, which is not traded, these moments look ahead; from its
//! end on nothing does.
//!
//! # References
//! E. Chan (2013), Algorithmic Trading, chapter 3 (the recursion and its z-score). SPEC_PZ1, section
//! 1 (rolling mode).

use super::{CointegrationParameters, HedgeRatio};
use crate::stats::{
    FirstBar, KalmanHedge, Refusal, RollingWindow, kalman_hedge, mean, rolling_ols, variance,
};

/// A spread at the close of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    /// Its z-score; NaN where there is none.
    pub(super) z: f64,
    /// Intercept.
    pub(super) alpha: f64,
    /// Hedge ratio.
    pub(super) beta: f64,
    /// The standard deviation that `z` is measured in.
    pub(super) sd: f64,
}

impl Reading {
    /// No reading.
    pub(super) const NONE: Self =
        Self { z: f64::NAN, alpha: f64::NAN, beta: f64::NAN, sd: f64::NAN };

    pub(super) fn is_known(&self) -> bool {
        self.z.is_finite() && self.beta.is_finite() && self.sd > 0.0
    }
}

impl CointegrationParameters {
    /// A reading per row of `[y, x]`, of which the first `formation` rows are the formation window.
    /// No reading depends on a later row, but for those of the formation window of a Kalman filter.
    ///
    /// # Errors
    /// Those of the filter or the regression.
    pub(super) fn readings(
        &self,
        legs: [&[f64]; 2],
        formation: usize,
        residual_variance: f64,
        nominal_bars: f64,
    ) -> Result<Vec<Reading>, Refusal> {
        if self.hedge == HedgeRatio::Kalman {
            self.filtered(legs, formation, residual_variance)
        } else {
            rolling(legs, formation, self.rolling_rows(nominal_bars))
        }
    }

    fn filtered(
        &self,
        [y, x]: [&[f64]; 2],
        formation: usize,
        residual_variance: f64,
    ) -> Result<Vec<Reading>, Refusal> {
        let short = Refusal::TooShort { needed: 2, given: formation };
        let moments =
            |leg: &[f64]| Some((mean(&leg[..formation])?, variance(&leg[..formation], 1)?));
        let ((mean_y, variance_y), (mean_x, variance_x)) =
            moments(y).zip(moments(x)).ok_or(short)?;
        if variance_x <= 0.0 {
            return Err(Refusal::Constant { series: 1 });
        }
        let sd_x = variance_x.sqrt();
        let centered: Vec<f64> = y.iter().map(|y| y - mean_y).collect();
        let scaled: Vec<f64> = x.iter().map(|x| (x - mean_x) / sd_x).collect();
        let observation_variance = self.kalman_observation_variance.unwrap_or(residual_variance);
        let filter = KalmanHedge {
            process_variance: self.kalman_delta / (1.0 - self.kalman_delta) * observation_variance,
            observation_variance,
            mean: [0.0; 2],
            covariance: [variance_y, 0.0, variance_y],
            first_bar: FirstBar::Prior,
        };
        let path = kalman_hedge(&centered, &scaled, filter)?;
        let reading = |row: &crate::stats::KalmanRow| {
            let (beta, sd) = (row.slope / sd_x, row.innovation_variance.sqrt());
            let alpha = mean_y + row.intercept - beta * mean_x;
            Reading { z: row.innovation / sd, alpha, beta, sd }
        };
        Ok(path.rows.iter().map(reading).collect())
    }
}

/// Regressions of the last `window` rows. Rows before the last one of the formation window have no
/// reading: they are not asked for.
fn rolling([y, x]: [&[f64]; 2], formation: usize, window: usize) -> Result<Vec<Reading>, Refusal> {
    let from = formation.saturating_sub(window);
    let fits = rolling_ols(&y[from..], &x[from..], RollingWindow::new(window))?;
    let mut readings = vec![Reading::NONE; from];
    for (at, fit) in (from..).zip(fits) {
        readings.push(fit.map_or(Reading::NONE, |fit| {
            let (alpha, beta, sd) = (fit.intercept, fit.slope, fit.residual_sd);
            Reading { z: (y[at] - alpha - beta * x[at]) / sd, alpha, beta, sd }
        }));
    }
    Ok(readings)
}

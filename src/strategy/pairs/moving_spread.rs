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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::standard_deviation;

    /// Log prices of `[y, x]` whose hedge ratio goes from 0.5 to 1.5 over the rows, and the spread.
    fn drifting(rows: usize) -> [Vec<f64>; 3] {
        let mut state = 11_u64;
        let mut step = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24) - 0.5
        };
        let (mut x, mut y, mut spread) = (3.0, 2.0, 0.0);
        let mut legs = [Vec::new(), Vec::new(), Vec::new()];
        for row in 0..rows {
            let ratio = 0.5 + row as f64 / rows as f64;
            let moved = 0.02 * step();
            x += moved;
            y += ratio * moved;
            spread = 0.8 * spread + 0.005 * step();
            legs[0].push(y + spread);
            legs[1].push(x);
            legs[2].push(spread);
        }
        legs
    }

    const FORMATION: usize = 400;
    const ROWS: usize = 1_600;
    const R: f64 = 4e-6;

    fn read(hedge: HedgeRatio) -> Vec<Reading> {
        let [y, x, _] = drifting(ROWS);
        let parameters = CointegrationParameters {
            hedge,
            kalman_delta: 1e-3,
            rolling_bars: Some(100),
            ..CointegrationParameters::default()
        };
        parameters.readings([&y, &x], FORMATION, R, 400.0).expect("readings")
    }

    #[test]
    fn a_kalman_reading_is_the_recursion_by_hand() {
        let [y, x, _] = drifting(ROWS);
        let found = read(HedgeRatio::Kalman);
        let n = FORMATION as f64;
        let center = |leg: &[f64]| leg[..FORMATION].iter().sum::<f64>() / n;
        let spread = |leg: &[f64]| {
            let m = center(leg);
            leg[..FORMATION].iter().map(|v| (v - m).powi(2)).sum::<f64>() / (n - 1.0)
        };
        let (my, mx, sx) = (center(&y), center(&x), spread(&x).sqrt());
        let q = 1e-3 / (1.0 - 1e-3) * R;
        let (mut b, mut a) = (0.0, 0.0);
        let (mut pbb, mut pba, mut paa) = (spread(&y), 0.0, spread(&y));
        for t in 0..ROWS {
            if t > 0 {
                pbb += q;
                paa += q;
            }
            let h = (x[t] - mx) / sx;
            let e = (y[t] - my) - (b * h + a);
            let s = h * h * pbb + 2.0 * h * pba + paa + R;
            let z = e / s.sqrt();
            let (kb, ka) = ((pbb * h + pba) / s, (pba * h + paa) / s);
            b += kb * e;
            a += ka * e;
            let (nbb, nba, naa) = (pbb - kb * kb * s, pba - kb * ka * s, paa - ka * ka * s);
            (pbb, pba, paa) = (nbb, nba, naa);
            assert!((found[t].z - z).abs() < 1e-6 * (1.0 + z.abs()), "{t}: {} {z}", found[t].z);
            assert!((found[t].beta - b / sx).abs() < 1e-6, "{t}");
            assert!((found[t].alpha - (my + a - b / sx * mx)).abs() < 1e-5, "{t}");
        }
    }

    #[test]
    fn a_rolling_reading_is_a_regression_of_its_own_rows() {
        let [y, x, _] = drifting(ROWS);
        let found = read(HedgeRatio::Rolling);
        assert!(!found[FORMATION - 102].is_known(), "not asked for");
        for t in [FORMATION - 1, FORMATION, 777, ROWS - 1] {
            let rows = t + 1 - 100..t + 1;
            let (y, x) = (&y[rows.clone()], &x[rows]);
            let (my, mx) = (mean(y).expect("rows"), mean(x).expect("rows"));
            let cross: f64 = y.iter().zip(x).map(|(y, x)| (y - my) * (x - mx)).sum();
            let beta = cross / x.iter().map(|x| (x - mx) * (x - mx)).sum::<f64>();
            let residuals: Vec<f64> =
                y.iter().zip(x).map(|(y, x)| y - my - beta * (x - mx)).collect();
            let z = residuals[99] / standard_deviation(&residuals, 1).expect("rows");
            assert!((found[t].z - z).abs() < 1e-9 && (found[t].beta - beta).abs() < 1e-9, "{t}");
        }
    }

    #[test]
    fn a_ratio_that_drifts_is_followed_by_those_that_move() {
        let [y, x, spread] = drifting(ROWS);
        let line = crate::stats::ols(
            &[&x[..FORMATION], &[1.0; FORMATION]],
            &y[..FORMATION],
            crate::stats::Center::Mean,
        );
        let line = line.expect("a line").params;
        let fixed: Vec<f64> = (FORMATION..ROWS).map(|t| y[t] - line[1] - line[0] * x[t]).collect();
        let sd = |values: &[f64]| standard_deviation(values, 1).expect("rows");
        let fixed = sd(&fixed);
        for hedge in [HedgeRatio::Kalman, HedgeRatio::Rolling] {
            let readings = &read(hedge)[FORMATION..];
            let moving: Vec<f64> = readings.iter().map(|reading| reading.z * reading.sd).collect();
            let moving = sd(&moving);
            assert!(moving < 0.5 * fixed, "{hedge:?}: {moving} against {fixed}");
            assert!(moving < 2.0 * sd(&spread[FORMATION..]), "{hedge:?}: {moving}");
            let last = readings[readings.len() - 1].beta;
            assert!((last - 1.5).abs() < (line[0] - 1.5).abs() / 2.0, "{hedge:?}: {last}");
        }
    }

    #[test]
    fn units_and_scales_of_the_other_leg_change_no_z_score() {
        let [y, x, _] = drifting(ROWS);
        let stretched: Vec<f64> = x.iter().map(|x| 4.0 * x + 7.0).collect();
        let risen: Vec<f64> = y.iter().map(|y| y - 5.0).collect();
        for hedge in [HedgeRatio::Kalman, HedgeRatio::Rolling] {
            let parameters = CointegrationParameters {
                hedge,
                rolling_bars: Some(100),
                ..CointegrationParameters::default()
            };
            let one = parameters.readings([&y, &x], FORMATION, R, 400.0).expect("readings");
            let two =
                parameters.readings([&risen, &stretched], FORMATION, R, 400.0).expect("readings");
            for (one, two) in one.iter().zip(&two).skip(FORMATION) {
                assert!((one.z - two.z).abs() < 1e-6, "{hedge:?}: {one:?} {two:?}");
                assert!((one.beta - 4.0 * two.beta).abs() < 1e-6, "{hedge:?}");
            }
        }
    }
}

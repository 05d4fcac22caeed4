//! The hedge ratio of an accepted pair: how it is found, and whether it moves while it is traded.
//!
//! A pair is accepted by the Engle-Granger test and the half-life of its residuals, whatever the
//! hedge ratio; the dependent leg `y` is the test's. Then, on the formation window:
//! - `ols`: the line of the test itself;
//! - `tls`: [`total_least_squares`];
//! - `johansen`: the first relation of [`johansen`] with an unrestricted constant and
//!   `johansen_lags` lagged differences, divided by its first component; `alpha` puts the mean of the
//!   spread at zero.
//!
//! Mean and standard deviation (ddof 1) of the spread are those of the same rows, and the rule is
//! PZ-1's formation mode. The other two move with every bar (see [`moving_spread`](super::moving_spread));
//! what a fit records of them is the state at the end of the formation window.

use serde::{Deserialize, Serialize};

use super::{CointegrationParameters, SpreadModel, moving_spread::Reading};
use crate::stats::{
    HedgeLine, JohansenCase, Refusal, johansen, mean, standard_deviation, total_least_squares,
};

/// How the hedge ratio of an accepted pair is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HedgeRatio {
    /// Least squares of the formation window: the regression that was tested.
    Ols,
    /// Total least squares of the formation window.
    Tls,
    /// The first relation of Johansen's test on the formation window.
    Johansen,
    /// A Kalman filter started at the first bar of the formation window.
    Kalman,
    /// Least squares of the last bars, the decision's own included.
    Rolling,
}

impl HedgeRatio {
    /// True if the ratio changes from bar to bar.
    pub(super) fn moves(self) -> bool {
        matches!(self, Self::Kalman | Self::Rolling)
    }
}

impl CointegrationParameters {
    /// The spread of `[y, x]` at the end of a formation window of these log closes.
    ///
    /// # Errors
    /// Why there is none, in one line.
    pub(super) fn line(
        &self,
        legs: [&[f64]; 2],
        residual_variance: f64,
        nominal_bars: f64,
    ) -> Result<SpreadModel, String> {
        let refused = |refusal: Refusal| format!("hedge ratio: {refusal}");
        match self.hedge {
            HedgeRatio::Ols | HedgeRatio::Tls => {
                about(legs, total_least_squares(legs[0], legs[1]).map_err(refused)?)
            }
            HedgeRatio::Johansen => {
                let lags = self.johansen_lags as usize;
                let test = johansen(&legs, JohansenCase::Constant, lags).map_err(refused)?;
                let weight = test.spread_weights(0).and_then(|weights| weights.get(1).copied());
                let slope = -weight.ok_or("the relation leaves out the dependent leg")?;
                about(legs, centered(legs, slope).ok_or("no bars")?)
            }
            HedgeRatio::Kalman | HedgeRatio::Rolling => {
                let bars = legs[0].len();
                let window = self.rolling_rows(nominal_bars);
                if self.hedge == HedgeRatio::Rolling && window > bars {
                    return Err(format!("rolling_bars {window} above the window's {bars} bars"));
                }
                let readings = self.readings(legs, bars, residual_variance, nominal_bars);
                let last = readings.map_err(refused)?.pop().unwrap_or(Reading::NONE);
                let Reading { alpha, beta, sd, .. } = last;
                let model = SpreadModel { alpha, beta, mean: 0.0, sd };
                if last.is_known() { Ok(model) } else { Err("the spread does not move".to_owned()) }
            }
        }
    }

    /// Bars of the rolling regression; half the nominal bars of the formation window by default.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar count")]
    pub(super) fn rolling_rows(&self, nominal_bars: f64) -> usize {
        let half = (nominal_bars / 2.0).round().max(2.0) as usize;
        self.rolling_bars.map_or(half, |bars| bars as usize)
    }

    /// What identifies a fit beyond the terms of the test.
    pub(super) fn hedge_terms(&self) -> String {
        format!(
            "\0{:?}\0{}\0{}\0{:?}\0{:?}",
            self.hedge,
            self.johansen_lags,
            self.kalman_delta,
            self.kalman_observation_variance,
            self.rolling_bars
        )
    }
}

/// The line of this slope through the means.
fn centered([y, x]: [&[f64]; 2], slope: f64) -> Option<HedgeLine> {
    Some(HedgeLine { slope, intercept: mean(y)? - slope * mean(x)? })
}

/// The spread around a fixed line, measured on the rows it was fitted on.
fn about([y, x]: [&[f64]; 2], line: HedgeLine) -> Result<SpreadModel, String> {
    let HedgeLine { slope: beta, intercept: alpha } = line;
    let spread: Vec<f64> = y.iter().zip(x).map(|(y, x)| y - alpha - beta * x).collect();
    match (mean(&spread), standard_deviation(&spread, 1)) {
        (Some(mean), Some(sd)) if sd > 0.0 && sd.is_finite() => {
            Ok(SpreadModel { alpha, beta, mean, sd })
        }
        _ => Err("the spread does not move".to_owned()),
    }
}

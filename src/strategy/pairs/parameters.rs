//! Parameters of the cointegration strategy, with their defaults and their meaning.

use serde::{Deserialize, Serialize};

use super::{
    HedgeRatio, HedgeSizing, ZRule, half_life_bounds::HalfLifeBounds, method::SpreadParameters,
    refits::Refits, sizing::check_gross_leverage,
};
use crate::{
    error::{Error, Result},
    stats::LagRule,
};

/// How the lag order of the residual regression is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LagChoice {
    /// Smallest Akaike criterion up to Schwert's bound.
    Aic,
    /// Smallest Bayesian criterion up to the same bound.
    Bic,
    /// Largest order whose last lag is significant at 10 %.
    TStat,
    /// This many lags.
    #[serde(untagged)]
    Bars(u32),
}

impl LagChoice {
    pub(super) fn rule(self) -> LagRule {
        match self {
            Self::Aic => LagRule::Aic { max: None },
            Self::Bic => LagRule::Bic { max: None },
            Self::TStat => LagRule::TStat { max: None },
            Self::Bars(lags) => LagRule::Fixed(lags as usize),
        }
    }
}

/// A p-value up to so many times the largest accepted one is a near miss.
const NEAR_MISS: f64 = 2.0;

/// Parameters of [`Cointegration`](super::Cointegration).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CointegrationParameters {
    /// Length of the formation window in days; half the horizon when `None`.
    pub formation_days: Option<f64>,
    /// Bars between refits, counted from the start of the scored window; half the nominal bars of
    /// the formation window when `None`.
    pub refit_bars: Option<u32>,
    /// Largest p-value that is accepted.
    pub alpha: f64,
    /// Lag order of the residual regression.
    pub lag: LagChoice,
    /// Shortest half-life accepted, bars.
    pub min_half_life_bars: f64,
    /// Longest half-life accepted, as a share of the bars of the formation window.
    pub max_half_life_frac: f64,
    /// How the hedge ratio of an accepted pair is found.
    pub hedge: HedgeRatio,
    /// Lagged differences of Johansen's regression ([`HedgeRatio::Johansen`]).
    pub johansen_lags: u32,
    /// How fast the coefficients may move, as a share of the observation variance per bar: the
    /// filter remembers about `1 / sqrt(kalman_delta)` bars ([`HedgeRatio::Kalman`]).
    pub kalman_delta: f64,
    /// Variance of the observation, squared log points; the variance of the tested regression's
    /// residuals when `None` ([`HedgeRatio::Kalman`]).
    pub kalman_observation_variance: Option<f64>,
    /// Bars of the rolling regression; half the nominal bars of the formation window when `None`
    /// ([`HedgeRatio::Rolling`]).
    pub rolling_bars: Option<u32>,
    /// Enter at this z-score or beyond.
    pub entry_z: f64,
    /// Leave at this z-score or nearer.
    pub exit_z: f64,
    /// Give up at this z-score or beyond.
    pub stop_z: f64,
    /// Sizing of the second leg.
    pub sizing: HedgeSizing,
    /// Twice the notional of the dependent leg, as a multiple of the pair's share of equity.
    pub gross_leverage: f64,
}

impl Default for CointegrationParameters {
    fn default() -> Self {
        let rule = ZRule::default();
        Self {
            formation_days: None,
            refit_bars: None,
            alpha: 0.05,
            lag: LagChoice::Aic,
            min_half_life_bars: 2.0,
            max_half_life_frac: 0.25,
            hedge: HedgeRatio::Ols,
            johansen_lags: 1,
            kalman_delta: 1e-5,
            kalman_observation_variance: None,
            rolling_bars: None,
            entry_z: rule.entry,
            exit_z: rule.exit,
            stop_z: rule.stop,
            sizing: HedgeSizing::Beta,
            gross_leverage: 1.0,
        }
    }
}

impl CointegrationParameters {
    /// The z-score rule.
    pub(super) fn rule(&self) -> ZRule {
        ZRule { entry: self.entry_z, exit: self.exit_z, stop: self.stop_z }
    }

    /// The p-value above which a fit is kept without its figures: nearer ones nearly were accepted.
    pub(super) fn far(&self) -> f64 {
        (NEAR_MISS * self.alpha).min(1.0)
    }

    /// Which half-lives are accepted.
    pub(super) fn half_life_bounds(&self) -> HalfLifeBounds {
        HalfLifeBounds {
            shortest_bars: self.min_half_life_bars,
            longest_frac: self.max_half_life_frac,
        }
    }

    fn check_hedge(&self) -> std::result::Result<(), String> {
        if self.johansen_lags > 100 {
            return Err(format!("johansen_lags = {} is above 100", self.johansen_lags));
        }
        if !(self.kalman_delta >= 0.0 && self.kalman_delta < 1.0) {
            return Err(format!("kalman_delta = {} is not in [0, 1)", self.kalman_delta));
        }
        let variance = self.kalman_observation_variance;
        if let Some(variance) = variance.filter(|given| !(*given > 0.0 && given.is_finite())) {
            return Err(format!("kalman_observation_variance = {variance} is not above 0"));
        }
        match self.rolling_bars {
            Some(bars @ 0..3) => {
                Err(format!("rolling_bars = {bars}; a line and its spread need 3"))
            }
            _ => Ok(()),
        }
    }
}

impl SpreadParameters for CointegrationParameters {
    const NAME: &'static str = "cointegration";

    fn check(&self) -> Result<()> {
        let refuse = |what: String| Err(Error::usage(format!("{}: {what}", Self::NAME)));
        if !(self.alpha > 0.0 && self.alpha <= 1.0) {
            return refuse(format!("alpha = {} is not in (0, 1]", self.alpha));
        }
        self.rule().check(Self::NAME)?;
        self.refits().check(Self::NAME)?;
        check_gross_leverage(Self::NAME, self.gross_leverage)?;
        self.half_life_bounds().check(Self::NAME)?;
        self.check_hedge().or_else(refuse)
    }

    fn refits(&self) -> Refits {
        Refits { formation_days: self.formation_days, refit_bars: self.refit_bars }
    }
}

#[cfg(test)]
mod tests {
    use super::{CointegrationParameters, LagChoice, SpreadParameters};

    #[test]
    fn parameters_read_what_they_print() {
        let parameters = CointegrationParameters {
            lag: LagChoice::Bars(3),
            ..CointegrationParameters::default()
        };
        let text = serde_json::to_string(&parameters).expect("json");
        assert!(text.contains("\"lag\":3"), "{text}");
        let back: CointegrationParameters = serde_json::from_str(&text).expect("json");
        assert_eq!(back, parameters);
        let aic: CointegrationParameters = serde_json::from_str("{\"lag\":\"aic\"}").expect("json");
        assert_eq!(aic, CointegrationParameters::default());
        assert!(serde_json::from_str::<CointegrationParameters>("{\"entry\":2}").is_err());
    }

    #[test]
    fn thresholds_out_of_order_are_refused() {
        let wrong = CointegrationParameters { entry_z: 5.0, ..CointegrationParameters::default() };
        assert!(wrong.check().is_err());
        assert!(CointegrationParameters::default().check().is_ok());
    }
}

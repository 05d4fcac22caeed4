//! What a portfolio looks back on: how long, how often, by which estimator.

use serde::{Deserialize, Serialize};

use super::covariance_estimator::CovarianceEstimator;
use crate::{
    domain::{HorizonWindow, MICROS_PER_DAY},
    error::{Error, Result},
};

/// Lookback, rhythm and estimator of a portfolio's covariance.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lookback {
    /// Length of the trailing lookback in days; half the horizon when `None`.
    pub lookback_days: Option<f64>,
    /// Bars between rebalances; one week of bars when `None`.
    pub rebalance_bars: Option<usize>,
    /// How the covariance is estimated.
    pub covariance: CovarianceEstimator,
    /// Common bars in which the weight of a return halves, for [`CovarianceEstimator::Ewma`]; a
    /// quarter of the lookback's nominal bars when `None`.
    pub ewma_half_life_bars: Option<f64>,
}

/// A portfolio that has a lookback.
pub trait LooksBack {
    /// What it looks back on.
    fn lookback(&self) -> Lookback;
}

/// Parameters of a portfolio: one flat table of a [`Lookback`]'s four and of its own, each with its
/// default. A nested struct would need serde's `flatten`, and a wrong value in a configuration would
/// lose its line and column.
macro_rules! portfolio_parameters {
    (
        $(#[$about:meta])*
        pub struct $name:ident {
            $($(#[$meaning:meta])* $own:ident: $kind:ty = $default:expr,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            /// As [`Lookback::lookback_days`](crate::strategy::portfolio::Lookback::lookback_days).
            pub lookback_days: Option<f64>,
            /// As [`Lookback::rebalance_bars`](crate::strategy::portfolio::Lookback::rebalance_bars).
            pub rebalance_bars: Option<usize>,
            /// As [`Lookback::covariance`](crate::strategy::portfolio::Lookback::covariance).
            pub covariance: $crate::strategy::portfolio::CovarianceEstimator,
            /// As [`Lookback::ewma_half_life_bars`](crate::strategy::portfolio::Lookback::ewma_half_life_bars).
            pub ewma_half_life_bars: Option<f64>,
            $($(#[$meaning])* pub $own: $kind,)+
        }

        impl Default for $name {
            fn default() -> Self {
                let lookback = $crate::strategy::portfolio::Lookback::default();
                Self {
                    lookback_days: lookback.lookback_days,
                    rebalance_bars: lookback.rebalance_bars,
                    covariance: lookback.covariance,
                    ewma_half_life_bars: lookback.ewma_half_life_bars,
                    $($own: $default,)+
                }
            }
        }

        impl $crate::strategy::portfolio::LooksBack for $name {
            fn lookback(&self) -> $crate::strategy::portfolio::Lookback {
                $crate::strategy::portfolio::Lookback {
                    lookback_days: self.lookback_days,
                    rebalance_bars: self.rebalance_bars,
                    covariance: self.covariance,
                    ewma_half_life_bars: self.ewma_half_life_bars,
                }
            }
        }
    };
}
pub(super) use portfolio_parameters;

impl Lookback {
    /// Length of the lookback of a horizon, microseconds.
    #[allow(clippy::cast_possible_truncation, reason = "a span of days fits")]
    pub(super) fn micros(&self, window: &HorizonWindow) -> i64 {
        match self.lookback_days {
            Some(days) => (days * MICROS_PER_DAY as f64) as i64,
            None => window.horizon.micros() / 2,
        }
    }

    /// Checks what the types cannot, for the strategy of this name.
    pub(super) fn check(&self, strategy: &str) -> Result<()> {
        let refuse = |what: &str| Err(Error::usage(format!("{strategy}: {what}")));
        if self.lookback_days.is_some_and(|days| !(days > 0.0 && days <= 36_525.0)) {
            return refuse("lookback_days is not between 0 and a century");
        }
        if self.rebalance_bars == Some(0) {
            return refuse("rebalance_bars = 0; at least one bar lies between");
        }
        let half_life = self.ewma_half_life_bars;
        if half_life.is_some_and(|bars| !(0.1..=1e6).contains(&bars)) {
            return refuse("ewma_half_life_bars is not between 0.1 and 1000000");
        }
        if half_life.is_some() && self.covariance != CovarianceEstimator::Ewma {
            let what = "ewma_half_life_bars has no effect on this covariance";
            return Err(
                Error::usage(format!("{strategy}: {what}")).with_hint("set covariance = \"ewma\"")
            );
        }
        Ok(())
    }
}

//! How long a spread is watched before it is fitted, and how often it is fitted anew.

use crate::{
    domain::{HorizonWindow, Interval, MICROS_PER_DAY},
    error::{Error, Result},
    strategy::HorizonBars,
};

/// Formation window and distance of the refits, as parameters say them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::strategy) struct Refits {
    /// Length of the formation window in days; half the horizon when `None`.
    pub(in crate::strategy) formation_days: Option<f64>,
    /// Bars common to all legs between refits, counted from the start of the scored window; half
    /// the nominal bars of the formation window when `None`.
    pub(in crate::strategy) refit_bars: Option<u32>,
}

impl Refits {
    /// Length of the formation window of a horizon, microseconds.
    #[allow(clippy::cast_possible_truncation, reason = "a span of days fits")]
    pub(in crate::strategy) fn formation_micros(&self, window: &HorizonWindow) -> i64 {
        match self.formation_days {
            Some(days) => (days * MICROS_PER_DAY as f64) as i64,
            None => window.horizon.micros() / 2,
        }
    }

    /// Bars between refits of a spread over `assets`.
    pub(in crate::strategy) fn bars_between(
        &self,
        bars: &HorizonBars<'_>,
        assets: &[u16],
    ) -> usize {
        let nominal = bars.nominal_bars(assets, self.formation_micros(&bars.window));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar count")]
        let half = (nominal / 2.0).round().max(1.0) as usize;
        self.refit_bars.map_or(half, |bars| bars as usize)
    }

    /// Refits of a spread over the scored window at most.
    pub(in crate::strategy) fn most(&self, window: &HorizonWindow, interval: Interval) -> u64 {
        let spans = |micros: i64, between: i64| {
            micros.max(0).unsigned_abs().div_ceil(between.max(1).unsigned_abs())
        };
        let between = match self.refit_bars {
            Some(bars) => i64::from(bars).saturating_mul(interval.micros()),
            None => self.formation_micros(window) / 2,
        };
        spans(window.horizon.micros(), between)
    }

    /// Checks what the types cannot, for the strategy of this name.
    pub(in crate::strategy) fn check(&self, strategy: &str) -> Result<()> {
        let refuse = |what: &str| Err(Error::usage(format!("{strategy}: {what}")));
        if self.formation_days.is_some_and(|days| !(days > 0.0 && days <= 36_525.0)) {
            return refuse("formation_days is not between 0 and a century");
        }
        if self.refit_bars == Some(0) {
            return refuse("refit_bars = 0; refits need at least one bar between them");
        }
        Ok(())
    }
}

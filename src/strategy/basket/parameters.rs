//! Parameters of the basket strategy, with their defaults and their meaning.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{HorizonWindow, MICROS_PER_DAY},
    error::{Error, Result},
    stats::JohansenCase,
    strategy::pairs::ZRule,
};

/// Significance levels with tabulated quantiles of the trace statistic, in the order of the table.
const LEVELS: [f64; 3] = [0.1, 0.05, 0.01];

/// Parameters of [`Basket`](super::Basket).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BasketParameters {
    /// Length of the formation window in days; half the horizon when `None`.
    pub formation_days: Option<f64>,
    /// Bars common to all members between refits, counted from the start of the scored window;
    /// half the nominal bars of the formation window when `None`.
    pub refit_bars: Option<u32>,
    /// Significance of the trace test of no relation: 0.1, 0.05 or 0.01.
    pub alpha: f64,
    /// Unrestricted deterministic terms: -1 none, 0 a constant, 1 a linear trend.
    pub det_order: i8,
    /// Lagged differences in the error correction model.
    pub k_ar_diff: u32,
    /// Shortest half-life accepted, bars.
    pub min_half_life_bars: f64,
    /// Longest half-life accepted, as a share of the bars of the formation window.
    pub max_half_life_frac: f64,
    /// Enter at this z-score or beyond.
    pub entry_z: f64,
    /// Leave at this z-score or nearer.
    pub exit_z: f64,
    /// Give up at this z-score or beyond.
    pub stop_z: f64,
    /// Gross notional of all legs at an entry, as a multiple of the equity at the last refit.
    pub gross_leverage: f64,
}

impl Default for BasketParameters {
    fn default() -> Self {
        let rule = ZRule::default();
        Self {
            formation_days: None,
            refit_bars: None,
            alpha: 0.05,
            det_order: 0,
            k_ar_diff: 1,
            min_half_life_bars: 2.0,
            max_half_life_frac: 0.25,
            entry_z: rule.entry,
            exit_z: rule.exit,
            stop_z: rule.stop,
            gross_leverage: 1.0,
        }
    }
}

impl BasketParameters {
    /// The z-score rule.
    pub(super) fn rule(&self) -> ZRule {
        ZRule { entry: self.entry_z, exit: self.exit_z, stop: self.stop_z }
    }

    /// Column of the quantiles at `alpha`; `None` where there is none.
    pub(super) fn level(&self) -> Option<usize> {
        LEVELS.iter().position(|level| level.to_bits() == self.alpha.to_bits())
    }

    /// Deterministic terms of the test; `None` for an order that has no name.
    pub(super) fn case(&self) -> Option<JohansenCase> {
        match self.det_order {
            -1 => Some(JohansenCase::None),
            0 => Some(JohansenCase::Constant),
            1 => Some(JohansenCase::Linear),
            _ => None,
        }
    }

    /// Length of the formation window of a horizon, microseconds.
    #[allow(clippy::cast_possible_truncation, reason = "a span of days fits")]
    pub(super) fn formation_micros(&self, window: &HorizonWindow) -> i64 {
        match self.formation_days {
            Some(days) => (days * MICROS_PER_DAY as f64) as i64,
            None => window.horizon.micros() / 2,
        }
    }

    /// Checks what the types cannot.
    ///
    /// # Errors
    /// Usage, naming the parameter and its bounds.
    pub fn checked(self) -> Result<Self> {
        let refuse = |what: &str| Err(Error::usage(format!("basket: {what}")));
        if self.level().is_none() {
            return refuse(&format!("alpha = {} is not 0.1, 0.05 or 0.01", self.alpha));
        }
        if self.case().is_none() {
            return refuse(&format!("det_order = {} is not -1, 0 or 1", self.det_order));
        }
        if self.k_ar_diff > 1_000 {
            return refuse(&format!("k_ar_diff = {} is above 1000", self.k_ar_diff));
        }
        if !(0.0 <= self.exit_z && self.exit_z < self.entry_z && self.entry_z < self.stop_z) {
            return refuse(&format!(
                "0 <= exit_z < entry_z < stop_z does not hold for {}, {}, {}",
                self.exit_z, self.entry_z, self.stop_z
            ));
        }
        if self.formation_days.is_some_and(|days| !(days > 0.0 && days <= 36_525.0)) {
            return refuse("formation_days is not between 0 and a century");
        }
        if self.refit_bars == Some(0) {
            return refuse("refit_bars = 0; refits need at least one bar between them");
        }
        if !(self.gross_leverage > 0.0 && self.gross_leverage <= 100.0) {
            return refuse(&format!("gross_leverage = {} is not in (0, 100]", self.gross_leverage));
        }
        if !(self.min_half_life_bars >= 0.0 && self.max_half_life_frac > 0.0) {
            return refuse("half-life bounds must be positive");
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::BasketParameters;

    #[test]
    fn parameters_out_of_their_bounds_are_named() {
        let plain = BasketParameters::default();
        assert!(plain.checked().is_ok());
        for (wrong, named) in [
            (BasketParameters { alpha: 0.02, ..plain }, "basket: alpha = 0.02"),
            (BasketParameters { det_order: 2, ..plain }, "basket: det_order = 2"),
            (BasketParameters { k_ar_diff: 5_000, ..plain }, "basket: k_ar_diff = 5000"),
            (BasketParameters { entry_z: 5.0, ..plain }, "basket: 0 <= exit_z < entry_z"),
            (BasketParameters { refit_bars: Some(0), ..plain }, "basket: refit_bars = 0"),
            (BasketParameters { gross_leverage: 0.0, ..plain }, "basket: gross_leverage = 0"),
            (BasketParameters { formation_days: Some(0.0), ..plain }, "basket: formation_days"),
            (BasketParameters { max_half_life_frac: 0.0, ..plain }, "basket: half-life bounds"),
        ] {
            let error = wrong.checked().expect_err(named).to_string();
            assert!(error.starts_with(named), "{error}");
        }
    }
}

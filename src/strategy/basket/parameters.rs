//! Parameters of the basket strategy, with their defaults and their meaning.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    stats::JohansenCase,
    strategy::pairs::{HalfLifeBounds, Refits, SpreadParameters, ZRule, check_gross_leverage},
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

    /// Which half-lives are accepted.
    pub(super) fn half_life_bounds(&self) -> HalfLifeBounds {
        HalfLifeBounds {
            shortest_bars: self.min_half_life_bars,
            longest_frac: self.max_half_life_frac,
        }
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
}

impl SpreadParameters for BasketParameters {
    const NAME: &'static str = "basket";

    fn check(&self) -> Result<()> {
        let refuse = |what: &str| Err(Error::usage(format!("{}: {what}", Self::NAME)));
        if self.level().is_none() {
            return refuse(&format!("alpha = {} is not 0.1, 0.05 or 0.01", self.alpha));
        }
        if self.case().is_none() {
            return refuse(&format!("det_order = {} is not -1, 0 or 1", self.det_order));
        }
        if self.k_ar_diff > 1_000 {
            return refuse(&format!("k_ar_diff = {} is above 1000", self.k_ar_diff));
        }
        self.rule().check(Self::NAME)?;
        self.refits().check(Self::NAME)?;
        check_gross_leverage(Self::NAME, self.gross_leverage)?;
        self.half_life_bounds().check(Self::NAME)
    }

    fn refits(&self) -> Refits {
        Refits { formation_days: self.formation_days, refit_bars: self.refit_bars }
    }
}

#[cfg(test)]
mod tests {
    use super::{BasketParameters, SpreadParameters};

    #[test]
    fn parameters_out_of_their_bounds_are_named() {
        let plain = BasketParameters::default();
        assert!(plain.check().is_ok());
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
            let error = wrong.check().expect_err(named).to_string();
            assert!(error.starts_with(named), "{error}");
        }
    }
}

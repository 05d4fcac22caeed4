//! Parameters of the copula strategy, with their defaults and their meaning.

use serde::{Deserialize, Serialize};

use super::IndexRule;
use crate::{
    error::{Error, Result},
    stats::CopulaFamily,
    strategy::pairs::{Refits, SpreadParameters, check_gross_leverage},
};

/// Largest distance of a stop: an index moves by at most a half each bar.
const MOST_STOP: f64 = 1e6;

/// Parameters of [`CopulaPairs`](super::CopulaPairs).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CopulaParameters {
    /// Length of the formation window in days; half the horizon when `None`.
    pub formation_days: Option<f64>,
    /// Bars between refits, counted from the start of the scored window; half the nominal bars of
    /// the formation window when `None`.
    pub refit_bars: Option<u32>,
    /// Family of the copula.
    pub family: CopulaFamily,
    /// Smallest Kendall's tau of the legs' returns that is accepted.
    pub min_tau: f64,
    /// Returns among which a return is ranked, its own included; as many as the formation window
    /// has when `None`.
    pub rank_bars: Option<u32>,
    /// Enter where a mispricing index is this far from 0 or further.
    pub entry_index: f64,
    /// Give up where the index has gone on to this distance or beyond.
    pub stop_index: f64,
    /// Twice the notional of a leg, as a multiple of the pair's share of equity.
    pub gross_leverage: f64,
}

impl Default for CopulaParameters {
    fn default() -> Self {
        let rule = IndexRule::default();
        Self {
            formation_days: None,
            refit_bars: None,
            family: CopulaFamily::Gaussian,
            min_tau: 0.3,
            rank_bars: None,
            entry_index: rule.entry,
            stop_index: rule.stop,
            gross_leverage: 1.0,
        }
    }
}

impl CopulaParameters {
    /// The rule on the mispricing indices.
    pub(super) fn rule(&self) -> IndexRule {
        IndexRule { entry: self.entry_index, stop: self.stop_index }
    }
}

impl SpreadParameters for CopulaParameters {
    const NAME: &'static str = "copula";

    fn check(&self) -> Result<()> {
        let refuse = |what: &str| Err(Error::usage(format!("{}: {what}", Self::NAME)));
        self.refits().check(Self::NAME)?;
        if !(self.min_tau > 0.0 && self.min_tau < 1.0) {
            return refuse(&format!("min_tau = {} is not in (0, 1)", self.min_tau));
        }
        if let Some(bars @ 0..2) = self.rank_bars {
            return refuse(&format!("rank_bars = {bars}; ranks need at least two returns"));
        }
        if !(self.entry_index > 0.0 && self.entry_index + 0.5 <= self.stop_index) {
            return refuse(&format!(
                "0 < entry_index <= stop_index - 0.5 does not hold for {}, {}",
                self.entry_index, self.stop_index
            ));
        }
        if self.stop_index > MOST_STOP {
            return refuse(&format!("stop_index = {} is above {MOST_STOP}", self.stop_index));
        }
        check_gross_leverage(Self::NAME, self.gross_leverage)
    }

    fn refits(&self) -> Refits {
        Refits { formation_days: self.formation_days, refit_bars: self.refit_bars }
    }
}

#[cfg(test)]
mod tests {
    use super::{CopulaParameters, SpreadParameters};

    #[test]
    fn bounds_are_kept_and_named() {
        let parsed = |text: &str| serde_json::from_str::<CopulaParameters>(text).expect("json");
        assert!(CopulaParameters::default().check().is_ok());
        for (text, name) in [
            ("{\"min_tau\":0.0}", "min_tau = 0"),
            ("{\"min_tau\":1.0}", "min_tau = 1"),
            ("{\"entry_index\":1.6}", "entry_index <= stop_index - 0.5"),
            ("{\"entry_index\":0.0}", "0 < entry_index"),
            ("{\"stop_index\":1e9}", "stop_index = 1000000000"),
            ("{\"rank_bars\":1}", "rank_bars = 1"),
            ("{\"refit_bars\":0}", "refit_bars = 0"),
            ("{\"gross_leverage\":0.0}", "gross_leverage = 0"),
            ("{\"formation_days\":-1.0}", "formation_days"),
        ] {
            let error = parsed(text).check().expect_err(text).to_string();
            assert!(error.starts_with("copula: ") && error.contains(name), "{error}");
        }
        assert!(serde_json::from_str::<CopulaParameters>("{\"family\":\"clayton\"}").is_err());
        assert_eq!(
            parsed("{\"family\":\"student-t\"}").family,
            crate::stats::CopulaFamily::StudentT
        );
    }
}

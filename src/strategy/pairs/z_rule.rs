//! The thresholds of the z-score rule.

use crate::error::{Error, Result};

/// Thresholds of the rule, in standard deviations of the spread; `0 <= exit < entry < stop`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZRule {
    /// Enter at this distance from the mean or beyond it.
    pub entry: f64,
    /// Leave, and arm again after a stop, at this distance or nearer.
    pub exit: f64,
    /// Give up at this distance or beyond it; no entries there.
    pub stop: f64,
}

impl Default for ZRule {
    /// 2.0, 0.5, 4.0.
    fn default() -> Self {
        Self { entry: 2.0, exit: 0.5, stop: 4.0 }
    }
}

impl ZRule {
    /// Checks their order, for the strategy of this name.
    pub(in crate::strategy) fn check(self, strategy: &str) -> Result<()> {
        let Self { entry, exit, stop } = self;
        if 0.0 <= exit && exit < entry && entry < stop {
            return Ok(());
        }
        let what = "0 <= exit_z < entry_z < stop_z does not hold for";
        Err(Error::usage(format!("{strategy}: {what} {exit}, {entry}, {stop}")))
    }
}

//! The rules of a job as they are written down.

use serde::{Deserialize, Serialize};

use super::Reentry;

/// Rules of a job; none of them holds unless it is set.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Loss of a unit at which it is closed, as a share of its entry.
    pub stop_loss: Option<f64>,
    /// Gain of a unit at which it is closed, as a share of its entry.
    pub take_profit: Option<f64>,
    /// Bars a unit is held at most.
    pub time_stop_bars: Option<u32>,
    /// Fall of the job's equity from its highest close at which everything is closed, as a share.
    pub max_drawdown: Option<f64>,
    /// When a unit that a rule has closed may be entered again.
    pub reentry: Reentry,
}

impl Rules {
    /// No rule.
    pub const NONE: Self = Self {
        stop_loss: None,
        take_profit: None,
        time_stop_bars: None,
        max_drawdown: None,
        reentry: Reentry::Signal,
    };

    /// Every rule that closes something, with its name, in a fixed order.
    pub fn named(&self) -> [(&'static str, Option<f64>); 4] {
        [
            ("stop_loss", self.stop_loss),
            ("take_profit", self.take_profit),
            ("time_stop_bars", self.time_stop_bars.map(f64::from)),
            ("max_drawdown", self.max_drawdown),
        ]
    }

    /// True if any rule may close something; `reentry` alone does nothing.
    pub fn is_active(&self) -> bool {
        self.named().iter().any(|(_, value)| value.is_some())
    }

    /// True if a price may close something: the highs and lows of bars are read.
    pub(in crate::sim) fn reads_range(&self) -> bool {
        self.stop_loss.is_some() || self.take_profit.is_some()
    }
}

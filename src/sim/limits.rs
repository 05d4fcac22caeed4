//! What a job may hold and trade.

use serde::{Deserialize, Serialize};

use super::{Costs, Rules};
use crate::domain::Field;

/// Limits of a job; none of them holds unless it is set.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Quantities are whole multiples of it, where the instrument does not say otherwise.
    pub lot: Option<f64>,
    /// Fill prices are whole multiples of it, where the instrument does not say otherwise.
    pub tick: Option<f64>,
    /// Largest share of a bar's volume that a leg may trade in it.
    pub volume_cap: Option<f64>,
    /// Largest sum of absolute position values, in multiples of equity, when a decision is taken.
    pub gross_leverage_cap: Option<f64>,
    /// Largest absolute sum of position values, in multiples of equity, when a decision is taken.
    pub net_leverage_cap: Option<f64>,
    /// Least equity as a share of the sum of absolute position values.
    pub maintenance_margin: Option<f64>,
}

impl Limits {
    /// No limit.
    pub const NONE: Self = Self {
        lot: None,
        tick: None,
        volume_cap: None,
        gross_leverage_cap: None,
        net_leverage_cap: None,
        maintenance_margin: None,
    };

    /// Every limit with its name, in a fixed order.
    pub fn named(&self) -> [(&'static str, Option<f64>); 6] {
        [
            ("lot", self.lot),
            ("tick", self.tick),
            ("volume_cap", self.volume_cap),
            ("gross_leverage_cap", self.gross_leverage_cap),
            ("net_leverage_cap", self.net_leverage_cap),
            ("maintenance_margin", self.maintenance_margin),
        ]
    }

    /// What these limits, `costs` and `rules` read of a bar beside its open and close.
    pub fn fields(&self, costs: &Costs, rules: &Rules) -> &'static [Field] {
        let has_volume = self.volume_cap.is_some() || costs.impact != 0.0;
        match (has_volume, rules.reads_range()) {
            (true, true) => &[Field::High, Field::Low, Field::Volume],
            (true, false) => &[Field::Volume],
            (false, true) => &[Field::High, Field::Low],
            (false, false) => &[],
        }
    }

    /// True if a decision may be scaled.
    pub(super) fn caps_leverage(&self) -> bool {
        self.gross_leverage_cap.is_some() || self.net_leverage_cap.is_some()
    }
}

//! What is held: on which side, and how much of it.

use serde::{Deserialize, Serialize};

use super::{Parameter, bounds, parameter};
use crate::error::Result;

/// On which sides a strategy may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Long or flat: what would be a short position is none.
    #[default]
    Long,
    /// Long, flat or short.
    Both,
}

/// What a rule wants to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stance {
    /// The instrument.
    Long,
    /// Nothing.
    Flat,
    /// The instrument, sold.
    Short,
}

/// Side and size of a strategy's position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Exposure {
    pub(super) side: Side,
    /// Share of equity.
    pub(super) allocation: f64,
}

/// The parameter of that name.
pub(super) const SIDE: Parameter =
    parameter("side", "long", "", "long: flat where it would be short; or both");

/// The parameter of that name.
pub(super) const ALLOCATION: Parameter =
    parameter("allocation", "1.0", "equity share", "size of a position when it is opened");

impl Exposure {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// Usage, as `name: allocation = ...`.
    pub(super) fn check(self, name: &str) -> Result<()> {
        bounds::share(name, "allocation", self.allocation)
    }

    /// The stance that may be taken.
    pub(super) fn allowed(self, stance: Stance) -> Stance {
        match (self.side, stance) {
            (Side::Long, Stance::Short) => Stance::Flat,
            _ => stance,
        }
    }

    /// Signed share of equity of a stance.
    pub(super) fn weight(self, stance: Stance) -> f64 {
        match stance {
            Stance::Long => self.allocation,
            Stance::Flat => 0.0,
            Stance::Short => -self.allocation,
        }
    }
}

//! Dividends: received by who is long, paid by who is short.

use super::CarryCost;

/// Money per unit held, once.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Dividend(pub f64);

impl CarryCost for Dividend {
    /// `-units * money` of an `amount` of units (signed).
    fn charge(&self, amount: f64, _: f64) -> f64 {
        -(amount * self.0)
    }
}

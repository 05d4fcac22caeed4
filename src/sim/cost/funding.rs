//! Funding payments of perpetual futures.

use super::CarryCost;

/// Share of the notional that longs pay to shorts, once.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Funding(pub f64);

impl CarryCost for Funding {
    /// `value * rate` of a position worth `amount` (signed); shorts receive it where the rate is
    /// above zero.
    fn charge(&self, amount: f64, _: f64) -> f64 {
        amount * self.0
    }
}

//! Slippage: a fixed distance of the fill price from the bar's price.

use super::PriceCost;

/// Share of the raw price that every fill loses.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Slippage(pub f64);

impl PriceCost for Slippage {
    fn share(&self, _: f64, _: f64) -> f64 {
        self.0
    }
}

//! Interest on negative cash.

use super::{BPS, CarryCost};

/// Share of the cash owed per year.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Financing(pub f64);

impl Financing {
    /// The rate of so many basis points per year.
    pub fn of_bps(bps: f64) -> Self {
        Self(bps * BPS)
    }
}

impl CarryCost for Financing {
    /// `-cash * (rate * years)` of an `amount` of cash below zero; nothing otherwise: cash that is
    /// there earns nothing.
    #[inline]
    fn charge(&self, amount: f64, years: f64) -> f64 {
        if amount < 0.0 { -amount * (self.0 * years) } else { 0.0 }
    }
}

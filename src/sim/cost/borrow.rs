//! The fee on short notional.

use super::{BPS, CarryCost};

/// Share of the short notional per year.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Borrow(pub f64);

impl Borrow {
    /// The rate of so many basis points per year.
    pub fn of_bps(bps: f64) -> Self {
        Self(bps * BPS)
    }
}

impl CarryCost for Borrow {
    /// `-value * (rate * years)` of a position worth `amount`, if that is below zero; nothing
    /// otherwise.
    #[inline]
    fn charge(&self, amount: f64, years: f64) -> f64 {
        if amount < 0.0 { -amount * (self.0 * years) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Borrow, CarryCost};
    use crate::sim::cost::years;

    #[test]
    fn a_year_of_a_short_position_costs_its_rate() {
        let (borrow, day) = (Borrow(0.0365), 86_400_000_000);
        assert!((borrow.charge(-1_000.0, years(day)) - 0.1).abs() < 1e-15);
        assert!((borrow.charge(-1_000.0, years(365 * day)) - 36.5).abs() < 1e-12);
        assert!(borrow.charge(1_000.0, years(day)) == 0.0);
    }
}

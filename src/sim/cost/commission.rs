//! Commission: a share of the notional, money per unit, and a least amount.

use super::FillFee;

/// `max(minimum, share * size * price + per_unit * units)`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Commission {
    /// Share of the notional.
    pub share: f64,
    /// Money per unit of the day.
    pub per_unit: f64,
    /// Least commission of a fill.
    pub minimum: f64,
}

impl FillFee for Commission {
    fn fee(&self, size: f64, price: f64, units: f64) -> f64 {
        (self.share * size * price + self.per_unit * units).max(self.minimum)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::{Commission, FillFee};

    #[test]
    fn the_larger_of_the_rate_and_the_minimum_is_due() {
        let commission = Commission { share: 0.25, per_unit: 0.5, minimum: 10.0 };
        assert_eq!(commission.fee(2.0, 20.0, 8.0), 14.0);
        assert_eq!(commission.fee(1.0, 20.0, 8.0), 10.0);
    }
}

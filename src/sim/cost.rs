//! What trading costs: commission, slippage and borrow.

use serde::{Deserialize, Serialize};

/// One basis point.
const BPS: f64 = 1e-4;

/// Microseconds in the 365-day year that borrow fees are quoted for.
const MICROS_PER_YEAR: f64 = 365.0 * 86_400.0 * 1e6;

/// Costs of a job, per leg and side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// Commission on the traded notional, basis points of `|quantity| * fill price`.
    pub commission_bps: f64,
    /// Distance of the fill price from the bar's price, against the trader, basis points.
    pub slippage_bps: f64,
    /// Fee on short notional, basis points per year of 365 days.
    pub borrow_bps: f64,
}

impl Default for Costs {
    /// 10 bps commission, 5 bps slippage, no borrow fee.
    fn default() -> Self {
        Self { commission_bps: 10.0, slippage_bps: 5.0, borrow_bps: 0.0 }
    }
}

impl Costs {
    /// Trading for free.
    pub const NONE: Self = Self { commission_bps: 0.0, slippage_bps: 0.0, borrow_bps: 0.0 };

    /// Price paid for a buy (`quantity > 0`) or received for a sell at the bar's price `raw`:
    /// `raw * (1 + slippage)` and `raw * (1 - slippage)`.
    pub fn fill_price(&self, raw: f64, quantity: f64) -> f64 {
        let slip = self.slippage_bps * BPS;
        if quantity > 0.0 { raw * (1.0 + slip) } else { raw * (1.0 - slip) }
    }

    /// Commission of a fill: `commission * |quantity| * price`.
    pub fn commission(&self, quantity: f64, price: f64) -> f64 {
        self.commission_bps * BPS * quantity.abs() * price
    }

    /// Money the fill price costs against the bar's price: `|quantity| * raw * slippage`.
    pub fn slippage(&self, quantity: f64, raw: f64) -> f64 {
        quantity.abs() * raw * (self.slippage_bps * BPS)
    }

    /// Fee per unit of short notional for `elapsed_micros` of time.
    pub fn borrow_rate(&self, elapsed_micros: i64) -> f64 {
        self.borrow_bps * BPS * (elapsed_micros as f64 / MICROS_PER_YEAR)
    }
}

#[cfg(test)]
mod tests {
    use super::Costs;

    #[test]
    fn slippage_and_commission_go_against_the_trader() {
        let costs = Costs { commission_bps: 10.0, slippage_bps: 50.0, borrow_bps: 365.0 };
        assert!((costs.fill_price(200.0, 3.0) - 201.0).abs() < 1e-12);
        assert!((costs.fill_price(200.0, -3.0) - 199.0).abs() < 1e-12);
        assert!((costs.slippage(-3.0, 200.0) - 3.0).abs() < 1e-12);
        assert!((costs.commission(-3.0, 199.0) - 0.597).abs() < 1e-12);
    }

    #[test]
    fn a_year_of_borrow_costs_its_rate() {
        let costs = Costs { borrow_bps: 365.0, ..Costs::NONE };
        let day = 86_400_000_000;
        assert!((costs.borrow_rate(day) - 1e-4).abs() < 1e-18);
        assert!((costs.borrow_rate(365 * day) - 0.0365).abs() < 1e-15);
    }
}

//! Prices in whole ticks.

use super::lot::NEARLY_WHOLE;

/// Fill prices are whole multiples of it, in prices of the day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick(pub f64);

impl Tick {
    /// `price` (of the day) moved away from the trader to a whole tick: up for a buy (`quantity`
    /// above zero), down for a sale. A sale below one tick stays where it is, so that no price
    /// becomes zero by it; a quotient within 1e-9 of a whole number is that number.
    pub fn away(self, price: f64, quantity: f64) -> f64 {
        let ticks = price / self.0;
        let nearest = ticks.round();
        let whole = if (ticks - nearest).abs() <= NEARLY_WHOLE {
            nearest
        } else if quantity > 0.0 {
            ticks.ceil()
        } else {
            ticks.floor()
        };
        if whole < 1.0 { price } else { whole * self.0 }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::Tick;

    #[test]
    fn prices_move_away_from_the_trader() {
        let tick = Tick(0.25);
        assert_eq!([10.1, 10.25, 0.1].map(|price| tick.away(price, 1.0)), [10.25, 10.25, 0.25]);
        assert_eq!([10.1, 10.25, 0.1].map(|price| tick.away(price, -1.0)), [10.0, 10.25, 0.1]);
        let cent = Tick(0.01);
        assert_eq!(cent.away(100.05, -1.0), 10_005.0 * 0.01, "not a tick lower by rounding");
    }
}

//! The target: the gain at which a unit is cashed in.

/// Gain of a unit, as a share of its entry, at which it is closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TakeProfit(pub(super) f64);

impl TakeProfit {
    /// The price at which a position entered at `entry` is cashed in: `entry * (1 + share)` long,
    /// `entry * (1 - share)` short.
    pub(super) fn price(self, entry: f64, is_long: bool) -> f64 {
        if is_long { entry * (1.0 + self.0) } else { entry * (1.0 - self.0) }
    }

    /// True beyond the target: a price that only touches it fills nobody for certain.
    pub(super) fn is_passed(self, price: f64, entry: f64, is_long: bool) -> bool {
        let target = self.price(entry, is_long);
        if is_long { price > target } else { price < target }
    }

    /// True at the target or beyond it: what a close has reached is sold in the next bar, at a price
    /// of its own.
    pub(super) fn is_reached(self, close: f64, entry: f64, is_long: bool) -> bool {
        let target = self.price(entry, is_long);
        if is_long { close >= target } else { close <= target }
    }

    /// The same for a trade group, by its gain as a share.
    pub(super) fn is_reached_by(self, gain: f64) -> bool {
        gain >= self.0
    }
}

#[cfg(test)]
mod tests {
    use super::TakeProfit;

    #[test]
    fn a_touch_counts_at_the_close_only() {
        let target = TakeProfit(0.25);
        for (price, is_long) in [(125.0, true), (75.0, false)] {
            assert!(target.is_reached(price, 100.0, is_long));
            assert!(!target.is_passed(price, 100.0, is_long));
        }
        assert!(target.is_passed(125.5, 100.0, true) && target.is_passed(74.5, 100.0, false));
        assert!(!target.is_passed(74.5, 100.0, true) && !target.is_reached(124.5, 100.0, true));
        assert!(target.is_reached_by(0.25) && !target.is_reached_by(0.24));
    }
}

//! The stop: the loss at which a unit is given up.

/// Loss of a unit, as a share of its entry, at which it is closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StopLoss(pub(super) f64);

impl StopLoss {
    /// The price at which a position entered at `entry` is given up: `entry * (1 - share)` long,
    /// `entry * (1 + share)` short.
    pub(super) fn price(self, entry: f64, is_long: bool) -> f64 {
        if is_long { entry * (1.0 - self.0) } else { entry * (1.0 + self.0) }
    }

    /// True at the stop or beyond it.
    pub(super) fn is_reached(self, price: f64, entry: f64, is_long: bool) -> bool {
        let stop = self.price(entry, is_long);
        if is_long { price <= stop } else { price >= stop }
    }

    /// The same for a trade group, by its gain as a share.
    pub(super) fn is_reached_by(self, gain: f64) -> bool {
        gain <= -self.0
    }
}

#[cfg(test)]
mod tests {
    use super::StopLoss;

    #[test]
    fn touching_the_stop_is_enough() {
        let stop = StopLoss(0.25);
        assert_eq!(
            [75.01, 75.0, 60.0].map(|p| stop.is_reached(p, 100.0, true)),
            [false, true, true]
        );
        assert_eq!(
            [124.0, 125.0, 140.0].map(|p| stop.is_reached(p, 100.0, false)),
            [false, true, true]
        );
        assert_eq!([-0.2, -0.25, -0.3].map(|gain| stop.is_reached_by(gain)), [false, true, true]);
    }
}

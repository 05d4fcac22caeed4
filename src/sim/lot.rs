//! Quantities in whole lots.

/// Nearness at which a quotient counts as the whole number it misses by rounding: 0.3 is three lots
/// of 0.1, although the quotient of the two is 2.9999999999999996.
pub(super) const NEARLY_WHOLE: f64 = 1e-9;

/// Quantities are whole multiples of it, in units of the day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lot(pub f64);

impl Lot {
    /// `quantity` (signed, units of the day) cut towards zero to whole lots; a quotient within 1e-9
    /// of a whole number is that number.
    pub fn cut(self, quantity: f64) -> f64 {
        let lots = quantity / self.0;
        let nearest = lots.round();
        let whole = if (lots - nearest).abs() <= NEARLY_WHOLE { nearest } else { lots.trunc() };
        whole * self.0
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::Lot;

    #[test]
    fn quantities_are_cut_towards_zero() {
        assert_eq!(
            [7.9, -7.9, 0.9, 8.0, -0.0].map(|q| Lot(4.0).cut(q)),
            [4.0, -4.0, 0.0, 8.0, 0.0]
        );
        assert_eq!(Lot(0.1).cut(0.3), 3.0 * 0.1, "three lots, whatever the quotient's last bit");
        assert_eq!(Lot(0.1).cut(0.2999), 2.0 * 0.1);
    }
}

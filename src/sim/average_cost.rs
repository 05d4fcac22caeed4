//! Average cost of what is held: what stops and targets are measured from.

/// Average raw price of the units that are held, by the method of weighted average cost.
///
/// # Formula
/// `raw` at the fill that opens the position; `p + (raw - p) * (|q| / |h + q|)` at one that enlarges
/// the position `h` by `q`; `p` at one that reduces it: of all that was bought, the same share leaves.
/// At equal prices it is that price to the last bit.
///
/// # Undefined
/// Where nothing is held. A fill through zero opens a position, with a cost of its own.
///
/// # References
/// IAS 2, "Inventories", paragraphs 25 and 27 (weighted average cost, per receipt).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AverageCost(f64);

impl AverageCost {
    /// The cost of a position that a fill at the bar's price `raw` has opened.
    pub(super) fn opened_at(raw: f64) -> Self {
        Self(raw)
    }

    /// Takes a fill of `quantity` that has made the position as large as `size`, both unsigned.
    pub(super) fn enlarge(&mut self, quantity: f64, size: f64, raw: f64) {
        self.0 += (raw - self.0) * (quantity / size);
    }

    /// Quote currency per unit.
    pub(super) fn price(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::AverageCost;

    #[test]
    fn what_is_added_weighs_with_what_is_left() {
        // 1 at 100 is left of whatever was bought; 3 at 200 make four at 175, 4 at 75 eight at 125.
        let mut cost = AverageCost::opened_at(100.0);
        cost.enlarge(3.0, 4.0, 200.0);
        assert_eq!(cost.price(), 175.0);
        cost.enlarge(4.0, 8.0, 75.0);
        assert_eq!(cost.price(), 125.0);
    }

    #[test]
    fn equal_prices_keep_their_bits() {
        let mut cost = AverageCost::opened_at(0.1);
        let mut size = 0.3;
        for quantity in [0.7, 1e-9, 1e9, 1.0 / 3.0] {
            size += quantity;
            cost.enlarge(quantity, size, 0.1);
        }
        assert_eq!(cost.price().to_bits(), 0.1_f64.to_bits());
    }
}

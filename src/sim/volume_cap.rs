//! How much of an order a bar can take.

use super::Lot;

/// The part of `quantity` (signed) that may be filled in a bar of `volume`:
/// at most `cap * volume`, in whole lots. Nothing, where the volume is zero or not a number.
/// `split_factor` is the number of units of the day per unit, in which lots are counted.
pub(super) fn fillable(
    quantity: f64,
    cap: f64,
    volume: f64,
    lot: Option<Lot>,
    split_factor: f64,
) -> f64 {
    if volume <= 0.0 || volume.is_nan() {
        return 0.0;
    }
    let most = cap * volume;
    if quantity.abs() <= most {
        return quantity;
    }
    let part = most.copysign(quantity);
    lot.map_or(part, |lot| lot.cut(part * split_factor) / split_factor)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::{Lot, fillable};

    #[test]
    fn no_more_than_a_share_of_the_volume_is_filled() {
        assert_eq!(fillable(-3.0, 0.25, 16.0, None, 1.0), -3.0);
        assert_eq!(fillable(-7.0, 0.25, 16.0, None, 1.0), -4.0);
        assert_eq!(fillable(7.0, 0.25, 18.0, Some(Lot(2.0)), 1.0), 4.0, "whole lots of 4.5");
        assert_eq!(fillable(7.0, 0.25, 18.0, Some(Lot(2.0)), 4.0), 4.5, "of 18 units of the day");
        for nothing in [0.0, f64::NAN] {
            assert_eq!(fillable(7.0, 0.25, nothing, None, 1.0), 0.0);
        }
    }
}

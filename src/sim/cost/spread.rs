//! Half the bid-ask spread: the distance from the middle price, which bars are taken to hold, to
//! the side that is traded on.

use super::PriceCost;

/// Half the spread as a share of the raw price.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HalfSpread(pub f64);

impl PriceCost for HalfSpread {
    fn share(&self, _: f64, _: f64) -> f64 {
        self.0
    }
}

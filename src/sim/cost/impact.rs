//! Market impact by the share of a bar's volume that a fill takes.

use super::PriceCost;

/// Share of the raw price that is lost by trading a whole bar's volume.
///
/// A fill of `q` units in a bar of `V` loses `impact * (|q| / V)^2`: the volume-share model of
/// zipline (`VolumeShareSlippage`). Nothing, where the volume is zero or not a number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Impact(pub f64);

impl PriceCost for Impact {
    fn share(&self, size: f64, volume: f64) -> f64 {
        if self.0 == 0.0 || volume <= 0.0 || volume.is_nan() {
            return 0.0;
        }
        let taken = size / volume;
        self.0 * (taken * taken)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::{Impact, PriceCost};

    #[test]
    fn impact_grows_with_the_square_of_the_share_taken() {
        let impact = Impact(0.5);
        assert_eq!(impact.share(25.0, 100.0), 0.03125);
        assert_eq!(impact.share(100.0, 100.0), 0.5);
        for unknown in [0.0, -1.0, f64::NAN] {
            assert_eq!(impact.share(25.0, unknown), 0.0);
        }
        assert_eq!(Impact(0.0).share(25.0, 1e-300), 0.0);
    }
}

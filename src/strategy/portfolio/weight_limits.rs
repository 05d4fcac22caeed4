//! The least and the greatest weight that every member of a portfolio may have.

use crate::{
    error::{Error, Result},
    stats::{Refusal, WeightBounds},
};

/// Slack of a sum of limits: `1/n` times `n` is one up to rounding.
const SLACK: f64 = 1e-12;

/// Limits of every member's weight, shares of equity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightLimits {
    /// Least weight.
    pub min_weight: f64,
    /// Greatest weight.
    pub max_weight: f64,
}

impl WeightLimits {
    /// From 0 to 1: long only.
    pub const LONG_ONLY: Self = Self { min_weight: 0.0, max_weight: 1.0 };

    /// True if they say more than long only.
    pub(super) fn bind(self) -> bool {
        self.min_weight > 0.0 || self.max_weight < 1.0
    }

    /// True if so many members can keep them and hold one in all.
    pub(super) fn can_hold(self, members: usize) -> bool {
        let members = members as f64;
        self.min_weight * members <= 1.0 + SLACK && self.max_weight * members >= 1.0 - SLACK
    }

    /// The limits of so many members.
    ///
    /// # Errors
    /// `Bounds` where they cannot keep them.
    pub(super) fn bounds(self, members: usize) -> Result<WeightBounds, Refusal> {
        WeightBounds::uniform(members, self.min_weight, self.max_weight)
    }

    /// Checks their order, for the strategy of this name.
    pub(super) fn check(self, strategy: &str) -> Result<()> {
        let Self { min_weight, max_weight } = self;
        if !(min_weight >= 0.0 && min_weight <= max_weight && max_weight <= 1.0) {
            return Err(Error::usage(format!(
                "{strategy}: min_weight = {min_weight}, max_weight = {max_weight}; \
                 0 <= min_weight <= max_weight <= 1 does not hold"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::WeightLimits;

    #[test]
    fn limits_say_which_sizes_can_keep_them() {
        let limits = WeightLimits { min_weight: 0.1, max_weight: 1.0 / 3.0 };
        let able: Vec<usize> = (1..14).filter(|&members| limits.can_hold(members)).collect();
        assert_eq!(able, [3, 4, 5, 6, 7, 8, 9, 10]);
        for members in 1..14 {
            assert_eq!(limits.bounds(members).is_ok(), limits.can_hold(members), "{members}");
        }
        assert!(limits.bind() && !WeightLimits::LONG_ONLY.bind());
    }

    #[test]
    fn limits_out_of_order_are_refused() {
        for (min_weight, max_weight) in [(-0.1, 1.0), (0.5, 0.4), (0.0, 1.5), (f64::NAN, 1.0)] {
            assert!(WeightLimits { min_weight, max_weight }.check("hrp").is_err());
        }
        assert!(WeightLimits::LONG_ONLY.check("hrp").is_ok());
    }
}

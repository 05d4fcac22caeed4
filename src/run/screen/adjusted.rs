//! Adjusted p-values of a screen, from the p-values that can matter.
//!
//! The adjusted p-value of a test depends on its p-value, on the number of tests and on how many
//! p-values lie below; so it is a step function of the p-value. A screen needs it up to its level
//! only, and there it is the one of [`holm`](crate::stats::holm),
//! [`benjamini_hochberg`](crate::stats::benjamini_hochberg) and
//! [`benjamini_yekutieli`](crate::stats::benjamini_yekutieli) over all tests, made of the same
//! operations in the same order.

use super::request::Adjustment;

/// Adjusted p-values as a function of p-values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Adjusted {
    /// `(p, adjusted)` where the function steps, `p` ascending.
    steps: Vec<(f64, f64)>,
    rising: bool,
}

impl Adjusted {
    /// The function for `tests` tests whose smallest p-values are `p_values`, ascending; the p-values
    /// that are missing lie above the level it will be asked for. `None` where nothing is adjusted.
    pub(super) fn new(adjustment: Adjustment, p_values: &[f64], tests: u64) -> Option<Self> {
        match adjustment {
            Adjustment::None => None,
            Adjustment::Holm => Some(Self::holm(p_values, tests)),
            Adjustment::BenjaminiHochberg => Some(Self::false_discovery(p_values, tests, 1.0)),
            Adjustment::BenjaminiYekutieli => {
                let harmonic = (1..=tests).rev().fold(0.0, |sum, rank| sum + 1.0 / rank as f64);
                Some(Self::false_discovery(p_values, tests, harmonic))
            }
        }
    }

    fn false_discovery(p_values: &[f64], tests: u64, factor: f64) -> Self {
        let (mut steps, mut smallest) = (Vec::new(), 1.0_f64);
        for (rank, p) in p_values.iter().enumerate().rev() {
            let value = p * factor * tests as f64 / (rank + 1) as f64;
            if value < smallest {
                smallest = value;
                steps.push((*p, value));
            }
        }
        steps.reverse();
        Self { steps, rising: false }
    }

    fn holm(p_values: &[f64], tests: u64) -> Self {
        let (mut steps, mut largest) = (Vec::new(), 0.0_f64);
        for (rank, p) in p_values.iter().enumerate() {
            let value = (p * (tests.saturating_sub(rank as u64)) as f64).min(1.0);
            if value > largest {
                largest = value;
                steps.push((*p, value));
            }
            if largest >= 1.0 {
                break;
            }
        }
        Self { steps, rising: true }
    }

    /// The adjusted p-value of a test with p-value `p`.
    pub(super) fn of(&self, p: f64) -> f64 {
        if self.rising {
            let next = self.steps.partition_point(|(at, _)| *at <= p);
            next.checked_sub(1).map_or(0.0, |last| self.steps[last].1)
        } else {
            let next = self.steps.partition_point(|(at, _)| *at < p);
            self.steps.get(next).map_or(1.0, |step| step.1)
        }
    }
}

/// How many of `p_values`, ascending, none above its test's, may belong to tests whose adjusted
/// p-value is at most `level`: the last rank at which Benjamini and Hochberg's bound holds. The other
/// adjustments keep no more.
pub(super) fn possible(
    p_values: impl DoubleEndedIterator<Item = f64> + ExactSizeIterator,
    tests: u64,
    level: f64,
) -> usize {
    let count = p_values.len();
    let reaches = |(back, p): (usize, f64)| p * tests as f64 <= level * (count - back) as f64;
    p_values.rev().enumerate().position(reaches).map_or(0, |back| count - back)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Adjusted, Adjustment, possible};
    use crate::stats::{benjamini_hochberg, benjamini_yekutieli, holm};

    const LEVEL: f64 = 0.3;

    proptest! {
        #[test]
        fn law_the_function_is_the_definition(
            mut p_values in prop::collection::vec(prop_oneof![0.0..=1.0_f64, 0.0..0.01_f64, Just(0.0), Just(0.5)], 0..60),
        ) {
            p_values.sort_by(f64::total_cmp);
            let tests = p_values.len() as u64;
            let some: Vec<f64> = p_values.iter().copied().filter(|p| *p <= LEVEL).collect();
            for (adjustment, definition) in [
                (Adjustment::Holm, holm(&p_values)),
                (Adjustment::BenjaminiHochberg, benjamini_hochberg(&p_values)),
                (Adjustment::BenjaminiYekutieli, benjamini_yekutieli(&p_values)),
            ] {
                let expected = definition.expect("p-values");
                let every = Adjusted::new(adjustment, &p_values, tests).expect("adjusted");
                let of_some = Adjusted::new(adjustment, &some, tests).expect("adjusted");
                for (p, expected) in p_values.iter().zip(expected) {
                    prop_assert_eq!(every.of(*p).to_bits(), expected.to_bits());
                    let found = of_some.of(*p);
                    if expected <= LEVEL {
                        prop_assert_eq!(found.to_bits(), expected.to_bits());
                    } else {
                        prop_assert!(found > LEVEL || *p > LEVEL, "{} {}", found, expected);
                    }
                }
            }
        }

        #[test]
        fn law_no_rejection_is_left_out(
            rows in prop::collection::vec((prop_oneof![0.0..=1.0_f64, 0.0..0.01_f64], 0.9..=1.0_f64), 1..60),
        ) {
            let p_values: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let adjusted = benjamini_hochberg(&p_values).expect("p-values");
            let mut least: Vec<(f64, f64)> =
                rows.iter().zip(adjusted).map(|((p, share), q)| (p * share, q)).collect();
            least.sort_by(|a, b| a.0.total_cmp(&b.0));
            let count = possible(least.iter().map(|at| at.0), rows.len() as u64, LEVEL);
            prop_assert!(least[count..].iter().all(|(_, q)| *q > LEVEL));
        }
    }

    #[test]
    fn nothing_adjusted_is_no_function() {
        assert_eq!(Adjusted::new(Adjustment::None, &[0.1], 1), None);
        assert_eq!(possible([].into_iter(), 10, 0.05), 0);
    }
}

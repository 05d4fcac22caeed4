//! Adjusted p-values of a screen, from the p-values that can matter.
//!
//! The adjusted p-value of a test depends on its p-value, on the number of tests and on how many
//! p-values lie below; so it is a step function of the p-value. A screen needs it up to its level
//! only, and there it is the one of [`holm`](crate::stats::holm),
//! [`benjamini_hochberg`](crate::stats::benjamini_hochberg) and
//! [`benjamini_yekutieli`](crate::stats::benjamini_yekutieli) over all tests, made of the same
//! operations in the same order.

use super::request::Adjustment;
use crate::error::Result;

/// Tests whose adjusted p-values are told at a time.
pub(super) const BLOCK: usize = 4_096;

/// Adjusted p-values of tests that come in order of their p-values, a block at a time. Benjamini and
/// Hochberg's are the least bound from a rank on, so the bounds of all blocks are known first; Holm's are the
/// largest up to a rank.
#[derive(Debug)]
pub(super) struct InOrder {
    adjustment: Adjustment,
    tests: u64,
    factor: f64,
    /// Tests of a block.
    block: usize,
    /// The least bound of each block and of all that follow.
    least: Vec<f64>,
    ranks: u64,
    largest: f64,
}

impl InOrder {
    /// Those for `tests` tests whose smallest p-values are `p_values`, ascending; the p-values that are
    /// missing lie above the level it will be asked for. `None` where nothing is adjusted.
    ///
    /// # Errors
    /// Those of `p_values`.
    pub(super) fn new(
        adjustment: Adjustment,
        p_values: impl Iterator<Item = Result<f64>>,
        tests: u64,
        block: usize,
    ) -> Result<Option<Self>> {
        let factor = match adjustment {
            Adjustment::None => return Ok(None),
            Adjustment::Holm | Adjustment::BenjaminiHochberg => 1.0,
            Adjustment::BenjaminiYekutieli => harmonic(tests),
        };
        let mut told =
            Self { adjustment, tests, factor, block, least: Vec::new(), ranks: 0, largest: 0.0 };
        if adjustment != Adjustment::Holm {
            for (rank, p) in p_values.enumerate() {
                if rank % block == 0 {
                    told.least.push(1.0);
                }
                let (bound, last) = (told.bound(p?, rank as u64), told.least.len() - 1);
                told.least[last] = told.least[last].min(bound);
            }
            for at in (1..told.least.len()).rev() {
                told.least[at - 1] = told.least[at - 1].min(told.least[at]);
            }
        }
        Ok(Some(told))
    }

    /// Benjamini and Hochberg's bound at a rank, counted from 0.
    fn bound(&self, p: f64, rank: u64) -> f64 {
        p * self.factor * self.tests as f64 / (rank + 1) as f64
    }

    /// The adjusted p-values of the next block, of which these are the p-values.
    pub(super) fn next_block(&mut self, p_values: &[f64]) -> Vec<f64> {
        let first = self.ranks;
        self.ranks += p_values.len() as u64;
        let ranked = (first..).zip(p_values.iter().copied());
        if self.adjustment == Adjustment::Holm {
            let holm = |(rank, p): (u64, f64)| {
                let value = (p * self.tests.saturating_sub(rank) as f64).min(1.0);
                self.largest = self.largest.max(value);
                self.largest
            };
            return ranked.map(holm).collect();
        }
        let mut bounds: Vec<f64> = ranked.map(|(rank, p)| self.bound(p, rank)).collect();
        let next = usize::try_from(first).unwrap_or(usize::MAX) / self.block + 1;
        let mut smallest = self.least.get(next).copied().unwrap_or(1.0);
        for bound in bounds.iter_mut().rev() {
            smallest = smallest.min(*bound);
            *bound = smallest;
        }
        bounds
    }
}

/// The factor of Benjamini and Yekutieli.
fn harmonic(tests: u64) -> f64 {
    (1..=tests).rev().fold(0.0, |sum, rank| sum + 1.0 / rank as f64)
}

/// How many of `p_values`, ascending, none above its test's, may belong to tests whose adjusted
/// p-value is at most `level`: the last rank at which Benjamini and Hochberg's bound holds. The other
/// adjustments keep no more.
///
/// # Errors
/// Those of `p_values`.
pub(super) fn possible(
    p_values: impl Iterator<Item = Result<f64>>,
    tests: u64,
    level: f64,
) -> Result<u64> {
    let mut count = 0;
    for (rank, p) in (1_u64..).zip(p_values) {
        if p? * tests as f64 <= level * rank as f64 {
            count = rank;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Adjustment, InOrder, possible};
    use crate::stats::{benjamini_hochberg, benjamini_yekutieli, holm};

    const LEVEL: f64 = 0.3;

    proptest! {
        #[test]
        fn law_block_by_block_they_are_the_definition(
            mut p_values in prop::collection::vec(prop_oneof![0.0..=1.0_f64, 0.0..0.01_f64, Just(0.0), Just(0.5)], 0..60),
            block in 1..20_usize,
        ) {
            p_values.sort_by(f64::total_cmp);
            let tests = p_values.len() as u64;
            let some: Vec<f64> = p_values.iter().copied().filter(|p| *p <= LEVEL).collect();
            for (adjustment, definition) in [
                (Adjustment::Holm, holm(&p_values)),
                (Adjustment::BenjaminiHochberg, benjamini_hochberg(&p_values)),
                (Adjustment::BenjaminiYekutieli, benjamini_yekutieli(&p_values)),
            ] {
                let of = |given: &[f64]| -> Vec<f64> {
                    let all = given.iter().map(|p| Ok(*p));
                    let told = InOrder::new(adjustment, all, tests, block).expect("no errors");
                    let mut told = told.expect("adjusted");
                    given.chunks(block).flat_map(|some| told.next_block(some)).collect()
                };
                let expected = definition.expect("p-values");
                for (found, expected) in of(&p_values).iter().zip(&expected) {
                    prop_assert_eq!(found.to_bits(), expected.to_bits());
                }
                // Those that are missing lie above the level.
                for (found, expected) in of(&some).iter().zip(&expected) {
                    if *expected <= LEVEL {
                        prop_assert_eq!(found.to_bits(), expected.to_bits());
                    } else {
                        prop_assert!(*found > LEVEL, "{} {}", found, expected);
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
            let count = possible(least.iter().map(|at| Ok(at.0)), rows.len() as u64, LEVEL);
            let count = usize::try_from(count.expect("no errors")).expect("a count");
            prop_assert!(least[count..].iter().all(|(_, q)| *q > LEVEL));
        }
    }

    #[test]
    fn nothing_adjusted_is_no_function() {
        assert_eq!(possible([].into_iter(), 10, 0.05).expect("no errors"), 0);
        assert!(InOrder::new(Adjustment::None, [].into_iter(), 1, 1).expect("no errors").is_none());
    }
}

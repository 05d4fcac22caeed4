//! The house's rule for a pair: both directions, one p-value, one dependent leg.
//!
//! Null: the two series are not cointegrated. Alternative: they are, in at least one direction. The
//! rule rejects at most as often as its level under the null; the two directions are nearly one
//! test, so that it usually rejects less often.
//!
//! # References
//! Engle & Granger (1987), Econometrica 55, 251-276 (the test of a direction). C. E. Bonferroni (1936)
//! (the smallest of two p-values, doubled).

use super::engle_granger::{EngleGranger, engle_granger};
use crate::stats::{refusal::Result, trend::Trend, unit_root::LagRule};

/// Which leg of a pair is explained by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dependent {
    /// The first leg given.
    First,
    /// The second leg given.
    Second,
}

/// An Engle-Granger test of a pair in both directions.
#[derive(Debug, Clone)]
pub struct PairTest {
    /// `min(1, 2 min(p_1, p_2))`: Bonferroni over the two directions.
    pub p_value: f64,
    /// The leg whose regression has the more negative statistic; the first leg on a tie.
    pub dependent: Dependent,
    /// The regression of the dependent leg on the other: `params[0]` is the hedge ratio.
    pub chosen: EngleGranger,
    /// Statistics `[first on second, second on first]`.
    pub statistics: [f64; 2],
    /// P-values in the same order.
    pub p_values: [f64; 2],
}

/// Tests a pair of (log) price series in both directions.
///
/// # Null and alternative
/// Null: not cointegrated. Alternative: cointegrated in at least one direction.
///
/// # Errors
/// Those of [`engle_granger`] for either direction; a position names the series within its
/// direction.
///
/// ```
/// use barline::stats::{Dependent, LagRule, Trend, test_pair};
/// let x: Vec<f64> = (0..80).map(|t| f64::from(t) + f64::from(t * t % 11)).collect();
/// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 2.0 * x + f64::from(t * t * t % 7)).collect();
/// let pair = test_pair(&y, &x, Trend::Constant, LagRule::Fixed(0))?;
/// assert!(pair.p_value < 0.01 && pair.chosen.statistic <= pair.statistics[0]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn test_pair(first: &[f64], second: &[f64], trend: Trend, rule: LagRule) -> Result<PairTest> {
    let forward = engle_granger(first, &[second], trend, rule)?;
    let backward = engle_granger(second, &[first], trend, rule)?;
    let statistics = [forward.statistic, backward.statistic];
    // Two series always have a p-value surface; 1 would mean "never accept".
    let p_values = [forward.p_value.unwrap_or(1.0), backward.p_value.unwrap_or(1.0)];
    let (dependent, chosen) = if backward.statistic < forward.statistic {
        (Dependent::Second, backward)
    } else {
        (Dependent::First, forward)
    };
    let p_value = (2.0 * p_values[0].min(p_values[1])).min(1.0);
    Ok(PairTest { p_value, dependent, chosen, statistics, p_values })
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prices() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 40..80)
    }

    proptest! {
        #[test]
        fn law_swapping_the_legs_swaps_the_dependent_one(rows in prices()) {
            let (a, b): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            let rule = LagRule::Fixed(1);
            let one = test_pair(&a, &b, Trend::Constant, rule).expect("noise");
            let two = test_pair(&b, &a, Trend::Constant, rule).expect("noise");
            prop_assert_eq!(one.p_value.to_bits(), two.p_value.to_bits());
            prop_assert_eq!(one.statistics, [two.statistics[1], two.statistics[0]]);
            prop_assert_ne!(one.dependent, two.dependent);
            prop_assert_eq!(one.chosen.params, two.chosen.params);
        }

        #[test]
        fn law_p_doubles_the_smaller_direction(rows in prices()) {
            let (a, b): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            let rule = LagRule::Aic { max: Some(3) };
            let pair = test_pair(&a, &b, Trend::Constant, rule).expect("noise");
            let forward = engle_granger(&a, &[&b], Trend::Constant, rule).expect("noise");
            let backward = engle_granger(&b, &[&a], Trend::Constant, rule).expect("noise");
            let p = [forward.p_value, backward.p_value].map(|p| p.expect("two series"));
            prop_assert_eq!(pair.p_value, (2.0 * p[0].min(p[1])).min(1.0));
            prop_assert_eq!(pair.chosen.statistic, forward.statistic.min(backward.statistic));
        }
    }
}

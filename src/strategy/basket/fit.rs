//! One fit of a basket on one formation window: the relation, its half-life, the verdict.
//!
//! Johansen's trace test on log closes; with `v` the vector of the largest eigenvalue, the weights
//! are `w_i = v_i / sum_j |v_j|` and the spread is `s_t = sum_i w_i ln p_i,t`, added up in the order
//! of the members. On log prices the weights are dollar weights: a basket of notional `w_i N` gains
//! `N ds` on a small move.
//!
//! Whether there are more relations than one is not asked: the first reverts fastest and is traded.
//!
//! # References
//! Johansen (1991), Econometrica 59; Chan (2013), Algorithmic Trading, chapter 2 (trading the first
//! vector).

use std::fmt;

use super::BasketParameters;
use crate::{
    stats::{self, Refusal},
    strategy::pairs::HalfLifeRefusal,
};

/// A relation that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct BasketFit {
    /// Signed weight of every member; the absolute values sum to one.
    pub weights: Vec<f64>,
    /// Mean of the spread in the formation window.
    pub mean: f64,
    /// Its standard deviation (ddof 1).
    pub sd: f64,
}

impl BasketFit {
    /// The spread of one bar's log closes.
    pub fn spread(&self, logs: impl Iterator<Item = f64>) -> f64 {
        self.weights.iter().zip(logs).fold(0.0, |sum, (weight, log)| sum + weight * log)
    }
}

/// Why a window has no relation to trade, in the order in which it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Rejection {
    /// Too few bars common to all members.
    TooShort { needed: usize, given: usize },
    /// The test cannot be made.
    Refused(Refusal),
    /// The trace statistic of no relation does not reach its quantile.
    Trace { trace: f64, quantile: f64 },
    /// The half-life is not within its bounds.
    HalfLife(HalfLifeRefusal),
}

impl Rejection {
    /// How near it came to a relation: the question it failed at, then the trace statistic.
    pub(super) fn nearness(self) -> (u8, f64) {
        match self {
            Self::TooShort { .. } => (0, 0.0),
            Self::Refused(_) => (1, 0.0),
            Self::Trace { trace, quantile } => (2, trace / quantile),
            Self::HalfLife(_) => (3, 0.0),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooShort { needed, given } => {
                write!(f, "needed {needed} common bars, given {given}")
            }
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Trace { trace, quantile } => write!(f, "trace {trace:.2} below {quantile:.2}"),
            Self::HalfLife(refusal) => refusal.fmt(f),
        }
    }
}

/// Fits a basket on the log closes of a formation window, a column per member.
pub(super) fn fit(
    logs: &[&[f64]],
    needed_bars: usize,
    parameters: &BasketParameters,
) -> Result<BasketFit, Rejection> {
    let given = logs.first().map_or(0, |column| column.len());
    if given < needed_bars {
        return Err(Rejection::TooShort { needed: needed_bars, given });
    }
    let weights = relation(logs, parameters)?;
    let mut fit = BasketFit { weights, mean: 0.0, sd: 0.0 };
    let spread: Vec<f64> =
        (0..given).map(|bar| fit.spread(logs.iter().map(|column| column[bar]))).collect();
    let half_life = stats::exact_half_life(&spread);
    parameters.half_life_bounds().admit(half_life, given).map_err(Rejection::HalfLife)?;
    let nothing = Rejection::Refused(Refusal::Empty);
    fit.mean = stats::mean(&spread).ok_or(nothing)?;
    fit.sd = stats::standard_deviation(&spread, 1).filter(|sd| *sd > 0.0).ok_or(nothing)?;
    Ok(fit)
}

/// The first vector, its absolute values summing to one, if the trace test finds any relation.
fn relation(logs: &[&[f64]], parameters: &BasketParameters) -> Result<Vec<f64>, Rejection> {
    let undefined = |argument, value| Rejection::Refused(Refusal::out_of_range(argument, value));
    let case = parameters.case().ok_or(undefined("det_order", f64::from(parameters.det_order)))?;
    let level = parameters.level().ok_or(undefined("alpha", parameters.alpha))?;
    let test =
        stats::johansen(logs, case, parameters.k_ar_diff as usize).map_err(Rejection::Refused)?;
    let quantiles = test.critical_values.first().copied().flatten();
    let quantile = quantiles.ok_or(undefined("number of series", logs.len() as f64))?.trace[level];
    let trace = test.trace[0];
    if trace <= quantile {
        return Err(Rejection::Trace { trace, quantile });
    }
    let vector = &test.vectors[0];
    let gross = vector.iter().fold(0.0, |sum, component| sum + component.abs());
    Ok(vector.iter().map(|component| component / gross).collect())
}

#[cfg(test)]
mod tests {
    use super::{BasketParameters, HalfLifeRefusal, Refusal, Rejection, fit};
    use crate::stats::{JohansenCase, exact_half_life, johansen};

    /// Two walks, and a third series that follows both with a spread of persistence 0.9.
    fn planted(rows: usize) -> Vec<Vec<f64>> {
        let mut state = 7_u64;
        let mut dice = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
        };
        let (mut a, mut b, mut spread) = (4.0, 3.0, 0.0);
        let mut columns = vec![Vec::new(); 3];
        for _ in 0..rows {
            a += 0.02 * dice();
            b += 0.02 * dice();
            spread = 0.9 * spread + 0.02 * dice();
            for (column, log) in columns.iter_mut().zip([a, b, 0.5 * a + 0.25 * b + spread]) {
                column.push(log);
            }
        }
        columns
    }

    fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
        columns.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn a_planted_relation_is_found_with_gross_weight_one() {
        let columns = planted(600);
        let logs = slices(&columns);
        let found = fit(&logs, 60, &BasketParameters::default()).expect("a relation");
        let gross: f64 = found.weights.iter().map(|weight| weight.abs()).sum();
        assert!((gross - 1.0).abs() < 1e-15);
        let ratios = [0, 1].map(|leg| -found.weights[leg] / found.weights[2]);
        assert!((ratios[0] - 0.5).abs() < 0.1 && (ratios[1] - 0.25).abs() < 0.1, "{ratios:?}");
        let spread: Vec<f64> =
            (0..600).map(|bar| found.spread(logs.iter().map(|column| column[bar]))).collect();
        let half_life = exact_half_life(&spread).expect("no alternation");
        assert!((3.0..12.0).contains(&half_life), "{half_life}");
        let test = johansen(&logs, JohansenCase::Constant, 1).expect("regular");
        let scale = test.vectors[0][0] / found.weights[0];
        for (component, weight) in test.vectors[0].iter().zip(&found.weights) {
            assert!((component - scale * weight).abs() <= 1e-12 * component.abs());
        }
    }

    #[test]
    fn every_rejection_says_its_figures() {
        let columns = planted(600);
        let logs = slices(&columns);
        let plain = BasketParameters::default();
        let rejected = |parameters, needed| fit(&logs, needed, &parameters).expect_err("rejected");
        assert_eq!(rejected(plain, 700).to_string(), "needed 700 common bars, given 600");
        let fast = BasketParameters { min_half_life_bars: 50.0, ..plain };
        let Rejection::HalfLife(HalfLifeRefusal::TooFast { bars, .. }) = rejected(fast, 60) else {
            panic!("{}", rejected(fast, 60));
        };
        assert!(bars < 50.0, "{bars}");
        let slow = BasketParameters { max_half_life_frac: 0.001, ..plain };
        let said = rejected(slow, 60).to_string();
        assert!(said.starts_with("half-life ") && said.ends_with(" bars above 1"), "{said}");
        let still = vec![1.0; 600];
        let constant = fit(&[logs[0], logs[1], &still], 60, &plain);
        assert_eq!(constant, Err(Rejection::Refused(Refusal::Constant { series: 2 })));
        // Without the member that follows, two walks and a third.
        let third: Vec<f64> = columns[0].iter().rev().copied().collect();
        let walks = fit(&[logs[0], logs[1], &third], 60, &plain).expect_err("no relation");
        assert!(matches!(walks, Rejection::Trace { trace, quantile } if trace <= quantile));
    }

    /// Share of 500 triples of independent driftless walks that are accepted.
    fn accepted_walks(parameters: &BasketParameters) -> f64 {
        let mut state = 11_u64;
        let mut step = || {
            // Sum of four uniform numbers out of the high bits.
            (0..4).fold(0.0, |sum, _| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                sum + (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5
            })
        };
        let mut walk = || {
            let mut level = 4.0;
            let next = |_| {
                level += 0.01 * step();
                level
            };
            (0..300).map(next).collect::<Vec<f64>>()
        };
        let found = (0..500).filter(|_| {
            let columns = [walk(), walk(), walk()];
            fit(&slices(&columns), 60, parameters).is_ok()
        });
        found.count() as f64 / 500.0
    }

    #[test]
    fn independent_walks_are_accepted_no_oftener_than_the_test_errs() {
        // Three standard errors of a share above the nominal size.
        let most = |size: f64| size + 3.0 * (size * (1.0 - size) / 500.0).sqrt();
        let plain = BasketParameters::default();
        let none = accepted_walks(&BasketParameters { det_order: -1, ..plain });
        assert!(none <= most(0.05), "{none}");
        // On levels without a trend case III rejects about twice as often as it says.
        let constant = accepted_walks(&plain);
        assert!(constant <= most(0.1), "{constant}");
        let strict = accepted_walks(&BasketParameters { alpha: 0.01, ..plain });
        assert!(strict <= most(0.02) && constant > 0.0, "{strict} {constant}");
    }

    #[test]
    fn a_stricter_test_accepts_no_more() {
        let mut accepted = [0; 3];
        for rows in (60..200).step_by(5) {
            let columns = planted(rows);
            for (count, alpha) in accepted.iter_mut().zip([0.1, 0.05, 0.01]) {
                let parameters = BasketParameters { alpha, ..BasketParameters::default() };
                let found = fit(&slices(&columns), 60, &parameters);
                *count += i32::from(!matches!(found, Err(Rejection::Trace { .. })));
            }
        }
        assert!(accepted[0] > accepted[1] && accepted[1] > accepted[2], "{accepted:?}");
    }
}

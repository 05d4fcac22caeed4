//! The Engle-Granger two-step test.
//!
//! Null: the series are not cointegrated, the residuals of step 1 have a unit root. Alternative: `y`
//! and the others are cointegrated, the residuals are stationary. Step 1 regresses `y` on the others and the deterministic
//! terms; step 2 is a Dickey-Fuller regression without deterministic terms on the residuals. The
//! p-value and the critical values are read from `MacKinnon`'s surfaces for as many series as entered
//! step 1 and its trend, never from the plain Dickey-Fuller ones.
//!
//! # References
//! Engle & Granger (1987), Econometrica 55, 251-276. Conventions: `coint` of statsmodels 0.15.0.

use super::cointegrating_regression::cointegrating_regression;
use crate::stats::{
    critical_values::{
        ResidualStatistic, critical_values, p_value, simulated_critical_values, simulated_p_value,
    },
    refusal::{Refusal, Result},
    regression::Regression,
    trend::Trend,
    unit_root::{LagRule, Search, UnitRoot, dickey_fuller},
};

/// An Engle-Granger test of one direction.
#[derive(Debug, Clone)]
pub struct EngleGranger {
    /// t-ratio of the lagged residual.
    pub statistic: f64,
    /// `MacKinnon` (1994) p-value, `None` above six series; of [`engle_granger_simulated`] arch's,
    /// `None` above twelve.
    pub p_value: Option<f64>,
    /// `MacKinnon` (2010) critical values at 1, 5, 10 % with T = n - 1, `None` without deterministic
    /// terms and above twelve series; of [`engle_granger_simulated`] arch's with T = n - lag - 1,
    /// `None` above twelve series.
    pub critical_values: Option<[f64; 3]>,
    /// Lagged differences in the residual regression.
    pub lag: usize,
    /// The residuals' largest root, 1 under the null.
    pub root: f64,
    /// Coefficients `[x..., const, t, t^2]`, as many as the trend has.
    pub params: Vec<f64>,
    /// `y - X params`, one per row: the spread.
    pub residuals: Vec<f64>,
    /// Sum of squared residuals.
    pub ssr: f64,
    /// R squared of step 1; centered when there is a constant.
    pub r_squared: Option<f64>,
    /// Observations of the reported residual regression.
    pub observations: usize,
    /// Criterion of the chosen lag order in its search; `None` for a fixed order.
    pub criterion: Option<f64>,
}

/// Tests whether `y` is cointegrated with the series `x`.
///
/// # Null and alternative
/// Null: not cointegrated. Alternative: cointegrated, with the direction `y` on `x`; small values of the
/// statistic speak for it, one-sided. The test is not symmetric in its series.
///
/// # Cost
/// One call with 8,760 rows and the default largest lag order of 37 reduces one 8,722 x 38
/// regression for the search and a smaller one for the statistic.
///
/// # Errors
/// `NonFinite`, `UnequalLengths` and `Constant` with the series' position (`y` is 0), `Empty`
/// without `x`, `TooShort`, `LagTooLarge`, `Singular` (dependent regressors; the column counts `x`,
/// then the terms), `Collinear` (R squared of at least `1 - 100 sqrt(eps)`: statsmodels answers minus
/// infinity there), `PerfectFit`.
///
/// ```
/// use barline::stats::{LagRule, Trend, engle_granger};
/// let x: Vec<f64> = (0..80).map(|t| f64::from(t) + f64::from(t * t % 11)).collect();
/// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 2.0 * x + f64::from(t * t * t % 7)).collect();
/// let test = engle_granger(&y, &[&x], Trend::Constant, LagRule::Fixed(0))?;
/// assert!(test.p_value.is_some_and(|p| p < 0.01) && test.params.len() == 2);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn engle_granger(y: &[f64], x: &[&[f64]], trend: Trend, rule: LagRule) -> Result<EngleGranger> {
    let step1 = cointegrating_regression(y, x, trend)?;
    if step1.r_squared.is_some_and(|share| share >= 1.0 - 100.0 * f64::EPSILON.sqrt()) {
        return Err(Refusal::Collinear);
    }
    let step2 = dickey_fuller(&step1.residuals, Trend::None, rule, Search::Statsmodels)?;
    let series = x.len() + 1;
    let p_value = p_value(step2.statistic, trend, series);
    Ok(joined(step1, step2, p_value, tabulated(trend, series, y.len())))
}

/// [`engle_granger`] with arch's lag search and its simulated surfaces.
///
/// The statistic is the same where the lag order is. The surfaces reach 12 series with every trend,
/// `n` included; critical values are for T = n - lag - 1.
///
/// # Errors
/// Those of [`engle_granger`]; `Collinear` only where the residuals are rounding noise.
///
/// # References
/// Conventions: `arch.unitroot.cointegration.engle_granger` of arch 8.0.0.
///
/// ```
/// use barline::stats::{LagRule, Trend, engle_granger, engle_granger_simulated};
/// let x: Vec<f64> = (0..80).map(|t| f64::from(t) + f64::from(t * t % 11)).collect();
/// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 2.0 * x + f64::from(t * t * t % 7)).collect();
/// let rule = LagRule::Fixed(1);
/// let published = engle_granger(&y, &[&x], Trend::Constant, rule)?;
/// let simulated = engle_granger_simulated(&y, &[&x], Trend::Constant, rule)?;
/// assert_eq!(published.statistic, simulated.statistic);
/// assert!((published.p_value.unwrap() - simulated.p_value.unwrap()).abs() < 0.007);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn engle_granger_simulated(
    y: &[f64],
    x: &[&[f64]],
    trend: Trend,
    rule: LagRule,
) -> Result<EngleGranger> {
    let step1 = cointegrating_regression(y, x, trend)?;
    let step2 = dickey_fuller(&step1.residuals, Trend::None, rule, Search::Arch)?;
    let (kind, series) = (ResidualStatistic::EngleGranger, x.len() + 1);
    let p_value = simulated_p_value(step2.statistic, kind, trend, series);
    let critical_values = simulated_critical_values(kind, trend, series, step2.observations);
    Ok(joined(step1, step2, p_value, critical_values))
}

fn joined(
    step1: Regression,
    step2: UnitRoot,
    p_value: Option<f64>,
    critical_values: Option<[f64; 3]>,
) -> EngleGranger {
    EngleGranger {
        statistic: step2.statistic,
        p_value,
        critical_values,
        lag: step2.lag,
        root: step2.root,
        params: step1.params,
        residuals: step1.residuals,
        ssr: step1.ssr,
        r_squared: step1.r_squared,
        observations: step2.observations,
        criterion: step2.criterion,
    }
}

/// Critical values with T = n - 1 whatever the lag order, Stata's `egranger` convention. One series
/// without terms is tabulated, but residuals of a regression are not that.
fn tabulated(trend: Trend, series: usize, rows: usize) -> Option<[f64; 3]> {
    (trend != Trend::None).then(|| critical_values(trend, series, rows - 1)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AIC: LagRule = LagRule::Aic { max: None };

    fn noise(seed: u64, count: usize) -> Vec<f64> {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24) - 0.5
        };
        (0..count).map(|_| next()).collect()
    }

    fn walk(seed: u64, count: usize) -> Vec<f64> {
        let steps = noise(seed, count);
        steps
            .iter()
            .scan(0.0, |level, step| {
                *level += step;
                Some(*level)
            })
            .collect()
    }

    #[test]
    fn a_planted_relation_is_found_and_independent_walks_are_not() {
        let x = walk(3, 400);
        let y: Vec<f64> = x.iter().zip(noise(9, 400)).map(|(x, e)| 1.5 * x + 2.0 + e).collect();
        let found = engle_granger(&y, &[&x], Trend::Constant, AIC).expect("regular");
        assert!(found.p_value.is_some_and(|p| p < 1e-4));
        assert!((found.params[0] - 1.5).abs() < 0.05 && (found.params[1] - 2.0).abs() < 0.2);
        let other = engle_granger(&walk(11, 400), &[&x], Trend::Constant, AIC).expect("regular");
        assert!(other.p_value.is_some_and(|p| p > 0.05));
    }

    #[test]
    fn degenerate_series_are_refused_by_name() {
        let x = walk(3, 120);
        let constant = vec![4.5; 120];
        let test = |y: &[f64], x: &[&[f64]]| engle_granger(y, x, Trend::Constant, AIC).err();
        assert_eq!(test(&constant, &[&x]), Some(Refusal::Constant { series: 0 }));
        assert_eq!(test(&x, &[&constant]), Some(Refusal::Constant { series: 1 }));
        let double: Vec<f64> = x.iter().map(|value| 2.0 * value + 1.0).collect();
        assert_eq!(test(&double, &[&x]), Some(Refusal::Collinear));
        assert_eq!(test(&walk(5, 120), &[&x, &double]), Some(Refusal::Singular { column: 2 }));
        assert_eq!(test(&x, &[]), Some(Refusal::Empty));
        assert_eq!(test(&[], &[&[]]), Some(Refusal::TooShort { needed: 3, given: 0 }));
        assert_eq!(test(&[1.0], &[&[2.0]]), Some(Refusal::Constant { series: 0 }));
        assert_eq!(
            test(&[1.0, 2.0], &[&[2.0, 5.0]]),
            Some(Refusal::TooShort { needed: 3, given: 2 })
        );
    }

    #[test]
    fn the_peers_differ_in_surfaces_not_in_the_statistic() {
        let (y, x) = (walk(21, 150), walk(22, 150));
        for trend in Trend::ALL {
            let one = engle_granger(&y, &[&x], trend, LagRule::Fixed(2)).expect("regular");
            let two =
                engle_granger_simulated(&y, &[&x], trend, LagRule::Fixed(2)).expect("regular");
            assert_eq!(one.statistic.to_bits(), two.statistic.to_bits());
            assert!(one.p_value != two.p_value && one.critical_values != two.critical_values);
            assert!((one.root - 1.0).abs() < 0.5);
        }
    }

    #[test]
    fn surfaces_that_do_not_exist_are_none() {
        let series: Vec<Vec<f64>> = (0..8).map(|seed| walk(seed + 20, 200)).collect();
        let x: Vec<&[f64]> = series[1..].iter().map(Vec::as_slice).collect();
        let eight =
            engle_granger(&series[0], &x, Trend::Constant, LagRule::Fixed(1)).expect("regular");
        assert!(eight.p_value.is_none() && eight.critical_values.is_some());
        let plain = engle_granger(&series[0], &x[..1], Trend::None, AIC).expect("regular");
        assert!(plain.p_value.is_some() && plain.critical_values.is_none());
    }

    #[test]
    fn independent_walks_are_accepted_as_often_as_alpha_says() {
        let (mut rejected, mut by_plain_surface) = (0, 0);
        for seed in 0..1000 {
            let (y, x) = (walk(2 * seed + 1, 200), walk(2 * seed + 2, 200));
            let test =
                engle_granger(&y, &[&x], Trend::Constant, LagRule::Fixed(1)).expect("regular");
            rejected += u32::from(test.p_value.is_some_and(|p| p <= 0.05));
            let plain = p_value(test.statistic, Trend::Constant, 1);
            by_plain_surface += u32::from(plain.is_some_and(|p| p <= 0.05));
        }
        assert!((30..=75).contains(&rejected), "{rejected} of 1000 at 5 %");
        assert!(by_plain_surface > 100, "the plain surface rejects too often: {by_plain_surface}");
    }

    proptest! {
        #[test]
        fn law_any_pair_gives_a_number_or_a_refusal(
            rows in prop::collection::vec((prop_oneof![Just(0.0), Just(1e9), -1.0..1.0_f64], prop_oneof![Just(1e-6), -1.0..1.0_f64]), 0..60),
            trend in 0..4_usize,
        ) {
            let (y, x): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            for rule in [AIC, LagRule::Fixed(1)] {
                for test in [engle_granger, engle_granger_simulated] {
                    let Ok(test) = test(&y, &[&x], Trend::ALL[trend], rule) else { continue };
                    prop_assert!(test.statistic.is_finite() && test.root.is_finite());
                    prop_assert!(test.p_value.is_some_and(|p| (0.0..=1.0).contains(&p)));
                }
            }
        }
    }
}

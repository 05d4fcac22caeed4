//! The augmented Dickey-Fuller test.
//!
//! Null: the series has a unit root. Alternative: it is stationary around its deterministic terms.
//! The statistic is the t-ratio of `gamma` in
//! `dx_t = gamma x_{t-1} + sum_{j=1..p} delta_j dx_{t-j} + deterministics + e_t`.
//!
//! # Lag order
//! Every candidate order is fitted on the sample of the largest one, then the chosen order is
//! fitted again on the longer sample it allows: the reported statistic is not one of the search.
//! Information criteria are `-2 llf + {2, ln m} k` with `llf = -m/2 (ln 2 pi + ln(ssr/m) + 1)` and `k`
//! all regressors; ties take the smaller order. The t rule goes down from the largest order and
//! stops where the last lag has `|t| >= 1.6448...`, residual variance `ssr / (m - k)`. arch's search
//! differs in the largest order of short samples and takes `ssr / m` there: [`Search`].
//!
//! # References
//! Said & Dickey (1984), Biometrika 71, 599-607. Schwert (1989), JBES 7, 147-159 (largest order).
//! Ng & Perron (1995), JASA 90, 268-281 (t rule). Conventions: `adfuller` of statsmodels 0.15.0,
//! except that a search which leaves fewer than [`SEARCH_MIN_FREEDOM`] degrees of freedom is
//! refused: there a perfect fit wins the search and the statistic means nothing.

use super::{
    critical_values::{critical_values, p_value},
    dispersion::moves,
    householder::Reduction,
    moments::{is_rounding, largest},
    refusal::{Refusal, Result, check_finite},
    trend::Trend,
};

/// How the number of lagged differences is chosen.
///
/// `max: None` is Schwert's `ceil(12 (n/100)^(1/4))`, capped at `n/2 - 1 - deterministics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LagRule {
    /// Smallest Akaike criterion.
    Aic {
        /// Largest order tried.
        max: Option<usize>,
    },
    /// Smallest Bayesian (Schwarz) criterion.
    Bic {
        /// Largest order tried.
        max: Option<usize>,
    },
    /// Largest order whose last lag is significant at 10 % (two-sided).
    TStat {
        /// Largest order tried.
        max: Option<usize>,
    },
    /// This order, without a search.
    Fixed(
        /// Lagged differences.
        usize,
    ),
}

/// Whose lag search: the peers agree on everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// Orders up to `n/2 - 1 - deterministics`, t-ratios with `ssr / (m - k)`.
    Statsmodels,
    /// Orders up to `(n-1)/2 - 1 - deterministics`, t-ratios with `ssr / m`.
    Arch,
}

/// Degrees of freedom that the largest order of a search must leave.
pub const SEARCH_MIN_FREEDOM: usize = 2;

/// `Phi^-1(0.95)`, the bound of the t rule.
const T_BOUND: f64 = 1.644_853_626_951_472_2;

/// An augmented Dickey-Fuller test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitRoot {
    /// t-ratio of the level.
    pub statistic: f64,
    /// `MacKinnon` (1994) p-value, one series.
    pub p_value: Option<f64>,
    /// `MacKinnon` (2010) critical values at 1, 5, 10 % for the observations used.
    pub critical_values: Option<[f64; 3]>,
    /// `1 + gamma`, the estimated largest root.
    pub root: f64,
    /// Lagged differences used.
    pub lag: usize,
    /// Observations of the reported regression.
    pub observations: usize,
    /// Criterion of the chosen order in the search (`|t|` for the t rule); `None` for a fixed order.
    pub criterion: Option<f64>,
}

/// Tests `series` for a unit root.
///
/// # Null and alternative
/// Null: a unit root. Alternative: stationary around the terms of `trend`; small values of the statistic
/// speak for it, one-sided.
///
/// # Errors
/// `NonFinite`, `Constant`, `TooShort`, `LagTooLarge`, `Singular` (lags that depend on each other),
/// `PerfectFit` (nothing but rounding is left), `Overflow`.
///
/// ```
/// use barline::stats::{LagRule, Trend, unit_root};
/// let sawtooth: Vec<f64> = (0..60).map(|t| f64::from(t * t % 7)).collect();
/// let test = unit_root(&sawtooth, Trend::Constant, LagRule::Fixed(1))?;
/// assert!(test.statistic < -5.0 && test.observations == 58);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn unit_root(series: &[f64], trend: Trend, rule: LagRule) -> Result<UnitRoot> {
    check_finite(&[series])?;
    let test = dickey_fuller(series, trend, rule, Search::Statsmodels)?;
    Ok(UnitRoot {
        p_value: p_value(test.statistic, trend, 1),
        critical_values: critical_values(trend, 1, test.observations),
        ..test
    })
}

/// The statistic of finite `series`, without the surfaces: on residuals these are other ones.
pub(super) fn dickey_fuller(
    series: &[f64],
    trend: Trend,
    rule: LagRule,
    search: Search,
) -> Result<UnitRoot> {
    check_moves(series, 0)?;
    let largest = largest_lag(series.len(), trend, rule, search)?;
    let differences: Vec<f64> = series.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let sample = Sample { series, differences: &differences, trend, search };
    let (lag, criterion) = match rule {
        LagRule::Fixed(_) => (largest, None),
        _ => sample.search(largest, rule).map(|(lag, value)| (lag, Some(value)))?,
    };
    let (statistic, root) = sample.statistic(lag)?;
    let (p_value, critical_values) = (None, None);
    let observations = differences.len() - lag;
    Ok(UnitRoot { statistic, p_value, critical_values, root, lag, observations, criterion })
}

/// Refuses a series that does not [move](moves); an empty one is left to the check of its length.
pub(super) fn check_moves(values: &[f64], series: usize) -> Result<()> {
    if values.is_empty() || moves(values) { Ok(()) } else { Err(Refusal::Constant { series }) }
}

/// The order asked for, or the largest one of the search, if the sample allows it.
fn largest_lag(observations: usize, trend: Trend, rule: LagRule, search: Search) -> Result<usize> {
    let (asked, floor) = match rule {
        LagRule::Fixed(lag) => (Some(lag), 1),
        LagRule::Aic { max } | LagRule::Bic { max } | LagRule::TStat { max } => {
            (max, SEARCH_MIN_FREEDOM)
        }
    };
    let too_short = |given: usize| Refusal::TooShort {
        needed: least_observations(given, trend, asked, floor, search),
        given,
    };
    let allowed = lag_cap(observations, trend, search).ok_or_else(|| too_short(observations))?;
    let largest = asked.unwrap_or_else(|| schwert(observations).min(allowed));
    if largest > allowed {
        return Err(Refusal::LagTooLarge { asked: largest, allowed });
    }
    if freedom(observations, trend, largest) < floor {
        return Err(too_short(observations));
    }
    Ok(largest)
}

/// The smallest sample on which the rule can be computed.
fn least_observations(
    given: usize,
    trend: Trend,
    asked: Option<usize>,
    floor: usize,
    search: Search,
) -> usize {
    let terms = trend.terms();
    if let Some(lag) = asked {
        let odd = usize::from(search == Search::Arch);
        return lag.saturating_mul(2).saturating_add((2 * terms + 2 + odd).max(terms + 2 + floor));
    }
    let enough = |n: &usize| {
        lag_cap(*n, trend, search)
            .is_some_and(|cap| freedom(*n, trend, schwert(*n).min(cap)) >= floor)
    };
    // Thirty observations are enough for every trend.
    (given + 1..given.saturating_add(64)).find(enough).unwrap_or(usize::MAX)
}

/// Largest order that `n` observations allow.
fn lag_cap(observations: usize, trend: Trend, search: Search) -> Option<usize> {
    let counted = match search {
        Search::Statsmodels => observations,
        Search::Arch => observations.saturating_sub(1),
    };
    (counted / 2).checked_sub(trend.terms() + 1)
}

/// `ceil(12 (n/100)^(1/4))`; two square roots are the fourth root with the same bits everywhere.
pub(super) fn schwert(observations: usize) -> usize {
    let bound = (12.0 * (observations as f64 / 100.0).sqrt().sqrt()).ceil();
    // The bound is far below 2^53 for any slice that fits in memory.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let lag = bound as usize;
    lag
}

/// Degrees of freedom of the regression with `lag` lags on its own sample.
fn freedom(observations: usize, trend: Trend, lag: usize) -> usize {
    observations.saturating_sub(1 + lag).saturating_sub(trend.terms() + 1 + lag)
}

/// The numbers of a test and how its regressions are laid out.
struct Sample<'a> {
    series: &'a [f64],
    differences: &'a [f64],
    trend: Trend,
    search: Search,
}

impl Sample<'_> {
    /// Criterion-optimal order in `0..=largest` with its criterion.
    fn search(&self, largest: usize, rule: LagRule) -> Result<(usize, f64)> {
        let rows = self.differences.len() - largest;
        let terms = self.trend.columns(rows);
        let mut columns: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
        columns.push(self.level(largest));
        columns.extend((1..=largest).map(|j| self.lagged(largest, j)));
        let reduction = Reduction::new(&columns, &self.differences[largest..]);
        reduction.check_rank()?;
        let base = terms.len() + 1;
        let nested = reduction.nested_ssr();
        self.check_noise(nested[base + largest], rows)?;
        Ok(match rule {
            LagRule::TStat { .. } => {
                let t = |lag: usize| {
                    let ratio = reduction.last_t_ratio(base + lag, nested[base + lag]).abs();
                    ratio * self.variance_scale(rows, base + lag)
                };
                let chosen = (0..=largest).rev().find(|lag| t(*lag) >= T_BOUND).unwrap_or(0);
                (chosen, t(chosen))
            }
            _ => smallest_criterion(&nested[base..], base, rows, rule),
        })
    }

    /// What turns a t-ratio with `ssr / (m - k)` into the search's own.
    fn variance_scale(&self, rows: usize, regressors: usize) -> f64 {
        match self.search {
            Search::Statsmodels => 1.0,
            Search::Arch => (rows as f64 / rows.saturating_sub(regressors) as f64).sqrt(),
        }
    }

    /// The t-ratio of the level with `lag` lags, and `1 + gamma`.
    fn statistic(&self, lag: usize) -> Result<(f64, f64)> {
        let rows = self.differences.len() - lag;
        let terms = self.trend.columns(rows);
        let mut columns: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
        columns.extend((1..=lag).map(|j| self.lagged(lag, j)));
        // Last, so that its t-ratio stands on the diagonal.
        columns.push(self.level(lag));
        let reduction = Reduction::new(&columns, &self.differences[lag..]);
        reduction.check_rank()?;
        let ssr = reduction.nested_ssr()[columns.len()];
        self.check_noise(ssr, rows)?;
        let root = 1.0 + reduction.last_coefficient();
        let ratio = reduction.last_t_ratio(columns.len(), ssr);
        if ratio.is_finite() && root.is_finite() {
            Ok((ratio, root))
        } else {
            Err(Refusal::Overflow)
        }
    }

    fn level(&self, lag: usize) -> &[f64] {
        &self.series[lag..self.differences.len()]
    }

    fn lagged(&self, lag: usize, j: usize) -> &[f64] {
        &self.differences[lag - j..self.differences.len() - j]
    }

    /// Refuses residuals that are no larger than the rounding of the series itself.
    fn check_noise(&self, ssr: f64, rows: usize) -> Result<()> {
        if is_rounding(ssr, rows as f64, largest(self.series)) {
            Err(Refusal::PerfectFit)
        } else {
            Ok(())
        }
    }
}

/// Smallest information criterion over nested sums of squares, `nested[lag]` with `base + lag`
/// regressors; the smaller order wins a tie.
fn smallest_criterion(nested: &[f64], base: usize, rows: usize, rule: LagRule) -> (usize, f64) {
    let m = rows as f64;
    let per_regressor = if matches!(rule, LagRule::Bic { .. }) { libm::log(m) } else { 2.0 };
    let log_two_pi = libm::log(2.0 * std::f64::consts::PI);
    let mut best = (0, f64::INFINITY);
    for (lag, ssr) in nested.iter().enumerate() {
        let llf = -m / 2.0 * (log_two_pi + libm::log(ssr / m) + 1.0);
        let value = -2.0 * llf + per_regressor * (base + lag) as f64;
        if value < best.1 {
            best = (lag, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::walk::walk;

    const AIC: LagRule = LagRule::Aic { max: None };

    #[test]
    fn the_default_order_is_schwerts() {
        for (observations, expected) in [(100, 12), (101, 13), (1600, 24), (8760, 37), (30, 9)] {
            assert_eq!(schwert(observations), expected, "{observations} observations");
        }
        let largest = |search| largest_lag(8, Trend::None, LagRule::Fixed(1), search);
        assert_eq!((largest(Search::Statsmodels), largest(Search::Arch)), (Ok(1), Ok(1)));
    }

    #[test]
    fn short_samples_say_how_much_is_needed() {
        for given in [8, 12, 19, 20, 21] {
            let refusal = unit_root(&walk(7, given), Trend::None, AIC).expect_err("no freedom");
            let Refusal::TooShort { needed, given: seen } = refusal else { panic!("{refusal}") };
            assert_eq!(seen, given);
            unit_root(&walk(7, needed), Trend::None, AIC).expect("the promised length is enough");
        }
        for given in 0..3 {
            let refusal = unit_root(&walk(7, given), Trend::Quadratic, LagRule::Fixed(0));
            assert!(refusal.is_err(), "{given} observations");
        }
    }

    #[test]
    fn a_lag_order_above_the_sample_is_refused() {
        let refusal = unit_root(&walk(7, 40), Trend::Constant, LagRule::Fixed(30));
        assert_eq!(refusal, Err(Refusal::LagTooLarge { asked: 30, allowed: 18 }));
    }

    #[test]
    fn degenerate_series_are_refused() {
        let constant = unit_root(&[3.25; 80], Trend::Constant, AIC);
        assert_eq!(constant, Err(Refusal::Constant { series: 0 }));
        let line: Vec<f64> = (0..80).map(f64::from).collect();
        assert_eq!(unit_root(&line, Trend::Constant, LagRule::Fixed(0)), Err(Refusal::PerfectFit));
        let mut gap = walk(7, 80);
        gap[40] = f64::NAN;
        assert_eq!(unit_root(&gap, Trend::None, AIC), Err(Refusal::NonFinite { series: 0 }));
    }

    #[test]
    fn ties_take_the_smaller_order() {
        // One row makes the Bayesian penalty ln 1 = 0: both orders score the same.
        let bic = LagRule::Bic { max: None };
        assert_eq!(smallest_criterion(&[0.5, 0.5], 1, 1, bic).0, 0);
        assert_eq!(smallest_criterion(&[0.5, 0.4], 1, 1, bic).0, 1);
    }

    proptest! {
        #[test]
        fn law_the_statistic_ignores_a_power_of_two_scale(
            x in prop::collection::vec(-1.0..1.0_f64, 40..120), exponent in -20..30_i32,
        ) {
            let scale = 2.0_f64.powi(exponent);
            let scaled: Vec<f64> = x.iter().map(|value| value * scale).collect();
            for rule in [AIC, LagRule::Fixed(2), LagRule::TStat { max: Some(5) }] {
                let (plain, other) = (unit_root(&x, Trend::Linear, rule), unit_root(&scaled, Trend::Linear, rule));
                let (plain, other) = (plain.expect("noise"), other.expect("noise"));
                prop_assert_eq!(plain.lag, other.lag);
                prop_assert!((plain.statistic - other.statistic).abs() <= 1e-9 * plain.statistic.abs());
            }
        }

        #[test]
        fn law_any_series_gives_a_number_or_a_refusal(
            x in prop::collection::vec(prop_oneof![Just(0.0), Just(1e9), Just(1e-6), -1.0..1.0_f64, Just(f64::NAN)], 0..60),
            trend in 0..4_usize, lag in 0..6_usize,
        ) {
            for rule in [AIC, LagRule::Bic { max: Some(lag) }, LagRule::TStat { max: None }, LagRule::Fixed(lag)] {
                if let Ok(test) = unit_root(&x, Trend::ALL[trend], rule) {
                    prop_assert!(test.statistic.is_finite());
                    prop_assert!(test.p_value.is_some_and(|p| (0.0..=1.0).contains(&p)));
                }
            }
        }
    }
}

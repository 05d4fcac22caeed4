//! Johansen's tests for the number of cointegrating relations.
//!
//! Null of row `r`: at most `r` relations among the `n` series. The trace statistic's alternative is
//! more than `r`, the maximum eigenvalue's exactly `r + 1`.
//!
//! # Formula
//! `dx_t` and `x_{t-1}` are regressed on the `k` lagged differences and the unrestricted terms; with
//! `S_ij` the mean products of the two residuals, `|lambda S_kk - S_k0 S_00^-1 S_0k| = 0`. Over `T = rows - k
//! - 1` observations, `trace_r = -T sum_{i > r} ln(1 - lambda_i)` and `max_r = -T ln(1 - lambda_{r+1})`.
//!
//! # The quantiles' assumption
//! Those of cases III and V belong to levels that do carry a linear (III) or quadratic (V) trend. On
//! series without it the tests reject about twice as often as they say; the log prices of an
//! exchange lie between the two.
//!
//! # References
//! Johansen (1988), J. Economic Dynamics and Control 12, 231-254; (1991), Econometrica 59, 1551-1580;
//! (1995), Likelihood-Based Inference in Cointegrated Vector Autoregressive Models (the five cases).

use super::{
    johansen_case::{JohansenCase, johansen_critical_values},
    johansen_triangle::{Layout, Triangle, reduce, relations, sample},
};
use crate::stats::{
    critical_values::johansen::JohansenQuantiles,
    refusal::{Refusal, Result, check_finite},
    regression::{Center, ols},
    trend::Trend,
    unit_root::check_moves,
};

/// `1 - lambda` at which a relation is taken for exact.
const EXACT: f64 = 64.0 * f64::EPSILON;

/// Johansen's tests of `n` series.
#[derive(Debug, Clone)]
pub struct Johansen {
    /// The `n` squared canonical correlations, descending, each in `[0, 1)`.
    pub eigenvalues: Vec<f64>,
    /// The relation of each eigenvalue: `n` components, one more in the restricted cases. Scaled to
    /// `v' S_kk v = 1`, the first component that is not zero positive.
    pub vectors: Vec<Vec<f64>>,
    /// Trace statistic of each null `r = 0..n`.
    pub trace: Vec<f64>,
    /// Maximum eigenvalue statistic of each null `r = 0..n`.
    pub max_eigenvalue: Vec<f64>,
    /// Quantiles of each null; `None` above 12 common trends and in the restricted cases.
    pub critical_values: Vec<Option<JohansenQuantiles>>,
    /// Observations, `rows - k - 1`.
    pub observations: usize,
    pub(super) triangle: Triangle,
}

impl Johansen {
    /// Relation `k` divided by its first component: the weights of a spread on the first series.
    ///
    /// # None
    /// Where there is no such relation or its first component is zero.
    ///
    /// ```
    /// use barline::stats::{JohansenCase, johansen};
    /// let x: Vec<f64> = (0..90).map(|t| f64::from(t + t * t % 7)).collect();
    /// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 3.0 * x + f64::from(t * t * t % 11)).collect();
    /// let weights = johansen(&[&y, &x], JohansenCase::Constant, 1)?.spread_weights(0).unwrap();
    /// assert!(weights[0] == 1.0 && (weights[1] + 3.0).abs() < 0.1);
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn spread_weights(&self, k: usize) -> Option<Vec<f64>> {
        let vector = self.vectors.get(k)?;
        let first = *vector.first().filter(|value| **value != 0.0)?;
        Some(vector.iter().map(|value| value / first).collect())
    }

    /// The number of relations that the trace statistic finds at 5 %: the first null it keeps.
    ///
    /// # None
    /// Where a quantile on the way does not exist.
    ///
    /// ```
    /// use barline::stats::{JohansenCase, johansen};
    /// let x: Vec<f64> = (0..90).map(|t| f64::from(t + t * t % 7)).collect();
    /// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 3.0 * x + f64::from(t * t * t % 11)).collect();
    /// assert!(johansen(&[&y, &x], JohansenCase::Constant, 1)?.trace_rank() > Some(0));
    /// assert_eq!(johansen(&[&y, &x], JohansenCase::RestrictedTrend, 1)?.trace_rank(), None);
    /// # Ok::<(), barline::stats::Refusal>(())
    /// ```
    pub fn trace_rank(&self) -> Option<usize> {
        for (rank, (trace, bounds)) in self.trace.iter().zip(&self.critical_values).enumerate() {
            if *trace <= bounds.as_ref()?.trace[1] {
                return Some(rank);
            }
        }
        Some(self.trace.len())
    }
}

/// Johansen's tests, the textbook's definition, with `lags` lagged differences.
///
/// # Null and alternative
/// Row `r` of both statistics has the null of at most `r` relations. Alternative: more than `r` (trace),
/// exactly `r + 1` (maximum eigenvalue). Large values reject.
///
/// # Errors
/// `Empty`, `NonFinite`, `UnequalLengths` and `Constant` with the series' position, `TooShort`,
/// `Singular` (a column that depends on those before it, counting unrestricted terms, lagged
/// differences, differences, levels), `PerfectFit` (an eigenvalue of one).
///
/// ```
/// use barline::stats::{JohansenCase, johansen};
/// let x: Vec<f64> = (0..120).scan(0.0, |level, t| {
///     *level += f64::from(t * t % 7) - 2.9;
///     Some(*level)
/// }).collect();
/// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 2.0 * x + f64::from(t * t * t % 11)).collect();
/// let test = johansen(&[&y, &x], JohansenCase::Constant, 1)?;
/// let weights = test.spread_weights(0).unwrap();
/// assert!(test.trace[0] > test.critical_values[0].unwrap().trace[2]);
/// assert!((weights[1] + 2.0).abs() < 0.1);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn johansen(series: &[&[f64]], case: JohansenCase, lags: usize) -> Result<Johansen> {
    johansen_with(series, case, lags, &[])
}

/// [`johansen`] with further unrestricted regressors, such as centered seasonal dummies; each as long
/// as the series, read at `t`.
///
/// # Errors
/// Those of [`johansen`]; positions count the series, then the regressors.
///
/// ```
/// use barline::stats::{JohansenCase, johansen, johansen_with};
/// let x: Vec<f64> = (0..90).map(|t| f64::from(t + t * t % 7)).collect();
/// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 3.0 * x + f64::from(t * t * t % 11)).collect();
/// // A centered dummy for every fourth row.
/// let season: Vec<f64> = (0..90).map(|t| if t % 4 == 0 { 0.75 } else { -0.25 }).collect();
/// let with = johansen_with(&[&y, &x], JohansenCase::Constant, 1, &[&season])?;
/// let without = johansen(&[&y, &x], JohansenCase::Constant, 1)?;
/// assert!(with.observations == without.observations && with.trace != without.trace);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn johansen_with(
    series: &[&[f64]],
    case: JohansenCase,
    lags: usize,
    regressors: &[&[f64]],
) -> Result<Johansen> {
    let rows = check_series(series, regressors)?;
    let levels = levels(series, 1, lags, rows);
    let layout = Layout { lags, rows, case, unrestricted: case.unrestricted() };
    solve(&layout, series, &levels, regressors)
}

/// [`johansen`] as `coint_johansen` of statsmodels 0.15.0 computes it: a deviation, kept to compare.
///
/// The level is `x_{t-k}`, which is `x_t` itself for `k = 0` (statsmodels issue 7459); in case V a linear
/// trend is first removed from the levels over the whole sample and only a constant enters the
/// regressions, which is not what the quantiles of case V belong to. Cases I and III with `k >= 1`
/// agree with [`johansen`].
///
/// # Errors
/// Those of [`johansen`].
///
/// ```
/// use barline::stats::{JohansenCase, johansen, johansen_statsmodels};
/// let x: Vec<f64> = (0..90).map(|t| f64::from(t + t * t % 7)).collect();
/// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 3.0 * x + f64::from(t * t * t % 11)).collect();
/// let both = |lags| -> Result<[f64; 2], barline::stats::Refusal> {
///     let case = JohansenCase::Constant;
///     let series: [&[f64]; 2] = [&y, &x];
///     Ok([johansen(&series, case, lags)?.trace[0], johansen_statsmodels(&series, case, lags)?.trace[0]])
/// };
/// let ([textbook, peer], [own, other]) = (both(1)?, both(0)?);
/// assert!((textbook / peer - 1.0).abs() < 1e-8 && (own / other - 1.0).abs() > 1e-9);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn johansen_statsmodels(
    series: &[&[f64]],
    case: JohansenCase,
    lags: usize,
) -> Result<Johansen> {
    let rows = check_series(series, &[])?;
    if case != JohansenCase::Linear {
        let levels = levels(series, lags, lags, rows);
        let layout = Layout { lags, rows, case, unrestricted: case.unrestricted() };
        return solve(&layout, series, &levels, &[]);
    }
    let terms = Trend::Linear.columns(rows);
    let terms: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
    let detrended = series.iter().map(|x| ols(&terms, x, Center::Mean).map(|fit| fit.residuals));
    let detrended = detrended.collect::<Result<Vec<_>>>()?;
    let series: Vec<&[f64]> = detrended.iter().map(Vec::as_slice).collect();
    let levels = levels(&series, lags, lags, rows);
    let layout = Layout { lags, rows, case, unrestricted: Trend::Constant };
    solve(&layout, &series, &levels, &[])
}

fn check_series(series: &[&[f64]], regressors: &[&[f64]]) -> Result<usize> {
    if series.is_empty() {
        return Err(Refusal::Empty);
    }
    let all: Vec<&[f64]> = series.iter().chain(regressors).copied().collect();
    let rows = check_finite(&all)?;
    for (position, values) in series.iter().enumerate() {
        check_moves(values, position)?;
    }
    Ok(rows)
}

/// `x_{t - back}` for `t = lags + 1..rows`; empty where the sample is.
fn levels<'a>(series: &[&'a [f64]], back: usize, lags: usize, rows: usize) -> Vec<&'a [f64]> {
    let sample = sample(lags, rows);
    if sample.is_empty() {
        return series.iter().map(|x| &x[..0]).collect();
    }
    series.iter().map(|x| &x[sample.start - back..sample.end - back]).collect()
}

fn solve(
    layout: &Layout,
    series: &[&[f64]],
    levels: &[&[f64]],
    regressors: &[&[f64]],
) -> Result<Johansen> {
    let triangle = reduce(layout, series, levels, regressors)?;
    let observations = triangle.reduction.rows();
    let (mut eigenvalues, vectors) = relations(&triangle)?;
    eigenvalues.truncate(series.len());
    if eigenvalues.iter().any(|value| 1.0 - value <= EXACT) {
        return Err(Refusal::PerfectFit);
    }
    let scale = -(observations as f64);
    let max_eigenvalue: Vec<f64> =
        eigenvalues.iter().map(|value| scale * libm::log1p(-value)).collect();
    let mut trace = max_eigenvalue.clone();
    for r in (1..trace.len()).rev() {
        trace[r - 1] += trace[r];
    }
    let trends = (1..=series.len()).rev();
    let critical_values = trends.map(|n| johansen_critical_values(layout.case, n)).collect();
    Ok(Johansen {
        eigenvalues,
        vectors,
        trace,
        max_eigenvalue,
        critical_values,
        observations,
        triangle,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::walk::walk;

    const CASES: [JohansenCase; 5] = [
        JohansenCase::None,
        JohansenCase::RestrictedConstant,
        JohansenCase::Constant,
        JohansenCase::RestrictedTrend,
        JohansenCase::Linear,
    ];

    /// Two walks and a third series that follows them.
    fn system(rows: usize) -> Vec<Vec<f64>> {
        let (a, b) = (walk(5, rows), walk(8, rows));
        let noise = walk(13, rows + 1);
        let step = |t: usize| noise[t + 1] - noise[t];
        let c = (0..rows).map(|t| 2.0 * a[t] - b[t] + step(t)).collect();
        vec![c, a, b]
    }

    fn slices(series: &[Vec<f64>]) -> Vec<&[f64]> {
        series.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn a_planted_relation_is_the_first_vector() {
        let series = system(500);
        for case in CASES {
            for lags in 0..3 {
                let test = johansen(&slices(&series), case, lags).expect("regular");
                let weights = test.spread_weights(0).expect("the first series takes part");
                assert!((weights[1] + 2.0).abs() < 0.1 && (weights[2] - 1.0).abs() < 0.1);
                assert!(test.eigenvalues[0] > 0.1 && test.eigenvalues[1] < 0.1);
                if test.critical_values[0].is_some() {
                    assert_eq!(test.trace_rank(), Some(1), "{case:?} {lags}");
                }
            }
        }
    }

    #[test]
    fn the_deviation_agrees_where_it_should() {
        let series = system(300);
        for case in [JohansenCase::None, JohansenCase::Constant] {
            let ours = johansen(&slices(&series), case, 2).expect("regular");
            let theirs = johansen_statsmodels(&slices(&series), case, 2).expect("regular");
            for (a, b) in ours.eigenvalues.iter().zip(&theirs.eigenvalues) {
                assert!((a - b).abs() < 1e-12, "{a} {b}");
            }
        }
        let ours = johansen(&slices(&series), JohansenCase::Constant, 0).expect("regular");
        let theirs = johansen_statsmodels(&slices(&series), JohansenCase::Constant, 0);
        let theirs = theirs.expect("regular");
        assert!((ours.trace[0] - theirs.trace[0]).abs() > 1e-3, "the known deviation is there");
    }

    #[test]
    fn what_cannot_be_tested_is_refused() {
        let series = system(200);
        let refusal = |series: &[&[f64]]| johansen(series, JohansenCase::Constant, 1).err();
        assert_eq!(refusal(&[]), Some(Refusal::Empty));
        let short = Some(Refusal::TooShort { needed: 10, given: 2 });
        assert_eq!(refusal(&[&[1.0, 2.0], &[2.0, 1.0]]), short);
        assert_eq!(refusal(&[&[1.0; 90], &series[0][..90]]), Some(Refusal::Constant { series: 0 }));
        // Constant, three lagged and three own differences: the second and third repeat the first.
        let twice = refusal(&[&series[1], &series[1]]);
        assert_eq!(twice, Some(Refusal::Singular { column: 2 }));
        let mut gap = series[1].clone();
        gap[50] = f64::NAN;
        assert_eq!(refusal(&[&series[0], &gap]), Some(Refusal::NonFinite { series: 1 }));
        let wide: Vec<Vec<f64>> = (0..30).map(|seed| walk(seed, 25)).collect();
        assert!(matches!(refusal(&slices(&wide)), Some(Refusal::TooShort { .. })));
    }

    #[test]
    fn a_seasonal_regressor_changes_the_eigenvalues_only_a_little() {
        let series = system(400);
        let season: Vec<f64> = (0..400).map(|t| f64::from(u8::from(t % 4 == 0)) - 0.25).collect();
        let plain = johansen(&slices(&series), JohansenCase::Constant, 1).expect("regular");
        let with = johansen_with(&slices(&series), JohansenCase::Constant, 1, &[&season]);
        let with = with.expect("regular");
        let change = (plain.eigenvalues[0] - with.eigenvalues[0]).abs();
        assert!(change > 0.0 && change < 0.02, "{change}");
    }

    proptest! {
        #[test]
        fn law_order_and_scale_of_the_series_do_not_matter(
            seed in 1..500_u64, exponent in -20..30_i32, lags in 0..3_usize,
        ) {
            let series: Vec<Vec<f64>> = (0..3).map(|at| walk(seed * 7 + at, 120)).collect();
            let scaled: Vec<f64> = series[2].iter().map(|x| libm::scalbn(*x, exponent)).collect();
            for case in CASES {
                let plain = johansen(&slices(&series), case, lags).expect("regular");
                let other = johansen(&[&scaled, &series[0], &series[1]], case, lags);
                let other = other.expect("regular");
                for (a, b) in plain.eigenvalues.iter().zip(&other.eigenvalues) {
                    prop_assert!((a - b).abs() < 1e-10, "{} {}", a, b);
                }
            }
        }

        #[test]
        fn law_any_series_give_numbers_or_a_refusal(
            rows in prop::collection::vec((
                prop_oneof![Just(0.0), Just(1e9), -1.0..1.0_f64, Just(f64::NAN)],
                prop_oneof![Just(1e-6), -1.0..1.0_f64],
            ), 0..50),
            lags in 0..4_usize,
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            for case in CASES {
                for found in [johansen(&[&a, &b], case, lags), johansen_statsmodels(&[&a, &b], case, lags)] {
                    let Ok(test) = found else { continue };
                    prop_assert!(test.eigenvalues.iter().all(|value| (0.0..1.0).contains(value)));
                    prop_assert!(test.trace.iter().all(|value| value.is_finite()));
                    prop_assert!(test.vectors.iter().flatten().all(|value| value.is_finite()));
                }
            }
            prop_assert!(johansen(&[&a, &b], JohansenCase::Constant, usize::MAX).is_err());
        }
    }
}

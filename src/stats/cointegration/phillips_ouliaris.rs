//! The Phillips-Ouliaris tests.
//!
//! Null: the series are not cointegrated, the residuals of `y` on the others have a unit root.
//! Alternative: the series are cointegrated, the residuals are stationary. Where Engle and Granger add lagged differences, these four
//! statistics correct an autoregression of order one by long-run variances.
//!
//! # Formula
//! With `u` the `n` residuals of `y` on `x` and the terms:
//! - `Zt`, `Za`: `a = sum u_t u_{t-1} / sum u_{t-1}^2`, `k_t = u_t - a u_{t-1}`, `lambda` and `omega` the strict
//!   one-sided and the whole long-run variance of `k`, both times `(n-1)/n`, `D = sum_{t<n} u_t^2`:
//!   `z = (a - 1) - n lambda / D`, `Za = n z`, `Zt = z / sqrt(omega / D)`. Lower tail.
//! - `Pu`, `Pz`: `Omega` the long-run covariance, times `(n-1)/n`, of the residuals of `z_t = [y_t, x_t]`
//!   on `z_{t-1}` and the terms: `Pu = n (Omega_11 - Omega_12 Omega_22^-1 Omega_21) / (sum u_t^2 / n)`,
//!   `Pz = n trace(Omega M^-1)` with `M` the mean square of `z` around the terms, or around its first row
//!   without terms. Upper tail. `Pz` alone does not depend on which series is called `y`.
//!
//! # References
//! Phillips & Ouliaris (1990), Econometrica 58, 165-193. Conventions: `phillips_ouliaris` of arch
//! 8.0.0, whose recentring without terms deviates from the paper.

use super::cointegrating_regression::cointegrating_regression;
use crate::stats::{
    critical_values::{ResidualStatistic, simulated_critical_values, simulated_p_value},
    householder::Reduction,
    long_run::{Bandwidth, Kernel, LongRun, long_run},
    matrix::SymmetricMatrix,
    moments::dot,
    refusal::{Refusal, Result},
    regression::{Center, ols},
    trend::Trend,
};

/// Which of the four statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhillipsOuliarisStatistic {
    /// Bias-corrected t-ratio.
    Zt,
    /// Bias-corrected coefficient.
    Za,
    /// Variance ratio.
    Pu,
    /// Trace statistic.
    Pz,
}

impl PhillipsOuliarisStatistic {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Zt, Self::Za, Self::Pu, Self::Pz];

    fn surface(self) -> ResidualStatistic {
        match self {
            Self::Zt => ResidualStatistic::Zt,
            Self::Za => ResidualStatistic::Za,
            Self::Pu => ResidualStatistic::Pu,
            Self::Pz => ResidualStatistic::Pz,
        }
    }
}

/// A Phillips-Ouliaris test.
#[derive(Debug, Clone)]
pub struct PhillipsOuliaris {
    /// The statistic asked for.
    pub statistic: f64,
    /// arch's simulated p-value; `None` above thirteen series.
    pub p_value: Option<f64>,
    /// arch's simulated critical values at 1, 5, 10 % with T = n; `None` above thirteen series.
    pub critical_values: Option<[f64; 3]>,
    /// Bandwidth of the long-run covariance.
    pub bandwidth: f64,
    /// Coefficients `[x..., const, t, t^2]`, as many as the trend has.
    pub params: Vec<f64>,
    /// `y - X params`, one per row: the spread.
    pub residuals: Vec<f64>,
}

/// How a Phillips-Ouliaris test is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PhillipsOuliarisOptions {
    /// The statistic.
    pub statistic: PhillipsOuliarisStatistic,
    /// Deterministic terms.
    pub trend: Trend,
    /// Weights of the long-run covariance.
    pub kernel: Kernel,
    /// How far they reach.
    pub bandwidth: Bandwidth,
}

/// Tests whether `y` is cointegrated with the series `x`.
///
/// # Null and alternative
/// Null: not cointegrated. Alternative: cointegrated; `Zt` and `Za` reject for small values, `Pu` and
/// `Pz` for large ones.
///
/// # Errors
/// `NonFinite`, `UnequalLengths` and `Constant` with the series' position (`y` is 0), `Empty` without
/// `x`, `TooShort`, `Singular` (dependent regressors), `Collinear`, `PerfectFit` (a long-run variance
/// that is not positive).
///
/// ```
/// use barline::stats::{
///     Bandwidth, Kernel, PhillipsOuliarisOptions, PhillipsOuliarisStatistic, Trend, phillips_ouliaris,
/// };
/// let x: Vec<f64> = (0..80).map(|t| f64::from(t) + f64::from(t * t % 11)).collect();
/// let y: Vec<f64> = x.iter().zip(0..).map(|(x, t)| 2.0 * x + f64::from(t * t * t % 7)).collect();
/// let options = PhillipsOuliarisOptions {
///     statistic: PhillipsOuliarisStatistic::Zt,
///     trend: Trend::Constant,
///     kernel: Kernel::Bartlett,
///     bandwidth: Bandwidth::PlugIn,
/// };
/// let test = phillips_ouliaris(&y, &[&x], options)?;
/// assert!(test.p_value.is_some_and(|p| p < 0.01));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn phillips_ouliaris(
    y: &[f64],
    x: &[&[f64]],
    options: PhillipsOuliarisOptions,
) -> Result<PhillipsOuliaris> {
    use PhillipsOuliarisStatistic::{Pu, Pz, Za, Zt};
    let PhillipsOuliarisOptions { statistic, trend, .. } = options;
    let step1 = cointegrating_regression(y, x, trend)?;
    let series: Vec<&[f64]> = [y].into_iter().chain(x.iter().copied()).collect();
    let (value, bandwidth) = match statistic {
        Zt | Za => bias_corrected(&step1.residuals, options)?,
        Pu | Pz => {
            let omega = innovations_covariance(&series, options)?;
            let value = match statistic {
                Pu => variance_ratio(&omega, &step1.residuals)?,
                _ => trace(&omega, &series, trend)?,
            };
            (value, omega.bandwidth)
        }
    };
    if !value.is_finite() {
        return Err(Refusal::PerfectFit);
    }
    let surface = statistic.surface();
    Ok(PhillipsOuliaris {
        statistic: value,
        p_value: simulated_p_value(value, surface, trend, series.len()),
        critical_values: simulated_critical_values(surface, trend, series.len(), y.len()),
        bandwidth,
        params: step1.params,
        residuals: step1.residuals,
    })
}

/// `Zt` or `Za`, and the bandwidth.
fn bias_corrected(u: &[f64], options: PhillipsOuliarisOptions) -> Result<(f64, f64)> {
    let rows = u.len() as f64;
    let (lagged, current) = (&u[..u.len() - 1], &u[1..]);
    let squares = dot(lagged, lagged);
    let alpha = dot(lagged, current) / squares;
    let k: Vec<f64> = current.iter().zip(lagged).map(|(now, past)| now - alpha * past).collect();
    let LongRun { covariance, one_sided_strict, bandwidth } =
        long_run(&[&k], options.kernel, options.bandwidth)?;
    let scale = (rows - 1.0) / rows;
    let z = (alpha - 1.0) - rows * (scale * one_sided_strict[0][0]) / squares;
    let value = match options.statistic {
        PhillipsOuliarisStatistic::Za => rows * z,
        _ => z / (scale * covariance[0][0] / squares).sqrt(),
    };
    Ok((value, bandwidth))
}

/// Long-run covariance of the residuals of a vector autoregression of order one.
fn innovations_covariance(series: &[&[f64]], options: PhillipsOuliarisOptions) -> Result<LongRun> {
    let rows = series[0].len() - 1;
    let terms = options.trend.columns(rows);
    let lagged = series.iter().map(|values| &values[..rows]);
    let columns: Vec<&[f64]> = lagged.chain(terms.iter().map(Vec::as_slice)).collect();
    let needed = columns.len() + 1;
    if rows < needed {
        return Err(Refusal::TooShort { needed: needed + 1, given: rows + 1 });
    }
    let innovations = series
        .iter()
        .map(|values| ols(&columns, &values[1..], Center::Zero).map(|fit| fit.residuals))
        .collect::<Result<Vec<_>>>()?;
    let innovations: Vec<&[f64]> = innovations.iter().map(Vec::as_slice).collect();
    long_run(&innovations, options.kernel, options.bandwidth)
}

/// `Pu`.
fn variance_ratio(omega: &LongRun, residuals: &[f64]) -> Result<f64> {
    let rows = residuals.len() as f64;
    let others = omega.covariance.len() - 1;
    let of_x = SymmetricMatrix::from_upper(others, |i, j| omega.covariance[i + 1][j + 1]);
    let with_y = &omega.covariance[0][1..];
    let columns: Vec<&[f64]> = (0..others).map(|i| of_x.row(i)).collect();
    let weights = Reduction::new(&columns, with_y).solve()?;
    let conditional = omega.covariance[0][0] - dot(with_y, &weights);
    if conditional <= 0.0 {
        return Err(Refusal::PerfectFit);
    }
    let scale = (rows - 1.0) / rows;
    Ok(rows * (scale * conditional) / (dot(residuals, residuals) / rows))
}

/// `Pz`.
fn trace(omega: &LongRun, series: &[&[f64]], trend: Trend) -> Result<f64> {
    let rows = series[0].len();
    let detrended = series.iter().map(|values| detrended(values, trend));
    let detrended = detrended.collect::<Result<Vec<_>>>()?;
    let columns: Vec<&[f64]> = detrended.iter().map(Vec::as_slice).collect();
    let reduction = Reduction::new(&columns, &vec![0.0; rows]);
    reduction.check_rank()?;
    // n M = R'R, so that trace(Omega M^-1) = n sum over columns c of Omega of (R^-1 R^-T c)_c.
    let diagonal = (0..series.len())
        .map(|c| reduction.solve_leading(&reduction.solve_rows(&omega.covariance[c]))[c])
        .fold(0.0, |sum, cell| sum + cell);
    let rows = rows as f64;
    Ok(rows * ((rows - 1.0) / rows) * rows * diagonal)
}

/// `values` around its terms; around its first value where there are none.
fn detrended(values: &[f64], trend: Trend) -> Result<Vec<f64>> {
    if trend == Trend::None {
        let first = values.first().copied().unwrap_or(0.0);
        return Ok(values.iter().map(|value| value - first).collect());
    }
    let terms = trend.columns(values.len());
    let columns: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
    ols(&columns, values, Center::Mean).map(|fit| fit.residuals)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::walk::walk;

    fn options(statistic: PhillipsOuliarisStatistic, trend: Trend) -> PhillipsOuliarisOptions {
        let (kernel, bandwidth) = (Kernel::Bartlett, Bandwidth::PlugIn);
        PhillipsOuliarisOptions { statistic, trend, kernel, bandwidth }
    }

    #[test]
    fn the_trace_statistic_alone_ignores_which_series_is_explained() {
        let (a, b) = (walk(3, 200), walk(4, 200));
        for statistic in PhillipsOuliarisStatistic::ALL {
            let options = options(statistic, Trend::Constant);
            let one = phillips_ouliaris(&a, &[&b], options).expect("regular").statistic;
            let two = phillips_ouliaris(&b, &[&a], options).expect("regular").statistic;
            let same = (one / two - 1.0).abs() < 1e-10;
            assert_eq!(same, statistic == PhillipsOuliarisStatistic::Pz, "{statistic:?}");
        }
    }

    #[test]
    fn without_lags_zt_is_the_t_ratio_with_a_maximum_likelihood_variance() {
        let (y, x) = (walk(3, 100), walk(4, 100));
        let mut options = options(PhillipsOuliarisStatistic::Zt, Trend::Constant);
        options.bandwidth = Bandwidth::Fixed(0);
        let test = phillips_ouliaris(&y, &[&x], options).expect("regular");
        let u = &test.residuals;
        let fit = ols(&[&u[..99]], &u[1..], Center::Zero).expect("regular");
        let error = fit.standard_error(0).expect("98 degrees") * (98.0_f64 / 99.0).sqrt();
        // The residual variance is taken over n, not over the n - 1 residuals.
        let expected = (fit.params[0] - 1.0) / (error * (99.0_f64 / 100.0).sqrt());
        assert!((test.statistic / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_tested_is_refused_by_name() {
        let x = walk(7, 100);
        let double: Vec<f64> = x.iter().map(|value| 2.0 * value + 1.0).collect();
        let wide: Vec<Vec<f64>> = (0..20).map(|seed| walk(seed, 15)).collect();
        let wide: Vec<&[f64]> = wide.iter().map(Vec::as_slice).collect();
        for statistic in PhillipsOuliarisStatistic::ALL {
            let refusal = |y: &[f64], x: &[&[f64]]| {
                phillips_ouliaris(y, x, options(statistic, Trend::Constant)).err()
            };
            assert_eq!(refusal(&x, &[]), Some(Refusal::Empty));
            assert_eq!(refusal(&double, &[&x]), Some(Refusal::Collinear));
            assert_eq!(refusal(&x, &[&[3.0; 100]]), Some(Refusal::Constant { series: 1 }));
            assert_eq!(
                refusal(&walk(9, 100), &[&x, &double]),
                Some(Refusal::Singular { column: 2 })
            );
            assert!(matches!(refusal(wide[0], &wide[1..]), Some(Refusal::TooShort { .. })));
            let short = Some(Refusal::TooShort { needed: 3, given: 2 });
            assert_eq!(refusal(&[1.0, 2.0], &[&[2.0, 5.0]]), short);
        }
    }

    proptest! {
        #[test]
        fn law_any_pair_gives_a_number_or_a_refusal(
            rows in prop::collection::vec((
                prop_oneof![Just(0.0), Just(1e9), -1.0..1.0_f64, Just(f64::NAN)],
                prop_oneof![Just(1e-6), -1.0..1.0_f64],
            ), 0..40),
            trend in 0..4_usize, kernel in 0..9_usize, lags in 0..50_usize,
        ) {
            let (y, x): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            for statistic in PhillipsOuliarisStatistic::ALL {
                for bandwidth in [Bandwidth::PlugIn, Bandwidth::WholePlugIn, Bandwidth::Fixed(lags)] {
                    let (trend, kernel) = (Trend::ALL[trend], Kernel::ALL[kernel]);
                    let options = PhillipsOuliarisOptions { statistic, trend, kernel, bandwidth };
                    if let Ok(test) = phillips_ouliaris(&y, &[&x], options) {
                        prop_assert!(test.statistic.is_finite());
                        prop_assert!(test.p_value.is_some_and(|p| (0.0..=1.0).contains(&p)));
                    }
                }
            }
        }

        #[test]
        fn law_the_statistics_ignore_a_power_of_two_scale(seed in 1..900_u64, exponent in -20..30_i32) {
            let (y, x) = (walk(seed, 80), walk(seed + 1000, 80));
            let scaled: Vec<f64> = x.iter().map(|value| libm::scalbn(*value, exponent)).collect();
            for statistic in PhillipsOuliarisStatistic::ALL {
                let mut options = options(statistic, Trend::Linear);
                // The plug-in adds the series up, so that it depends on their units.
                options.bandwidth = Bandwidth::Fixed(3);
                let plain = phillips_ouliaris(&y, &[&x], options).expect("walks").statistic;
                let other = phillips_ouliaris(&y, &[&scaled], options).expect("walks").statistic;
                prop_assert!((plain - other).abs() <= 1e-9 * plain.abs(), "{} {}", plain, other);
            }
        }
    }
}

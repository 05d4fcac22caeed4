//! The Phillips-Ouliaris tests.
//!
//! Null: the series are not cointegrated. Where Engle and Granger add lagged differences, these four
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

//! The KPSS test.
//!
//! Null: the series is stationary around a level or a linear trend. Alternative: it has a unit root.
//! The roles are those of [`unit_root`](super::unit_root()) reversed: two tests that both keep their
//! null say that the sample cannot tell.
//!
//! # Formula
//! `sum_t S_t^2 / (n^2 s^2)` with `S_t` the running sums of the residuals around the deterministic terms
//! and `s^2` their long-run variance with Bartlett weights, `s^2 = (sum e_t^2 + 2 sum_{j=1..l}
//! (1 - j/(l+1)) sum_t e_t e_{t-j}) / n`.
//!
//! # References
//! Kwiatkowski, Phillips, Schmidt & Shin (1992), J. Econometrics 54, 159-178. Hobijn, Franses & Ooms
//! (2004), Statistica Neerlandica 58, 483-502 (lags from the data). Conventions: `kpss` of statsmodels
//! 0.15.0 and `KPSS` of arch 8.0.0, which agree on the statistic and read different p-values.

use super::{
    critical_values::{
        Around, published_kpss_critical_values, published_kpss_p_value,
        simulated_kpss_critical_values, simulated_kpss_p_value,
    },
    long_run::{autocovariance, whole_part},
    moments::{dot, is_rounding, largest, mean},
    refusal::{Refusal, Result, check_finite},
    regression::{Center, ols},
    trend::Trend,
    unit_root::{check_moves, schwert},
};

/// How many autocovariances enter the long-run variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KpssLags {
    /// From the data after Hobijn, Franses and Ooms, the peers' default:
    /// `floor(1.1447 ((s_1 / s_0)^2)^(1/3) n^(1/3))` over the first `floor(n^(2/9))` autocovariances, at
    /// most `n - 1`.
    Hobijn,
    /// `ceil(12 (n/100)^(1/4))`, at most `n - 1`: the older default, "legacy".
    Schwert,
    /// This many.
    Fixed(
        /// Lags.
        usize,
    ),
}

/// A KPSS test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kpss {
    /// The statistic; large values speak against stationarity.
    pub statistic: f64,
    /// Autocovariances in the long-run variance.
    pub lags: usize,
    /// P-value from the four printed quantiles, clipped to 0.01 and 0.10 (statsmodels).
    pub published_p_value: f64,
    /// P-value from simulated quantiles, at least 0.0001 (arch).
    pub simulated_p_value: f64,
    /// Printed critical values at 10, 5, 2.5 and 1 %.
    pub published_critical_values: [f64; 4],
    /// Simulated critical values at 1, 5 and 10 %.
    pub simulated_critical_values: [f64; 3],
}

/// Tests `series` for stationarity.
///
/// # Null and alternative
/// Null: stationary around a level or a line. Alternative: a unit root; large values of the statistic
/// speak for it.
///
/// # Errors
/// `NonFinite`, `Constant`, `TooShort` (fewer than three observations, four around a trend),
/// `LagTooLarge` (not below the number of observations), `PerfectFit` (the residuals are rounding
/// noise, or have no long-run variance).
///
/// ```
/// use barline::stats::{Around, KpssLags, kpss};
/// let walk: Vec<f64> = (0..200).scan(0.0, |level, t| {
///     *level += f64::from(t * t % 7) - 2.9;
///     Some(*level)
/// }).collect();
/// let test = kpss(&walk, Around::Level, KpssLags::Fixed(4))?;
/// assert!(test.published_p_value <= 0.01 && test.simulated_p_value < 0.01);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn kpss(series: &[f64], around: Around, lags: KpssLags) -> Result<Kpss> {
    let rows = check_finite(&[series])?;
    let needed = if around == Around::Level { 3 } else { 4 };
    if rows < needed {
        return Err(Refusal::TooShort { needed, given: rows });
    }
    check_moves(series, 0)?;
    let residuals = residuals(series, around)?;
    let lags = number_of_lags(&residuals, lags)?;
    let statistic = ratio(&residuals, lags).ok_or(Refusal::PerfectFit)?;
    Ok(Kpss {
        statistic,
        lags,
        published_p_value: published_kpss_p_value(statistic, around).ok_or(Refusal::PerfectFit)?,
        simulated_p_value: simulated_kpss_p_value(statistic, around).ok_or(Refusal::PerfectFit)?,
        published_critical_values: published_kpss_critical_values(around),
        simulated_critical_values: simulated_kpss_critical_values(around),
    })
}

/// Deviations from the mean, or from the least squares line.
fn residuals(series: &[f64], around: Around) -> Result<Vec<f64>> {
    let residuals = match around {
        Around::Level => {
            let center = mean(series).unwrap_or(0.0);
            series.iter().map(|value| value - center).collect()
        }
        Around::Trend => {
            let terms = Trend::Linear.columns(series.len());
            let columns: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
            ols(&columns, series, Center::Mean)?.residuals
        }
    };
    if is_rounding(dot(&residuals, &residuals), series.len() as f64, largest(series)) {
        return Err(Refusal::PerfectFit);
    }
    Ok(residuals)
}

fn number_of_lags(residuals: &[f64], rule: KpssLags) -> Result<usize> {
    let allowed = residuals.len() - 1;
    match rule {
        KpssLags::Hobijn => hobijn(residuals).map(|lags| lags.min(allowed)),
        KpssLags::Schwert => Ok(schwert(residuals.len()).min(allowed)),
        KpssLags::Fixed(asked) if asked > allowed => Err(Refusal::LagTooLarge { asked, allowed }),
        KpssLags::Fixed(asked) => Ok(asked),
    }
}

fn hobijn(residuals: &[f64]) -> Result<usize> {
    let rows = residuals.len() as f64;
    let reach = whole_part(libm::pow(rows, 2.0 / 9.0)).min(residuals.len() - 1);
    let mut level = autocovariance(residuals, residuals, 0);
    let mut slope = 0.0;
    for lag in 1..=reach {
        let both_sides = 2.0 * autocovariance(residuals, residuals, lag);
        level += both_sides;
        slope += lag as f64 * both_sides;
    }
    if level <= 0.0 {
        return Err(Refusal::PerfectFit);
    }
    let ratio = slope / level;
    let scale = 1.1447 * libm::pow(ratio * ratio, 1.0 / 3.0);
    Ok(whole_part(scale * libm::pow(rows, 1.0 / 3.0)))
}

/// The statistic; `None` where the long-run variance is not positive.
fn ratio(residuals: &[f64], lags: usize) -> Option<f64> {
    let rows = residuals.len() as f64;
    let mut variance = autocovariance(residuals, residuals, 0);
    for lag in 1..=lags {
        let weight = 1.0 - lag as f64 / (lags as f64 + 1.0);
        variance += 2.0 * weight * autocovariance(residuals, residuals, lag);
    }
    let mut running = 0.0;
    let squares = residuals.iter().fold(0.0, |sum, residual| {
        running += residual;
        sum + running * running
    });
    let statistic = squares / (rows * rows) / variance;
    (variance > 0.0 && statistic.is_finite()).then_some(statistic)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: [KpssLags; 3] = [KpssLags::Hobijn, KpssLags::Schwert, KpssLags::Fixed(2)];

    #[test]
    fn a_series_solved_by_hand() {
        // Around 0: residuals 1, -1, 1, -1; running sums 1, 0, 1, 0.
        let test = kpss(&[1.0, -1.0, 1.0, -1.0], Around::Level, KpssLags::Fixed(0)).expect("moves");
        assert!((test.statistic - 2.0 / 16.0).abs() < 1e-16);
        // One lag, weight 1/2: 1 - 2 * (1/2) * (3/4) = 1/4.
        let test = kpss(&[1.0, -1.0, 1.0, -1.0], Around::Level, KpssLags::Fixed(1)).expect("moves");
        assert!((test.statistic - 0.5).abs() < 1e-15);
    }

    #[test]
    fn degenerate_series_are_refused() {
        let line: Vec<f64> = (0..50).map(f64::from).collect();
        for rule in RULES {
            assert_eq!(kpss(&line, Around::Trend, rule), Err(Refusal::PerfectFit));
            assert_eq!(kpss(&[7.5; 40], Around::Level, rule), Err(Refusal::Constant { series: 0 }));
            let short = Err(Refusal::TooShort { needed: 3, given: 2 });
            assert_eq!(kpss(&[1.0, 2.0], Around::Level, rule), short);
            let gap = [1.0, f64::INFINITY, 2.0, 0.5];
            assert_eq!(kpss(&gap, Around::Level, rule), Err(Refusal::NonFinite { series: 0 }));
        }
        let far = kpss(&line, Around::Level, KpssLags::Fixed(50));
        assert_eq!(far, Err(Refusal::LagTooLarge { asked: 50, allowed: 49 }));
    }

    proptest! {
        #[test]
        fn law_the_statistic_ignores_level_and_scale(
            x in prop::collection::vec(-1.0..1.0_f64, 30..90), exponent in -20..30_i32,
        ) {
            let scaled: Vec<f64> = x.iter().map(|value| libm::scalbn(*value, exponent)).collect();
            for rule in RULES {
                for around in [Around::Level, Around::Trend] {
                    let (a, b) = (kpss(&x, around, rule), kpss(&scaled, around, rule));
                    let Ok(a) = a else {
                        // Strong alternation can leave no long-run variance to choose lags by.
                        prop_assert_eq!((a, rule), (b, KpssLags::Hobijn));
                        continue;
                    };
                    let b = b.expect("noise");
                    prop_assert_eq!(a.lags, b.lags);
                    prop_assert!((a.statistic - b.statistic).abs() <= 1e-10 * a.statistic);
                }
            }
        }

        #[test]
        fn law_any_series_gives_a_number_or_a_refusal(
            x in prop::collection::vec(prop_oneof![Just(0.0), Just(1e9), Just(1e-6), -1.0..1.0_f64, Just(f64::NAN)], 0..50),
        ) {
            for rule in RULES {
                for around in [Around::Level, Around::Trend] {
                    if let Ok(test) = kpss(&x, around, rule) {
                        prop_assert!(test.statistic.is_finite() && test.statistic >= 0.0);
                        prop_assert!((0.01..=0.1).contains(&test.published_p_value));
                        prop_assert!((0.0001..=1.0).contains(&test.simulated_p_value));
                    }
                }
            }
        }
    }
}

//! The tests of a screen by the plain path, and how significant a statistic is.
//!
//! A test has a key: the smaller, the more significant. For the tests on residuals it is the
//! statistic, of the more significant direction where both count; for Johansen's the trace statistic
//! with its sign turned.

use super::request::{Direction, ScreenRequest, ScreenTest};
use crate::stats::{
    self, Bandwidth, EngleGranger, JohansenCase, Kernel, LagRule, PhillipsOuliaris,
    PhillipsOuliarisOptions, PhillipsOuliarisStatistic, Refusal, ResidualStatistic, Result, Trend,
};

/// A test with its terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Method {
    EngleGranger { trend: Trend, rule: LagRule, direction: Direction },
    Johansen { case: JohansenCase, lags: usize },
    PhillipsOuliaris { trend: Trend, direction: Direction },
}

/// A test that the plain path made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub(super) statistic: f64,
    pub(super) p_value: Option<f64>,
    /// At 1, 5 and 10 %.
    pub(super) critical_values: Option<[f64; 3]>,
    pub(super) lag: Option<usize>,
    pub(super) hedge_ratio: Option<f64>,
    pub(super) intercept: Option<f64>,
    pub(super) weights: Option<Vec<f64>>,
    pub(super) half_life: Option<f64>,
    pub(super) observations: usize,
    /// True if the second member is the one explained.
    pub(super) flipped: bool,
}

impl Judged {
    /// See the module.
    pub(super) fn key(&self, method: Method) -> f64 {
        match method {
            Method::Johansen { .. } => -self.statistic,
            _ => self.statistic,
        }
    }
}

impl Method {
    /// The test that a request asks for, after it was checked.
    pub(super) fn of(request: &ScreenRequest) -> Self {
        let ScreenRequest { trend, direction, .. } = *request;
        match request.test {
            ScreenTest::EngleGranger => {
                let rule = request.lag.unwrap_or(LagRule::Aic { max: None });
                Self::EngleGranger { trend, rule, direction }
            }
            ScreenTest::Johansen => {
                let case = match trend {
                    Trend::None => JohansenCase::None,
                    Trend::Constant => JohansenCase::Constant,
                    Trend::Linear | Trend::Quadratic => JohansenCase::Linear,
                };
                let lags = match request.lag {
                    Some(LagRule::Fixed(lags)) => lags,
                    _ => 1,
                };
                Self::Johansen { case, lags }
            }
            ScreenTest::PhillipsOuliaris => Self::PhillipsOuliaris { trend, direction },
        }
    }

    /// True if an ordered pair is a test.
    pub(super) fn is_directed(self) -> bool {
        match self {
            Self::EngleGranger { direction, .. } | Self::PhillipsOuliaris { direction, .. } => {
                direction == Direction::Given
            }
            Self::Johansen { .. } => false,
        }
    }

    /// True if a kernel proposes.
    pub(super) fn has_kernel(self) -> bool {
        !matches!(self, Self::PhillipsOuliaris { .. })
    }

    /// Which directions of a pair are tests, as rows say it; both are alike in Johansen's.
    pub(super) fn direction_name(self) -> &'static str {
        if self.is_directed() { "given" } else { "both" }
    }

    /// Its lag rule as it is shown.
    pub(super) fn lag_name(self) -> String {
        match self {
            Self::EngleGranger { rule, .. } => match rule {
                LagRule::Aic { .. } => "aic".to_owned(),
                LagRule::Bic { .. } => "bic".to_owned(),
                LagRule::TStat { .. } => "t-stat".to_owned(),
                LagRule::Fixed(lag) => lag.to_string(),
            },
            Self::Johansen { lags, .. } => lags.to_string(),
            Self::PhillipsOuliaris { .. } => "plug-in bandwidth".to_owned(),
        }
    }

    /// The p-value of a test with this key, the directions counted; `None` for Johansen's.
    pub(super) fn p_of(self, key: f64) -> Option<f64> {
        let one = match self {
            Self::Johansen { .. } => return None,
            Self::EngleGranger { trend, .. } => stats::p_value(key, trend, 2)?,
            Self::PhillipsOuliaris { trend, .. } => phillips_ouliaris_p(key, trend)?,
        };
        Some(if self.is_directed() { one } else { (2.0 * one).min(1.0) })
    }

    /// The largest key whose p-value is at most `level`, or the key of Johansen's critical value for
    /// `members` at that level; infinity where every key is.
    pub(super) fn key_at(self, level: f64, members: usize) -> f64 {
        if let Self::Johansen { case, .. } = self {
            let quantiles = stats::johansen_critical_values(case, members);
            return quantiles.map_or(f64::INFINITY, |q| -at_level(q.trace, level));
        }
        stats::largest_statistic(level, |key| self.p_of(key))
    }

    /// The test of `series`, in the order of their combination.
    ///
    /// # Errors
    /// Those of the test.
    pub(super) fn judge(self, series: &[&[f64]]) -> Result<Judged> {
        match (self, series) {
            (Self::Johansen { case, lags }, _) => johansen(series, case, lags),
            (Self::EngleGranger { trend, rule, direction: Direction::Both }, [first, second]) => {
                let test = stats::test_pair(first, second, trend, rule)?;
                let flipped = test.dependent == stats::Dependent::Second;
                Ok(of_engle_granger(&test.chosen, trend, test.p_value, first.len(), flipped))
            }
            (Self::EngleGranger { trend, rule, .. }, [y, x]) => {
                let test = stats::engle_granger(y, &[x], trend, rule)?;
                let p_value = test.p_value.unwrap_or(1.0);
                Ok(of_engle_granger(&test, trend, p_value, y.len(), false))
            }
            (Self::PhillipsOuliaris { trend, direction }, [first, second]) => {
                phillips_ouliaris(first, second, trend, direction)
            }
            _ => Err(Refusal::Empty),
        }
    }
}

/// Johansen's quantile at 90, 95 or 99 % for a level of 0.1, 0.05 or 0.01.
fn at_level(quantiles: [f64; 3], level: f64) -> f64 {
    let place = if level >= 0.1 { 0 } else { usize::from(level < 0.05) + 1 };
    quantiles[place]
}

/// The p-value of `Zt` from arch's surfaces.
fn phillips_ouliaris_p(statistic: f64, trend: Trend) -> Option<f64> {
    let surface = ResidualStatistic::Zt;
    stats::simulated_p_value(statistic, surface, trend, 2)
}

fn of_engle_granger(
    test: &EngleGranger,
    trend: Trend,
    p_value: f64,
    observations: usize,
    flipped: bool,
) -> Judged {
    Judged {
        statistic: test.statistic,
        p_value: Some(p_value),
        critical_values: test.critical_values,
        lag: Some(test.lag),
        hedge_ratio: test.params.first().copied(),
        intercept: test.params.get(1).copied().filter(|_| trend != Trend::None),
        weights: None,
        half_life: half_life(&test.residuals),
        observations,
        flipped,
    }
}

fn phillips_ouliaris(
    first: &[f64],
    second: &[f64],
    trend: Trend,
    direction: Direction,
) -> Result<Judged> {
    let options = PhillipsOuliarisOptions {
        statistic: PhillipsOuliarisStatistic::Zt,
        trend,
        kernel: Kernel::Bartlett,
        bandwidth: Bandwidth::PlugIn,
    };
    let p = |test: &PhillipsOuliaris| test.p_value.unwrap_or(1.0);
    let forward = stats::phillips_ouliaris(first, &[second], options)?;
    let (test, p_value, flipped) = match direction {
        Direction::Given => (forward.clone(), p(&forward), false),
        Direction::Both => {
            let backward = stats::phillips_ouliaris(second, &[first], options)?;
            let p_value = (2.0 * p(&forward).min(p(&backward))).min(1.0);
            let flipped = backward.statistic < forward.statistic;
            (if flipped { backward } else { forward }, p_value, flipped)
        }
    };
    Ok(Judged {
        statistic: test.statistic,
        p_value: Some(p_value),
        critical_values: test.critical_values,
        lag: None,
        hedge_ratio: test.params.first().copied(),
        intercept: test.params.get(1).copied().filter(|_| trend != Trend::None),
        weights: None,
        half_life: half_life(&test.residuals),
        observations: first.len(),
        flipped,
    })
}

fn johansen(series: &[&[f64]], case: JohansenCase, lags: usize) -> Result<Judged> {
    let test = stats::johansen(series, case, lags)?;
    let statistic = *test.trace.first().ok_or(Refusal::Empty)?;
    let weights = test.spread_weights(0);
    let rows = series.first().map_or(0, |first| first.len());
    let spread: Option<Vec<f64>> = weights.as_ref().map(|weights| {
        let legs = |row: usize| weights.iter().zip(series).map(move |(w, x)| w * x[row]);
        (0..rows).map(|row| legs(row).fold(0.0, |sum, leg| sum + leg)).collect()
    });
    let hedge_ratio = match weights.as_deref() {
        Some([_, weight]) => Some(-weight),
        _ => None,
    };
    let bounds = test.critical_values.first().copied().flatten();
    Ok(Judged {
        statistic,
        p_value: None,
        critical_values: bounds.map(|q| [q.trace[2], q.trace[1], q.trace[0]]),
        lag: Some(lags),
        hedge_ratio,
        intercept: spread.as_deref().and_then(stats::mean),
        half_life: spread.as_deref().and_then(half_life),
        weights,
        observations: rows,
        flipped: false,
    })
}

/// The half-life of a spread that comes back.
fn half_life(spread: &[f64]) -> Option<f64> {
    stats::exact_half_life(spread).filter(|bars| bars.is_finite())
}

#[cfg(test)]
mod tests {
    use super::Method;
    use crate::{
        run::screen::request::Direction,
        stats::{JohansenCase, LagRule, Trend, p_value},
    };

    fn engle_granger(trend: Trend, direction: Direction) -> Method {
        Method::EngleGranger { trend, rule: LagRule::Fixed(1), direction }
    }

    #[test]
    fn a_key_has_the_p_value_of_its_test() {
        let key = -3.7;
        let one = p_value(key, Trend::Constant, 2);
        assert_eq!(engle_granger(Trend::Constant, Direction::Given).p_of(key), one);
        let both = engle_granger(Trend::Constant, Direction::Both).p_of(key);
        assert_eq!(both, one.map(|p| 2.0 * p));
        assert_eq!(engle_granger(Trend::Constant, Direction::Both).p_of(1.0), Some(1.0));
    }

    #[test]
    fn a_threshold_is_the_key_of_its_level() {
        for trend in Trend::ALL {
            for direction in [Direction::Both, Direction::Given] {
                let methods = [
                    engle_granger(trend, direction),
                    Method::PhillipsOuliaris { trend, direction },
                ];
                for (method, level) in methods.into_iter().flat_map(|m| [(m, 0.01), (m, 0.2)]) {
                    let key = method.key_at(level, 2);
                    let p = method.p_of(key).expect("a p-value");
                    assert!((p / level - 1.0).abs() < 1e-3, "{method:?} {level} {key} {p}");
                }
                assert!(methods[0].key_at(1.0, 2).is_infinite());
            }
        }
        let case = JohansenCase::Constant;
        assert_eq!(
            Method::Johansen { case, lags: 1 }.key_at(0.05, 2).to_bits(),
            (-15.4943_f64).to_bits()
        );
    }

    #[test]
    fn p_values_fall_with_the_key_but_for_the_seam_of_the_surface() {
        for trend in Trend::ALL {
            let method = engle_granger(trend, Direction::Given);
            let mut largest = 0.0_f64;
            for step in 0..40_000 {
                let p = method.p_of(-20.0 + 0.0006 * f64::from(step)).expect("a p-value");
                assert!(p >= crate::stats::P_SEAM * largest, "{trend:?} {step}");
                largest = largest.max(p);
            }
        }
    }
}

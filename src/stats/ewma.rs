//! Exponentially weighted covariance around a weighted mean, or around the plain one.
//!
//! [`ewma_covariance`] weighs around the weighted mean, as
//! `DataFrame.ewm(alpha, adjust, ignore_na).cov(bias)` of pandas does at its last row.
//! [`ewma_about_mean`] weighs products of deviations from the unweighted mean, as `exp_cov` of
//! PyPortfolioOpt does. [`riskmetrics_covariance`](super::riskmetrics_covariance) is a third
//! convention. They differ; a report says which one it used. A column that does not move has cells of
//! exactly zero.
//!
//! # References
//! J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th ed., section 5.2 (exponential weights).
//! `ewm` of pandas 3.1.1 (adjust, bias, ignore_na, the spellings of a decay); `exp_cov` of PyPortfolioOpt
//! 1.6.0.

use super::{
    dispersion::moves,
    gaps::check_lengths,
    matrix::SymmetricMatrix,
    moments::mean,
    refusal::{Refusal, Result, check_finite},
};

/// How fast old rows fade: the share `alpha` that the newest row adds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay(f64);

impl Decay {
    /// `alpha` itself; `None` outside `(0, 1]`.
    ///
    /// ```
    /// use barline::stats::Decay;
    /// let same = [
    ///     Decay::from_alpha(0.25),
    ///     Decay::from_span(7.0),
    ///     Decay::from_center_of_mass(3.0),
    /// ];
    /// assert!(same.iter().all(|decay| decay.unwrap().alpha() == 0.25));
    /// assert!((Decay::from_half_life(1.0).unwrap().alpha() - 0.5).abs() < 1e-15);
    /// assert_eq!(Decay::from_alpha(1.5), None);
    /// ```
    pub fn from_alpha(alpha: f64) -> Option<Self> {
        (alpha > 0.0 && alpha <= 1.0).then_some(Self(alpha))
    }

    /// `alpha = 2 / (span + 1)`; `None` below 1.
    pub fn from_span(span: f64) -> Option<Self> {
        if span >= 1.0 { Self::from_alpha(2.0 / (span + 1.0)) } else { None }
    }

    /// `alpha = 1 - 2^(-1 / bars)`: a weight halves in so many bars; `None` unless positive.
    pub fn from_half_life(bars: f64) -> Option<Self> {
        if bars > 0.0 {
            Self::from_alpha(-libm::expm1(-std::f64::consts::LN_2 / bars))
        } else {
            None
        }
    }

    /// `alpha = 1 / (1 + com)`; `None` below 0.
    pub fn from_center_of_mass(com: f64) -> Option<Self> {
        if com >= 0.0 { Self::from_alpha(1.0 / (1.0 + com)) } else { None }
    }

    /// `alpha`.
    pub fn alpha(self) -> f64 {
        self.0
    }
}

/// Weight of the oldest row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldestRow {
    /// `(1 - alpha)^(n-1)` times that of the newest: the weights are one geometric series
    /// (pandas `adjust=True`).
    Geometric,
    /// The value a recursion started from carries (pandas `adjust=False`).
    Recursive,
}

/// What a missing row does to the weights of the rows before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingRow {
    /// It ages them as any row does (pandas `ignore_na=False`).
    Ages,
    /// It does not exist (pandas `ignore_na=True`).
    Ignored,
}

/// The conventions of [`ewma_covariance`]. The default is that of pandas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EwmaRules {
    /// Weight of the oldest row.
    pub oldest: OldestRow,
    /// Effect of a missing row.
    pub missing: MissingRow,
    /// Whether the moment is left as it is instead of being corrected for the weighted mean.
    pub biased: bool,
}

impl Default for EwmaRules {
    fn default() -> Self {
        Self { oldest: OldestRow::Geometric, missing: MissingRow::Ages, biased: false }
    }
}

/// Weighted covariance around the weighted mean of each pair's common rows; NaN is missing.
///
/// # Formula
/// `m = sum w x / sum w`, biased `c = sum w (x - m_x)(y - m_y) / sum w`, unbiased
/// `c (sum w)^2 / ((sum w)^2 - sum w^2)`. The weights: a row multiplies those before it by
/// `f = 1 - alpha` and adds its own, 1 (geometric) or `alpha` (recursive), the latter over a total
/// kept at one. A missing row only multiplies, or does nothing ([`MissingRow`]).
///
/// # None
/// A cell is NaN without common rows; unbiased also where one row has all the weight.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite` for an infinite value; where no row is missing also
/// `TooShort`: without rows, and unbiased with fewer than 2 or with all weight on one
/// (`alpha = 1`).
///
/// ```
/// use barline::stats::{Decay, EwmaRules, ewma_covariance};
/// let decay = Decay::from_alpha(0.5).expect("in range");
/// let found = ewma_covariance(&[&[1.0, 4.0]], decay, EwmaRules { biased: true, ..EwmaRules::default() })?;
/// assert!((found.get(0, 0) - 2.0).abs() < 1e-15);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn ewma_covariance(
    columns: &[&[f64]],
    decay: Decay,
    rules: EwmaRules,
) -> Result<SymmetricMatrix> {
    let rows = check_lengths(columns)?;
    if let Some(series) = columns.iter().position(|x| x.iter().any(|value| value.is_infinite())) {
        return Err(Refusal::NonFinite { series });
    }
    let complete = columns.iter().all(|x| x.iter().all(|value| !value.is_nan()));
    let needed = if rules.biased { 1 } else { 2 };
    if complete && rows < needed {
        return Err(Refusal::TooShort { needed, given: rows });
    }
    let covariance = SymmetricMatrix::from_upper(columns.len(), |i, j| {
        weighted_moment(columns[i], columns[j], decay, rules)
    });
    if covariance.values().iter().any(|cell| cell.is_infinite()) {
        return Err(Refusal::Overflow);
    }
    if complete && covariance.values().iter().any(|cell| cell.is_nan()) {
        return Err(Refusal::TooShort { needed: 2, given: 1 });
    }
    Ok(covariance)
}

fn weighted_moment(x: &[f64], y: &[f64], decay: Decay, rules: EwmaRules) -> f64 {
    let pairs: Vec<(f64, f64, f64)> = weights(x, y, decay, rules);
    let total = |value: &dyn Fn(&(f64, f64, f64)) -> f64| -> f64 {
        pairs.iter().fold(0.0, |sum, pair| sum + value(pair))
    };
    let weight = total(&|(w, _, _)| *w);
    let (a, b) = (total(&|(w, x, _)| w * x) / weight, total(&|(w, _, y)| w * y) / weight);
    let leg = |pick: &dyn Fn(&(f64, f64, f64)) -> f64| pairs.iter().map(pick).collect::<Vec<f64>>();
    let still = !moves(&leg(&|pair| pair.1)) || !moves(&leg(&|pair| pair.2));
    let moment = if still { 0.0 } else { total(&|(w, x, y)| w * (x - a) * (y - b)) };
    if rules.biased {
        return moment / weight;
    }
    let freedom = weight * weight - total(&|(w, _, _)| w * w);
    // What rounding leaves where one row has all the weight is no degree of freedom.
    let least = 8.0 * f64::EPSILON * weight * weight;
    if freedom > least { moment * (weight / freedom) } else { f64::NAN }
}

/// Weight and values of the common rows, oldest first.
fn weights(x: &[f64], y: &[f64], decay: Decay, rules: EwmaRules) -> Vec<(f64, f64, f64)> {
    let keep = 1.0 - decay.alpha();
    let mut pairs: Vec<(f64, f64, f64)> = Vec::new();
    // Row k keeps its own weight times the factors of all rows after it.
    let mut factors: Vec<f64> = Vec::new();
    let mut aged = 1.0;
    for (x, y) in x.iter().zip(y) {
        let observed = !x.is_nan() && !y.is_nan();
        if observed || rules.missing == MissingRow::Ages {
            aged *= keep;
        }
        if observed {
            let (own, factor) = match rules.oldest {
                _ if pairs.is_empty() => (1.0, 1.0),
                OldestRow::Geometric => (1.0, aged),
                OldestRow::Recursive => {
                    let total = aged + decay.alpha();
                    (decay.alpha() / total, aged / total)
                }
            };
            pairs.push((own, *x, *y));
            factors.push(factor);
            aged = 1.0;
        }
    }
    let mut after = 1.0;
    for (pair, factor) in pairs.iter_mut().zip(&factors).rev() {
        pair.0 *= after;
        after *= factor;
    }
    pairs
}

/// Geometrically weighted mean of the products of deviations from the unweighted means.
///
/// # Formula
/// `sum_t w_t (x_t - mean x)(y_t - mean y) / sum_t w_t`, `w_t = (1 - alpha)^(n-1-t)`: `exp_cov` of
/// PyPortfolioOpt before annualization and repair. Positive semi-definite by construction.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` without rows, `Overflow`.
///
/// ```
/// use barline::stats::{Decay, ewma_about_mean};
/// let decay = Decay::from_alpha(0.5).expect("in range");
/// // Weights 1/2 and 1 on deviations of -1 and 1: all squares are 1.
/// assert_eq!(ewma_about_mean(&[&[2.0, 4.0]], decay)?.get(0, 0), 1.0);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn ewma_about_mean(columns: &[&[f64]], decay: Decay) -> Result<SymmetricMatrix> {
    let rows = check_finite(columns)?;
    if rows == 0 {
        return Err(Refusal::TooShort { needed: 1, given: 0 });
    }
    let mut weights = vec![1.0; rows];
    for row in (0..rows - 1).rev() {
        weights[row] = weights[row + 1] * (1.0 - decay.alpha());
    }
    let total = weights.iter().fold(0.0, |sum, weight| sum + weight);
    let means: Vec<f64> = columns.iter().filter_map(|column| mean(column)).collect();
    let still: Vec<bool> = columns.iter().map(|column| !moves(column)).collect();
    SymmetricMatrix::from_upper(columns.len(), |i, j| {
        if still[i] || still[j] {
            return 0.0;
        }
        let pairs = columns[i].iter().zip(columns[j]).zip(&weights);
        let sum = pairs.fold(0.0, |sum, ((x, y), w)| sum + w * ((x - means[i]) * (y - means[j])));
        sum / total
    })
    .finite()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::covariance::sample_covariance;

    const GAP: f64 = f64::NAN;

    #[test]
    fn the_spellings_of_a_decay_agree() {
        let alpha = |decay: Option<Decay>| decay.expect("in range").alpha();
        assert!((alpha(Decay::from_span(9.0)) - 0.2).abs() < 1e-15);
        assert!((alpha(Decay::from_center_of_mass(4.0)) - 0.2).abs() < 1e-15);
        assert!((alpha(Decay::from_half_life(1.0)) - 0.5).abs() < 1e-15);
        for bad in [0.0, -1.0, 1.5, f64::NAN] {
            assert_eq!(Decay::from_alpha(bad), None, "{bad}");
        }
        assert_eq!(Decay::from_span(0.5), None);
        assert_eq!(Decay::from_half_life(f64::NAN), None);
    }

    #[test]
    fn one_observation_has_no_covariance() {
        let all = Decay::from_alpha(1.0).expect("in range");
        let short = ewma_covariance(&[&[1.0]], all, EwmaRules::default());
        assert_eq!(short, Err(Refusal::TooShort { needed: 2, given: 1 }));
        let sudden = ewma_covariance(&[&[1.0, 2.0]], all, EwmaRules::default());
        assert_eq!(sudden, Err(Refusal::TooShort { needed: 2, given: 1 }));
        let none = ewma_about_mean(&[&[]], all);
        assert_eq!(none, Err(Refusal::TooShort { needed: 1, given: 0 }));
        let gaps = ewma_covariance(&[&[1.0, GAP]], all, EwmaRules::default()).expect("finite");
        assert!(gaps.get(0, 0).is_nan());
    }

    #[test]
    fn a_gap_ages_or_does_not() {
        let half = Decay::from_alpha(0.5).expect("in range");
        let of = |missing, oldest| {
            let rules = EwmaRules { oldest, missing, biased: true };
            ewma_covariance(&[&[1.0, GAP, 4.0]], half, rules).expect("finite").get(0, 0)
        };
        // Weights 1/4 and 1, 1/2 and 1, (1/4, 1/2) over 3/4.
        let moment = |a: f64, b: f64| 9.0 * a * b / ((a + b) * (a + b));
        let close = |found: f64, expected: f64| (found - expected).abs() < 1e-14;
        assert!(close(of(MissingRow::Ages, OldestRow::Geometric), moment(0.25, 1.0)));
        assert!(close(of(MissingRow::Ignored, OldestRow::Geometric), moment(0.5, 1.0)));
        assert!(close(of(MissingRow::Ages, OldestRow::Recursive), moment(0.25, 0.5)));
        assert!(close(of(MissingRow::Ignored, OldestRow::Recursive), moment(0.5, 0.5)));
    }

    proptest! {
        #[test]
        fn law_slow_decay_tends_to_the_sample_covariance(
            x in prop::collection::vec(-1.0..1.0_f64, 5..40),
        ) {
            let decay = Decay::from_alpha(1e-9).expect("in range");
            let found = ewma_covariance(&[&x], decay, EwmaRules::default()).expect("complete");
            let expected = sample_covariance(&[&x], 1).expect("complete");
            prop_assert!((found.get(0, 0) - expected.get(0, 0)).abs() <= 1e-6);
            let about = ewma_about_mean(&[&x], decay).expect("complete");
            let biased = sample_covariance(&[&x], 0).expect("complete");
            prop_assert!((about.get(0, 0) - biased.get(0, 0)).abs() <= 1e-6);
        }
    }
}

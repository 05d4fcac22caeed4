//! Exponentially weighted covariance, in two conventions.
//!
//! [`ewma_covariance`] weighs around the weighted mean, as `DataFrame.ewm(alpha, adjust, bias).cov()`
//! of pandas does at its last row. [`riskmetrics_covariance`] is the recursion of `RiskMetrics` (1996)
//! with mean zero and a stated start. They differ; a report says which one it used.

use super::{
    matrix::SymmetricMatrix,
    refusal::{Refusal, Result, check_finite},
};

/// How fast old rows fade: the share `alpha` that the newest row adds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay(f64);

impl Decay {
    /// `alpha` itself; `None` outside `(0, 1]`.
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

/// Weighted covariance around the weighted mean, unbiased:
/// `sum w (x - m_x)(y - m_y) / sum w * (sum w)^2 / ((sum w)^2 - sum w^2)`.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` with fewer than 2 rows; also `TooShort` when
/// the newest row has all the weight (`alpha = 1`), which leaves no second observation.
pub fn ewma_covariance(
    columns: &[&[f64]],
    decay: Decay,
    oldest: OldestRow,
) -> Result<SymmetricMatrix> {
    let rows = check_finite(columns)?;
    if rows < 2 {
        return Err(Refusal::TooShort { needed: 2, given: rows });
    }
    let weights = weights(rows, decay, oldest);
    let total: f64 = weights.iter().fold(0.0, |sum, w| sum + w);
    let squares: f64 = weights.iter().fold(0.0, |sum, w| sum + w * w);
    let freedom = total * total - squares;
    if freedom <= 0.0 {
        return Err(Refusal::TooShort { needed: 2, given: 1 });
    }
    let correction = total / freedom;
    let means: Vec<f64> = columns.iter().map(|x| weighted(&weights, x) / total).collect();
    Ok(SymmetricMatrix::from_upper(columns.len(), |i, j| {
        let pairs = columns[i].iter().zip(columns[j]).zip(&weights);
        let sum = pairs.fold(0.0, |sum, ((x, y), w)| sum + w * (x - means[i]) * (y - means[j]));
        sum * correction
    }))
}

/// Weights from the oldest row to the newest, which has 1 (geometric) or `alpha` (recursive).
fn weights(rows: usize, decay: Decay, oldest: OldestRow) -> Vec<f64> {
    let mut weights = vec![1.0; rows];
    for row in (0..rows - 1).rev() {
        weights[row] = weights[row + 1] * (1.0 - decay.alpha());
    }
    if oldest == OldestRow::Recursive {
        for weight in &mut weights[1..] {
            *weight *= decay.alpha();
        }
    }
    weights
}

fn weighted(weights: &[f64], x: &[f64]) -> f64 {
    weights.iter().zip(x).fold(0.0, |sum, (w, value)| sum + w * value)
}

/// Where the `RiskMetrics` recursion starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// `S = r_0 r_0'`, then rows 1 and later.
    FirstRow,
    /// `S = R'R / n`, then every row.
    SecondMoment,
}

/// `S <- lambda S + (1 - lambda) r_t r_t'`, mean zero.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` without rows.
pub fn riskmetrics_covariance(
    columns: &[&[f64]],
    lambda: f64,
    start: Start,
) -> Result<SymmetricMatrix> {
    let rows = check_finite(columns)?;
    if rows == 0 {
        return Err(Refusal::TooShort { needed: 1, given: 0 });
    }
    Ok(SymmetricMatrix::from_upper(columns.len(), |i, j| {
        let products = || columns[i].iter().zip(columns[j]).map(|(x, y)| x * y);
        let (first, skipped) = match start {
            Start::FirstRow => (columns[i][0] * columns[j][0], 1),
            Start::SecondMoment => (super::dot(columns[i], columns[j]) / rows as f64, 0),
        };
        products().skip(skipped).fold(first, |s, product| lambda * s + (1.0 - lambda) * product)
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::covariance::sample_covariance;

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
        let short = ewma_covariance(&[&[1.0]], all, OldestRow::Geometric);
        assert_eq!(short, Err(Refusal::TooShort { needed: 2, given: 1 }));
        let sudden = ewma_covariance(&[&[1.0, 2.0]], all, OldestRow::Geometric);
        assert_eq!(sudden, Err(Refusal::TooShort { needed: 2, given: 1 }));
        let none = riskmetrics_covariance(&[&[]], 0.94, Start::FirstRow);
        assert_eq!(none, Err(Refusal::TooShort { needed: 1, given: 0 }));
    }

    proptest! {
        #[test]
        fn law_slow_decay_tends_to_the_sample_covariance(
            x in prop::collection::vec(-1.0..1.0_f64, 5..40),
        ) {
            let decay = Decay::from_alpha(1e-9).expect("in range");
            let found = ewma_covariance(&[&x], decay, OldestRow::Geometric).expect("complete");
            let expected = sample_covariance(&[&x], 1).expect("complete");
            prop_assert!((found.get(0, 0) - expected.get(0, 0)).abs() <= 1e-6);
        }
    }
}

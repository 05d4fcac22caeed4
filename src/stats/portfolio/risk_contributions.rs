//! What each asset adds to the variance of a portfolio.

use crate::stats::{
    correlation::finite_weights,
    matrix::SymmetricMatrix,
    moments::dot,
    refusal::{Refusal, Result},
};

/// `c_i = w_i (S w)_i / (w' S w)`: shares of the portfolio's variance, which sum to one. An asset that
/// hedges the others has a share below zero.
///
/// # Errors
/// `UnequalLengths` between matrix and weights; `NonFinite` (0: the matrix, 1: the weights);
/// `ZeroVariance` (0) for a portfolio whose variance is zero, or below for a matrix that is no
/// covariance; `Overflow`.
///
/// # References
/// Maillard, Roncalli & Teiletche (2010), Journal of Portfolio Management 36(4), equation 1, over the
/// portfolio's volatility.
///
/// ```
/// use barline::stats::{SymmetricMatrix, risk_contributions};
/// let covariance = SymmetricMatrix::from_upper(2, |i, j| if i == j { [1.0, 3.0][i] } else { 0.0 });
/// assert_eq!(risk_contributions(&covariance, &[0.75, 0.25])?, [0.75, 0.25]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn risk_contributions(covariance: &SymmetricMatrix, weights: &[f64]) -> Result<Vec<f64>> {
    let (order, given) = (covariance.order(), weights.len());
    if order != given {
        return Err(Refusal::UnequalLengths { first: order, other: given });
    }
    let sides = [covariance.values(), weights];
    if let Some(series) = sides.iter().position(|side| side.iter().any(|x| !x.is_finite())) {
        return Err(Refusal::NonFinite { series });
    }
    let parts: Vec<f64> =
        weights.iter().enumerate().map(|(i, w)| w * dot(covariance.row(i), weights)).collect();
    let variance = parts.iter().fold(0.0, |sum, part| sum + part);
    if variance <= 0.0 {
        return Err(Refusal::ZeroVariance { index: 0 });
    }
    finite_weights(parts.iter().map(|part| part / variance).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{equal_risk_contribution, sample_covariance};

    #[test]
    fn what_has_no_risk_has_no_shares() {
        let flat = SymmetricMatrix::zeros(2);
        let none = Err(Refusal::ZeroVariance { index: 0 });
        assert_eq!(risk_contributions(&flat, &[0.5, 0.5]), none);
        assert_eq!(risk_contributions(&SymmetricMatrix::zeros(0), &[]), none);
        let unequal = Refusal::UnequalLengths { first: 2, other: 1 };
        assert_eq!(risk_contributions(&flat, &[1.0]), Err(unequal));
        let wrong = risk_contributions(&flat, &[1.0, f64::NAN]);
        assert_eq!(wrong, Err(Refusal::NonFinite { series: 1 }));
    }

    #[test]
    fn a_hedge_takes_risk_away() {
        let covariance = SymmetricMatrix::from_upper(2, |i, j| [[1.0, -0.9], [-0.9, 1.0]][i][j]);
        let shares = risk_contributions(&covariance, &[0.8, 0.2]).expect("regular");
        assert!(shares[1] < 0.0 && (shares[0] + shares[1] - 1.0).abs() < 1e-15, "{shares:?}");
    }

    proptest! {
        #[test]
        fn law_equal_risk_is_an_equal_share_for_each(
            rows in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64, -1.0..1.0_f64), 8..40),
        ) {
            let column = |k: usize| -> Vec<f64> {
                rows.iter().map(|row| [row.0, row.1, row.2][k]).collect()
            };
            let (a, b, c) = (column(0), column(1), column(2));
            let covariance = sample_covariance(&[&a, &b, &c], 1).expect("complete");
            if let Ok(weights) = equal_risk_contribution(&covariance) {
                let shares = risk_contributions(&covariance, &weights).expect("regular");
                for share in shares {
                    prop_assert!((share - 1.0 / 3.0).abs() < 1e-6, "{share}");
                }
            }
        }
    }
}

//! Weights inverse to variances.

use crate::stats::{correlation::check_variances, matrix::SymmetricMatrix, refusal::Result};

/// `w_i = (1 / s_ii) / sum_j (1 / s_jj)`: the minimum variance portfolio if nothing were correlated.
///
/// # Errors
/// `NonFinite`, `ZeroVariance`.
///
/// # References
/// M. Lopez de Prado (2016), Journal of Portfolio Management 42(4), 59-69 (the inverse-variance
/// portfolio, IVP, beside HRP).
///
/// ```
/// use barline::stats::{SymmetricMatrix, inverse_variance};
/// let covariance = SymmetricMatrix::from_upper(2, |i, j| if i == j { [1.0, 3.0][i] } else { 0.9 });
/// assert_eq!(inverse_variance(&covariance)?, [0.75, 0.25]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn inverse_variance(covariance: &SymmetricMatrix) -> Result<Vec<f64>> {
    check_variances(covariance)?;
    // Relative to the least variance no inverse overflows.
    let least = covariance.diagonal().fold(f64::INFINITY, f64::min);
    let inverse: Vec<f64> = covariance.diagonal().map(|variance| least / variance).collect();
    let total = inverse.iter().fold(0.0, |sum, value| sum + value);
    Ok(inverse.iter().map(|value| value / total).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::refusal::Refusal;

    #[test]
    fn extreme_variances_give_weights() {
        let covariance =
            SymmetricMatrix::from_upper(
                3,
                |i, j| if i == j { [1e-308, 1e-308, 1e300][i] } else { 0.0 },
            );
        assert_eq!(inverse_variance(&covariance), Ok(vec![0.5, 0.5, 0.0]));
        assert_eq!(inverse_variance(&SymmetricMatrix::zeros(0)), Ok(vec![]));
        let flat = inverse_variance(&SymmetricMatrix::zeros(1));
        assert_eq!(flat, Err(Refusal::ZeroVariance { index: 0 }));
    }
}

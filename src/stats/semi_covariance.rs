//! Semi-covariance: co-movement below a benchmark return.

use super::{
    matrix::SymmetricMatrix,
    moments::dot,
    refusal::{Refusal, Result, check_finite, check_range},
};

/// Second moments of the shortfalls of `columns` below `benchmark`, a return per bar.
///
/// # Formula
/// `sum_t min(x_it - b, 0) min(x_jt - b, 0) / n`; positive semi-definite by construction. This is the
/// semi-covariance of PyPortfolioOpt, before annualization (its default benchmark is `0.000079`).
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` without rows, `OutOfRange` for a benchmark that is
/// not finite, `Overflow`.
///
/// # References
/// Estrada (2008), Mean-semivariance optimization: a heuristic approach, Journal of Applied Finance
/// 18(1), 57-72.
///
/// ```
/// use barline::stats::semi_covariance;
/// let found = semi_covariance(&[&[-1.0, 2.0], &[-2.0, -2.0]], 0.0)?;
/// assert_eq!(found.values(), [0.5, 1.0, 1.0, 4.0]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
///
/// The square root of a variance below the benchmark is the downside deviation. C. R. Bacon (2008),
/// Practical Portfolio Performance Measurement and Attribution, 2nd ed., computes it for 24 months
/// against half a percent; the documentation of R's `PerformanceAnalytics` prints 0.0255 for them:
///
/// ```
/// # use barline::stats::semi_covariance;
/// let percent = [
///     0.3, 2.6, 1.1, -1.0, 1.5, 2.5, 1.6, 6.7, -1.4, 4.0, -0.5, 8.1, 4.0, -3.7, -6.1, 1.7, -4.9, -2.2,
///     7.0, 5.8, -6.5, 2.4, -0.5, -0.9,
/// ];
/// let months = percent.map(|r| r / 100.0);
/// let downside = semi_covariance(&[&months], 0.005)?.get(0, 0).sqrt();
/// assert!((downside - 0.0255).abs() < 5e-5);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn semi_covariance(columns: &[&[f64]], benchmark: f64) -> Result<SymmetricMatrix> {
    let rows = check_finite(columns)?;
    if rows == 0 {
        return Err(Refusal::TooShort { needed: 1, given: 0 });
    }
    check_range("benchmark", benchmark, f64::MIN..=f64::MAX)?;
    let short = |column: &&[f64]| column.iter().map(|x| (x - benchmark).min(0.0)).collect();
    let drops: Vec<Vec<f64>> = columns.iter().map(short).collect();
    SymmetricMatrix::from_upper(columns.len(), |i, j| dot(&drops[i], &drops[j]) / rows as f64)
        .finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_and_nothing_have_none() {
        assert_eq!(semi_covariance(&[&[1.0, 2.0]], 0.0).expect("complete").values(), [0.0]);
        assert_eq!(semi_covariance(&[&[]], 0.0), Err(Refusal::TooShort { needed: 1, given: 0 }));
        assert_eq!(semi_covariance(&[], 0.0), Err(Refusal::Empty));
    }
}

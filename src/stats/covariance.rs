//! Sample covariance of complete columns of returns.
//!
//! Columns with gaps go through [`common_returns`](super::common_returns), pair by pair.

use super::{
    dispersion::moves,
    matrix::SymmetricMatrix,
    moments::{centered_dot, mean},
    refusal::{Refusal, Result, check_finite},
};

/// Covariance matrix of `columns`, one per asset, all of the same length `n`.
///
/// # Formula
/// `sum_t (x_it - mean_i)(x_jt - mean_j) / (n - ddof)`, two passes, each sum in the order of
/// [`dot`](super::dot). A column that does not move ([`moves`](super::moves)) has cells of exactly zero,
/// not of the rounding of its mean, so that what follows can refuse it.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite`, `TooShort` when `n <= ddof`, `Overflow`.
///
/// # References
/// Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance, The American
/// Statistician 37(3), 242-247 (two passes). The same numbers as `numpy.cov`.
///
/// ```
/// use barline::stats::sample_covariance;
/// let covariance = sample_covariance(&[&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]], 1)?;
/// assert_eq!(covariance.values(), [1.0, 2.0, 2.0, 4.0]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn sample_covariance(columns: &[&[f64]], ddof: usize) -> Result<SymmetricMatrix> {
    let rows = check_finite(columns)?;
    let needed = ddof.saturating_add(1);
    if rows < needed {
        return Err(Refusal::TooShort { needed, given: rows });
    }
    let means: Vec<f64> = columns.iter().filter_map(|column| mean(column)).collect();
    let divisor = (rows - ddof) as f64;
    let still: Vec<bool> = columns.iter().map(|column| !moves(column)).collect();
    SymmetricMatrix::from_upper(columns.len(), |i, j| {
        if still[i] || still[j] {
            return 0.0;
        }
        centered_dot(columns[i], means[i], columns[j], means[j]) / divisor
    })
    .finite()
}

/// Simple returns `p_t / p_{t-1} - 1` of complete prices: one fewer than prices. A price of zero gives a
/// return that is not finite, which every definition on returns refuses by its position.
///
/// # References
/// `DataFrame.pct_change(fill_method=None)` of pandas.
///
/// ```
/// assert_eq!(barline::stats::simple_returns(&[4.0, 5.0, 2.5]), [0.25, -0.5]);
/// assert!(barline::stats::simple_returns(&[4.0]).is_empty());
/// ```
pub fn simple_returns(prices: &[f64]) -> Vec<f64> {
    prices.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

/// Logarithmic returns `ln p_t - ln p_{t-1}`: one fewer than prices. A price that is not positive gives
/// a return that is not finite, which every definition on returns refuses by its position.
///
/// # References
/// Campbell, Lo & MacKinlay (1997), The Econometrics of Financial Markets, section 1.4.1.
///
/// ```
/// let found = barline::stats::log_returns(&[1.0, std::f64::consts::E]);
/// assert!((found[0] - 1.0).abs() < 1e-15);
/// ```
pub fn log_returns(prices: &[f64]) -> Vec<f64> {
    prices.windows(2).map(|pair| libm::log(pair[1]) - libm::log(pair[0])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wrong_columns_are_refused() {
        assert_eq!(sample_covariance(&[], 1), Err(Refusal::Empty));
        assert_eq!(sample_covariance(&[&[]], 1), Err(Refusal::TooShort { needed: 2, given: 0 }));
        assert_eq!(sample_covariance(&[&[1.0]], 1), Err(Refusal::TooShort { needed: 2, given: 1 }));
        let gap = sample_covariance(&[&[1.0, 2.0], &[1.0, f64::NAN]], 1);
        assert_eq!(gap, Err(Refusal::NonFinite { series: 1 }));
    }

    #[test]
    fn returns_are_one_fewer_than_prices() {
        assert_eq!(simple_returns(&[2.0, 3.0, 1.5]), [0.5, -0.5]);
        assert!(simple_returns(&[]).is_empty());
        assert_eq!(log_returns(&[1.0, std::f64::consts::E, 1.0]), [1.0, -1.0]);
        assert!(log_returns(&[0.0, 1.0])[0].is_infinite());
    }

    proptest! {
        #[test]
        fn law_a_duplicate_column_has_its_own_variance_as_covariance(
            x in prop::collection::vec(-1e9..1e9_f64, 2..60),
        ) {
            let covariance = sample_covariance(&[&x, &x], 1).expect("complete");
            prop_assert_eq!(covariance.get(0, 1).to_bits(), covariance.get(0, 0).to_bits());
            prop_assert!(covariance.get(0, 0) >= 0.0);
        }
    }
}

//! The portfolio of least variance within bounds.

use super::{quadratic::least_quadratic, weight_bounds::WeightBounds};
use crate::stats::{
    correlation::check_variances,
    matrix::SymmetricMatrix,
    refusal::{Refusal, Result},
};

/// The weights of least `w'Sw` that sum to one and keep the bounds. Where several do, as with
/// duplicate assets or fewer rows than assets, the one nearest to zero in units of each asset's risk:
/// duplicates share evenly.
///
/// Long-only is [`WeightBounds::long_only`]; wide bounds give the unconstrained portfolio
/// `S^-1 1 / (1' S^-1 1)`.
///
/// # Errors
/// `Empty`, `NonFinite`, `ZeroVariance`, `UnequalLengths` between matrix and bounds, `Indefinite` for a
/// matrix that is not a covariance, `Unsettled`.
///
/// # References
/// H. Markowitz (1952), Portfolio Selection, Journal of Finance 7(1), 77-91.
///
/// ```
/// use barline::stats::{SymmetricMatrix, WeightBounds, minimum_variance};
/// let covariance = SymmetricMatrix::from_upper(2, |i, j| if i == j { [1.0, 3.0][i] } else { 0.0 });
/// let weights = minimum_variance(&covariance, &WeightBounds::long_only(2))?;
/// assert!((weights[0] - 0.75).abs() < 1e-15);
/// let weights = minimum_variance(&covariance, &WeightBounds::uniform(2, 0.0, 0.6)?)?;
/// assert!((weights[0] - 0.6).abs() < 1e-15);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn minimum_variance(covariance: &SymmetricMatrix, bounds: &WeightBounds) -> Result<Vec<f64>> {
    let order = covariance.order();
    if order == 0 {
        return Err(Refusal::Empty);
    }
    if order != bounds.lower().len() {
        return Err(Refusal::UnequalLengths { first: order, other: bounds.lower().len() });
    }
    check_variances(covariance)?;
    least_quadratic(covariance, bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degenerate_matrices_are_refused_or_trivial() {
        let none = minimum_variance(&SymmetricMatrix::zeros(0), &WeightBounds::long_only(0));
        assert_eq!(none, Err(Refusal::Empty));
        let flat = minimum_variance(&SymmetricMatrix::zeros(2), &WeightBounds::long_only(2));
        assert_eq!(flat, Err(Refusal::ZeroVariance { index: 0 }));
        let one = SymmetricMatrix::from_upper(1, |_, _| 7.0);
        assert_eq!(minimum_variance(&one, &WeightBounds::long_only(1)), Ok(vec![1.0]));
        let unequal = minimum_variance(&one, &WeightBounds::long_only(2));
        assert_eq!(unequal, Err(Refusal::UnequalLengths { first: 1, other: 2 }));
    }

    #[test]
    fn duplicates_share_evenly() {
        let twins =
            SymmetricMatrix::from_upper(3, |i, j| if (i < 2) == (j < 2) { 2.0 } else { 0.5 });
        let weights = minimum_variance(&twins, &WeightBounds::long_only(3)).expect("regular");
        assert!((weights[0] - weights[1]).abs() < 1e-8, "{weights:?}");
        assert!((weights[2] - 0.5).abs() < 1e-14, "{weights:?}");
    }

    #[test]
    fn wide_bounds_give_the_closed_form() {
        // S^-1 1 = (2, -1) / 2 up to scale for [[1, 2], [2, 5]]: weights 1.5, -0.5.
        let matrix = SymmetricMatrix::from_upper(2, |i, j| [[1.0, 2.0], [2.0, 5.0]][i][j]);
        let wide = WeightBounds::uniform(2, -10.0, 10.0).expect("keepable");
        let weights = minimum_variance(&matrix, &wide).expect("regular");
        assert!((weights[0] - 1.5).abs() < 1e-14, "{weights:?}");
        let long = minimum_variance(&matrix, &WeightBounds::long_only(2)).expect("regular");
        assert_eq!(long, [1.0, 0.0]);
    }
}

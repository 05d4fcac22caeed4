//! Recursive bisection: weights down an ordered list of assets.
//!
//! The list is cut at `len / 2`; the halves share the weight inversely to their cluster variances,
//! and each half is cut again down to single assets.
//!
//! # References
//! M. Lopez de Prado (2016), Journal of Portfolio Management 42(4), 59-69, section "Recursive
//! bisection".

use super::{
    correlation::{check_variances, finite_weights},
    matrix::SymmetricMatrix,
    portfolio::WeightBounds,
    refusal::{Refusal, Result},
};

/// Weights by asset (not by position in `order`), summing to 1. `order` is a permutation of the
/// assets of `covariance`.
///
/// # Formula
/// The left half gets `1 - v_left / (v_left + v_right)` of its parent's weight.
///
/// # Errors
/// `NonFinite`, `ZeroVariance`, `UnequalLengths` and `OutOfRange` where `order` does not name every asset
/// once.
///
/// ```
/// use barline::stats::{SymmetricMatrix, recursive_bisection};
/// let covariance = SymmetricMatrix::from_upper(3, |i, j| if i == j { [3.0, 1.0, 1.0][i] } else { 0.0 });
/// // The variance 3 against 1/2 of the other two: 1/7 and 6/7, which they share evenly.
/// let weights = recursive_bisection(&covariance, &[0, 1, 2])?;
/// for (weight, expected) in weights.iter().zip([1.0, 3.0, 3.0]) {
///     assert!((weight - expected / 7.0).abs() < 1e-15);
/// }
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn recursive_bisection(covariance: &SymmetricMatrix, order: &[usize]) -> Result<Vec<f64>> {
    bisect(covariance, order, |_, _, share| share)
}

/// As [`recursive_bisection`], with each cut moved as little as the bounds of both halves need.
///
/// # Formula
/// With `w` the weight of the parent, the left half's share is first brought between the summed
/// lower and upper bounds of its assets over `w`, then the right half's likewise: the rule of
/// skfolio. The weights keep the bounds, and still sum to one.
///
/// # Errors
/// `UnequalLengths` between matrix and bounds, and those of [`recursive_bisection`].
///
/// ```
/// use barline::stats::{SymmetricMatrix, WeightBounds, recursive_bisection_within};
/// let covariance = SymmetricMatrix::from_upper(2, |i, j| if i == j { [1.0, 9.0][i] } else { 0.0 });
/// let bounds = WeightBounds::uniform(2, 0.0, 0.75)?;
/// assert_eq!(recursive_bisection_within(&covariance, &[0, 1], &bounds)?, [0.75, 0.25]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn recursive_bisection_within(
    covariance: &SymmetricMatrix,
    order: &[usize],
    bounds: &WeightBounds,
) -> Result<Vec<f64>> {
    if bounds.lower().len() != covariance.order() {
        let other = bounds.lower().len();
        return Err(Refusal::UnequalLengths { first: covariance.order(), other });
    }
    let over = |half: &[usize], limits: &[f64]| half.iter().fold(0.0, |sum, i| sum + limits[*i]);
    bisect(covariance, order, |[left, right], weight, share| {
        if weight <= 0.0 {
            return share;
        }
        let (low, high) = (bounds.lower(), bounds.upper());
        let left = (over(left, high) / weight).min((over(left, low) / weight).max(share));
        1.0 - (over(right, high) / weight).min((over(right, low) / weight).max(1.0 - left))
    })
}

/// Bisects; `adjust` has the last word on the left half's share, given the halves and their weight.
fn bisect(
    covariance: &SymmetricMatrix,
    order: &[usize],
    adjust: impl Fn([&[usize]; 2], f64, f64) -> f64,
) -> Result<Vec<f64>> {
    check_variances(covariance)?;
    check_order(order, covariance.order())?;
    let mut weights = vec![1.0; order.len()];
    let mut clusters = vec![order];
    while let Some(cluster) = clusters.pop() {
        if cluster.len() < 2 {
            continue;
        }
        let (left, right) = cluster.split_at(cluster.len() / 2);
        let share =
            left_share(cluster_variance(covariance, left), cluster_variance(covariance, right));
        let share = adjust([left, right], weights[left[0]], share);
        for asset in left {
            weights[*asset] *= share;
        }
        for asset in right {
            weights[*asset] *= 1.0 - share;
        }
        clusters.extend([left, right]);
    }
    finite_weights(weights)
}

/// Refuses an order that does not name every asset once.
fn check_order(order: &[usize], assets: usize) -> Result<()> {
    if order.len() != assets {
        return Err(Refusal::UnequalLengths { first: assets, other: order.len() });
    }
    let mut named = vec![false; assets];
    for asset in order {
        match named.get_mut(*asset) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(Refusal::out_of_range("order of the assets", *asset as f64)),
        }
    }
    Ok(())
}

/// Share of the left half. Two clusters without any variance left (assets that cancel exactly) share
/// equally, and a negative estimate, which pairwise covariances can give, counts as none.
pub(super) fn left_share(left: f64, right: f64) -> f64 {
    let (left, right) = (left.max(0.0), right.max(0.0));
    if left + right > 0.0 { 1.0 - left / (left + right) } else { 0.5 }
}

/// Variance of the inverse-variance portfolio of `cluster`; zero where it is no more than the rounding
/// of assets that cancel.
pub(super) fn cluster_variance(covariance: &SymmetricMatrix, cluster: &[usize]) -> f64 {
    let inverse: Vec<f64> = cluster.iter().map(|i| 1.0 / covariance.get(*i, *i)).collect();
    let total = inverse.iter().fold(0.0, |sum, value| sum + value);
    let weights: Vec<f64> = inverse.iter().map(|value| value / total).collect();
    let mut variance = 0.0;
    for (i, weight) in cluster.iter().zip(&weights) {
        let row = covariance.row(*i);
        let along = cluster.iter().zip(&weights).fold(0.0, |sum, (j, w)| sum + w * row[*j]);
        variance += weight * along;
    }
    if is_cancelled(covariance, cluster, &weights, variance) { 0.0 } else { variance }
}

/// Whether the variance of a portfolio of `members` is the rounding of terms that cancel: no more than
/// that of `(sum_i |w_i| s_i)^2`, the variance if all moved together.
pub(super) fn is_cancelled(
    covariance: &SymmetricMatrix,
    members: &[usize],
    weights: &[f64],
    variance: f64,
) -> bool {
    let together = members
        .iter()
        .zip(weights)
        .fold(0.0, |sum, (i, weight)| sum + weight.abs() * covariance.get(*i, *i).sqrt());
    variance <= 8.0 * f64::EPSILON * (together * together)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::refusal::Refusal;

    #[test]
    fn two_assets_share_inversely_to_their_variances() {
        let covariance =
            SymmetricMatrix::from_upper(2, |i, j| if i == j { (i + 1) as f64 } else { 0.0 });
        let weights = recursive_bisection(&covariance, &[0, 1]).expect("positive");
        assert!((weights[0] - 2.0 / 3.0).abs() < 1e-15 && (weights[1] - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn no_and_one_asset_are_fine_and_zero_variance_is_not() {
        let none = SymmetricMatrix::zeros(0);
        assert_eq!(recursive_bisection(&none, &[]), Ok(vec![]));
        let one = SymmetricMatrix::from_upper(1, |_, _| 4.0);
        assert_eq!(recursive_bisection(&one, &[0]), Ok(vec![1.0]));
        let flat = SymmetricMatrix::zeros(1);
        assert_eq!(recursive_bisection(&flat, &[0]), Err(Refusal::ZeroVariance { index: 0 }));
    }

    #[test]
    fn clusters_that_cancel_share_equally() {
        let cancels = SymmetricMatrix::from_upper(4, |i, j| match (i, j) {
            _ if i == j => 1.0,
            (0, 1) | (2, 3) => -1.0,
            _ => 0.0,
        });
        let weights = recursive_bisection(&cancels, &[0, 1, 2, 3]).expect("positive variances");
        assert_eq!(weights, [0.25; 4]);
    }

    #[test]
    fn bounds_of_another_length_are_refused() {
        let one = SymmetricMatrix::from_upper(1, |_, _| 4.0);
        let found = recursive_bisection_within(&one, &[0], &WeightBounds::long_only(2));
        assert_eq!(found, Err(Refusal::UnequalLengths { first: 1, other: 2 }));
    }

    proptest! {
        #[test]
        fn law_bounds_are_kept(
            variances in prop::collection::vec(1e-3..1e3_f64, 2..20),
            low in 0.0..1.0_f64, high in 0.0..1.0_f64,
        ) {
            let n = variances.len() as f64;
            let bounds = WeightBounds::uniform(variances.len(), low / n, (1.0 + 3.0 * high) / n);
            let bounds = bounds.expect("keepable");
            let covariance = SymmetricMatrix::from_upper(variances.len(), |i, j| {
                if i == j { variances[i] } else { 0.0 }
            });
            let order: Vec<usize> = (0..variances.len()).collect();
            let weights = recursive_bisection_within(&covariance, &order, &bounds).expect("positive");
            prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let kept = |weight: &f64| {
                (low / n - 1e-12..=(1.0 + 3.0 * high) / n + 1e-12).contains(weight)
            };
            prop_assert!(weights.iter().all(kept), "{weights:?}");
            let long_only = WeightBounds::long_only(variances.len());
            let free = recursive_bisection_within(&covariance, &order, &long_only).expect("positive");
            let plain = recursive_bisection(&covariance, &order).expect("positive");
            for (a, b) in free.iter().zip(&plain) {
                prop_assert!((a - b).abs() < 1e-14);
            }
        }

        #[test]
        fn law_weights_are_a_long_only_portfolio(variances in prop::collection::vec(1e-9..1e9_f64, 1..30)) {
            let covariance = SymmetricMatrix::from_upper(variances.len(), |i, j| {
                if i == j { variances[i] } else { 0.0 }
            });
            let order: Vec<usize> = (0..variances.len()).collect();
            let weights = recursive_bisection(&covariance, &order).expect("positive");
            prop_assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)));
            prop_assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}

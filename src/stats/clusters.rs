//! Cutting a dendrogram into clusters, and choosing how many.
//!
//! A cut into `k` clusters undoes the last `k - 1` merges. The number is chosen where the
//! within-cluster dispersion `W_k` bends most: the two-difference gap statistic, which needs no
//! reference sample.
//!
//! # References
//! Yue, Wang & Wei (2009), Application of two-order difference to gap statistic, Transactions of
//! Tianjin University 15, 217-221.

use super::{
    condensed::Condensed,
    linkage::Merge,
    refusal::{Refusal, Result},
};

/// The within-cluster dispersion, summed over clusters of two or more; the two in use choose
/// differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispersion {
    /// Mean distance between members, as in skfolio: `W_k` for `k` up to `max(8, round(sqrt n))`; the
    /// answer is the `k` at which the second difference is centered.
    MeanDistance,
    /// Standard deviation (divisor: number of pairs) of the distances between members, as in
    /// Riskfolio-Lib: `W_k` for `k` up to `min(10, sqrt n) + 2`; the answer is the `k` at which the second
    /// difference starts, at least 2 where there is a choice.
    DistanceDeviation,
}

/// Cluster of each point when the tree is cut into `count` (brought into `1..=n`). Clusters are
/// numbered from 0 by their first member.
///
/// ```
/// use barline::stats::{Condensed, Linkage, cut_tree, linkage};
/// let at = [0.0, 5.0, 1.0, 7.0_f64];
/// let merges = linkage(Condensed::from_pairs(4, |i, j| (at[i] - at[j]).abs()), Linkage::Average)?;
/// assert_eq!(cut_tree(&merges, 2), [0, 1, 0, 1]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn cut_tree(merges: &[Merge], count: usize) -> Vec<usize> {
    let points = merges.len() + 1;
    let kept = points - count.clamp(1, points);
    let mut top: Vec<usize> = (0..points + kept).collect();
    for (merge, joined) in merges[..kept].iter().enumerate().rev() {
        let above = top[points + merge];
        top[joined.left] = above;
        top[joined.right] = above;
    }
    let mut number: Vec<Option<usize>> = vec![None; points + kept];
    let mut seen = 0;
    let label = |cluster: &usize| {
        *number[*cluster].get_or_insert_with(|| {
            seen += 1;
            seen - 1
        })
    };
    top[..points].iter().map(label).collect()
}

/// Number of clusters by the two-difference gap statistic.
///
/// # Formula
/// The `k` with the largest `W_{k+2} - 2 W_{k+1} + W_k`, the first among equals; see [`Dispersion`] for
/// `W`, the range, and which of the three `k` is the answer. One or two points are as many clusters.
///
/// # Errors
/// `UnequalLengths` where the tree does not have the points of `distances`, `NonFinite` (the first point
/// of the pair) for a distance that is not finite.
///
/// ```
/// use barline::stats::{Condensed, Dispersion, Linkage, cluster_count, linkage};
/// let at = [0.0, 0.1, 0.2, 5.0, 5.1, 5.2, 9.0, 9.1_f64];
/// let distances = Condensed::from_pairs(8, |i, j| (at[i] - at[j]).abs());
/// let merges = linkage(distances.clone(), Linkage::Ward)?;
/// assert_eq!(cluster_count(&distances, &merges, Dispersion::MeanDistance)?, 3);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn cluster_count(
    distances: &Condensed,
    merges: &[Merge],
    dispersion: Dispersion,
) -> Result<usize> {
    let points = merges.len() + 1;
    if distances.points().max(1) != points {
        return Err(Refusal::UnequalLengths { first: distances.points(), other: points });
    }
    for i in 0..points {
        if !(i + 1..points).all(|j| distances.get(i, j).is_finite()) {
            return Err(Refusal::NonFinite { series: i });
        }
    }
    if points < 3 {
        return Ok(points.min(distances.points()));
    }
    let root = (points as f64).sqrt();
    let (first, last) = match dispersion {
        Dispersion::MeanDistance => (1, points.min(8.max(whole(root.round())))),
        Dispersion::DistanceDeviation => (2, points.min(whole(root.min(10.0) + 2.0))),
    };
    let widths: Vec<f64> =
        (first..=last).map(|k| within(distances, &cut_tree(merges, k), dispersion)).collect();
    let (mut answer, mut largest) = (1, f64::NEG_INFINITY);
    for (at, w) in widths.windows(3).enumerate() {
        let gap = w[2] + w[0] - 2.0 * w[1];
        if gap > largest {
            largest = gap;
            // Both answers are two more than the position: one counts from 1 and takes the middle,
            // the other counts from 2 and takes the start.
            answer = at + 2;
        }
    }
    Ok(answer)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a root of a count")]
fn whole(number: f64) -> usize {
    number as usize
}

/// `W` for the clusters named by `labels`.
fn within(distances: &Condensed, labels: &[usize], dispersion: Dispersion) -> f64 {
    let count = labels.iter().max().map_or(0, |last| last + 1);
    let mut apart: Vec<Vec<f64>> = vec![Vec::new(); count];
    for (i, label) in labels.iter().enumerate() {
        for (j, other) in labels.iter().enumerate().skip(i + 1) {
            if label == other {
                apart[*label].push(distances.get(i, j));
            }
        }
    }
    let of = |apart: &[f64]| match dispersion {
        Dispersion::MeanDistance => super::mean(apart),
        Dispersion::DistanceDeviation => super::standard_deviation(apart, 0),
    };
    apart.iter().filter_map(|apart| of(apart)).fold(0.0, |sum, width| sum + width)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::linkage::{Linkage, linkage};

    #[test]
    fn few_points_are_as_many_clusters() {
        for dispersion in [Dispersion::MeanDistance, Dispersion::DistanceDeviation] {
            assert_eq!(
                cluster_count(&Condensed::from_pairs(0, |_, _| 0.0), &[], dispersion),
                Ok(0)
            );
            assert_eq!(
                cluster_count(&Condensed::from_pairs(1, |_, _| 0.0), &[], dispersion),
                Ok(1)
            );
            let pair = Condensed::from_pairs(2, |_, _| 1.0);
            let merges = linkage(pair.clone(), Linkage::Single).expect("finite");
            assert_eq!(cluster_count(&pair, &merges, dispersion), Ok(2));
            let other = cluster_count(&pair, &[], dispersion);
            assert_eq!(other, Err(Refusal::UnequalLengths { first: 2, other: 1 }));
            let gap = Condensed::from_pairs(2, |_, _| f64::NAN);
            let missing = cluster_count(&gap, &merges, dispersion);
            assert_eq!(missing, Err(Refusal::NonFinite { series: 0 }));
        }
        assert_eq!(cut_tree(&[], 0), [0]);
    }

    proptest! {
        #[test]
        fn law_a_cut_has_as_many_clusters_as_asked(
            at in prop::collection::vec(0..9_u8, 1..30), method in 0..5_usize, count in 0..40_usize,
        ) {
            let distances = Condensed::from_pairs(at.len(), |i, j| f64::from(at[i].abs_diff(at[j])));
            let merges = linkage(distances.clone(), Linkage::ALL[method]).expect("finite");
            let labels = cut_tree(&merges, count);
            let clusters = labels.iter().max().expect("a point") + 1;
            prop_assert_eq!(clusters, count.clamp(1, at.len()));
            for dispersion in [Dispersion::MeanDistance, Dispersion::DistanceDeviation] {
                let chosen = cluster_count(&distances, &merges, dispersion).expect("finite");
                prop_assert!((1..=at.len()).contains(&chosen));
            }
        }
    }
}

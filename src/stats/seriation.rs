//! Leaf order of a dendrogram: quasi-diagonalization.
//!
//! Leaves are read left child first, which puts similar assets side by side.
//!
//! # References
//! M. Lopez de Prado (2016), Journal of Portfolio Management 42(4), 59-69, section "Quasi-diagonalization".
//! `leaves_list` of scipy 1.17.1.

use super::linkage::Merge;

/// Leaves of the tree of `merges` from left to right: a permutation of `0..=merges.len()`, or `[0]`
/// for the tree of one point.
///
/// ```
/// use barline::stats::{Condensed, Linkage, leaf_order, linkage};
/// let at = [0.0, 5.0, 1.0, 7.0_f64];
/// let merges = linkage(Condensed::from_pairs(4, |i, j| (at[i] - at[j]).abs()), Linkage::Average)?;
/// assert_eq!(leaf_order(&merges), [0, 2, 1, 3]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn leaf_order(merges: &[Merge]) -> Vec<usize> {
    leaves_below(merges, 2 * merges.len())
}

/// Leaves of the cluster `label` from left to right.
pub(super) fn leaves_below(merges: &[Merge], label: usize) -> Vec<usize> {
    let points = merges.len() + 1;
    let mut order = Vec::new();
    let mut waiting = vec![label];
    while let Some(label) = waiting.pop() {
        match label.checked_sub(points) {
            Some(merge) => waiting.extend([merges[merge].right, merges[merge].left]),
            None => order.push(label),
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::{
        condensed::Condensed,
        linkage::{Linkage, linkage},
    };

    #[test]
    fn one_point_is_its_own_order() {
        assert_eq!(leaf_order(&[]), [0]);
    }

    proptest! {
        #[test]
        fn law_every_leaf_appears_once(at in prop::collection::vec(0..6_u8, 1..40), method in 0..5_usize) {
            let distances = Condensed::from_pairs(at.len(), |i, j| f64::from(at[i].abs_diff(at[j])));
            let merges = linkage(distances, Linkage::ALL[method]).expect("finite");
            let mut order = leaf_order(&merges);
            order.sort_unstable();
            prop_assert_eq!(order, (0..at.len()).collect::<Vec<_>>());
        }
    }
}

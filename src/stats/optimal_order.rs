//! Optimal leaf ordering: turning the children of a dendrogram so that neighbours are near.
//!
//! # The way
//! Bottom up, for every cluster and every pair of its outermost leaves `u`, `w` (one on each side)
//! the least length of a walk through all its leaves is kept: the walk of the left side from `u` to an
//! inner leaf `m`, that of the right side from an inner leaf `k` to `w`, and the step from `m` to `k`.
//! The best pair of a cluster says which of its two children must be turned around.
//!
//! # As scipy does it
//! The lengths are held in single precision, of which nearly tied orders are decided; each cluster
//! turns its children by its own best ends, without going back down from the root. The order is thus
//! scipy's (`linkage(optimal_ordering=True)`), which is short but not always the shortest.
//!
//! # References
//! Bar-Joseph, Gifford & Jaakkola (2001), Fast optimal leaf ordering for hierarchical clustering,
//! Bioinformatics 17, S22-S29. scipy 1.17.1, `cluster/_optimal_leaf_ordering.pyx` (precision, ties).

use std::ops::Range;

use super::{condensed::Condensed, linkage::Merge, seriation::leaf_order};

/// Above any length; what scipy starts its minima from.
const FAR: f32 = 1_073_741_824.0;

/// The same tree with children turned so that leaves next to each other are near;
/// [`leaf_order`] of it is the optimal order. Afterwards the left label of a merge need not be
/// the smaller one. `distances` are those of the points of `merges`.
///
/// Cost: `n^2` memory; up to `n^4` time, in practice nearer `n^3` as hopeless walks are cut off early.
///
/// # Panics
/// When the number of points differs.
///
/// ```
/// use barline::stats::{Condensed, Linkage, leaf_order, linkage, optimally_ordered};
/// let at = [0.0, 5.0, 1.0, 7.0, 2.5_f64];
/// let distances = Condensed::from_pairs(5, |i, j| (at[i] - at[j]).abs());
/// let merges = linkage(distances.clone(), Linkage::Average)?;
/// assert_eq!(leaf_order(&optimally_ordered(&merges, &distances)), [3, 1, 4, 2, 0]);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn optimally_ordered(merges: &[Merge], distances: &Condensed) -> Vec<Merge> {
    let points = merges.len() + 1;
    assert_eq!(points, distances.points().max(1), "distances must be those of the tree");
    let mut walks = Walks::new(merges, distances);
    let mut turned = vec![false; merges.len()];
    for merge in merges {
        walks.extend_to(merge);
        let ends = walks.best_ends(merge);
        for (child, turn) in [merge.left, merge.right].into_iter().zip(ends) {
            if let Some(child) = child.checked_sub(points) {
                turned[child] = turn;
            }
        }
    }
    turn(merges, turned)
}

/// Applies the turns: a turned cluster turns everything below it too.
fn turn(merges: &[Merge], mut turned: Vec<bool>) -> Vec<Merge> {
    let points = merges.len() + 1;
    for merge in (0..merges.len()).rev() {
        if turned[merge] {
            for child in [merges[merge].left, merges[merge].right] {
                if let Some(child) = child.checked_sub(points) {
                    turned[child] = !turned[child];
                }
            }
        }
    }
    let swapped = |(merge, turn): (&Merge, bool)| {
        if turn { Merge { left: merge.right, right: merge.left, ..*merge } } else { *merge }
    };
    merges.iter().zip(turned).map(swapped).collect()
}

/// Leaves by their place in the plain order, in which every cluster is a range.
struct Walks<'a> {
    merges: &'a [Merge],
    points: usize,
    /// Range of each label.
    places: Vec<Range<usize>>,
    /// Distances between places, row-major.
    apart: Vec<f64>,
    /// Least length from place to place, row-major, for pairs whose common cluster is done.
    length: Vec<f32>,
    /// Whether that walk turns the left and the right child of the common cluster.
    turns: Vec<[bool; 2]>,
}

/// A choice of the half in which a walk ends, and the half in which it steps over to the other side.
struct Side {
    outer: Range<usize>,
    inner: Range<usize>,
    turned: bool,
}

impl<'a> Walks<'a> {
    fn new(merges: &'a [Merge], distances: &Condensed) -> Self {
        let points = merges.len() + 1;
        let order = leaf_order(merges);
        let mut places = vec![0..0; points];
        for (place, leaf) in order.iter().enumerate() {
            places[*leaf] = place..place + 1;
        }
        for merge in merges {
            places.push(places[merge.left].start..places[merge.right].end);
        }
        let mut apart = vec![0.0; points * points];
        for (row, i) in apart.chunks_exact_mut(points).zip(&order) {
            for (cell, j) in row.iter_mut().zip(&order) {
                *cell = distances.get(*i, *j);
            }
        }
        let length = vec![0.0; points * points];
        let turns = vec![[false; 2]; points * points];
        Self { merges, points, places, apart, length, turns }
    }

    /// The ways in which a child can be walked; its left half lies outside when it is the left child
    /// and is not turned.
    fn sides(&self, label: usize, left_child: bool) -> Vec<Side> {
        let range = |label: usize| self.places[label].clone();
        let Some(merge) = label.checked_sub(self.points).map(|at| &self.merges[at]) else {
            return vec![Side { outer: range(label), inner: range(label), turned: false }];
        };
        let (near, far) =
            if left_child { (merge.left, merge.right) } else { (merge.right, merge.left) };
        vec![
            Side { outer: range(near), inner: range(far), turned: false },
            Side { outer: range(far), inner: range(near), turned: true },
        ]
    }

    /// Finds the least lengths between all leaves left and right of a merge.
    fn extend_to(&mut self, merge: &Merge) {
        for from in self.sides(merge.left, true) {
            for to in self.sides(merge.right, false) {
                self.join(&from, &to);
            }
        }
    }

    fn join(&mut self, from: &Side, to: &Side) {
        let step = self.least_step(&from.inner, &to.inner);
        let right: Vec<Vec<(f32, usize)>> =
            to.outer.clone().map(|w| self.by_length(w, &to.inner)).collect();
        for u in from.outer.clone() {
            let left = self.by_length(u, &from.inner);
            for (w, right) in to.outer.clone().zip(&right) {
                let least = self.least_walk(&left, right, step);
                for cell in [u * self.points + w, w * self.points + u] {
                    self.length[cell] = least;
                    self.turns[cell] = [from.turned, to.turned];
                }
            }
        }
    }

    fn least_step(&self, from: &Range<usize>, to: &Range<usize>) -> f32 {
        let mut least = FAR;
        for m in from.clone() {
            for distance in &self.apart[m * self.points..][to.clone()] {
                if *distance < f64::from(least) {
                    least = single(*distance);
                }
            }
        }
        least
    }

    /// The inner leaves by the length of the walk from `outer`, shortest first.
    fn by_length(&self, outer: usize, inner: &Range<usize>) -> Vec<(f32, usize)> {
        let row = &self.length[outer * self.points..];
        let mut sorted: Vec<(f32, usize)> = inner.clone().map(|leaf| (row[leaf], leaf)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        sorted
    }

    /// The least sum of a walk on the left, one on the right, and the step between. No pair whose two
    /// walks and the least step together are no shorter than the best so far is looked at.
    fn least_walk(&self, left: &[(f32, usize)], right: &[(f32, usize)], step: f32) -> f32 {
        let mut least = FAR;
        for (on_left, m) in left {
            let apart = &self.apart[m * self.points..];
            for (at, (on_right, k)) in right.iter().enumerate() {
                if on_left + on_right + step >= least {
                    if at == 0 {
                        return least;
                    }
                    break;
                }
                let walk = single(f64::from(on_left + on_right) + apart[*k]);
                if walk < least {
                    least = walk;
                }
            }
        }
        least
    }

    /// Whether the shortest walk through the merge turns its left and its right child.
    fn best_ends(&self, merge: &Merge) -> [bool; 2] {
        let (mut least, mut turns) = (FAR, [false; 2]);
        for u in self.places[merge.left].clone() {
            for w in self.places[merge.right].clone() {
                let cell = u * self.points + w;
                if self.length[cell] < least {
                    (least, turns) = (self.length[cell], self.turns[cell]);
                }
            }
        }
        turns
    }
}

#[expect(clippy::cast_possible_truncation, reason = "single precision is part of the definition")]
fn single(length: f64) -> f32 {
    length as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::linkage::{Linkage, linkage};

    #[test]
    fn small_trees_stay() {
        assert_eq!(optimally_ordered(&[], &Condensed::from_pairs(0, |_, _| 0.0)), []);
        assert_eq!(optimally_ordered(&[], &Condensed::from_pairs(1, |_, _| 0.0)), []);
        let pair = Condensed::from_pairs(2, |_, _| 3.0);
        let merges = linkage(pair.clone(), Linkage::Single).expect("finite");
        assert_eq!(optimally_ordered(&merges, &pair), merges);
    }

    #[test]
    fn scipys_orders() {
        // linkage(pdist(points), method, optimal_ordering=True) of scipy 1.17.1.
        let at = |k: usize| ((k * 37 % 101) as f64, (k * 53 % 89) as f64);
        let distances = Condensed::from_pairs(14, |i, j| {
            let (x, y) = (at(i).0 - at(j).0, at(i).1 - at(j).1);
            (x * x + y * y).sqrt()
        });
        let expected = [
            [8, 13, 10, 5, 3, 11, 6, 1, 4, 9, 12, 7, 2, 0],
            [5, 10, 13, 8, 2, 7, 12, 3, 6, 11, 1, 4, 9, 0],
            [8, 13, 10, 5, 3, 6, 11, 1, 4, 9, 12, 7, 2, 0],
            [8, 13, 10, 5, 3, 6, 11, 1, 4, 9, 12, 7, 2, 0],
            [5, 10, 13, 8, 2, 7, 12, 9, 4, 1, 3, 6, 11, 0],
        ];
        for (method, expected) in Linkage::ALL.into_iter().zip(expected) {
            let merges = linkage(distances.clone(), method).expect("finite");
            let turned = optimally_ordered(&merges, &distances);
            assert_eq!(leaf_order(&turned), expected, "{method:?}");
        }
    }

    proptest! {
        #[test]
        fn law_the_tree_stays(
            plane in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 1..30), method in 0..5_usize,
        ) {
            let distances = Condensed::from_pairs(plane.len(), |i, j| {
                (plane[i].0 - plane[j].0).hypot(plane[i].1 - plane[j].1)
            });
            let merges = linkage(distances.clone(), Linkage::ALL[method]).expect("finite");
            let turned = optimally_ordered(&merges, &distances);
            for (a, b) in merges.iter().zip(&turned) {
                prop_assert_eq!(a.left.min(a.right), b.left.min(b.right));
                prop_assert_eq!(a.left.max(a.right), b.left.max(b.right));
            }
            let mut order = leaf_order(&turned);
            order.sort_unstable();
            prop_assert_eq!(order, (0..plane.len()).collect::<Vec<_>>());
        }
    }
}

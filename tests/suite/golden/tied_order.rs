//! Leaf orders of trees whose merges tie.
//!
//! Merges of one height may come in any order, so they may join other clusters first, number the new
//! clusters otherwise, and put a cluster left or right. What such exchanges cannot change: the
//! clusters that stand once all merges of that height are done, and their place side by side. Two
//! orders are alike if they differ only inside those limits.

use std::collections::BTreeMap;

use barline::stats::Merge;

/// Heights closer than this let rounding decide which merge comes first.
pub(super) const NEAR_TIE: f64 = 1e-12;

/// A cluster of a tree whose tied merges are taken as one.
struct Cluster {
    /// Leaves, or clusters of lower heights.
    parts: Vec<Cluster>,
    leaf: Option<usize>,
    /// Number of the group of tied merges that made it; leaves come before all.
    made_by: usize,
}

/// A part of a cluster: its number, its first places in both orders, its size.
type Part = (usize, [usize; 2], usize);

/// Whether any two merges tie.
pub(super) fn has_ties(merges: &[Merge]) -> bool {
    merges.windows(2).any(|pair| tied(&pair[0], &pair[1]))
}

fn tied(first: &Merge, next: &Merge) -> bool {
    next.height - first.height <= NEAR_TIE
}

/// Whether `other` is `order` after exchanges among tied merges.
pub(super) fn alike(merges: &[Merge], order: &[usize], other: &[usize]) -> bool {
    let places: BTreeMap<usize, usize> =
        other.iter().enumerate().map(|(at, leaf)| (*leaf, at)).collect();
    let ours: BTreeMap<usize, usize> =
        order.iter().enumerate().map(|(at, leaf)| (*leaf, at)).collect();
    if places.len() != other.len() || !places.keys().eq(ours.keys()) {
        return false;
    }
    let Some(root) = tree(merges, order.len()) else { return false };
    root.is_alike(&ours, &places).is_some()
}

/// The tree with tied merges taken as one; `None` if the merges do not make one tree of all leaves.
fn tree(merges: &[Merge], leaves: usize) -> Option<Cluster> {
    let leaf = |at| Cluster { parts: Vec::new(), leaf: Some(at), made_by: 0 };
    let mut clusters: Vec<Option<Cluster>> = (0..leaves).map(|at| Some(leaf(at))).collect();
    let mut group = 1;
    for (at, merge) in merges.iter().enumerate() {
        if at > 0 && !tied(&merges[at - 1], merge) {
            group += 1;
        }
        let mut parts = Vec::new();
        for child in [merge.left, merge.right] {
            let child = clusters.get_mut(child)?.take()?;
            // A child of the same group stands for its parts.
            if child.made_by == group { parts.extend(child.parts) } else { parts.push(child) }
        }
        clusters.push(Some(Cluster { parts, leaf: None, made_by: group }));
    }
    let mut left = clusters.into_iter().flatten();
    left.next().filter(|_| left.next().is_none())
}

impl Cluster {
    /// First places in both orders and the size, if the cluster stands side by side in both and its
    /// parts follow each other alike where no tie lets them be exchanged.
    fn is_alike(
        &self,
        ours: &BTreeMap<usize, usize>,
        others: &BTreeMap<usize, usize>,
    ) -> Option<([usize; 2], usize)> {
        if let Some(leaf) = self.leaf {
            return Some(([*ours.get(&leaf)?, *others.get(&leaf)?], 1));
        }
        let mut parts = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            let (first, size) = part.is_alike(ours, others)?;
            parts.push((at, first, size));
        }
        let mut firsts = [0; 2];
        let mut sequences = [Vec::new(), Vec::new()];
        for side in 0..2 {
            parts.sort_by_key(|(_, first, _)| first[side]);
            let follows = |pair: &[Part]| pair[0].1[side] + pair[0].2 == pair[1].1[side];
            if !parts.windows(2).all(follows) {
                return None;
            }
            firsts[side] = parts.first()?.1[side];
            sequences[side] = parts.iter().map(|(at, _, _)| *at).collect();
        }
        if sequences[0] != sequences[1] && !self.may_turn() {
            return None;
        }
        Some((firsts, parts.iter().map(|(_, _, size)| size).sum()))
    }

    /// Whether ties decide how the parts follow each other: more than two were joined at one height,
    /// or the two were made at one height and so numbered either way.
    fn may_turn(&self) -> bool {
        match self.parts.as_slice() {
            [one, other] => one.leaf.is_none() && one.made_by == other.made_by,
            _ => true,
        }
    }
}

/// The sets of leaves that the bisection of both orders parts alike, as far down as it does: the sums
/// of their weights do not depend on the order inside them.
pub(super) fn common_parts(order: &[usize], other: &[usize]) -> Vec<Vec<usize>> {
    let sorted = |leaves: &[usize]| {
        let mut leaves = leaves.to_vec();
        leaves.sort_unstable();
        leaves
    };
    let middle = order.len() / 2;
    if order.len() > 1 && sorted(&order[..middle]) == sorted(&other[..middle]) {
        let mut parts = common_parts(&order[..middle], &other[..middle]);
        parts.extend(common_parts(&order[middle..], &other[middle..]));
        return parts;
    }
    vec![sorted(order)]
}

fn merge(left: usize, right: usize, height: f64) -> Merge {
    Merge { left, right, height, size: 0 }
}

/// ((0 1) (2 3)) 4 with the first two merges tied.
fn two_tied_pairs() -> Vec<Merge> {
    vec![merge(0, 1, 0.2), merge(2, 3, 0.2), merge(5, 6, 0.5), merge(4, 7, 0.7)]
}

#[test]
fn exchanges_of_tied_merges_are_alike_and_nothing_else() {
    let merges = two_tied_pairs();
    let order = [4, 0, 1, 2, 3];
    assert!(has_ties(&merges));
    assert!(alike(&merges, &order, &order));
    assert!(alike(&merges, &order, &[4, 2, 3, 0, 1]), "the tied pairs are numbered either way");
    assert!(!alike(&merges, &order, &[4, 1, 0, 2, 3]), "a pair of its own height does not turn");
    assert!(!alike(&merges, &order, &[0, 1, 2, 3, 4]), "nor does the last merge");
    assert!(!alike(&merges, &order, &[4, 0, 2, 1, 3]), "clusters stay side by side");
    assert!(!alike(&merges, &order, &[4, 0, 1, 2, 2]), "no leaf twice");
    assert!(!alike(&merges, &order, &[4, 0, 1, 2]), "no leaf lost");
}

#[test]
fn without_ties_only_the_same_order_is_alike() {
    let mut merges = two_tied_pairs();
    merges[1].height = 0.2 + 1e-11;
    assert!(!has_ties(&merges));
    assert!(alike(&merges, &[4, 0, 1, 2, 3], &[4, 0, 1, 2, 3]));
    assert!(!alike(&merges, &[4, 0, 1, 2, 3], &[4, 2, 3, 0, 1]));
}

#[test]
fn three_joined_at_one_height_stand_in_any_order() {
    let merges = vec![merge(0, 1, 0.3), merge(2, 4, 0.3), merge(3, 5, 0.9)];
    assert!(alike(&merges, &[3, 2, 0, 1], &[3, 1, 0, 2]));
    assert!(!alike(&merges, &[3, 2, 0, 1], &[1, 3, 0, 2]));
}

#[test]
fn parts_that_both_bisections_share() {
    assert_eq!(common_parts(&[0, 1, 2, 3], &[1, 0, 2, 3]), [vec![0, 1], vec![2], vec![3]]);
    assert_eq!(common_parts(&[0, 1, 2], &[1, 0, 2]), [vec![0, 1, 2]]);
}

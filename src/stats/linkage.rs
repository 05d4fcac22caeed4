//! Agglomerative clustering of a condensed distance matrix, with scipy's order of ties.
//!
//! # Order
//! Single linkage grows a minimum spanning tree from point 0 (Prim), taking the lowest index among
//! equals. The others follow a chain of nearest neighbours from the lowest live index; a strictly
//! nearer one is needed to leave the previous element of the chain. Merges are then sorted by
//! height, stably, and relabelled: new clusters are `n, n + 1, ...` and the left child has the
//! smaller label. Equal distances therefore give one tree, the same as scipy's.
//!
//! # References
//! D. Mullner (2011), Modern hierarchical, agglomerative clustering algorithms, arXiv:1109.2378
//! (algorithms and update formulas of Lance and Williams). scipy 1.17.1, `cluster/_hierarchy.pyx`
//! (tie rules).

use super::{
    condensed::Condensed,
    refusal::{Refusal, Result},
};

/// Distance between clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linkage {
    /// Nearest members.
    Single,
    /// Farthest members.
    Complete,
    /// Mean over all pairs of members (UPGMA).
    Average,
    /// Mean of the two children's distances (WPGMA).
    Weighted,
    /// Growth of the sum of squares.
    Ward,
}

impl Linkage {
    /// Every linkage.
    pub const ALL: [Self; 5] =
        [Self::Single, Self::Complete, Self::Average, Self::Weighted, Self::Ward];

    /// The name scipy and the configuration use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Complete => "complete",
            Self::Average => "average",
            Self::Weighted => "weighted",
            Self::Ward => "ward",
        }
    }

    /// The linkage of that name.
    ///
    /// ```
    /// use barline::stats::Linkage;
    /// assert!(Linkage::ALL.iter().all(|linkage| Linkage::from_name(linkage.name()) == Some(*linkage)));
    /// assert_eq!(Linkage::from_name("median"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|linkage| linkage.name() == name)
    }
}

/// One merge of a dendrogram. Labels below `n` are points, `n + k` is the cluster of merge `k`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge {
    /// The smaller label, unless the tree was turned by
    /// [`optimally_ordered`](super::optimally_ordered).
    pub left: usize,
    /// The other label.
    pub right: usize,
    /// Distance at which the two meet.
    pub height: f64,
    /// Points in the new cluster.
    pub size: usize,
}

/// Clusters the points of `distances`: `n - 1` merges, none for fewer than two points.
///
/// # Errors
/// `NonFinite` (the first point of the pair) for a distance that is not finite.
///
/// ```
/// use barline::stats::{Condensed, Linkage, linkage};
/// let distances = Condensed::from_pairs(3, |i, j| if (i, j) == (1, 2) { 0.1 } else { 0.7 });
/// let merges = linkage(distances, Linkage::Single)?;
/// assert_eq!((merges[0].left, merges[0].right, merges[1].left), (1, 2, 0));
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn linkage(distances: Condensed, method: Linkage) -> Result<Vec<Merge>> {
    let points = distances.points();
    for i in 0..points {
        if !(i + 1..points).all(|j| distances.get(i, j).is_finite()) {
            return Err(Refusal::NonFinite { series: i });
        }
    }
    let mut joins = match method {
        Linkage::Single => spanning_tree(&distances),
        _ => neighbour_chain(distances, method),
    };
    joins.sort_by(|a, b| a.height.total_cmp(&b.height));
    Ok(relabel(&joins, points))
}

/// A merge named by one member point of each side.
#[derive(Clone, Copy)]
struct Join {
    sides: [usize; 2],
    height: f64,
}

fn spanning_tree(distances: &Condensed) -> Vec<Join> {
    let points = distances.points();
    let mut nearest = vec![f64::INFINITY; points];
    let mut reached = vec![false; points];
    let mut joins = Vec::with_capacity(points.saturating_sub(1));
    let mut last = 0;
    for _ in 1..points {
        reached[last] = true;
        let (mut next, mut height) = (last, f64::INFINITY);
        for point in (0..points).filter(|point| !reached[*point]) {
            nearest[point] = nearest[point].min(distances.get(last, point));
            if nearest[point] < height {
                (next, height) = (point, nearest[point]);
            }
        }
        joins.push(Join { sides: [last, next], height });
        last = next;
    }
    joins
}

fn neighbour_chain(mut distances: Condensed, method: Linkage) -> Vec<Join> {
    let points = distances.points();
    let mut sizes = vec![1_usize; points];
    let mut chain: Vec<usize> = Vec::with_capacity(points);
    let mut joins = Vec::with_capacity(points.saturating_sub(1));
    for _ in 1..points {
        let (x, y, height) = reciprocal_pair(&distances, &sizes, &mut chain);
        let (gone, kept) = if x < y { (x, y) } else { (y, x) };
        joins.push(Join { sides: [gone, kept], height });
        let merged = [sizes[gone], sizes[kept]];
        sizes[gone] = 0;
        for other in (0..points).filter(|other| *other != kept && sizes[*other] > 0) {
            let apart = [distances.get(other, gone), distances.get(other, kept)];
            let updated = updated_distance(method, apart, height, merged, sizes[other]);
            distances.set(other, kept, updated);
        }
        sizes[kept] = merged[0] + merged[1];
    }
    joins
}

/// Extends the chain until its last two clusters are nearest to each other, and takes them off.
fn reciprocal_pair(
    distances: &Condensed,
    sizes: &[usize],
    chain: &mut Vec<usize>,
) -> (usize, usize, f64) {
    if chain.is_empty() {
        chain.extend(sizes.iter().position(|size| *size > 0));
    }
    loop {
        let at = chain.len() - 1;
        let last = chain[at];
        let previous = at.checked_sub(1).map(|before| chain[before]);
        let mut nearest = previous.unwrap_or(last);
        let mut height = previous.map_or(f64::INFINITY, |before| distances.get(last, before));
        for other in (0..sizes.len()).filter(|other| sizes[*other] > 0 && *other != last) {
            if distances.get(last, other) < height {
                (nearest, height) = (other, distances.get(last, other));
            }
        }
        if previous == Some(nearest) {
            chain.truncate(at - 1);
            return (last, nearest, height);
        }
        chain.push(nearest);
    }
}

/// Lance-Williams update: distance of a cluster of `other` points, `apart` from the two sides, to
/// their union.
fn updated_distance(
    method: Linkage,
    apart: [f64; 2],
    height: f64,
    sides: [usize; 2],
    other: usize,
) -> f64 {
    let [x, y] = sides.map(|size| size as f64);
    let i = other as f64;
    match method {
        Linkage::Single => apart[0].min(apart[1]),
        Linkage::Complete => apart[0].max(apart[1]),
        Linkage::Average => (x * apart[0] + y * apart[1]) / (x + y),
        Linkage::Weighted => 0.5 * (apart[0] + apart[1]),
        Linkage::Ward => {
            let t = 1.0 / (x + y + i);
            let toward = (i + x) * t * apart[0] * apart[0] + (i + y) * t * apart[1] * apart[1];
            (toward - i * t * height * height).sqrt()
        }
    }
}

/// Names clusters in the order of their merges.
fn relabel(joins: &[Join], points: usize) -> Vec<Merge> {
    let mut parent: Vec<usize> = (0..points + joins.len()).collect();
    let mut size = vec![1_usize; points + joins.len()];
    let mut merges = Vec::with_capacity(joins.len());
    for (k, join) in joins.iter().enumerate() {
        let [a, b] = join.sides.map(|point| root(&mut parent, point));
        let (left, right) = if a < b { (a, b) } else { (b, a) };
        let label = points + k;
        parent[left] = label;
        parent[right] = label;
        size[label] = size[left] + size[right];
        merges.push(Merge { left, right, height: join.height, size: size[label] });
    }
    merges
}

fn root(parent: &mut [usize], point: usize) -> usize {
    let mut top = point;
    while parent[top] != top {
        top = parent[top];
    }
    let mut at = point;
    while parent[at] != top {
        at = std::mem::replace(&mut parent[at], top);
    }
    top
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(at: &[f64]) -> Condensed {
        Condensed::from_pairs(at.len(), |i, j| (at[i] - at[j]).abs())
    }

    #[test]
    fn fewer_than_two_points_have_no_merge() {
        for method in Linkage::ALL {
            assert_eq!(linkage(points(&[]), method), Ok(vec![]));
            assert_eq!(linkage(points(&[1.0]), method), Ok(vec![]));
        }
    }

    #[test]
    fn equal_distances_merge_in_scipys_order() {
        let merges = linkage(Condensed::from_pairs(4, |_, _| 1.0), Linkage::Single);
        let pairs: Vec<_> = merges.expect("finite").iter().map(|m| (m.left, m.right)).collect();
        assert_eq!(pairs, [(0, 1), (2, 4), (3, 5)]);
        let merges = linkage(Condensed::from_pairs(4, |_, _| 1.0), Linkage::Complete);
        let pairs: Vec<_> = merges.expect("finite").iter().map(|m| (m.left, m.right)).collect();
        assert_eq!(pairs, [(0, 1), (2, 4), (3, 5)]);
    }

    #[test]
    fn a_missing_distance_is_refused() {
        let gap = Condensed::from_pairs(3, |i, j| if (i, j) == (1, 2) { f64::NAN } else { 1.0 });
        assert_eq!(linkage(gap, Linkage::Ward), Err(Refusal::NonFinite { series: 1 }));
    }

    #[test]
    fn names_go_there_and_back() {
        for method in Linkage::ALL {
            assert_eq!(Linkage::from_name(method.name()), Some(method));
        }
        assert_eq!(Linkage::from_name("median"), None);
    }

    fn peer(method: Linkage) -> kodama::Method {
        match method {
            Linkage::Single => kodama::Method::Single,
            Linkage::Complete => kodama::Method::Complete,
            Linkage::Average => kodama::Method::Average,
            Linkage::Weighted => kodama::Method::Weighted,
            Linkage::Ward => kodama::Method::Ward,
        }
    }

    proptest! {
        #[test]
        fn law_untied_heights_agree_with_kodama(
            plane in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 2..40),
        ) {
            let distances = Condensed::from_pairs(plane.len(), |i, j| {
                (plane[i].0 - plane[j].0).hypot(plane[i].1 - plane[j].1)
            });
            for method in Linkage::ALL {
                let merges = linkage(distances.clone(), method).expect("finite");
                let mut values = distances.values().to_vec();
                let theirs = kodama::linkage(&mut values, plane.len(), peer(method));
                for (ours, other) in merges.iter().zip(theirs.steps()) {
                    prop_assert!((ours.height - other.dissimilarity).abs() < 1e-9);
                    prop_assert_eq!(ours.size, other.size);
                }
                prop_assert_eq!(merges[merges.len() - 1].size, plane.len());
            }
        }
    }
}

//! A minimum spanning tree of the correlation distance, grown from asset 0.
//!
//! Who is nearest is looked for among correlations, with products instead of quotients and roots;
//! where two are nearer to each other than rounding can tell, and for the height of every join, the
//! distance is computed with the arithmetic of the plain path, so that equal distances give the
//! same tree and the same heights. A matrix that is full of ties is left to the exact form, which
//! computes every distance.
//!
//! # References
//! Prim (1957), Bell System Technical Journal 36, 1389-1401.

use super::{Join, Square};
use crate::compute::cpu::simd::{Kernel, widest};

/// Correlations that are nearer than this are told apart by their distances: some hundred times what
/// rounding can make of them.
const TIE: f64 = 1e-13;
/// Distances that are computed for ties, over the square of the order, before the exact form is
/// cheaper.
const MOST_TIES: usize = 2;
/// Deviations within these have quotients and products that neither vanish nor overflow.
const PLAIN: std::ops::Range<f64> = 1e-140..1e140;

/// The joins, in their order; the lowest position among equals.
pub(super) fn grown(square: &Square) -> Vec<Join> {
    let plain = square.deviations.iter().all(|deviation| PLAIN.contains(deviation));
    let fast = if plain { widest(Fast(square)) } else { None };
    fast.unwrap_or_else(|| widest(Exact(square)))
}

/// The distance of a cell and its deviations, as the plain path has it.
#[inline(always)]
fn distance(cell: f64, own: f64, deviation: f64) -> f64 {
    let apart = (1.0 - cell / (own * deviation)) / 2.0;
    let apart = if apart > 0.0 { apart } else { 0.0 };
    (if apart < 1.0 { apart } else { 1.0 }).sqrt()
}

/// By correlations; `None` where ties are too many.
struct Fast<'a>(&'a Square);

impl Kernel for Fast<'_> {
    type Output = Option<Vec<Join>>;

    #[inline(always)]
    fn run(self) -> Option<Vec<Join>> {
        let Square { order, deviations, .. } = self.0;
        let order = *order;
        let inverses: Vec<f64> = deviations.iter().map(|deviation| 1.0 / deviation).collect();
        // The largest correlation with the tree, the second largest, and with whom the first is.
        let mut nearest = vec![f64::NEG_INFINITY; order];
        let mut second = vec![f64::NEG_INFINITY; order];
        let mut with = vec![0.0; order];
        // Minus infinity: in the tree already.
        let mut open = vec![0.0; order];
        let mut members = Vec::with_capacity(order);
        let mut joins = Vec::with_capacity(order - 1);
        let (mut last, mut ties) = (0, 0);
        for _ in 1..order {
            open[last] = f64::NEG_INFINITY;
            members.push(last);
            let (own, name) = (inverses[last], last as f64);
            let cells = self.0.row(last).iter().zip(&inverses);
            let found = nearest.iter_mut().zip(&mut second).zip(&mut with);
            let mut most = f64::NEG_INFINITY;
            for (((cell, inverse), ((nearest, second), with)), open) in cells.zip(found).zip(&open)
            {
                let near = cell * own * inverse;
                let near = if near < 1.0 { near } else { 1.0 };
                let near = if near > -1.0 { near } else { -1.0 };
                let lower = if near < *nearest { near } else { *nearest };
                *second = if lower > *second { lower } else { *second };
                *with = if near > *nearest { name } else { *with };
                *nearest = if near > *nearest { near } else { *nearest };
                let here = *nearest + open;
                most = if here > most { here } else { most };
            }
            let bound = most - TIE;
            let mut count = 0;
            for (nearest, open) in nearest.iter().zip(&open) {
                count += u32::from(nearest + open >= bound);
            }
            let near = |at: &usize| nearest[*at] + open[*at] >= bound;
            let mut candidates = (0..order).filter(near);
            let first = candidates.next()?;
            let (next, height) = if count == 1 && second[first] < nearest[first] - TIE {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a place"
                )]
                let other = with[first] as usize;
                let cell = self.0.row(other)[first];
                (first, distance(cell, deviations[other], deviations[first]))
            } else {
                ties += count as usize * members.len();
                if ties > MOST_TIES * order * order {
                    return None;
                }
                let mut best = (first, f64::INFINITY);
                for at in (0..order).filter(near) {
                    let row = self.0.row(at);
                    for other in &members {
                        let apart = distance(row[*other], deviations[*other], deviations[at]);
                        if apart < best.1 {
                            best = (at, apart);
                        }
                    }
                }
                best
            };
            joins.push(Join { sides: [last, next], height });
            last = next;
        }
        Some(joins)
    }
}

/// By distances.
struct Exact<'a>(&'a Square);

impl Kernel for Exact<'_> {
    type Output = Vec<Join>;

    #[inline(always)]
    fn run(self) -> Vec<Join> {
        let Square { order, deviations, .. } = self.0;
        // Below zero: in the tree already.
        let mut nearest = vec![f64::INFINITY; *order];
        let mut joins = Vec::with_capacity(order - 1);
        let mut last = 0;
        for _ in 1..*order {
            nearest[last] = -1.0;
            let own = deviations[last];
            let mut height = f64::INFINITY;
            let cells = self.0.row(last).iter().zip(deviations).zip(&mut nearest);
            for ((cell, deviation), nearest) in cells {
                let distance = distance(*cell, own, *deviation);
                *nearest = if distance < *nearest { distance } else { *nearest };
            }
            for near in &nearest {
                let open = if *near < 0.0 { f64::INFINITY } else { *near };
                height = if open < height { open } else { height };
            }
            let next = nearest.iter().position(|near| near.to_bits() == height.to_bits());
            let next = next.unwrap_or(last);
            joins.push(Join { sides: [last, next], height });
            last = next;
        }
        joins
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compute::{
            Triangle,
            cpu::universe::{noise, slices},
        },
        stats::{SymmetricMatrix, sample_covariance},
    };

    fn both(covariance: &SymmetricMatrix) -> (Option<Vec<Join>>, Vec<Join>) {
        let square = Square::new(Triangle::from(covariance));
        (widest(Fast(&square)), widest(Exact(&square)))
    }

    fn same(a: &[Join], b: &[Join]) -> bool {
        let of = |join: &Join| (join.sides, join.height.to_bits());
        a.iter().map(of).eq(b.iter().map(of))
    }

    #[test]
    fn both_forms_grow_the_same_tree() {
        for assets in [2_u64, 9, 64, 200] {
            let common = noise(9, 90);
            let values: Vec<Vec<f64>> = (0..assets)
                .map(|k| {
                    // Some are copies of each other, some turned.
                    let own = noise(k / 3 + 50, 90);
                    let sign = if k % 6 == 5 { -1.0 } else { 1.0 };
                    own.iter().zip(&common).map(|(x, f)| sign * (x + 0.3 * f)).collect()
                })
                .collect();
            let (fast, exact) = both(&sample_covariance(&slices(&values), 1).expect("complete"));
            assert!(same(&fast.expect("few ties"), &exact), "{assets}");
        }
    }

    #[test]
    fn a_matrix_of_ties_is_left_to_the_exact_form() {
        let ties = SymmetricMatrix::from_upper(60, |i, j| if i == j { 2.0 } else { 0.5 });
        let (fast, exact) = both(&ties);
        assert!(fast.is_none());
        assert!(same(&grown(&Square::new(Triangle::from(&ties))), &exact));
        // Correlations beyond one are all the same distance.
        let beyond =
            |i: usize, j: usize| if i == j { 1.0 } else { 1.0 + 0.1 * ((i + j) % 5) as f64 };
        let (fast, exact) = both(&SymmetricMatrix::from_upper(6, beyond));
        assert!(fast.is_none_or(|fast| same(&fast, &exact)));
    }
}

//! Hierarchical risk parity with single linkage on many windows.
//!
//! The tree is a minimum spanning tree grown straight on the covariance (`tree`), and no matrix of
//! distances is ever stored.
//!
//! # References
//! M. Lopez de Prado (2016), Journal of Portfolio Management 42(4), 59-69. The plain path:
//! [`hrp_weights`](crate::stats::hrp_weights).

mod tree;

use crate::{
    compute::Triangle,
    stats::{Hrp, Merge, Refusal, Result, leaf_order},
};

/// Cells of a square that are turned at a time.
const TURN: usize = 32;

/// The portfolio of a covariance matrix: single linkage on the correlation distance, plain leaf order.
pub(in crate::compute) fn portfolio(covariance: Triangle) -> Result<Hrp> {
    let order = covariance.order();
    if order == 0 {
        return Err(Refusal::Empty);
    }
    if let Some(series) = (0..order).find(|i| !covariance.upper(*i).iter().all(|x| x.is_finite())) {
        return Err(Refusal::NonFinite { series });
    }
    if let Some(index) = (0..order).find(|i| covariance.get(*i, *i) <= 0.0) {
        return Err(Refusal::ZeroVariance { index });
    }
    let square = Square::new(covariance);
    let merges = relabelled(tree::grown(&square), order);
    let leaves = leaf_order(&merges);
    let weights = square.bisect(&leaves);
    if !weights.iter().all(|weight| weight.is_finite()) {
        return Err(Refusal::Overflow);
    }
    Ok(Hrp { order: leaves, weights, merges })
}

/// Both triangles of a covariance matrix, row by row.
struct Square {
    order: usize,
    values: Vec<f64>,
    deviations: Vec<f64>,
}

/// A merge named by one member of each side.
struct Join {
    sides: [usize; 2],
    height: f64,
}

impl Square {
    fn new(covariance: Triangle) -> Self {
        let order = covariance.order();
        let deviations = (0..order).map(|i| covariance.get(i, i).sqrt()).collect();
        let mut values = covariance.into_values();
        for top in (0..order).step_by(TURN) {
            for left in (0..=top).step_by(TURN) {
                for i in top..order.min(top + TURN) {
                    for j in left..i.min(left + TURN) {
                        values[i * order + j] = values[j * order + i];
                    }
                }
            }
        }
        Self { order, values, deviations }
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.order..(i + 1) * self.order]
    }

    /// Recursive bisection along `leaves`.
    fn bisect(&self, leaves: &[usize]) -> Vec<f64> {
        let mut weights = vec![1.0; leaves.len()];
        let mut clusters = vec![leaves];
        while let Some(cluster) = clusters.pop() {
            if cluster.len() < 2 {
                continue;
            }
            let halves = cluster.split_at(cluster.len() / 2);
            let (left, right) = (self.variance(halves.0), self.variance(halves.1));
            let share = if left + right > 0.0 { 1.0 - left / (left + right) } else { 0.5 };
            for asset in halves.0 {
                weights[*asset] *= share;
            }
            for asset in halves.1 {
                weights[*asset] *= 1.0 - share;
            }
            clusters.extend([halves.0, halves.1]);
        }
        weights
    }

    /// Variance of the inverse-variance portfolio of `cluster`, not below zero; zero where it is no
    /// more than the rounding of assets that cancel.
    fn variance(&self, cluster: &[usize]) -> f64 {
        let inverse: Vec<f64> = cluster.iter().map(|i| 1.0 / self.row(*i)[*i]).collect();
        let total = inverse.iter().fold(0.0, |sum, value| sum + value);
        let weights: Vec<f64> = inverse.iter().map(|value| value / total).collect();
        let (mut variance, mut together) = (0.0, 0.0);
        for (at, (i, weight)) in cluster.iter().zip(&weights).enumerate() {
            let row = self.row(*i);
            // Each pair once: the matrix is symmetric.
            let (fours, rest) = cluster[at + 1..].as_chunks::<4>();
            let (weights_of_fours, weights_of_rest) = weights[at + 1..].as_chunks::<4>();
            let mut sums = [0.0; 4];
            for (assets, weights) in fours.iter().zip(weights_of_fours) {
                for lane in 0..4 {
                    sums[lane] += weights[lane] * row[assets[lane]];
                }
            }
            let mut along = (sums[0] + sums[1]) + (sums[2] + sums[3]);
            for (j, w) in rest.iter().zip(weights_of_rest) {
                along += w * row[*j];
            }
            variance += weight * (along + along + weight * row[*i]);
            together += weight * self.deviations[*i];
        }
        if variance <= 8.0 * f64::EPSILON * (together * together) { 0.0 } else { variance }
    }
}

/// Names clusters in the order of their heights, the smaller label left.
fn relabelled(mut joins: Vec<Join>, points: usize) -> Vec<Merge> {
    joins.sort_by(|a, b| a.height.total_cmp(&b.height));
    let mut parent: Vec<usize> = (0..points + joins.len()).collect();
    let mut sizes = vec![1_usize; points + joins.len()];
    let mut merges = Vec::with_capacity(joins.len());
    for (k, join) in joins.iter().enumerate() {
        let [a, b] = join.sides.map(|mut point| {
            while parent[point] != point {
                parent[point] = parent[parent[point]];
                point = parent[point];
            }
            point
        });
        let (left, right) = if a < b { (a, b) } else { (b, a) };
        let label = points + k;
        (parent[left], parent[right]) = (label, label);
        sizes[label] = sizes[left] + sizes[right];
        merges.push(Merge { left, right, height: join.height, size: sizes[label] });
    }
    merges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        compute::{
            Backend, Cpu,
            cpu::universe::{noise, slices},
        },
        stats::{HrpOptions, SymmetricMatrix, hrp_weights, sample_covariance},
    };

    fn compare(covariance: &SymmetricMatrix) {
        let plain = hrp_weights(covariance, HrpOptions::default());
        let found = portfolio(Triangle::from(covariance));
        match (plain, found) {
            (Ok(plain), Ok(found)) => {
                assert_eq!(plain.merges, found.merges);
                assert_eq!(plain.order, found.order);
                for (a, b) in plain.weights.iter().zip(&found.weights) {
                    assert!((a - b).abs() <= 1e-12 * a, "{a} {b}");
                }
            }
            (plain, found) => assert_eq!(plain.err(), found.err()),
        }
    }

    #[test]
    fn the_tree_and_the_weights_are_the_plain_paths() {
        for assets in [1_u64, 2, 3, 7, 33, 120] {
            let common = noise(9, 60);
            let values: Vec<Vec<f64>> = (0..assets)
                .map(|k| {
                    let own = noise(k + 50, 60);
                    own.iter().zip(&common).map(|(x, f)| x + (k % 3) as f64 * f).collect()
                })
                .collect();
            compare(&sample_covariance(&slices(&values), 1).expect("complete"));
        }
    }

    #[test]
    fn near_copies_give_the_plain_paths_tree() {
        let base = noise(4, 80);
        let near = |share: f64, seed| {
            base.iter().zip(noise(seed, 80)).map(|(x, e)| 2.0 * x + share * e).collect()
        };
        let shares = [1.0, 1e-2, 1e-4, 1e-9, 0.0, 0.0];
        let mut values: Vec<Vec<f64>> = (20..).zip(shares).map(|(k, x)| near(x, k)).collect();
        values.push(base.iter().map(|x| -x).collect());
        compare(&sample_covariance(&slices(&values), 1).expect("complete"));
    }

    #[test]
    fn windows_and_workers_change_no_bit() {
        let values = crate::compute::cpu::universe::walks(600, 60, 8);
        let columns = slices(&values);
        let of = |workers: usize, windows: &[std::ops::Range<usize>]| {
            let mut found = Vec::new();
            Cpu { workers }.hrp(&columns, windows, &mut |answer| {
                found.push(answer.expect("moving"));
                std::ops::ControlFlow::Continue(())
            });
            found
        };
        let one = of(1, &[0..40, 20..60]);
        assert_eq!(one, of(2, &[0..40, 20..60]));
        assert_eq!(one[1..], of(2, std::slice::from_ref(&(20..60))));
    }

    #[test]
    fn ties_cancellation_and_refusals_are_the_plain_paths() {
        for assets in [4, 9, 50] {
            compare(&SymmetricMatrix::from_upper(assets, |i, j| if i == j { 2.0 } else { 0.0 }));
            compare(&SymmetricMatrix::from_upper(assets, |_, _| 3.0));
            let block = |i: usize, j: usize| {
                if i == j { 1.0 } else { [0.5, 0.1][usize::from(i % 3 != j % 3)] }
            };
            compare(&SymmetricMatrix::from_upper(assets, block));
            let turned = |i: usize, j: usize| {
                if i == j {
                    1.0
                } else if i / 2 == j / 2 {
                    -1.0
                } else {
                    0.0
                }
            };
            compare(&SymmetricMatrix::from_upper(assets, turned));
        }
        compare(&SymmetricMatrix::zeros(0));
        compare(&SymmetricMatrix::zeros(2));
        compare(&SymmetricMatrix::from_upper(2, |i, j| if i == j { 1.0 } else { f64::NAN }));
    }
}

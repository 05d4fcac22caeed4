//! Rank correlations: Spearman's rho and Kendall's tau-b.
//!
//! Both use each pair's common rows, NaN being missing, and give tied values their due: mean ranks
//! for rho, the tie-corrected denominator for tau.
//!
//! # References
//! Knight (1966), A computer method for calculating Kendall's tau with ungrouped data, Journal of
//! the American Statistical Association 61, 436-439. The same numbers as `DataFrame.corr("spearman")`
//! and `corr("kendall")` of pandas.

use super::{
    pairwise::{Pairwise, by_pair, pearson},
    refusal::Result,
};

/// Spearman's rho of each pair: Pearson's correlation of the mean ranks.
///
/// # None
/// A cell is NaN with fewer than `max(min_periods, 2)` common rows or where one of the two is
/// constant over them; this includes the diagonal.
///
/// # Errors
/// `Empty`, `UnequalLengths`, `NonFinite` for an infinite value.
///
/// ```
/// use barline::stats::spearman;
/// let found = spearman(&[&[1.0, 2.0, 3.0], &[1.0, 8.0, 9.0]], 1)?;
/// assert_eq!(found.matrix.get(0, 1), 1.0);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn spearman(columns: &[&[f64]], min_periods: usize) -> Result<Pairwise> {
    by_pair(columns, min_periods, |x, y| pearson(&ranks(x), &ranks(y)))
}

/// Kendall's tau-b of each pair, in `n log n`.
///
/// # Formula
/// `(concordant - discordant) / sqrt((p - p_x)(p - p_y))` with `p = n (n - 1) / 2` pairs of rows, of
/// which `p_x` tie in x and `p_y` in y.
///
/// # None, Errors
/// Those of [`spearman`].
///
/// ```
/// use barline::stats::kendall;
/// // Five of the six pairs of rows agree: (5 - 1) / 6.
/// let found = kendall(&[&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0]], 1)?;
/// assert!((found.matrix.get(0, 1) - 4.0 / 6.0).abs() < 1e-15);
/// # Ok::<(), barline::stats::Refusal>(())
/// ```
pub fn kendall(columns: &[&[f64]], min_periods: usize) -> Result<Pairwise> {
    by_pair(columns, min_periods, tau_b)
}

/// Mean ranks from 1.
fn ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|a, b| compare(x[*a], x[*b]));
    let mut ranks = vec![0.0; x.len()];
    let mut from = 0;
    for tied in order.chunk_by(|a, b| compare(x[*a], x[*b]).is_eq()) {
        let rank = from as f64 + (tied.len() + 1) as f64 / 2.0;
        for at in tied {
            ranks[*at] = rank;
        }
        from += tied.len();
    }
    ranks
}

/// Order of finite values in which zero has no sign.
fn compare(a: f64, b: f64) -> std::cmp::Ordering {
    (a + 0.0).total_cmp(&(b + 0.0))
}

pub(super) fn tau_b(x: &[f64], y: &[f64]) -> Option<f64> {
    let mut rows: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    rows.sort_by(|a, b| compare(a.0, b.0).then(compare(a.1, b.1)));
    let same_x = |a: &(f64, f64), b: &(f64, f64)| compare(a.0, b.0).is_eq();
    let both = |a: &(f64, f64), b: &(f64, f64)| same_x(a, b) && compare(a.1, b.1).is_eq();
    let tied_x = pairs_within(rows.chunk_by(same_x).map(<[_]>::len));
    let tied_both = pairs_within(rows.chunk_by(both).map(<[_]>::len));
    let mut sorted: Vec<f64> = rows.iter().map(|row| row.1).collect();
    let discordant = sort_counting(&mut sorted);
    let tied_y = pairs_within(sorted.chunk_by(|a, b| compare(*a, *b).is_eq()).map(<[_]>::len));
    let all = pairs_within(std::iter::once(x.len()));
    let scale = (all - tied_x).sqrt() * (all - tied_y).sqrt();
    let excess = all - tied_x - tied_y + tied_both - 2.0 * discordant;
    (scale > 0.0).then(|| (excess / scale).clamp(-1.0, 1.0))
}

/// Pairs of rows within groups of these sizes.
fn pairs_within(sizes: impl Iterator<Item = usize>) -> f64 {
    sizes.fold(0.0, |sum, size| sum + 0.5 * size as f64 * (size as f64 - 1.0))
}

/// Sorts by merging and counts the pairs that stood in strictly descending order.
fn sort_counting(values: &mut [f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let middle = values.len() / 2;
    let (left, right) = values.split_at_mut(middle);
    let mut inversions = sort_counting(left) + sort_counting(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let from_right = j < right.len() && (i == left.len() || compare(right[j], left[i]).is_lt());
        if from_right {
            inversions += (left.len() - i) as f64;
            merged.push(right[j]);
            j += 1;
        } else {
            merged.push(left[i]);
            i += 1;
        }
    }
    values.copy_from_slice(&merged);
    inversions
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact or copied")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ties_share_a_rank() {
        assert_eq!(ranks(&[3.0, -0.0, 3.0, 0.0, 5.0]), [3.5, 1.5, 3.5, 1.5, 5.0]);
        assert!(ranks(&[]).is_empty());
    }

    #[test]
    fn constant_and_short_columns_have_none() {
        for rank in [spearman, kendall] {
            let found = rank(&[&[1.0, 2.0], &[3.0, 3.0]], 1).expect("equal");
            assert_eq!((found.undefined(), found.matrix.get(0, 0)), (3, 1.0));
            assert_eq!(rank(&[&[1.0]], 1).expect("equal").undefined(), 1);
            assert_eq!(rank(&[&[]], 0).expect("equal").undefined(), 1);
        }
    }

    proptest! {
        #[test]
        fn law_tau_is_the_count_over_all_pairs(rows in prop::collection::vec((0..6_u8, 0..6_u8), 2..40)) {
            let (x, y): (Vec<f64>, Vec<f64>) = rows.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).unzip();
            let sign = |a: f64, b: f64| if a == b { 0.0 } else { (a - b).signum() };
            let (mut both, mut own_x, mut own_y) = (0.0, 0.0, 0.0);
            for i in 0..x.len() {
                for j in 0..i {
                    let (a, b) = (sign(x[i], x[j]), sign(y[i], y[j]));
                    both += a * b;
                    own_x += a * a;
                    own_y += b * b;
                }
            }
            match tau_b(&x, &y) {
                None => prop_assert!(own_x == 0.0 || own_y == 0.0),
                Some(tau) => prop_assert!((tau - both / (own_x * own_y).sqrt()).abs() < 1e-14),
            }
        }
    }
}

//! Sums, means, variances and dot products in one fixed order.
//!
//! # Order
//! A sum runs in eight lanes: lane `k` takes elements `k, k + 8, k + 16, ...` of the longest prefix
//! whose length is a multiple of eight; the lanes are folded pairwise, `(k, k + 4)`, `(k, k + 2)`,
//! `(k, k + 1)`; the remaining elements are added one by one. The order is part of the definition:
//! it fits the vector registers of every CPU, so that all of them return the same bits, and no
//! fused multiply-add is used anywhere.
//!
//! # NaN
//! These are the bricks below the definitions and follow IEEE 754: a NaN in gives a NaN out, and
//! numbers whose sum or product is too large give an infinity or a NaN. Definitions refuse such
//! input before. Lengths are the caller's promise.
//!
//! # References
//! N. J. Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd ed., chapters 4
//! (summation: the error grows with the terms per lane) and 1.9 (the two-pass variance).

/// Lanes of a sum.
const LANES: usize = 8;

fn fold(lanes: [f64; LANES]) -> f64 {
    let quarter =
        [lanes[0] + lanes[4], lanes[1] + lanes[5], lanes[2] + lanes[6], lanes[3] + lanes[7]];
    (quarter[0] + quarter[2]) + (quarter[1] + quarter[3])
}

/// Sum of `x`; 0 for an empty slice.
///
/// ```
/// assert_eq!(barline::stats::sum(&[1.0, 2.0, 3.5]), 6.5);
/// ```
pub fn sum(x: &[f64]) -> f64 {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    rest.iter().fold(fold(lanes), |total, value| total + value)
}

/// Dot product of two slices of equal length; 0 for empty slices.
///
/// ```
/// assert_eq!(barline::stats::dot(&[1.0, 2.0], &[3.0, 0.5]), 4.0);
/// ```
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    sum_of_pairs(a, b, |x, y| x * y)
}

/// `[dot(a, b), dot(a, c)]`, reading `a` once: bit for bit what two calls return.
pub(crate) fn dot_pair(a: &[f64], b: &[f64], c: &[f64]) -> [f64; 2] {
    debug_assert!(a.len() == b.len() && a.len() == c.len());
    let (left, left_rest) = a.as_chunks::<LANES>();
    let (first, first_rest) = b.as_chunks::<LANES>();
    let (second, second_rest) = c.as_chunks::<LANES>();
    let mut lanes = [[0.0; LANES]; 2];
    for ((x, y), z) in left.iter().zip(first).zip(second) {
        for k in 0..LANES {
            lanes[0][k] += x[k] * y[k];
            lanes[1][k] += x[k] * z[k];
        }
    }
    let mut totals = [fold(lanes[0]), fold(lanes[1])];
    for ((x, y), z) in left_rest.iter().zip(first_rest).zip(second_rest) {
        totals[0] += x * y;
        totals[1] += x * z;
    }
    totals
}

/// `dot(a, b)` for a `b` that is zero outside of `places`, which ascend: bit for bit, where `a` is finite,
/// since a product with zero moves no sum.
pub(crate) fn dot_at(places: &[usize], a: &[f64], b: &[f64]) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    let whole = a.len() / LANES * LANES;
    let (lined, rest) = places.split_at(places.partition_point(|at| *at < whole));
    let mut lanes = [0.0; LANES];
    for at in lined {
        lanes[at % LANES] += a[*at] * b[*at];
    }
    rest.iter().fold(fold(lanes), |total, at| total + a[*at] * b[*at])
}

/// [`dot_at`] of every row of a symmetric matrix with `b`: bit for bit, and only the rows at `places` are read.
pub(crate) fn dots_at<'a>(
    places: &[usize],
    row: impl Fn(usize) -> &'a [f64],
    b: &[f64],
) -> Vec<f64> {
    let whole = b.len() / LANES * LANES;
    let (lined, rest) = places.split_at(places.partition_point(|at| *at < whole));
    let mut lanes: [Vec<f64>; LANES] = std::array::from_fn(|_| vec![0.0; b.len()]);
    for at in lined {
        add_scaled(&mut lanes[at % LANES], b[*at], row(*at));
    }
    let mut totals: Vec<f64> =
        (0..b.len()).map(|i| fold(std::array::from_fn(|lane| lanes[lane][i]))).collect();
    for at in rest {
        add_scaled(&mut totals, b[*at], row(*at));
    }
    totals
}

/// `target[i] += scale * source[i]`.
pub(crate) fn add_scaled(target: &mut [f64], scale: f64, source: &[f64]) {
    for (value, x) in target.iter_mut().zip(source) {
        *value += scale * x;
    }
}

/// `target[i] -= scale * source[i]`.
pub(crate) fn subtract_scaled(target: &mut [f64], scale: f64, source: &[f64]) {
    for (value, x) in target.iter_mut().zip(source) {
        *value -= scale * x;
    }
}

/// Arithmetic mean; `None` for an empty slice.
///
/// ```
/// assert_eq!(barline::stats::mean(&[1.0, 2.0, 6.0]), Some(3.0));
/// assert_eq!(barline::stats::mean(&[]), None);
/// ```
pub fn mean(x: &[f64]) -> Option<f64> {
    (!x.is_empty()).then(|| sum(x) / x.len() as f64)
}

/// Variance with divisor `n - ddof`, in two passes around the mean.
///
/// # Formula
/// `sum((x_i - mean)^2) / (n - ddof)`
///
/// # None
/// When `n <= ddof`.
///
/// ```
/// use barline::stats::variance;
/// assert_eq!(variance(&[1.0, 2.0, 3.0], 1), Some(1.0));
/// assert_eq!(variance(&[1.0, 2.0, 3.0], 3), None);
/// ```
pub fn variance(x: &[f64], ddof: usize) -> Option<f64> {
    let center = mean(x)?;
    (x.len() > ddof).then(|| centered_dot(x, center, x, center) / (x.len() - ddof) as f64)
}

/// Standard deviation with divisor `n - ddof`; `None` where [`variance`] is.
///
/// ```
/// assert_eq!(barline::stats::standard_deviation(&[1.0, 5.0], 0), Some(2.0));
/// ```
pub fn standard_deviation(x: &[f64], ddof: usize) -> Option<f64> {
    variance(x, ddof).map(f64::sqrt)
}

/// Whether a sum of squares over `count` rows is no larger than the rounding of numbers up to `level`
/// makes it: `count ((count / 8 + 16) u level)^2` with `u = 2^-53`, the bound of
/// [`moves`](super::moves) for every row.
///
/// For numbers that were made from others (residuals, excess returns), whose own size says nothing
/// about the rounding they carry.
pub(crate) fn is_rounding(squares: f64, count: f64, level: f64) -> bool {
    let noise = (count / 8.0 + 16.0) * (0.5 * f64::EPSILON) * level;
    squares <= count * noise * noise
}

/// The largest magnitude; 0 for an empty slice.
pub(crate) fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// Sum of what `of` makes of every pair of values, in lanes.
#[inline]
fn sum_of_pairs(a: &[f64], b: &[f64], of: impl Fn(f64, f64) -> f64) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    let (left, left_rest) = a.as_chunks::<LANES>();
    let (right, right_rest) = b.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (x, y) in left.iter().zip(right) {
        for k in 0..LANES {
            lanes[k] += of(x[k], y[k]);
        }
    }
    left_rest.iter().zip(right_rest).fold(fold(lanes), |total, (x, y)| total + of(*x, *y))
}

/// `sum((a_i - center_a) * (b_i - center_b))` in the order of [`dot`].
pub(crate) fn centered_dot(a: &[f64], center_a: f64, b: &[f64], center_b: f64) -> f64 {
    sum_of_pairs(a, b, |x, y| (x - center_a) * (y - center_b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_zeros_move_no_bit_of_a_dot_product(
            rows in prop::collection::vec((-1e3..1e3_f64, prop_oneof![Just(0.0), -1.0..1.0_f64]), 0..70),
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
            let places: Vec<usize> = (0..b.len()).filter(|at| b[*at].abs() > 0.0).collect();
            prop_assert_eq!(dot_at(&places, &a, &b).to_bits(), dot(&a, &b).to_bits());
            // Of a matrix whose rows are all alike but for a factor, which is symmetric.
            let rows: Vec<Vec<f64>> =
                a.iter().map(|x| a.iter().map(|y| x * y).collect()).collect();
            let found = dots_at(&places, |at| rows[at].as_slice(), &b);
            for (row, found) in rows.iter().zip(found) {
                prop_assert_eq!(found.to_bits(), dot(row, &b).to_bits());
            }
        }
    }

    #[test]
    fn undefined_moments_are_none() {
        assert_eq!(mean(&[]), None);
        assert_eq!(variance(&[], 0), None);
        assert_eq!(variance(&[3.0], 1), None);
        assert_eq!(variance(&[3.0], 0), Some(0.0));
        assert_eq!(standard_deviation(&[1.0, 2.0], 1), Some(0.5_f64.sqrt()));
    }

    #[test]
    fn nan_in_gives_nan_out() {
        assert!(mean(&[1.0, f64::NAN]).is_some_and(f64::is_nan));
        assert!(variance(&[1.0, f64::NAN, 2.0], 1).is_some_and(f64::is_nan));
    }

    #[test]
    fn the_order_of_a_sum_is_the_documented_one() {
        let x: Vec<f64> = (0..19).map(|i| 1.0 / f64::from(i + 3)).collect();
        let lane = |k: usize| x[k] + x[k + 8];
        let half = |k: usize| lane(k) + lane(k + 4);
        let prefix = (half(0) + half(2)) + (half(1) + half(3));
        let expected = ((prefix + x[16]) + x[17]) + x[18];
        assert_eq!(sum(&x).to_bits(), expected.to_bits());
    }

    proptest! {
        #[test]
        fn law_variance_ignores_a_power_of_two_scale(
            x in prop::collection::vec(-1e3..1e3_f64, 2..70), exponent in -20..20_i32,
        ) {
            let scale = 2.0_f64.powi(exponent);
            let scaled: Vec<f64> = x.iter().map(|value| value * scale).collect();
            let expected = variance(&x, 1).map(|value| value * scale * scale);
            prop_assert_eq!(variance(&scaled, 1), expected);
        }

        #[test]
        fn law_dot_agrees_with_the_naive_order(
            x in prop::collection::vec((-1e3..1e3_f64, -1e3..1e3_f64), 0..70),
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = x.into_iter().unzip();
            let naive: f64 = a.iter().zip(&b).map(|(p, q)| p * q).sum();
            let size: f64 = a.iter().zip(&b).map(|(p, q)| (p * q).abs()).sum();
            prop_assert!((dot(&a, &b) - naive).abs() <= 1e-14 * size);
            let pair = dot_pair(&a, &b, &a).map(f64::to_bits);
            prop_assert_eq!(pair, [dot(&a, &b), dot(&a, &a)].map(f64::to_bits));
        }
    }
}

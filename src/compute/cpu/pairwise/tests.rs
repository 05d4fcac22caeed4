use super::*;
use crate::{
    compute::cpu::universe::{near_constant, noise, slices, walks},
    stats::{pairwise_correlation, pairwise_covariance},
};

fn one(
    workers: usize,
    columns: &[&[f64]],
    window: Range<usize>,
    (moment, least): (Moment, usize),
) -> Result<PairwiseTriangles> {
    let mut found = Vec::new();
    pairwise(workers, columns, &[window], (moment, least), &mut |answer| {
        found.push(answer);
        ControlFlow::Continue(())
    });
    found.remove(0)
}

/// Every cell against the plain path, to 1e-12 of what its common rows hold.
fn compare(values: &[Vec<f64>], window: &Range<usize>, least: usize) {
    let columns: Vec<&[f64]> = values.iter().map(|x| &x[window.clone()]).collect();
    let plain = pairwise_covariance(&columns, least).expect("equal");
    let ratio = pairwise_correlation(&columns, least).expect("equal");
    let whole = slices(values);
    let found = one(2, &whole, window.clone(), (Moment::Covariance, least)).expect("equal");
    let other = one(1, &whole, window.clone(), (Moment::Correlation, least)).expect("equal");
    for i in 0..columns.len() {
        for j in i..columns.len() {
            assert_eq!(found.counts.get(i, j).to_bits(), plain.counts.get(i, j).to_bits());
            let (cell, expected) = (found.matrix.get(i, j), plain.matrix.get(i, j));
            let rows: (Vec<f64>, Vec<f64>) = columns[i]
                .iter()
                .zip(columns[j])
                .filter(|(a, b)| !a.is_nan() && !b.is_nan())
                .unzip();
            let own = |x: &[f64]| crate::stats::variance(x, 1).unwrap_or(0.0);
            let scale = (own(&rows.0) * own(&rows.1)).sqrt();
            let same = cell.is_nan() && expected.is_nan();
            assert!(same || (cell - expected).abs() <= 1e-12 * scale, "{i} {j}: {cell} {expected}");
            let (cell, expected) = (other.matrix.get(i, j), ratio.matrix.get(i, j));
            let same = cell.is_nan() && expected.is_nan();
            assert!(same || (cell - expected).abs() <= 1e-12, "{i} {j}: {cell} {expected}");
        }
    }
}

fn with_gaps(assets: usize, rows: usize, share: f64) -> Vec<Vec<f64>> {
    let mut values = walks(assets, rows, 21);
    for (asset, column) in values.iter_mut().enumerate() {
        let gaps = noise(asset as u64 + 400, rows);
        for (value, gap) in column.iter_mut().zip(gaps) {
            *value = if gap + 0.5 < share { f64::NAN } else { *value };
        }
    }
    values
}

#[test]
fn it_is_the_pairwise_definition() {
    for (assets, rows, share) in [(1, 5, 0.3), (40, 200, 0.02), (70, 65, 0.5), (290, 40, 0.1)] {
        let values = with_gaps(assets, rows, share);
        compare(&values, &(0..rows), 1);
        compare(&values, &(rows / 3..rows), 4);
    }
}

#[test]
fn strange_columns_are_the_plain_paths() {
    let mut values = with_gaps(12, 150, 0.1);
    values[0].fill(0.1);
    values[1] = near_constant(150);
    values[2].fill(f64::NAN);
    values[3][..140].fill(f64::NAN);
    // All of its squares stand in a row that others miss.
    values[4] = near_constant(150);
    values[4][7] = 1e9;
    values[5][7] = f64::NAN;
    values[6].iter_mut().for_each(|x| *x *= 1e12);
    values[7].iter_mut().for_each(|x| *x *= 1e-12);
    values[8].fill(3.0);
    values[8][9] = 4.0;
    compare(&values, &(0..150), 1);
    compare(&values, &(2..4), 1);
}

#[test]
fn workers_and_strangers_change_no_bit() {
    let mut values = with_gaps(300, 90, 0.05);
    values[7] = values[6].iter().zip(noise(3, 90)).map(|(x, e)| 2.0 * x + 1e-3 * e).collect();
    compare(&values[..20], &(0..90), 2);
    let columns = slices(&values);
    for moment in [Moment::Covariance, Moment::Correlation] {
        let of = |workers, columns: &[&[f64]]| {
            one(workers, columns, 0..90, (moment, 2)).expect("equal").matrix
        };
        let (whole, two, few) = (of(1, &columns), of(2, &columns), of(1, &columns[100..180]));
        for i in 0..300 {
            let bits = |row: &[f64]| row.iter().map(|cell| cell.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(whole.upper(i)), bits(two.upper(i)));
            if (100..180).contains(&i) {
                assert_eq!(bits(&whole.upper(i)[..180 - i]), bits(few.upper(i - 100)));
            }
        }
    }
}

#[test]
fn what_the_plain_path_refuses_is_refused() {
    let gap = [1.0, f64::INFINITY];
    let ask = |columns: &[&[f64]], window| one(1, columns, window, (Moment::Covariance, 1)).err();
    assert_eq!(ask(&[], 0..0), Some(Refusal::Empty));
    assert_eq!(ask(&[&gap], 0..2), Some(Refusal::NonFinite { series: 0 }));
    let unequal = Refusal::UnequalLengths { first: 2, other: 1 };
    assert_eq!(ask(&[&gap, &[1.0]], 0..1), Some(unequal));
    assert_eq!(ask(&[&gap], 0..3), Some(Refusal::TooShort { needed: 3, given: 2 }));
}

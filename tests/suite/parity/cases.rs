//! Covariances of every kind.

use std::{
    ops::{ControlFlow, Range},
    slice,
};

use barline::{
    compute::{Backend, Cpu, Cuda, PairwiseTriangles, Steps, Take, Triangle},
    stats::{
        Decay, EwmaRules, OldestRow, Result, SymmetricMatrix, correlation, ewma_covariance,
        pairwise_correlation, pairwise_covariance, sample_covariance,
    },
};

const CPU: Cpu = Cpu { workers: 1 };
/// What no statistic may be further off than, in units of its scale.
const BOUND: f64 = 1e-10;

/// Numbers in `-0.5..0.5` from a counter.
pub(super) fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    (0..20).for_each(|_| {
        draw();
    });
    (0..count).map(|_| draw()).collect()
}

/// Random walks around 100 that share a factor.
pub(super) fn walks(assets: usize, rows: usize, seed: u64) -> Vec<Vec<f64>> {
    let walk = |seed: u64| {
        let steps = noise(seed, rows);
        steps
            .iter()
            .scan(0.0, |level, step| {
                *level += step;
                Some(*level)
            })
            .collect::<Vec<f64>>()
    };
    let factor = walk(seed);
    (0..assets as u64)
        .map(|asset| {
            let key = seed * 100_003 + asset + 1;
            let (own, jitter) = (walk(key), noise(key + 77, rows));
            let load = [1.0, -0.7, 0.4, 0.0, 1.3][(asset % 5) as usize];
            let idle = if asset % 3 == 0 { 0.0 } else { 0.3 };
            (0..rows).map(|t| 100.0 + load * factor[t] + idle * own[t] + 0.8 * jitter[t]).collect()
        })
        .collect()
}

pub(super) fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// Everything that a verb hands over.
fn taken<T: Send>(verb: impl FnOnce(Take<'_, T>)) -> Vec<T> {
    let mut found = Vec::new();
    verb(&mut |answer| {
        found.push(answer);
        ControlFlow::Continue(())
    });
    found
}

/// The same bits, but for the sign of a zero.
fn same(a: &Triangle, b: &Triangle) -> bool {
    (0..a.order()).all(|i| {
        let bits = |x: &Triangle| -> Vec<u64> {
            x.upper(i).iter().map(|cell| (cell + 0.0).to_bits()).collect()
        };
        bits(a) == bits(b)
    })
}

/// Answers of the device and of the processor that have the same bits, or refuse alike.
fn exact(name: &str, device: Vec<Result<Triangle>>, cpu: Vec<Result<Triangle>>) {
    assert_eq!(device.len(), cpu.len(), "{name}");
    for (at, pair) in device.into_iter().zip(cpu).enumerate() {
        match pair {
            (Ok(found), Ok(known)) => assert!(same(&found, &known), "{name}, window {at}"),
            (found, known) => assert_eq!(found.err(), known.err(), "{name}, window {at}"),
        }
    }
}

/// No cell further off the plain path than the bound, in units of `scale`.
fn close(
    name: &str,
    found: &Triangle,
    plain: &SymmetricMatrix,
    scale: impl Fn(usize, usize) -> f64,
) {
    for i in 0..plain.order() {
        for j in i..plain.order() {
            let (a, b) = (found.get(i, j), plain.get(i, j));
            let off = (a - b).abs();
            let alike = off <= BOUND * scale(i, j) || (a.is_nan() && b.is_nan());
            assert!(alike, "{name}: {i} {j}: {a} for {b}");
        }
    }
}

fn deviations(plain: &SymmetricMatrix) -> impl Fn(usize, usize) -> f64 {
    |i, j| (plain.get(i, i) * plain.get(j, j)).sqrt()
}

pub(super) fn all(device: &Cuda, few: bool) {
    let sizes = [(5, 300), (70, 257), (1, 9), (20, 250), (64, 140), (200, 90)];
    for (assets, rows) in sizes.into_iter().take(if few { 2 } else { 6 }) {
        complete(device, assets, rows);
    }
    fading(device);
    stepping(device);
    gaps(device);
    lagged(device);
    if device.used().blas {
        by_blas();
    }
}

/// A covariance that cuBLAS multiplies: one window, of many columns.
fn by_blas() {
    let values = walks(90, 200, 13);
    let columns = slices(&values);
    let fast = Cuda::open(None, 1).expect("a device").with_fast_products(true);
    let windows = slice::from_ref(&(5..200));
    let found = taken(|take| fast.covariances(&columns, windows, 1, take)).remove(0);
    let cut: Vec<&[f64]> = columns.iter().map(|x| &x[5..200]).collect();
    let plain = sample_covariance(&cut, 1).expect("complete");
    close("by cuBLAS", &found.expect("complete"), &plain, deviations(&plain));
}

fn complete(device: &Cuda, assets: usize, rows: usize) {
    let mut values = walks(assets, rows, 7);
    if assets > 4 {
        values[1].iter_mut().for_each(|x| *x = *x * 1e-9 + 5.0);
        values[2].iter_mut().for_each(|x| *x *= 1e12);
    }
    let columns = slices(&values);
    let mut windows: Vec<Range<usize>> = vec![0..rows, rows / 3..rows - 1, rows - 2..rows];
    windows.extend((0..rows / 4).step_by(3).map(|from| from..from + rows / 2));
    let name = format!("{assets} x {rows}");
    let of = |backend: &dyn Backend, ddof| {
        taken(|take| backend.covariances(&columns, &windows, ddof, take))
    };
    for (window, found) in windows.iter().zip(of(device, 1)) {
        let cut: Vec<&[f64]> = columns.iter().map(|x| &x[window.clone()]).collect();
        let plain = sample_covariance(&cut, 1).expect("complete");
        close(&name, &found.expect("complete"), &plain, deviations(&plain));
    }
    for ddof in [0, 1] {
        exact(&name, of(device, ddof), of(&CPU, ddof));
    }
    let of = |backend: &dyn Backend| taken(|take| backend.correlations(&columns, &windows, take));
    for (window, found) in windows.iter().zip(of(device)) {
        let cut: Vec<&[f64]> = columns.iter().map(|x| &x[window.clone()]).collect();
        let plain = correlation(&sample_covariance(&cut, 1).expect("complete")).expect("moving");
        close(&name, &found.expect("moving"), &plain, |_, _| 1.0);
    }
    exact(&name, of(device), of(&CPU));
    let of = |backend: &dyn Backend| {
        taken(|take| backend.correlation_distances(&columns, &windows, take))
    };
    exact(&name, of(device), of(&CPU));
    let of = |backend: &dyn Backend| {
        let found = taken(|take| backend.shrunk_covariances(&columns, &windows, take));
        found.into_iter().map(|found| found.map(|shrunk| shrunk.covariance)).collect::<Vec<_>>()
    };
    for (found, known) in of(device).into_iter().zip(of(&CPU)) {
        let known = known.expect("complete").symmetric();
        close(&name, &found.expect("complete"), &known, deviations(&known));
    }
    let of = |backend: &dyn Backend| taken(|take| backend.hrp(&columns, &windows, take));
    assert_eq!(of(device), of(&CPU), "{name}");
    if assets > 4 {
        odd_columns(device, &values);
    }
}

/// A column that stands still, one with a gap, windows that are none.
fn odd_columns(device: &Cuda, values: &[Vec<f64>]) {
    let mut values = values.to_vec();
    let rows = values[0].len();
    values[0].fill(0.1);
    values[3][5] = f64::NAN;
    let columns = slices(&values);
    for windows in [[0..rows, 6..rows], [0..rows + 1, 6..rows], [3..4, 7..8]] {
        let of =
            |backend: &dyn Backend| taken(|take| backend.covariances(&columns, &windows, 1, take));
        exact("odd columns", of(device), of(&CPU));
    }
}

fn fading(device: &Cuda) {
    let values = walks(9, 230, 21);
    let columns = slices(&values);
    let windows = [0..230, 10..140, 100..102, 7..8];
    for alpha in [0.01, 0.3, 1.0] {
        let decay = Decay::from_alpha(alpha).expect("in range");
        for oldest in [OldestRow::Geometric, OldestRow::Recursive] {
            for biased in [false, true] {
                let rules = EwmaRules { oldest, biased, ..EwmaRules::default() };
                let found = taken(|take| {
                    device.ewma_covariances(&columns, &windows, decay, rules, take);
                });
                for (window, found) in windows.iter().zip(found) {
                    let cut: Vec<&[f64]> = columns.iter().map(|x| &x[window.clone()]).collect();
                    match (ewma_covariance(&cut, decay, rules), found) {
                        (Ok(plain), Ok(found)) => {
                            close("fading", &found, &plain, deviations(&plain));
                        }
                        (plain, found) => assert_eq!(plain.err(), found.err()),
                    }
                }
            }
        }
    }
}

fn stepping(device: &Cuda) {
    let mut values = walks(9, 300, 61);
    // A storm that leaves the windows, a calm, a constant, a level that runs away.
    values[0].iter_mut().zip(noise(4, 300)).take(90).for_each(|(x, e)| *x = 1e9 * e);
    values[1].iter_mut().skip(200).for_each(|x| *x = 3.0 + 1e-7 * *x);
    values[2].iter_mut().skip(200).for_each(|x| *x = 0.1);
    values[3].iter_mut().enumerate().for_each(|(t, x)| *x += (t * t) as f64);
    let columns = slices(&values);
    for (length, step) in [(120, 1), (120, 7), (60, 20), (50, 80), (2, 1)] {
        let steps = Steps { length, step };
        let windows = 0..(300 - length) / step + 1;
        let all = |windows: Range<usize>| {
            taken(|take| device.stepped_covariances(&columns, steps, windows, 1, take))
        };
        let found = all(windows.clone());
        let later = windows.end / 3..windows.end;
        exact("windows asked for together", all(later.clone()), found[later].to_vec());
        for (window, found) in windows.zip(found) {
            let cut: Vec<&[f64]> = columns.iter().map(|x| &x[steps.rows(window)]).collect();
            let plain = sample_covariance(&cut, 1).expect("complete");
            close("stepping", &found.expect("complete"), &plain, deviations(&plain));
        }
    }
}

fn gaps(device: &Cuda) {
    let mut values = walks(40, 150, 31);
    for (at, column) in values.iter_mut().enumerate() {
        let gap = |row: usize| match at % 4 {
            0 => false,
            1 => row % 50 == at,
            2 => row.is_multiple_of(3),
            _ => row > 20,
        };
        column.iter_mut().enumerate().filter(|(row, _)| gap(*row)).for_each(|(_, x)| *x = f64::NAN);
    }
    values[4].fill(2.0);
    let columns = slices(&values);
    for window in [0..150, 20..149, 5..6] {
        let cut: Vec<&[f64]> = columns.iter().map(|x| &x[window.clone()]).collect();
        for least in [1, 30] {
            let windows = slice::from_ref(&window);
            let covariance = pairwise_covariance(&cut, least).expect("finite");
            let found = taken(|take| device.pairwise_covariances(&columns, windows, least, take));
            of_pairs(&found, &covariance.matrix, &covariance.counts, |i, j| {
                let own = |k| pairwise_covariance(&[cut[k]], 1).expect("finite").matrix.get(0, 0);
                1e3 * (own(i) * own(j)).sqrt()
            });
            let correlation = pairwise_correlation(&cut, least).expect("finite");
            let found = taken(|take| device.pairwise_correlations(&columns, windows, least, take));
            of_pairs(&found, &correlation.matrix, &correlation.counts, |_, _| 1.0);
        }
    }
}

fn of_pairs(
    found: &[Result<PairwiseTriangles>],
    matrix: &SymmetricMatrix,
    counts: &SymmetricMatrix,
    scale: impl Fn(usize, usize) -> f64,
) {
    let found = found[0].as_ref().expect("finite");
    close("gaps", &found.matrix, matrix, scale);
    close("common rows", &found.counts, counts, |_, _| 0.0);
}

fn lagged(device: &Cuda) {
    let values = walks(300, 140, 51);
    let columns = slices(&values);
    let of = |backend: &dyn Backend| {
        taken(|take| backend.cross_moments(&columns, 3..137, 2, take).expect("complete"))
    };
    assert_eq!(of(device), of(&CPU));
}

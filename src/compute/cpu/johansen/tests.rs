use std::ops::ControlFlow;

use super::*;
use crate::{
    compute::cpu::universe::{near_constant, noise, slices, walk, walks},
    stats::johansen,
};

const ALL: JohansenScreen = JohansenScreen {
    case: JohansenCase::Constant,
    lags: 1,
    min_rows: 0,
    keep_above: f64::NEG_INFINITY,
};

fn screen(workers: usize, columns: &[&[f64]], screen: &JohansenScreen) -> JohansenTests {
    screen_among(workers, columns, screen, None)
}

fn screen_among(
    workers: usize,
    columns: &[&[f64]],
    screen: &JohansenScreen,
    among: Option<&PairSet>,
) -> JohansenTests {
    let mut whole = JohansenTests::default();
    all_pairs(&OnCpu(workers), columns, screen, among, &mut |answer| {
        whole.tests += answer.tests;
        whole.refused += answer.refused;
        whole.kept.extend(answer.kept);
        ControlFlow::Continue(())
    })
    .expect("an unrestricted case");
    whole
}

/// Every pair against the plain path, each statistic within its error; no error above `bound`.
fn compare(values: &[Vec<f64>], asked: &JohansenScreen, bound: f64, undecided: usize) {
    let columns = slices(values);
    let found = screen(2, &columns, asked);
    assert_eq!(found.tests, found.kept.len());
    assert_eq!(found.tests + found.refused, columns.len() * (columns.len() - 1) / 2);
    let (mut left, mut closest, mut seen) = (0, 0.0_f64, std::collections::BTreeSet::new());
    for pair in &found.kept {
        assert!(seen.insert((pair.first, pair.second)), "{pair:?} twice");
        if !pair.error.is_finite() {
            left += 1;
            continue;
        }
        let both = columns[pair.first].iter().zip(columns[pair.second]);
        let (a, b): (Vec<f64>, Vec<f64>) = both.filter(|(a, b)| !a.is_nan() && !b.is_nan()).unzip();
        let plain = johansen(&[&a, &b], asked.case, asked.lags)
            .unwrap_or_else(|refusal| panic!("{pair:?}: {refusal}"));
        for (found, plain) in pair.trace.iter().zip(&plain.trace) {
            let off = (found - plain).abs();
            assert!(off <= pair.error && pair.error <= bound, "{pair:?} {plain} {off:e}");
            closest = closest.max(off / pair.error);
        }
    }
    assert!(left <= undecided, "{left} undecided");
    // The bound is not so wide that it holds for anything.
    assert!(closest > 1e-4, "{closest:e}");
}

#[test]
fn every_case_and_lag_is_the_plain_path() {
    let values = walks(30, 220, 31);
    for case in [JohansenCase::None, JohansenCase::Constant, JohansenCase::Linear] {
        for lags in [0, 1, 2, 4] {
            // Without a constant, levels of 100 are nearly collinear.
            let bound = if case == JohansenCase::None { 1e-3 } else { 1e-7 };
            compare(&values, &JohansenScreen { case, lags, ..ALL }, bound, 0);
        }
    }
}

#[test]
fn tiles_scales_gaps_and_still_columns() {
    for assets in [2, 65, 290] {
        compare(&walks(assets, 60, 32), &ALL, 1e-6, 0);
    }
    let mut values = walks(20, 130, 33);
    values[3].iter_mut().for_each(|x| *x *= 1e-90);
    values[4].iter_mut().for_each(|x| *x *= 1e90);
    values[5].fill(0.1);
    values[6][..30].fill(f64::NAN);
    values[7][..30].fill(f64::NAN);
    values[8][60] = f64::NAN;
    values[9][..126].fill(f64::NAN);
    compare(&values, &ALL, 1e-6, 0);
}

#[test]
fn near_collinear_pairs_are_told_or_left_to_the_plain_path() {
    let (rows, base) = (300, walk(3, 300));
    let mut values = vec![base.clone()];
    for (seed, share) in [(1, 1.0), (2, 1e-1), (33, 1e-2), (4, 1e-4), (5, 1e-7)] {
        let jitter = noise(seed, rows);
        values.push(base.iter().zip(&jitter).map(|(x, e)| 2.0 * x + share * e).collect());
    }
    values.push(base.iter().map(|x| 2.0 * x).collect());
    values.push(near_constant(rows));
    // Its level is the base's and its moves'.
    values.push(base.iter().zip(&noise(3, rows)).map(|(x, e)| 2.0 * x + 0.01 * e).collect());
    compare(&values, &ALL, 1e-3, 20);
    // The first three down to 1 - R^2 of about 1e-5.
    let found = screen(1, &slices(&values[..3]), &ALL);
    assert!(found.kept.iter().all(|pair| pair.error < 1e-4), "{found:?}");
}

#[test]
fn workers_and_strangers_change_no_bit() {
    let values = walks(270, 90, 34);
    let columns = slices(&values);
    let one = screen(1, &columns, &ALL);
    assert_eq!(format!("{one:?}"), format!("{:?}", screen(2, &columns, &ALL)));
    let all: std::collections::BTreeMap<_, _> =
        one.kept.iter().map(|pair| ((pair.first, pair.second), pair)).collect();
    for pair in &screen(1, &columns[90..170], &ALL).kept {
        let whole = all[&(pair.first + 90, pair.second + 90)];
        assert_eq!(whole.trace.map(f64::to_bits), pair.trace.map(f64::to_bits));
    }
}

#[test]
fn a_threshold_keeps_what_the_plain_path_keeps() {
    let values = walks(60, 200, 35);
    let columns = slices(&values);
    let every = screen(1, &columns, &ALL);
    let mut traces: Vec<f64> = every.kept.iter().map(|pair| pair.trace[0]).collect();
    traces.sort_by(f64::total_cmp);
    let keep_above = traces[traces.len() * 2 / 3] - 1e-6;
    let kept = screen(1, &columns, &JohansenScreen { keep_above, ..ALL });
    let above = |pair: &&JohansenPair| pair.trace[0] >= keep_above;
    assert!(every.kept.iter().filter(above).eq(&kept.kept));
    assert!(kept.kept.len() > 20 && kept.kept.len() < every.kept.len() / 2);
}

#[test]
fn short_samples_and_restricted_cases_are_refused() {
    let values = walks(9, 8, 36);
    let columns = slices(&values);
    let asked = JohansenScreen { lags: 1, ..ALL };
    assert!(johansen(&columns[..2], asked.case, 1).is_err());
    assert_eq!((screen(1, &columns, &asked).tests, screen(1, &columns, &asked).refused), (0, 36));
    let restricted = JohansenScreen { case: JohansenCase::RestrictedTrend, ..ALL };
    let refused =
        all_pairs(&OnCpu(1), &columns, &restricted, None, &mut |_| ControlFlow::Continue(()));
    assert!(refused.is_err());
}

#[test]
fn pairs_outside_of_a_set_are_neither_tested_nor_counted() {
    let mut values = walks(70, 90, 43);
    values[7].fill(2.0);
    values[9][4] = f64::NAN;
    let columns = slices(&values);
    let mut among = PairSet::none(70);
    for (i, j) in (0..70).flat_map(|i| (i + 1..70).map(move |j| (i, j))) {
        if (i * 7 + j * 3) % 11 < 3 {
            among.insert(i, j);
        }
    }
    let whole = screen(2, &columns, &ALL);
    let part = screen_among(2, &columns, &ALL, Some(&among));
    let held = |pair: &&JohansenPair| among.holds(pair.first, pair.second);
    let bits = |pair: &JohansenPair| {
        let [first, second] = pair.trace.map(f64::to_bits);
        (pair.first, pair.second, first, second, pair.error.to_bits())
    };
    let expected: Vec<_> = whole.kept.iter().filter(held).map(bits).collect();
    let found: Vec<_> = part.kept.iter().map(bits).collect();
    assert!(found == expected && part.tests == part.kept.len());
    assert_eq!((part.tests + part.refused) as u64, among.len());
}

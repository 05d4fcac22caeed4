use super::*;
use crate::{
    compute::cpu::universe::{noise, slices, walk, walks},
    stats::{JohansenCase, johansen},
};

const ALL: JohansenScreen = JohansenScreen {
    case: JohansenCase::Constant,
    lags: 1,
    min_rows: 0,
    keep_above: f64::NEG_INFINITY,
};

fn screen(
    workers: usize,
    columns: &[&[f64]],
    asked: Baskets<'_>,
    screen: &JohansenScreen,
) -> BasketTests {
    let mut whole = BasketTests::default();
    baskets(workers, columns, asked, screen, &mut |answer| {
        whole.tests += answer.tests;
        whole.refused += answer.refused;
        whole.kept.extend(answer.kept);
        ControlFlow::Continue(())
    })
    .expect("an unrestricted case");
    whole.kept.sort_by_key(|kept| kept.basket);
    whole
}

/// Baskets of `size` among `assets` columns, `count` of them, in no order.
fn drawn(assets: usize, size: usize, count: usize) -> Vec<usize> {
    let basket = |draw: usize| {
        let keys = noise(draw as u64 + 900, assets);
        let mut order: Vec<usize> = (0..assets).collect();
        order.sort_by(|a, b| keys[*a].total_cmp(&keys[*b]));
        order.into_iter().take(size)
    };
    (0..count).flat_map(basket).collect()
}

/// Every basket against the plain path, each statistic within its error; no error above `bound`.
fn compare(
    values: &[Vec<f64>],
    asked: Baskets<'_>,
    terms: &JohansenScreen,
    (bound, undecided): (f64, usize),
) {
    let columns = slices(values);
    let found = screen(2, &columns, asked, terms);
    assert_eq!(found.tests, found.kept.len());
    assert_eq!(found.tests + found.refused, asked.members.len() / asked.size);
    let (mut left, mut closest) = (0, 0.0_f64);
    for kept in &found.kept {
        if !kept.error.is_finite() {
            left += 1;
            continue;
        }
        let own: Vec<&[f64]> = asked.members[kept.basket * asked.size..][..asked.size]
            .iter()
            .map(|member| columns[*member])
            .collect();
        let rows: Vec<usize> =
            (0..own[0].len()).filter(|t| own.iter().all(|x| !x[*t].is_nan())).collect();
        let own: Vec<Vec<f64>> = own.iter().map(|x| rows.iter().map(|t| x[*t]).collect()).collect();
        let plain = johansen(&slices(&own), terms.case, terms.lags)
            .unwrap_or_else(|refusal| panic!("{kept:?}: {refusal}"));
        let off = (kept.trace - plain.trace[0]).abs();
        assert!(off <= kept.error && kept.error <= bound, "{kept:?} {} {off:e}", plain.trace[0]);
        closest = closest.max(off / kept.error);
    }
    assert!(left <= undecided, "{left} undecided");
    // The bound is not so wide that it holds for anything.
    assert!(closest > 1e-7 || left == found.kept.len(), "{closest:e}");
}

#[test]
fn every_size_case_and_lag_is_the_plain_path() {
    let values = walks(14, 260, 51);
    for size in 2..=10 {
        let members = drawn(14, size, 11);
        let asked = Baskets { size, members: &members };
        for case in [JohansenCase::None, JohansenCase::Constant, JohansenCase::Linear] {
            for lags in [0, 1, 3] {
                // Without a constant, levels of 100 are nearly collinear.
                let bound = if case == JohansenCase::None { 1e-1 } else { 1e-4 };
                compare(&values, asked, &JohansenScreen { case, lags, ..ALL }, (bound, 0));
            }
        }
    }
}

#[test]
fn gaps_scales_and_still_columns() {
    let mut values = walks(20, 150, 52);
    values[3].iter_mut().for_each(|x| *x *= 1e-90);
    values[4].iter_mut().for_each(|x| *x *= 1e90);
    values[5].fill(0.1);
    values[6][..30].fill(f64::NAN);
    values[7][..30].fill(f64::NAN);
    values[8][60] = f64::NAN;
    values[9][..146].fill(f64::NAN);
    let members = drawn(20, 3, 160);
    let asked = Baskets { size: 3, members: &members };
    compare(&values, asked, &ALL, (1e-4, 0));
    let columns = slices(&values);
    let refused = screen(1, &columns, asked, &ALL).refused;
    let without = |member: &usize| [5, 9].contains(member);
    assert_eq!(refused, members.chunks(3).filter(|own| own.iter().any(without)).count());
}

#[test]
fn near_collinear_baskets_are_told_or_left_to_the_plain_path() {
    let (rows, base) = (300, walk(3, 300));
    let mut values = vec![base.clone(), walk(9, rows)];
    for (seed, share) in [(1, 1.0), (2, 1e-1), (33, 1e-2), (4, 1e-4), (5, 1e-7)] {
        let jitter = noise(seed, rows);
        values.push(base.iter().zip(&jitter).map(|(x, e)| 2.0 * x + share * e).collect());
    }
    values.push(base.iter().zip(&values[1]).map(|(a, b)| a - 3.0 * b).collect());
    let members: Vec<usize> = (2..8).flat_map(|other| [0, 1, other]).collect();
    let asked = Baskets { size: 3, members: &members };
    compare(&values, asked, &ALL, (1.0, 3));
    let found = screen(1, &slices(&values), asked, &ALL);
    // Jitters of a tenth are told (1 - R^2 of about 1e-5), an exact relation is not.
    assert!(found.kept[0].error < 1e-5 && found.kept[1].error < 1e-3, "{found:?}");
    assert!(found.kept[5].error.is_infinite());
}

#[test]
fn workers_strangers_and_order_change_no_bit() {
    let values = walks(300, 90, 53);
    let columns = slices(&values);
    let members = drawn(300, 4, 3_000);
    let asked = Baskets { size: 4, members: &members };
    let one = screen(1, &columns, asked, &ALL);
    assert_eq!(format!("{one:?}"), format!("{:?}", screen(2, &columns, asked, &ALL)));
    for basket in [0, 7, 901, 2_999] {
        let own = &members[basket * 4..][..4];
        let alone: Vec<&[f64]> = own.iter().map(|member| columns[*member]).collect();
        let places = [3, 1, 0, 2];
        let turned: Vec<&[f64]> = places.iter().map(|at| alone[*at]).collect();
        // Series stand in the order of the universe, so that the order of a basket does not matter.
        let mut order: Vec<usize> = (0..4).collect();
        order.sort_by_key(|at| own[*at]);
        let found = screen(1, &alone, Baskets { size: 4, members: &order }, &ALL).kept[0];
        let other = screen(1, &turned, Baskets { size: 4, members: &[0, 1, 2, 3] }, &ALL).kept[0];
        assert!((found.trace - other.trace).abs() <= found.error + other.error);
        let sorted: Vec<&[f64]> = order.iter().map(|at| alone[*at]).collect();
        let same = screen(1, &sorted, Baskets { size: 4, members: &[2, 0, 3, 1] }, &ALL).kept[0];
        assert_eq!(same.trace.to_bits(), one.kept[basket].trace.to_bits());
    }
}

#[test]
fn a_threshold_keeps_what_the_plain_path_keeps() {
    let values = walks(40, 200, 54);
    let columns = slices(&values);
    let members = drawn(40, 3, 500);
    let asked = Baskets { size: 3, members: &members };
    let every = screen(1, &columns, asked, &ALL);
    let mut traces: Vec<f64> = every.kept.iter().map(|kept| kept.trace).collect();
    traces.sort_by(f64::total_cmp);
    let keep_above = traces[traces.len() * 2 / 3] - 1e-6;
    let kept = screen(1, &columns, asked, &JohansenScreen { keep_above, ..ALL });
    let above = |kept: &&JohansenBasket| kept.trace >= keep_above;
    assert!(every.kept.iter().filter(above).eq(&kept.kept) && kept.kept.len() > 20);
}

#[test]
fn many_series_are_taken_in_parts() {
    let members: Vec<usize> = (0..3_000).collect();
    let asked = Baskets { size: 3, members: &members };
    let all: Vec<usize> = (0..1_000).collect();
    let (first, own) = part(&all, asked, 3_000);
    assert_eq!((first, own.len()), (MOST_SERIES / 3, MOST_SERIES / 3 * 3));
    assert_eq!(part(&all[first..], asked, 3_000).0, first);
}

#[test]
fn short_samples_and_restricted_cases_are_refused() {
    let values = walks(5, 11, 55);
    let columns = slices(&values);
    let asked = Baskets { size: 3, members: &[0, 1, 2, 1, 3, 4] };
    assert!(johansen(&columns[..3], ALL.case, 1).is_err());
    let found = screen(1, &columns, asked, &ALL);
    assert_eq!((found.tests, found.refused), (0, 2));
    let restricted = JohansenScreen { case: JohansenCase::RestrictedTrend, ..ALL };
    assert!(baskets(1, &columns, asked, &restricted, &mut |_| ControlFlow::Continue(())).is_err());
}

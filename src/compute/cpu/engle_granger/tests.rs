use std::ops::ControlFlow;

use super::*;
use crate::{
    compute::cpu::universe::{near_constant, noise, slices, walk, walks},
    stats::{Center, Trend, ols, variance},
};

const ALL: EngleGrangerScreen = EngleGrangerScreen {
    trend: Trend::Constant,
    rule: LagRule::Fixed(1),
    min_rows: 0,
    keep_below: f64::INFINITY,
    only_kernel: false,
};

fn screen(workers: usize, columns: &[&[f64]], screen: &EngleGrangerScreen) -> PairTests {
    screen_among(workers, columns, screen, None)
}

fn screen_among(
    workers: usize,
    columns: &[&[f64]],
    screen: &EngleGrangerScreen,
    among: Option<&PairSet>,
) -> PairTests {
    let mut whole = PairTests::default();
    all_pairs(&OnCpu(workers), columns, screen, among, &mut |answer| {
        whole.tests += answer.tests;
        whole.pairs += answer.pairs;
        whole.refused += answer.refused;
        whole.kept.extend(answer.kept);
        ControlFlow::Continue(())
    })
    .expect("equal lengths");
    whole
}

fn common(y: &[f64], x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    y.iter().zip(x).filter(|(y, x)| !y.is_nan() && !x.is_nan()).unzip()
}

/// Every pair against the plain path: no statistic is further from it than its error, no error is
/// larger than `bound`, all lags agree, at most `undecided` pairs are left to the plain path.
fn compare(values: &[Vec<f64>], asked: &EngleGrangerScreen, bound: f64, undecided: usize) {
    let columns = slices(values);
    let found = screen(2, &columns, asked);
    assert_eq!(found.tests, found.kept.len());
    assert_eq!(found.tests + found.refused, columns.len() * (columns.len() - 1));
    let (mut left, mut closest, mut seen) = (0, 0.0_f64, std::collections::BTreeSet::new());
    for pair in &found.kept {
        assert!(seen.insert((pair.dependent, pair.regressor)), "{pair:?} twice");
        if !pair.error.is_finite() {
            left += 1;
            continue;
        }
        let (y, x) = common(columns[pair.dependent], columns[pair.regressor]);
        let plain = engle_granger(&y, &[&x], asked.trend, asked.rule).expect("decided");
        let off = (plain.statistic - pair.statistic).abs();
        assert_eq!(plain.lag, pair.lag, "{pair:?} {}", plain.statistic);
        assert!(off <= pair.error, "{pair:?} {off:e}");
        assert!(pair.error <= bound, "{pair:?} {off:e}");
        if pair.error > 0.0 {
            closest = closest.max(off / pair.error);
        }
    }
    assert!(left <= undecided, "{left} undecided");
    // The bound is not so wide that it holds for anything.
    let by_kernel = found.kept.iter().any(|pair| pair.error > 0.0);
    assert!(closest > 1e-4 || !by_kernel, "{closest:e}");
}

fn with_rule(rule: LagRule) -> EngleGrangerScreen {
    EngleGrangerScreen { rule, ..ALL }
}

#[test]
fn fixed_lags_are_the_plain_path() {
    let values = walks(41, 250, 11);
    for lag in [0, 1, 2, 3, 7] {
        compare(&values, &with_rule(LagRule::Fixed(lag)), 1e-8, 0);
    }
}

#[test]
fn searches_choose_the_same_lag() {
    let values = walks(33, 300, 12);
    for rule in [
        LagRule::Aic { max: None },
        LagRule::Bic { max: None },
        LagRule::TStat { max: None },
        LagRule::Aic { max: Some(5) },
        LagRule::TStat { max: Some(4) },
        LagRule::Bic { max: Some(0) },
    ] {
        compare(&values, &with_rule(rule), 1e-8, 0);
    }
}

#[test]
fn every_trend_is_the_plain_path() {
    let values = walks(24, 200, 13);
    for trend in Trend::ALL {
        for rule in [LagRule::Fixed(1), LagRule::Aic { max: Some(6) }] {
            // Without a constant, levels of 100 that share nothing are nearly collinear.
            let bound = if trend == Trend::None { 1e-5 } else { 1e-8 };
            compare(&values, &EngleGrangerScreen { trend, rule, ..ALL }, bound, 0);
        }
    }
}

#[test]
fn tiles_have_edges() {
    for assets in [2, 9, 64, 65, 300] {
        let values = walks(assets, 40, 14);
        compare(&values, &with_rule(LagRule::Fixed(1)), 1e-7, 0);
    }
}

#[test]
fn scales_do_not_matter() {
    let mut values = walks(20, 220, 15);
    for (column, scale) in values.iter_mut().zip([1e-300, 1e300, 1e-9, 1e12, 1e-160, 1e150]) {
        for value in column.iter_mut() {
            *value *= scale;
        }
    }
    // The plain path squares the numbers themselves: it is asked for what it can hold.
    let columns = slices(&values);
    let plain = walks(20, 220, 15);
    let unscaled = screen(1, &slices(&plain), &ALL).kept;
    for (found, other) in screen(1, &columns, &ALL).kept.iter().zip(&unscaled) {
        assert!((found.statistic - other.statistic).abs() <= found.error + other.error);
    }
    compare(&values[2..4].iter().chain(&values[6..]).cloned().collect::<Vec<_>>(), &ALL, 1e-8, 0);
}

/// `2 x` and so much of what `x` does not explain of `e` that its squares are a `share` of all.
fn near(x: &[f64], e: &[f64], share: f64) -> Vec<f64> {
    let rest = ols(&[x], e, Center::Mean).expect("regular").residuals;
    let spread = |values: &[f64]| variance(values, 1).expect("moves").sqrt();
    let scale = 2.0 * spread(x) / spread(&rest) * (share / (1.0 - share)).sqrt();
    x.iter().zip(&rest).map(|(x, e)| 2.0 * x + scale * e).collect()
}

#[test]
fn near_collinear_pairs_are_told_down_to_a_share_of_a_hundred_thousandth() {
    let (rows, base) = (400, walk(3, 400));
    let shares = [1e-2, 1e-3, 1e-4, 1.1e-5, 2e-6, 1e-8, 1e-12, 0.0];
    for slow in [false, true] {
        let mut values = vec![base.clone()];
        for (seed, share) in (60..).zip(shares) {
            let rest = if slow { walk(seed, rows) } else { noise(seed, rows) };
            values.push(near(&base, &rest, share));
        }
        let kernel = EngleGrangerScreen { only_kernel: true, ..ALL };
        for rule in [LagRule::Fixed(1), LagRule::Fixed(2), LagRule::Aic { max: Some(8) }] {
            let asked = EngleGrangerScreen { rule, ..kernel };
            compare(&values, &asked, 1e-3, 60);
            // What the pairs with the base leave is told to 1e-6 where it is more than a hundred
            // thousandth, and left to the plain path from a millionth on.
            for pair in &screen(1, &slices(&values), &asked).kept {
                if pair.dependent.min(pair.regressor) == 0 {
                    let share = shares[pair.dependent.max(pair.regressor) - 1];
                    let searched = !matches!(rule, LagRule::Fixed(_));
                    let told = pair.error < 1e-6;
                    assert!(
                        told || share < 1e-5 || searched && pair.error.is_infinite(),
                        "{pair:?}"
                    );
                    assert!(pair.error.is_infinite() || share > 1e-6, "{pair:?}");
                }
            }
        }
    }
    // A column that moves by a trillionth holds five digits, for the plain path too.
    let still = [near_constant(rows), near_constant(rows).into_iter().rev().collect()];
    let all: Vec<Vec<f64>> = walks(8, rows, 30).into_iter().chain(still).collect();
    compare(&all, &EngleGrangerScreen { only_kernel: true, ..ALL }, 1.0, 18);
}

#[test]
fn columns_that_do_not_move_are_no_tests() {
    let mut values = walks(12, 90, 16);
    values[4].fill(7.0);
    values[9].fill(0.1);
    let found = screen(1, &slices(&values), &ALL);
    assert_eq!((found.tests, found.refused), (90, 42));
    compare(&values, &ALL, 1e-8, 0);
}

#[test]
fn gaps_are_tested_on_common_rows() {
    let mut values = walks(30, 160, 17);
    for (asset, column) in values.iter_mut().enumerate() {
        match asset % 3 {
            1 => column[..20].fill(f64::NAN),
            2 => column.iter_mut().step_by(9).for_each(|value| *value = f64::NAN),
            _ => {}
        }
    }
    values[5][77] = f64::NAN;
    values[6][..155].fill(f64::NAN);
    values[7].fill(f64::NAN);
    for rule in [LagRule::Fixed(1), LagRule::Aic { max: None }] {
        compare(&values, &with_rule(rule), 1e-7, 0);
    }
}

#[test]
fn without_the_plain_path_few_pairs_are_those_of_many() {
    let values = walks(70, 160, 21);
    let columns = slices(&values);
    let asked = EngleGrangerScreen { only_kernel: true, ..ALL };
    let (few, many) = (screen(1, &columns[..3], &asked), screen(1, &columns, &asked));
    assert_eq!(few.kept.len(), 6);
    for pair in &few.kept {
        assert!(pair.error > 0.0 && many.kept.contains(pair), "{pair:?}");
    }
    assert!(screen(1, &columns[..3], &ALL).kept.iter().all(|pair| pair.error <= 0.0));
}

#[test]
fn workers_and_strangers_change_no_bit() {
    let values = walks(290, 120, 18);
    let columns = slices(&values);
    for rule in [LagRule::Fixed(1), LagRule::Aic { max: Some(4) }] {
        let asked = with_rule(rule);
        let one = screen(1, &columns, &asked);
        assert_eq!(format!("{one:?}"), format!("{:?}", screen(2, &columns, &asked)));
        let few = screen(1, &columns[100..180], &asked);
        let all: std::collections::BTreeMap<_, _> =
            one.kept.iter().map(|pair| ((pair.dependent, pair.regressor), pair)).collect();
        for pair in &few.kept {
            let whole = all[&(pair.dependent + 100, pair.regressor + 100)];
            assert_eq!(whole.statistic.to_bits(), pair.statistic.to_bits(), "{pair:?} {whole:?}");
            assert_eq!(whole.error.to_bits(), pair.error.to_bits());
        }
    }
}

#[test]
fn a_threshold_keeps_what_the_plain_path_keeps() {
    let values = walks(60, 200, 19);
    let columns = slices(&values);
    let every = screen(1, &columns, &ALL);
    let asked = EngleGrangerScreen { keep_below: -6.0, ..ALL };
    let kept = screen(1, &columns, &asked);
    assert_eq!((kept.tests, kept.refused), (every.tests, every.refused));
    let below = |pair: &&PairStatistic| pair.statistic - pair.error <= -6.0;
    assert!(every.kept.iter().filter(below).eq(&kept.kept) && kept.kept.len() > 20);
    assert!(kept.kept.len() < every.kept.len() / 2);
}

#[test]
fn what_the_plain_path_refuses_is_no_test() {
    let values = walks(20, 12, 20);
    let columns = slices(&values);
    for (rule, refused) in [
        (LagRule::Fixed(6), true),
        (LagRule::Fixed(5), true),
        (LagRule::Fixed(4), false),
        (LagRule::Aic { max: None }, true),
    ] {
        let plain = engle_granger(columns[0], &[columns[1]], Trend::Constant, rule);
        assert_eq!(plain.is_err(), refused, "{rule:?}");
        let found = screen(1, &columns, &with_rule(rule));
        assert_eq!(found.tests == 0, refused, "{rule:?}");
        assert_eq!(found.tests + found.refused, 380);
    }
    let endless = [1.0, f64::INFINITY];
    let mut take = |_| ControlFlow::Continue(());
    assert!(all_pairs(&OnCpu(1), &[&endless, &endless], &ALL, None, &mut take).is_err());
    assert!(screen(1, &[&[1.0, 2.0]], &ALL).kept.is_empty());
}

#[test]
fn pairs_outside_of_a_set_are_neither_tested_nor_counted() {
    let mut values = walks(300, 90, 41);
    values[7].fill(2.0);
    for (at, column) in values.iter_mut().enumerate().skip(280) {
        column[at % 6] = f64::NAN;
    }
    let columns = slices(&values);
    let mut among = PairSet::none(300);
    for (i, j) in (0..300).flat_map(|i| (i + 1..300).map(move |j| (i, j))) {
        if (i * 7 + j * 3) % 11 < 3 {
            among.insert(i, j);
        }
    }
    for rule in [LagRule::Fixed(1), LagRule::Aic { max: Some(4) }] {
        let whole = screen(2, &columns, &with_rule(rule));
        let part = screen_among(2, &columns, &with_rule(rule), Some(&among));
        let held = |pair: &&PairStatistic| among.holds(pair.dependent, pair.regressor);
        let bits = |pair: &PairStatistic| {
            let numbers = [pair.statistic.to_bits(), pair.error.to_bits()];
            (pair.dependent, pair.regressor, numbers, pair.lag)
        };
        let mut expected: Vec<_> = whole.kept.iter().filter(held).map(bits).collect();
        let mut found: Vec<_> = part.kept.iter().map(bits).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert!(found == expected, "{rule:?}");
        assert_eq!((part.tests, 2 * part.pairs), (part.kept.len(), part.kept.len()));
        let seventh = (0..300).filter(|other| among.holds(7, *other)).count();
        assert_eq!(part.refused, 2 * seventh);
        assert_eq!((part.tests + part.refused) as u64, 2 * among.len());
    }
    let nothing = screen_among(1, &columns, &ALL, Some(&PairSet::none(300)));
    assert_eq!((nothing.tests, nothing.refused), (0, 0));
}

//! `barline screen`: every number it stores is one of the plain path, the tests are counted, and
//! nothing that may not matter does.

use std::path::Path;

use barline::{
    domain::{CalendarClass, Horizon, Interval},
    run::{
        Adjustment, DeviceRequest, Direction, Listing, Request, ScreenRequest, ScreenSummary,
        ScreenTest, Span, Stop, WorkerRequest, progress::Silent, screen,
    },
    stats::{
        JohansenCase, LagRule, Trend, benjamini_hochberg, benjamini_yekutieli, exact_half_life,
        holm, johansen, test_pair,
    },
    store::{Cell, Store},
};

use crate::{
    demo_store,
    scripted::Dice,
    small_store::{DAY, HOUR, Series, lines, number, request, series, sql, store, walk},
};

const HOURS: usize = 24 * 30;
pub(crate) const NAMES: [&str; 14] =
    ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N"];

/// A spread that comes back.
pub(crate) fn spread(seed: u64, rows: usize, keeps: f64) -> Vec<f64> {
    let mut dice = Dice(seed);
    let mut level = 0.0;
    let step = |_| {
        level = keeps * level + 0.01 * dice.signed();
        level
    };
    (0..rows).map(step).collect()
}

/// Walks, of which `B` follows `A` closely and `D` follows `C` slowly; `E` trades on other hours, and
/// `F` lists late.
pub(crate) fn market(count: usize) -> Vec<Series> {
    let mut logs: Vec<Vec<f64>> = (0..count).map(|at| walk(31 + at as u64, HOURS)).collect();
    for (follower, leader, keeps) in [(1, 0, 0.5), (3, 2, 0.93)] {
        let own = spread(7 + follower as u64, HOURS, keeps);
        logs[follower] = logs[leader].iter().zip(own).map(|(x, e)| 1.0 + 0.8 * x + e).collect();
    }
    let named = NAMES.iter().zip(&logs).enumerate();
    named
        .map(|(at, (symbol, logs))| {
            series(symbol, CalendarClass::Continuous, HOUR, logs, |row, _| match at {
                4 => row % 17 != 3,
                5 => row > 40,
                _ => true,
            })
        })
        .collect()
}

pub(crate) fn asked() -> ScreenRequest {
    ScreenRequest {
        symbols: None,
        interval: None,
        as_of: None,
        horizon: None,
        formation_micros: 30 * DAY,
        test: ScreenTest::EngleGranger,
        trend: Trend::Constant,
        lag: Some(LagRule::Aic { max: None }),
        direction: Direction::Both,
        sizes: "2".parse().expect("sizes"),
        logs: true,
        min_observations: Some(600),
        min_correlation: None,
        min_half_life: None,
        max_half_life: None,
        listing: Listing::MaxP(1.0),
        adjustment: Adjustment::None,
        workers: WorkerRequest::default(),
        budget_bytes: 1 << 30,
        device: DeviceRequest::default(),
    }
}

pub(crate) fn run(path: &Path, request: &ScreenRequest) -> ScreenSummary {
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let summary = screen(&store, request, &Silent, &Stop::new()).expect("a screen");
    store.close().expect("closed");
    summary
}

/// Logarithms of the common bars of two symbols.
fn common(series: &[Series], [first, second]: [usize; 2]) -> [Vec<f64>; 2] {
    let of = |own: &Series, other: &Series| {
        let both = own.closes.iter().filter(|(ts, _)| other.closes.iter().any(|o| o.0 == *ts));
        both.map(|(_, close)| libm::log(*close)).collect::<Vec<_>>()
    };
    [of(&series[first], &series[second]), of(&series[second], &series[first])]
}

fn bits(cell: &Cell) -> Option<u64> {
    match cell {
        Cell::Float(number) => Some(number.to_bits()),
        Cell::Null => None,
        other => panic!("{other:?}"),
    }
}

fn pairs(count: usize) -> impl Iterator<Item = [usize; 2]> {
    (0..count).flat_map(move |i| (i + 1..count).map(move |j| [i, j]))
}

#[test]
fn every_row_is_the_plain_path() {
    let series = market(12);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    for rule in [LagRule::Aic { max: None }, LagRule::Fixed(1)] {
        let summary = run(&path, &ScreenRequest { lag: Some(rule), ..asked() });
        assert_eq!((summary.tests, summary.refused, summary.listed), (66, 0, 66));
        let mut found = sql(
            &path,
            &format!(
                "SELECT symbols, statistic, p_value, hedge_ratio, intercept, half_life_bars,
                   lag_bars, observations, symbol_y, critical_5
                 FROM screen WHERE run_id = {} ORDER BY symbols",
                summary.run_id
            ),
        )
        .rows
        .into_iter();
        for pair in pairs(12) {
            let row = found.next().expect("a row");
            let [first, second] = common(&series, pair);
            let test = test_pair(&first, &second, Trend::Constant, rule).expect("regular");
            let names = pair.map(|at| NAMES[at]).join(",");
            assert_eq!(row[0], Cell::Text(names.clone()));
            let chosen = &test.chosen;
            let critical = chosen.critical_values.expect("tabulated")[1];
            for (cell, expected) in [
                (1, Some(chosen.statistic)),
                (2, Some(test.p_value)),
                (3, Some(chosen.params[0])),
                (4, Some(chosen.params[1])),
                (5, exact_half_life(&chosen.residuals).filter(|bars| bars.is_finite())),
                (9, Some(critical)),
            ] {
                assert_eq!(bits(&row[cell]), expected.map(f64::to_bits), "{names} {cell}");
            }
            assert_eq!(row[6], Cell::Int(i64::try_from(chosen.lag).expect("few")));
            assert_eq!(row[7], Cell::Int(i64::try_from(first.len()).expect("few")));
            let flipped = test.dependent == barline::stats::Dependent::Second;
            assert_eq!(row[8], Cell::Text(NAMES[pair[usize::from(flipped)]].to_owned()));
        }
        assert!(found.next().is_none());
    }
}

#[test]
fn q_values_are_those_of_all_tests_whatever_is_listed() {
    let series = market(12);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let rule = LagRule::Fixed(1);
    let p_values: Vec<f64> = pairs(12)
        .map(|pair| {
            let [first, second] = common(&series, pair);
            test_pair(&first, &second, Trend::Constant, rule).expect("regular").p_value
        })
        .collect();
    for (adjustment, adjusted) in [
        (Adjustment::BenjaminiHochberg, benjamini_hochberg(&p_values)),
        (Adjustment::BenjaminiYekutieli, benjamini_yekutieli(&p_values)),
        (Adjustment::Holm, holm(&p_values)),
    ] {
        let adjusted = adjusted.expect("p-values");
        for level in [0.05, 0.5] {
            let listing = Listing::MaxP(level);
            let summary =
                run(&path, &ScreenRequest { lag: Some(rule), listing, adjustment, ..asked() });
            assert_eq!(summary.tests, 66);
            let found = sql(
                &path,
                &format!(
                    "SELECT symbols, q_value FROM screen WHERE run_id = {} ORDER BY symbols",
                    summary.run_id
                ),
            );
            let expected: Vec<(String, Option<u64>)> = pairs(12)
                .zip(&adjusted)
                .filter(|(_, q)| **q <= level)
                .map(|(pair, q)| (pair.map(|at| NAMES[at]).join(","), Some(q.to_bits())))
                .collect();
            let listed: Vec<(String, Option<u64>)> = (found.rows.iter())
                .map(|row| match &row[0] {
                    Cell::Text(symbols) => (symbols.clone(), bits(&row[1])),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(listed, expected, "{adjustment} {level}");
            assert!(listed.iter().any(|row| row.0 == "A,B"));
            assert!(listed.len() < 40);
        }
    }
}

#[test]
fn a_screen_of_a_horizon_sees_what_its_fits_see() {
    let series = market(8);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let backtest = Request { symbols: None, ..request(10, &["cointegration"], "2") };
    demo_store::execute(&path, &backtest);
    let horizon = Horizon::from_days(10);
    let screened = ScreenRequest {
        horizon,
        formation_micros: 5 * DAY,
        lag: None,
        min_observations: None,
        ..asked()
    };
    let summary = run(&path, &screened);
    assert_eq!(summary.listed, 28);
    let numbers = "statistic, p_value, lag_bars, half_life_bars";
    let fits = lines(
        &path,
        &format!(
            "SELECT symbol_y, symbol_x, {numbers}, beta, alpha, bars FROM fit
             WHERE refit = 0 AND statistic IS NOT NULL ORDER BY symbol_y, symbol_x"
        ),
    );
    let rows = lines(
        &path,
        &format!(
            "SELECT symbol_y, symbol_x, {numbers}, hedge_ratio, intercept, observations
             FROM screen WHERE p_value <= 0.1 ORDER BY symbol_y, symbol_x"
        ),
    );
    assert_eq!(rows, fits);
    // Fits far from being accepted are kept without figures, and no others.
    let far =
        "SELECT count(*) FROM fit WHERE refit = 0 AND statistic IS NULL AND reason = 'p above 0.1'";
    assert!(fits.len() >= 2, "{fits:?}");
    assert_eq!(number(&path, far), 28 - i64::try_from(fits.len()).expect("a count"));
    let last = number(&path, "SELECT count(*) FROM screen_run WHERE horizon_days = 10");
    assert_eq!(last, 1);
}

#[test]
fn neither_workers_nor_strangers_reach_a_number() {
    let small = market(9);
    let large = market(14);
    let listed = |series: &[Series], listing: Listing, workers: usize| {
        let (_folder, path) = store(Interval::HOUR, series, true);
        let workers = WorkerRequest { asked: Some(workers), cap: Some(workers), sequential: false };
        run(&path, &ScreenRequest { listing, workers, ..asked() });
        lines(
            &path,
            "SELECT * EXCLUDE (run_id) FROM screen
             WHERE symbol_y <= 'I' AND symbol_x <= 'I' ORDER BY symbols",
        )
    };
    for listing in [Listing::MaxP(0.3), Listing::All] {
        let one = listed(&small, listing, 1);
        assert!(one.len() > 3);
        assert_eq!(one, listed(&small, listing, 2), "{listing}");
        assert_eq!(one, listed(&large, listing, 2), "{listing}");
    }
}

#[test]
fn all_tests_are_listed_with_the_kernels_numbers() {
    let series = market(12);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let adjustment = Adjustment::BenjaminiHochberg;
    let direction = Direction::Given;
    let every = ScreenRequest { listing: Listing::All, adjustment, direction, ..asked() };
    let summary = run(&path, &every);
    assert_eq!((summary.tests, summary.listed, summary.refused), (132, 132, 0));
    let plain = ScreenRequest { direction, adjustment, listing: Listing::MaxP(1.0), ..asked() };
    run(&path, &plain);
    let compared = "SELECT count(*) FROM screen AS k JOIN screen AS p USING (symbol_y, symbol_x)
        WHERE k.numeric_path = 'kernel' AND p.numeric_path = 'plain' AND k.lag_bars = p.lag_bars
          AND k.observations = p.observations
          AND abs(k.statistic / p.statistic - 1) < 1e-9 AND abs(k.q_value / p.q_value - 1) < 1e-6";
    assert_eq!(number(&path, compared), 132);
    let worst = number(&path, "SELECT count(*) FROM screen WHERE hedge_ratio IS NULL");
    assert_eq!(worst, 132, "a kernel row has no hedge ratio");
}

#[test]
fn the_most_significant_are_listed_in_order() {
    let series = market(12);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    run(&path, &asked());
    let best = "SELECT symbols, p_value FROM screen ORDER BY p_value, statistic LIMIT 7";
    let expected = lines(&path, best);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let summary = run(&path, &ScreenRequest { listing: Listing::Top(7), ..asked() });
    assert_eq!(summary.listed, 7);
    assert!(summary.judged < 20, "{} were tested again", summary.judged);
    assert_eq!(lines(&path, best), expected);
}

#[test]
fn a_spread_outside_the_bounds_is_tested_and_not_listed() {
    let series = market(12);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let every = run(&path, &asked());
    let bounded = ScreenRequest {
        min_half_life: Some(Span::Bars(2.0)),
        max_half_life: "20h".parse().ok(),
        ..asked()
    };
    let some = run(&path, &bounded);
    assert_eq!(some.tests, every.tests);
    let outside = |run: i64| {
        let kept = "half_life_bars BETWEEN 2 AND 20";
        number(&path, &format!("SELECT count(*) FROM screen WHERE run_id = {run} AND {kept}"))
    };
    assert_eq!(i64::try_from(some.listed).expect("few"), outside(every.run_id));
    assert!(some.listed > 0 && some.listed < every.listed);
}

#[test]
fn johansen_takes_pairs_and_triples() {
    let series = market(9);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let request = ScreenRequest {
        test: ScreenTest::Johansen,
        lag: Some(LagRule::Fixed(1)),
        sizes: "2..3".parse().expect("sizes"),
        symbols: Some(["A", "B", "C", "G", "H"].map(str::to_owned).to_vec()),
        listing: Listing::MaxP(0.05),
        ..asked()
    };
    let summary = run(&path, &request);
    assert_eq!(summary.tests, 10 + 10);
    let mut expected = Vec::new();
    let logs = |at: usize| -> Vec<f64> {
        series[at].closes.iter().map(|(_, close)| libm::log(*close)).collect()
    };
    let universe = [0, 1, 2, 6, 7];
    let mut combinations: Vec<Vec<usize>> = Vec::new();
    for (i, j) in (0..5).flat_map(|i| (i + 1..5).map(move |j| (i, j))) {
        combinations.push(vec![universe[i], universe[j]]);
        combinations.extend((j + 1..5).map(|k| vec![universe[i], universe[j], universe[k]]));
    }
    for members in combinations {
        let columns: Vec<Vec<f64>> = members.iter().map(|at| logs(*at)).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let test = johansen(&columns, JohansenCase::Constant, 1).expect("regular");
        let bound = test.critical_values[0].expect("tabulated").trace[1];
        if test.trace[0] > bound {
            let names: Vec<&str> = members.iter().map(|at| NAMES[*at]).collect();
            expected.push(format!("{} {} {bound}", names.join(","), test.trace[0]));
        }
    }
    expected.sort();
    let found = lines(&path, "SELECT symbols, statistic, critical_5 FROM screen ORDER BY 1");
    assert_eq!(found, expected);
    assert!(found.iter().any(|row| row.starts_with("A,B ")) && found.len() < 20);
    assert!(found.iter().any(|row| row.starts_with("A,B,")));
}

#[test]
fn phillips_and_ouliaris_need_no_kernel() {
    let series = market(8);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let adjustment = Adjustment::Holm;
    let listing = Listing::MaxP(0.05);
    let test = ScreenTest::PhillipsOuliaris;
    let summary = run(&path, &ScreenRequest { test, lag: None, adjustment, listing, ..asked() });
    assert_eq!(summary.tests, 28);
    assert!(lines(&path, "SELECT symbols FROM screen").contains(&"A,B".to_owned()));
    assert!(number(&path, "SELECT count(*) FROM screen WHERE q_value > 0.05") == 0);
}

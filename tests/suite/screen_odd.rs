//! Odd series: whatever is listed, as many tests are counted, for the same reasons, with the same numbers.

use barline::{
    domain::{CalendarClass, Interval},
    run::{Listing, ScreenRequest, ScreenTest},
    stats::{LagRule, Trend},
    store::Cell,
};

use crate::{
    screen::{asked, run},
    small_store::{HOUR, Series, series, sql, store, walk},
};

const ROWS: usize = 200;

/// Walks, and what is no walk: constant, collinear, alternating, tiny, a line, steps.
fn odd() -> Vec<Series> {
    let walks: Vec<Vec<f64>> = (0..4).map(|at| walk(60 + at, ROWS)).collect();
    let of =
        |value: &dyn Fn(usize) -> f64| (0..ROWS).map(|row| value(row).ln()).collect::<Vec<_>>();
    let alternating = |row: usize| if row.is_multiple_of(2) { 101.0 } else { 100.0 };
    let named: [(&'static str, Vec<f64>); 15] = [
        ("W0", walks[0].clone()),
        ("W1", walks[1].clone()),
        ("W2", walks[2].clone()),
        ("W3", walks[3].clone()),
        ("CONST", of(&|_| 7.0)),
        ("TWICE", walks[0].iter().map(|log| log + 2.0_f64.ln()).collect()),
        ("SQUARE", walks[0].iter().map(|log| 2.0 * log).collect()),
        ("ALT", of(&alternating)),
        ("ALT2", of(&|row| 0.25 * alternating(row) + 25.0)),
        ("TINY", walks[1].iter().map(|log| log - 20.0).collect()),
        ("NEAR", of(&|row| 7.0 + 7e-12 * (row % 3) as f64)),
        ("LINE", of(&|row| 100.0 + 0.5 * row as f64)),
        ("GROWTH", of(&|row| 100.0 * (0.001 * row as f64).exp())),
        ("STEP", of(&|row| if row < ROWS / 2 { 100.0 } else { 101.0 })),
        ("SPIKE", of(&|row| if row == 77 { 120.0 } else { 100.0 })),
    ];
    let whole = |(name, logs): &(&'static str, Vec<f64>)| {
        series(name, CalendarClass::Continuous, HOUR, logs, |_, _| true)
    };
    let late = series("LATE", CalendarClass::Continuous, HOUR, &walks[3], |row, _| row > 180);
    named.iter().map(whole).chain([late]).collect()
}

#[test]
fn the_kernel_and_the_plain_path_count_alike_on_odd_series() {
    let (_folder, path) = store(Interval::HOUR, &odd(), true);
    let (aic, t_stat) = (LagRule::Aic { max: None }, LagRule::TStat { max: None });
    let (engle_granger, johansen) = (ScreenTest::EngleGranger, ScreenTest::Johansen);
    let mut asked_for = vec![
        (engle_granger, Trend::Quadratic, Some(LagRule::Fixed(1))),
        (engle_granger, Trend::None, Some(LagRule::Fixed(1))),
        (engle_granger, Trend::Linear, Some(aic)),
        (johansen, Trend::Linear, Some(LagRule::Fixed(2))),
        (ScreenTest::PhillipsOuliaris, Trend::Constant, None),
    ];
    asked_for.extend(
        [LagRule::Fixed(0), LagRule::Fixed(1), LagRule::Fixed(15), aic, t_stat]
            .map(|lag| (engle_granger, Trend::Constant, Some(lag))),
    );
    asked_for.extend([0, 1].map(|lags| (johansen, Trend::Constant, Some(LagRule::Fixed(lags)))));
    for (test, trend, lag) in asked_for {
        for logs in [true, false] {
            let of = |listing| ScreenRequest {
                test,
                trend,
                lag,
                logs,
                listing,
                formation_micros: i64::try_from(ROWS).expect("few") * HOUR,
                min_observations: Some(60),
                ..asked()
            };
            let said = format!("{test} {trend:?} {lag:?} logs {logs}");
            let kernel = run(&path, &of(Listing::All));
            let told = statistics(&path, kernel.run_id);
            let plain = run(&path, &of(Listing::Top(1_000)));
            assert_eq!((kernel.tests, &kernel.reasons), (plain.tests, &plain.reasons), "{said}");
            assert_eq!(kernel.tests + kernel.refused, 120, "{said}");
            let counted: u64 = kernel.reasons.iter().map(|(count, _)| count).sum();
            assert_eq!(counted, kernel.refused, "{said}");
            assert_eq!(
                kernel.reasons.iter().find(|(_, why)| *why == "too few common bars").map(|r| r.0),
                Some(15)
            );
            let decided = statistics(&path, plain.run_id);
            assert_eq!(told.len(), decided.len(), "{said}");
            for ((symbols, statistic), (other, expected)) in told.iter().zip(&decided) {
                let off = (statistic - expected).abs() / expected.abs().max(1.0);
                assert!(symbols == other && off < 1e-4, "{said}: {symbols} {statistic} {expected}");
            }
        }
    }
}

/// The statistic of every test of a run, by symbols; every row counts its bars.
fn statistics(path: &std::path::Path, run_id: i64) -> Vec<(String, f64)> {
    let text = format!(
        "SELECT symbols, statistic, observations, numeric_path FROM screen WHERE run_id = {run_id} ORDER BY symbols"
    );
    let of = |row: &Vec<Cell>| match &row[..] {
        [Cell::Text(symbols), Cell::Float(statistic), Cell::Int(200), Cell::Text(_)] => {
            (symbols.clone(), *statistic)
        }
        other => panic!("{other:?}"),
    };
    sql(path, &text).rows.iter().map(of).collect()
}

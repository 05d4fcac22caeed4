//! `barline weights`: the weights that a backtest sets at the same close, in every bit; by a kernel
//! above 64 symbols; and one line for what cannot be weighed.

use std::path::Path;

use barline::{
    domain::{CalendarClass, Interval, Timestamp},
    run::{self, LookbackLength, Request, Weights, WeightsRequest},
    stats::{
        HrpOptions, LeafOrder, Linkage, SymmetricMatrix, close_covariance, equal_risk_contribution,
        hrp_portfolio, risk_contributions,
    },
    store::{Cell, Store},
    strategy::{
        CovarianceEstimator, HrpParameters, RiskParityParameters, StrategyParameters,
        portfolio::{Lookback, Portfolio},
    },
};

use crate::{
    demo_store::{self, execute},
    hrp_options::ESTIMATORS,
    portfolios::parameters,
    small_store::{DAY, HOUR, START, Series, number, request, series, sql, store, walk},
};

/// Hours of 60 days; the scored window of 30 days begins in the middle.
const HOURS: usize = 24 * 60;
const STRATEGIES: [&str; 7] =
    ["hrp", "herc", "nco", "risk-parity", "min-variance", "inverse-variance", "equal-weight"];

/// Six walks of different size and kinship: `C` misses bars, `D` goes on day 45, `E` stands still from
/// day 35 on.
fn market() -> Vec<Series> {
    let own: Vec<Vec<f64>> = (0..6).map(|seed| walk(131 + seed, HOURS)).collect();
    let names = ["A", "B", "C", "D", "E", "F"];
    let hourly = |leg: usize| {
        let size = [0.6, 1.4, 1.0, 2.2, 0.9, 1.7][leg];
        let log = |row: usize| {
            let row = if leg == 4 { row.min(24 * 35) } else { row };
            4.0 + size * (own[leg][row] - 4.0) + 0.5 * (own[leg / 2 * 2][row] - 4.0)
        };
        let logs: Vec<f64> = (0..HOURS).map(log).collect();
        series(names[leg], CalendarClass::Continuous, HOUR, &logs, |row, _| match leg {
            2 => row % 17 != 3,
            3 => row <= 24 * 45,
            _ => true,
        })
    };
    (0..6).map(hourly).collect()
}

fn portfolio(strategy: &str, of: &StrategyParameters) -> Portfolio {
    match strategy {
        "hrp" => Portfolio::Hrp(of.hrp, LeafOrder::Plain),
        "herc" => Portfolio::Herc(of.herc),
        "nco" => Portfolio::Nco(of.nco),
        "risk-parity" => Portfolio::RiskParity(of.risk_parity),
        "min-variance" => Portfolio::MinimumVariance(of.minimum_variance),
        "inverse-variance" => Portfolio::InverseVariance(of.inverse_variance),
        _ => Portfolio::Equal(Lookback::default()),
    }
}

fn asked(portfolio: Portfolio) -> WeightsRequest {
    WeightsRequest {
        symbols: None,
        interval: None,
        as_of: None,
        portfolio,
        lookback: LookbackLength::Days(15.0),
        max_stale_bars: 24,
        budget_bytes: 1 << 30,
    }
}

fn weighed(store: &Store, request: &WeightsRequest) -> Weights {
    run::weights(store, request).expect("weights")
}

#[test]
fn they_are_the_weights_that_a_backtest_sets_at_that_close() {
    let (_folder, path) = store(Interval::HOUR, &market(), true);
    let mut compared = 0;
    for estimator in ESTIMATORS {
        let of = parameters(estimator, Some((0.02, 0.5)));
        execute(&path, &Request { parameters: of, ..request(30, &STRATEGIES, "all") });
        for strategy in STRATEGIES {
            compared += compare(&path, strategy, &portfolio(strategy, &of), estimator);
        }
    }
    assert!(compared > 28 * 6 * 4, "{compared} weights were compared");
}

/// Compares every weight that the newest job of a strategy set; how many there are.
fn compare(path: &Path, strategy: &str, of: &Portfolio, estimator: CovarianceEstimator) -> usize {
    let newest = format!("SELECT max(job_id) FROM job WHERE strategy = '{strategy}'");
    let text = format!(
        "SELECT epoch_us(ts), symbol, weight FROM weight WHERE job_id = ({newest}) ORDER BY ALL"
    );
    let set = sql(path, &text).rows;
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let mut at = None;
    let (mut answer, mut left_out) = (None, 0);
    for row in &set {
        let [Cell::Int(ts), Cell::Text(symbol), Cell::Float(weight)] = &row[..] else {
            panic!("{row:?}")
        };
        if at != Some(*ts) {
            at = Some(*ts);
            let as_of = Some(Timestamp(ts + HOUR));
            answer = Some(weighed(&store, &WeightsRequest { as_of, ..asked(*of) }));
        }
        let answer = answer.as_ref().expect("weighed");
        let found = answer.rows.iter().find(|row| row.symbol == *symbol).expect("a row");
        let place = format!("{strategy} {estimator:?} {symbol} at {}", Timestamp(*ts));
        assert_eq!(found.weight.to_bits(), weight.to_bits(), "{place}: {found:?}");
        assert!(found.left_out.is_none() || *weight == 0.0, "{place}: {found:?}");
        assert!(!answer.by_kernel && answer.last_bar == Timestamp(*ts), "{place}");
        left_out += usize::from(found.left_out.is_some());
    }
    store.close().expect("closed");
    assert!(left_out > 0, "{strategy}: D goes and is never left out");
    set.len()
}

#[test]
fn who_has_no_weight_is_told_why() {
    let (_folder, path) = store(Interval::HOUR, &market(), true);
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let of = parameters(CovarianceEstimator::Sample, None);
    let hrp = asked(portfolio("hrp", &of));
    let reasons = |request: &WeightsRequest| -> Vec<String> {
        let answer = weighed(&store, request);
        let total: f64 = answer.rows.iter().map(|row| row.weight).sum();
        assert!((total - 1.0).abs() < 1e-12, "{total}");
        answer.left_out().map(|(symbol, why)| format!("{symbol}: {why}")).collect()
    };
    assert_eq!(
        reasons(&hrp),
        [
            "D: no bar since 2024-02-15T00:00:00Z, more than 24 bars ago",
            "E: constant: it does not move in the lookback",
        ]
    );
    // An hour after the first 50 of a lookback of 60.
    let early = Some(Timestamp(START + 50 * HOUR));
    let error = run::weights(&store, &WeightsRequest { as_of: early, ..hrp.clone() });
    let line = error.expect_err("too early").to_string();
    assert!(line.contains("none of 6 symbols has a history"), "{line}");
    assert!(line.contains("A: insufficient history: 49 of the 59 returns"), "{line}");
    // Patience for a year keeps D, whose bars end within the lookback.
    let patient = WeightsRequest { max_stale_bars: 9_000, ..hrp.clone() };
    let patient = WeightsRequest { lookback: LookbackLength::Days(40.0), ..patient };
    assert!(reasons(&patient).is_empty());
    // 5 bars more do not help: of 20 days before its end D has none.
    let short = WeightsRequest { lookback: LookbackLength::Bars(200), ..hrp };
    assert_eq!(reasons(&short)[0], "D: no bar in the lookback");
    store.close().expect("closed");
}

#[test]
fn a_lookback_in_bars_is_that_of_the_days_they_take() {
    let (_folder, path) = store(Interval::HOUR, &market()[..2], true);
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let of = asked(Portfolio::RiskParity(RiskParityParameters::default()));
    let days = weighed(&store, &of);
    let bars = WeightsRequest { lookback: LookbackLength::Bars(15 * 24), ..of.clone() };
    assert_eq!(weighed(&store, &bars), days);
    assert_eq!((days.bars, days.rows[0].returns), (360, 359));
    let last = START + 60 * DAY - HOUR;
    assert_eq!((days.last_bar, days.first_bar), (Timestamp(last), Timestamp(last - 359 * HOUR)));
    // Two assets at equal risk: each half of it.
    for row in &days.rows {
        let share = row.risk_contribution.expect("a share");
        assert!((share - 0.5).abs() < 1e-9, "{row:?}");
    }
    let many = WeightsRequest { lookback: LookbackLength::Bars(1_441), ..of };
    let error = run::weights(&store, &many).expect_err("too many");
    assert!(error.to_string().contains("there are 1440 bars"), "{error}");
    store.close().expect("closed");
}

/// 70 symbols, two of which trade on hours of their own.
fn wide() -> Vec<Series> {
    let factor = walk(7, 400);
    let symbol = |at: usize| -> &'static str { Box::leak(format!("S{at:03}").into_boxed_str()) };
    let logs = |at: usize| -> Vec<f64> {
        let own = walk(500 + at as u64, 400);
        let load = 0.3 + 0.02 * at as f64;
        own.iter().zip(&factor).map(|(own, all)| 0.5 * own + load * all).collect()
    };
    let of = |at: usize| {
        series(symbol(at), CalendarClass::Continuous, HOUR, &logs(at), |row, _| {
            at < 68 || row % 9 != at % 5
        })
    };
    (0..70).map(of).collect()
}

#[test]
fn above_64_symbols_a_kernel_estimates_and_says_so() {
    let series = wide();
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let rows: Vec<i64> = series[0].closes.iter().map(|close| close.0).collect();
    let columns: Vec<Vec<f64>> = (series.iter())
        .map(|one| {
            let at = |ts: &i64| one.closes.iter().find(|close| close.0 == *ts);
            rows.iter().map(|ts| at(ts).map_or(f64::NAN, |close| close.1)).collect()
        })
        .collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let plain = close_covariance(&slices).expect("prices");
    for linkage in [Linkage::Single, Linkage::Ward] {
        let own = HrpParameters { linkage, ..HrpParameters::default() };
        let lookback = LookbackLength::Bars(400);
        let of = |leaves| WeightsRequest { lookback, ..asked(Portfolio::Hrp(own, leaves)) };
        for leaves in [LeafOrder::Plain, LeafOrder::Optimal] {
            let found = weighed(&store, &of(leaves));
            assert!(found.by_kernel && found.numeric_path() == "kernel");
            let options = HrpOptions { linkage, ..HrpOptions::default() };
            let expected = hrp_portfolio(&plain, options, leaves, None).expect("regular").weights;
            near(&found, &expected, &plain);
        }
    }
    let parity = Portfolio::RiskParity(RiskParityParameters::default());
    let request = WeightsRequest { lookback: LookbackLength::Bars(400), ..asked(parity) };
    near(&weighed(&store, &request), &equal_risk_contribution(&plain).expect("regular"), &plain);
    let few: Vec<String> = series[..64].iter().map(|one| one.symbol.to_owned()).collect();
    let few = WeightsRequest { symbols: Some(few), ..request };
    assert_eq!(weighed(&store, &few).numeric_path(), "plain");
    store.close().expect("closed");
}

fn near(found: &Weights, expected: &[f64], covariance: &SymmetricMatrix) {
    let shares = risk_contributions(covariance, expected).expect("regular");
    assert_eq!(found.rows.len(), expected.len());
    for ((row, weight), share) in found.rows.iter().zip(expected).zip(shares) {
        assert!((row.weight - weight).abs() < 1e-9, "{row:?} {weight}");
        let found = row.risk_contribution.expect("a share");
        assert!((found - share).abs() < 1e-9, "{row:?} {share}");
    }
}

#[test]
fn every_estimator_has_a_kernel_or_says_plain() {
    let (_folder, path) = store(Interval::HOUR, &wide(), true);
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let few: Vec<String> = (0..64).map(|at| format!("S{at:03}")).collect();
    for covariance in ESTIMATORS {
        let own = HrpParameters { covariance, ..HrpParameters::default() };
        let lookback = LookbackLength::Bars(400);
        let all = WeightsRequest { lookback, ..asked(Portfolio::Hrp(own, LeafOrder::Plain)) };
        let found = weighed(&store, &all);
        assert_eq!(found.by_kernel, covariance != CovarianceEstimator::Ewma, "{covariance:?}");
        let total: f64 = found.rows.iter().map(|row| row.weight).sum();
        assert!((total - 1.0).abs() < 1e-12);
        let few = WeightsRequest { symbols: Some(few.clone()), ..all };
        assert!(!weighed(&store, &few).by_kernel);
    }
    store.close().expect("closed");
}

#[test]
fn nothing_is_stored() {
    let (_folder, path) = store(Interval::HOUR, &market()[..3], true);
    let before = std::fs::read(&path).expect("a store");
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    weighed(&store, &asked(Portfolio::Equal(Lookback::default())));
    store.close().expect("closed");
    assert!(std::fs::read(&path).expect("a store") == before);
    assert_eq!(number(&path, "SELECT count(*) FROM run"), 0);
}

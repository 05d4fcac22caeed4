//! Strategies on single instruments through whole runs: outcomes, counts, keys, parameters.

use barline::{
    domain::{Bar, CalendarClass, Interval, Outcome, Timestamp, WarmupMultiplier},
    run::Request,
    strategy::{StrategyParameters, by_name, catalogue, default_names},
};

use crate::{
    demo_store::{self, copy, execute, query},
    small_store::{HOUR, START, lines, request, series, store, store_of, walk},
};

fn single() -> Vec<String> {
    default_names(false)
}

/// Names of the strategies that read more than opens and closes.
fn readers_of_more() -> Vec<&'static str> {
    let parameters = StrategyParameters::default();
    let reads_more = |name: &str| !by_name(name, &parameters).expect(name).fields().is_empty();
    catalogue().iter().map(|card| card.name).filter(|name| reads_more(name)).collect()
}

#[test]
fn without_pairs_every_single_strategy_runs_on_every_symbol() {
    let (_folder, path) = copy();
    let request = Request { strategies: single(), multi_pair: false, ..demo_store::request() };
    let summary = execute(&path, &request);
    let symbols = request.symbols.as_ref().map_or(0, Vec::len);
    let expected = symbols * request.horizons.len() * single().len();
    assert_eq!(summary.planned, expected as u64);
    for (strategy, counts) in &summary.outcomes {
        let done = counts.iter().any(|(outcome, jobs)| *outcome == Outcome::Done && *jobs > 0);
        assert!(done, "{strategy}: {counts:?}");
        assert!(counts.iter().all(|(outcome, _)| !outcome.is_failure()), "{strategy}");
    }
    let rows = query(&path, "results", &[]).rows;
    let (_other_folder, other) = copy();
    let both = Request { strategies: default_names(true), ..demo_store::request() };
    execute(&other, &both);
    let all = query(&other, "results", &[]).rows;
    assert!(rows.iter().all(|row| all.contains(row)), "--multi-pair changes a single-asset row");
    let wide = WarmupMultiplier::new(4.0).expect("a multiplier");
    let (_wide_folder, wider) = copy();
    execute(&wider, &Request { multiplier: wide, ..request });
    assert_eq!(query(&wider, "results", &[]).rows, rows, "a longer warmup changes a row");
}

#[test]
fn closes_alone_are_not_enough_for_highs_lows_and_volumes() {
    let all = [series("A", CalendarClass::Continuous, HOUR, &walk(1, 2_000), |_, _| true)];
    let (_folder, path) = store(Interval::HOUR, &all, false);
    let names = single();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    execute(&path, &Request { multi_pair: false, ..request(30, &names, "2") });
    let refused = lines(
        &path,
        "SELECT strategy, outcome, reason FROM results WHERE outcome = 'no_bars' ORDER BY ALL",
    );
    let expected = [
        "ichimoku no_bars A has no bar with high, low in the scored window",
        "supertrend no_bars A has no bar with high, low in the scored window",
        "vwap-reversion no_bars A has no bar with high, low, volume in the scored window",
    ];
    assert_eq!(refused, expected);
    assert_eq!(readers_of_more().len(), expected.len());
    let done = lines(&path, "SELECT count(*) FROM results WHERE outcome IN ('done', 'no_trade')");
    assert_eq!(done, [(names.len() - expected.len()).to_string()]);
}

#[test]
fn volumes_that_are_all_0_are_no_volumes() {
    // 2,000 hours, of which the last 720 are scored.
    let scored = START + (2_000 - 720) * HOUR;
    let all = [series("A", CalendarClass::Continuous, HOUR, &walk(1, 2_000), |_, _| true)];
    let outcome = |volume: &dyn Fn(i64) -> f64| {
        let bar = |ts, close: f64| Bar {
            ts: Timestamp(ts),
            open: close * 0.999,
            high: close * 1.01,
            low: close * 0.99,
            close,
            volume: volume(ts),
        };
        let (_folder, path) = store_of(Interval::HOUR, &all, bar);
        execute(&path, &Request { multi_pair: false, ..request(30, &["vwap-reversion"], "2") });
        lines(&path, "SELECT outcome, reason FROM results")
    };
    let none = ["no_bars A has no bar with a volume above 0 in the scored window"];
    assert_eq!(outcome(&|_| 0.0), none);
    assert_eq!(outcome(&|ts| f64::from(u8::from(ts < scored))), none, "traded before it alone");
    // One traded bar has a VWAP and no deviation: there is nothing to say, and it is asked.
    assert_eq!(outcome(&|ts| f64::from(u8::from(ts == scored))), ["no_trade NULL"]);
    assert_eq!(outcome(&|_| 1.0), ["done NULL"]);
}

#[test]
fn too_few_bars_are_said_with_needed_and_given() {
    // Bars begin 120 hours before the scored window of 30 days.
    let rows = 30 * 24 + 120;
    let all = [series("A", CalendarClass::Continuous, HOUR, &walk(1, rows), |_, _| true)];
    let (_folder, path) = store(Interval::HOUR, &all, true);
    let names = ["triple-ema", "rsi-reversion", "sma-crossover"];
    let short = |multiplier: f64| {
        let multiplier = WarmupMultiplier::new(multiplier).expect("a multiplier");
        let request = Request { multi_pair: false, multiplier, ..request(30, &names, "2") };
        execute(&path, &request);
        lines(
            &path,
            "SELECT strategy, reason FROM results WHERE outcome = 'insufficient_history' ORDER BY ALL",
        )
    };
    let expected = ["triple-ema needed 200 bars of A in the 10.4 days before the scored window, \
                     given 120"];
    assert_eq!(short(1.5), expected);
    assert_eq!(short(4.0), expected);
    let thin = short(1.1);
    assert_eq!(thin.len(), 2, "{thin:?}");
    assert!(thin.iter().all(|line| line.ends_with("a larger --warmup-multiplier loads more")));
    // 55 hours are loaded: the 50 bars are there, so that a longer history would show the same.
    let names: Vec<_> = (short(1.0764).into_iter())
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names, ["rsi-reversion", "triple-ema"]);
}

#[test]
fn a_market_with_closed_hours_is_watched_by_its_own_bars() {
    // Six bars a day on weekdays: 50 of them take eleven days and two weekends.
    let open = |row: usize, _| (14..20).contains(&(row % 24)) && row / 24 % 7 < 5;
    let all = [series("A", CalendarClass::Exchange, HOUR, &walk(5, 24 * 140), open)];
    let (_folder, path) = store(Interval::HOUR, &all, true);
    let request = Request { multi_pair: false, ..request(60, &["sma-crossover"], "2") };
    execute(&path, &request);
    assert_eq!(lines(&path, "SELECT outcome FROM results"), ["done"]);
}

#[test]
fn parameters_out_of_bounds_are_refused_by_name() {
    let refused = |text: &str| {
        let parameters: StrategyParameters = serde_json::from_str(text).expect("parameters");
        parameters.check().expect_err(text).to_string()
    };
    for (text, expected) in [
        (
            "{\"sma-crossover\":{\"fast_bars\":50}}",
            "sma-crossover: fast_bars = 50 is not below slow_bars = 50",
        ),
        (
            "{\"triple-ema\":{\"slow_bars\":0}}",
            "triple-ema: slow_bars = 0 is not between 1 and 10000",
        ),
        (
            "{\"macd\":{\"signal_bars\":10001}}",
            "macd: signal_bars = 10001 is not between 1 and 10000",
        ),
        (
            "{\"rsi-reversion\":{\"oversold\":-1}}",
            "rsi-reversion: oversold = -1 is not between 0 and 100",
        ),
        (
            "{\"bollinger-breakout\":{\"width_sd\":0}}",
            "bollinger-breakout: width_sd = 0 is not between 0.01 and 100",
        ),
        ("{\"supertrend\":{\"allocation\":0}}", "supertrend: allocation = 0 is not in (0, 10]"),
        (
            "{\"ichimoku\":{\"base_bars\":9}}",
            "ichimoku: conversion_bars = 9 is not below base_bars = 9",
        ),
        (
            "{\"vwap-reversion\":{\"exit_z\":2.0}}",
            "vwap-reversion: exit_z = 2 is not below entry_z = 2",
        ),
    ] {
        assert_eq!(refused(text), expected);
    }
    assert!(serde_json::from_str::<StrategyParameters>("{\"macd\":{\"side\":\"short\"}}").is_err());
}

//! `backtest --from-screen`: what a screen listed and nothing else, on bars it has not seen.

use std::path::Path;

use barline::{
    domain::{Horizon, Interval},
    error::Error,
    run::{self, Listing, Request, ScreenRequest, ScreenTest, Stop, progress::Silent},
    stats::LagRule,
    store::Store,
};

use crate::{
    demo_store,
    screen::{asked, market, run},
    small_store::{DAY, lines, number, request, store},
};

const DAYS: u32 = 10;

/// A screen before the last ten days.
fn before() -> ScreenRequest {
    ScreenRequest {
        horizon: Horizon::from_days(DAYS),
        formation_micros: 5 * DAY,
        min_observations: None,
        listing: Listing::Top(3),
        ..asked()
    }
}

fn from_screen(screen: &str, strategies: &[&str]) -> Request {
    Request {
        symbols: None,
        from_screen: Some(screen.to_owned()),
        ..request(DAYS, strategies, "2")
    }
}

fn refused(path: &Path, request: &Request) -> Error {
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let error = run::execute(&store, request, &Silent, &Stop::new()).expect_err("refused");
    store.close().expect("closed");
    assert!(error.is_usage() && error.hint().is_some(), "{error}");
    error
}

#[test]
fn what_a_screen_listed_is_run_and_nothing_else() {
    let series = market(10);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let screened = run(&path, &before());
    assert_eq!((screened.tests, screened.listed), (45, 3));
    let strategies = ["cointegration", "equal-weight"];
    let summary = demo_store::execute(&path, &from_screen("last", &strategies));
    assert_eq!((summary.planned, summary.computed), (6, 6));
    let jobs = "SELECT DISTINCT symbols FROM job ORDER BY 1";
    assert_eq!(lines(&path, jobs), lines(&path, "SELECT symbols FROM screen ORDER BY 1"));
    let behind = "SELECT count(*) FROM job_result WHERE screen_tests = 45";
    assert_eq!(number(&path, behind), 6);
    assert_eq!(lines(&path, "SELECT screen_run, screen_tests FROM run"), ["NULL NULL", "1 45"]);

    // The same jobs without a screen are the same results.
    let plain = Request { symbols: None, ..request(DAYS, &strategies, "2") };
    let summary = demo_store::execute(&path, &plain);
    assert_eq!((summary.planned, summary.cached), (90, 6));
    assert_eq!(number(&path, "SELECT count(*) FROM job_result WHERE screen_tests IS NULL"), 90);

    let some = Request {
        symbols: Some(["A", "B", "C"].map(str::to_owned).to_vec()),
        ..from_screen("1", &strategies)
    };
    assert_eq!(demo_store::execute(&path, &some).planned, 2);
}

#[test]
fn triples_come_from_johansen() {
    let series = market(7);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let lag = Some(LagRule::Fixed(1));
    let sizes = "3".parse().expect("sizes");
    run(&path, &ScreenRequest { test: ScreenTest::Johansen, lag, sizes, ..before() });
    let summary = demo_store::execute(&path, &from_screen("last", &["basket", "cointegration"]));
    assert_eq!(summary.combinations, 3);
    assert_eq!(number(&path, "SELECT count(*) FROM job WHERE size = 3 AND strategy = 'basket'"), 3);
}

#[test]
fn what_a_screen_has_seen_is_not_scored() {
    let series = market(8);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    run(&path, &ScreenRequest { horizon: None, ..before() });
    let error = refused(&path, &from_screen("last", &["cointegration"]));
    assert!(error.to_string().starts_with("the window of screen 1 ends at "), "{error}");
    run(&path, &before());
    let longer = Request {
        horizons: [10, 11].into_iter().filter_map(Horizon::from_days).collect(),
        ..from_screen("2", &["cointegration"])
    };
    assert!(refused(&path, &longer).to_string().contains("11 days are scored"));
    assert_eq!(demo_store::execute(&path, &from_screen("2", &["cointegration"])).planned, 3);
}

#[test]
fn a_screen_that_is_none_is_refused() {
    let series = market(8);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    refused(&path, &from_screen("last", &["cointegration"]));
    demo_store::execute(&path, &Request { symbols: None, ..request(DAYS, &["equal-weight"], "2") });
    let error = refused(&path, &from_screen("1", &["cointegration"]));
    assert_eq!(error.to_string(), "run 1 is no screen that is through");
    run(&path, &ScreenRequest { listing: Listing::MaxP(0.0), ..before() });
    let error = refused(&path, &from_screen("last", &["cointegration"]));
    assert_eq!(error.to_string(), "screen 2 listed nothing");
}

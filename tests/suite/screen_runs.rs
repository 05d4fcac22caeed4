//! Screens as runs of a store: stopped, refused, short of bars, beside backtests.

use barline::{
    domain::Interval,
    run::{
        Adjustment, Direction, Listing, Request, ScreenRequest, ScreenTest, Span, Stop,
        progress::Silent, screen,
    },
    stats::LagRule,
    store::{Cell, Store},
};

use crate::{
    demo_store,
    screen::{asked, market, run},
    small_store::{lines, number, request, store},
};

#[test]
fn a_screen_that_was_stopped_is_not_complete() {
    let series = market(8);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let stop = Stop::new();
    stop.request();
    let summary = screen(&store, &asked(), &Silent, &stop).expect("a screen");
    store.close().expect("closed");
    assert!(summary.interrupted && summary.listed == 0);
    assert_eq!(lines(&path, "SELECT kind, status FROM run"), ["screen interrupted"]);
    assert_eq!(number(&path, "SELECT count(*) FROM screen_run"), 0);
}

#[test]
fn the_last_run_is_the_last_of_its_kind() {
    let series = market(8);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    demo_store::execute(&path, &Request { symbols: None, ..request(10, &["cointegration"], "2") });
    let summary = run(&path, &ScreenRequest { listing: Listing::Top(3), ..asked() });
    assert_eq!(summary.run_id, 2);
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    assert!(!store.query("outcomes", &[]).expect("an answer").rows.is_empty());
    assert_eq!(store.query("screen", &[]).expect("an answer").rows.len(), 3);
    let last = [("run".to_owned(), "last".to_owned())];
    let memory = store.query("memory", &last).expect("an answer").rows;
    assert_eq!(memory[0][0], Cell::Int(2));
    store.close().expect("closed");
}

#[test]
fn too_few_common_bars_are_no_test() {
    let series = market(8);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    // E and F have 639 bars in common: nine tenths of the nominal 720 are 648.
    for (test, lag) in [(ScreenTest::EngleGranger, 1), (ScreenTest::Johansen, 1)] {
        let lag = Some(LagRule::Fixed(lag));
        let listing = Listing::Top(100);
        let strict = ScreenRequest { test, lag, listing, min_observations: None, ..asked() };
        let summary = run(&path, &strict);
        assert_eq!((summary.tests, summary.refused, summary.listed), (27, 1, 27));
        let summary = run(&path, &ScreenRequest { min_observations: Some(639), ..strict });
        assert_eq!((summary.tests, summary.refused), (28, 0));
    }
}

#[test]
fn what_does_not_go_together_is_refused_before_anything_is_read() {
    let series = market(4);
    let (_folder, path) = store(Interval::HOUR, &series, true);
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let johansen = ScreenRequest { test: ScreenTest::Johansen, lag: None, ..asked() };
    let cases = [
        ScreenRequest { sizes: "3".parse().expect("sizes"), ..asked() },
        ScreenRequest { sizes: "all".parse().expect("sizes"), ..asked() },
        ScreenRequest { test: ScreenTest::PhillipsOuliaris, ..asked() },
        ScreenRequest { lag: Some(LagRule::Aic { max: None }), ..johansen.clone() },
        ScreenRequest { direction: Direction::Given, ..johansen.clone() },
        ScreenRequest { sizes: "2..5".parse().expect("sizes"), ..johansen.clone() },
        ScreenRequest { adjustment: Adjustment::Holm, ..johansen.clone() },
        ScreenRequest { listing: Listing::MaxP(0.2), ..johansen },
        ScreenRequest { listing: Listing::All, min_half_life: Some(Span::Bars(1.0)), ..asked() },
    ];
    for request in cases {
        let error = screen(&store, &request, &Silent, &Stop::new()).expect_err("refused");
        assert!(error.is_usage() && error.hint().is_some(), "{error}");
    }
    store.close().expect("closed");
    assert_eq!(number(&path, "SELECT count(*) FROM run"), 0);
}

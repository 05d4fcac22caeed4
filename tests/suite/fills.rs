//! `--fill`: where a decision is filled, read back from the store.

use std::path::Path;

use barline::{
    domain::{CalendarClass, Interval},
    run::{self, Request},
    sim::FillRule,
    store::Store,
};

use crate::{
    demo_store,
    small_store::{HOUR, lines, number, request, series, store, walk},
};

const CALENDAR: CalendarClass = CalendarClass::Continuous;

/// Fills of decisions that are not at the given field of the bar the given hours later.
fn strays(path: &Path, hours_later: i64, field: &str) -> i64 {
    number(
        path,
        &format!(
            "SELECT count(*) FROM fill
             JOIN instrument USING (symbol)
             JOIN bar ON bar.instrument_id = instrument.instrument_id AND bar.ts = fill.ts
             WHERE fill.reason <> 'end_of_data'
               AND (fill.ts <> decided_ts + INTERVAL {hours_later} HOUR OR fill.price <> bar.{field})"
        ),
    )
}

#[test]
fn every_rule_fills_where_it_says() {
    let one = |symbol, seed| series(symbol, CALENDAR, HOUR, &walk(seed, 24 * 60), |_, _| true);
    let bars = [one("A", 1), one("B", 2)];
    for (rule, hours_later, field) in [
        (FillRule::NextOpen, 1, "open"),
        (FillRule::NextClose, 1, "close"),
        (FillRule::SameClose, 0, "close"),
    ] {
        let (_folder, path) = store(Interval::HOUR, &bars, true);
        let request = Request { fill: Some(rule), ..request(30, &["equal-weight"], "2") };
        let summary = demo_store::execute(&path, &request);
        let decided = "SELECT count(*) FROM fill WHERE reason = 'rebalance'";
        assert!(number(&path, decided) >= 8, "{rule}");
        assert_eq!(strays(&path, hours_later, field), 0, "{rule}");
        let loud = rule == FillRule::SameClose;
        assert_eq!(summary.conventions.contains("OPTIMISTIC"), loud, "{}", summary.conventions);
        assert_eq!(summary.notes.iter().any(|note| note.contains("OPTIMISTIC")), loud);
        assert!(loud || summary.conventions.contains(&format!("filled at the {rule};")));
    }
}

#[test]
fn a_rebalance_brings_every_leg_to_its_share_of_the_equity_of_its_decision() {
    let one = |symbol, seed| series(symbol, CALENDAR, HOUR, &walk(seed, 24 * 60), |_, _| true);
    let (_folder, path) = store(Interval::HOUR, &[one("A", 1), one("B", 2)], true);
    demo_store::execute(&path, &request(30, &["equal-weight"], "2"));
    let rebalances = "FROM (SELECT symbol, decided_ts,
                                   sum(quantity) OVER (PARTITION BY symbol ORDER BY ts) AS held
                            FROM fill WHERE reason = 'rebalance') AS held
                      JOIN instrument USING (symbol)
                      JOIN bar ON bar.instrument_id = instrument.instrument_id
                              AND bar.ts = decided_ts
                      JOIN ledger ON ledger.ts = decided_ts";
    let off = format!("SELECT count(*) {rebalances} WHERE abs(held * close / equity - 0.5) > 1e-9");
    assert_eq!(number(&path, &off), 0);
    let moved = format!("SELECT count(*) {rebalances} WHERE abs(equity / 10000 - 1) > 1e-3");
    assert!(number(&path, &moved) >= 4, "equity has moved");
    // A week of hourly bars apart, from the first bar of the window on.
    let weeks = format!("SELECT DISTINCT strftime(decided_ts, '%m-%d %H') {rebalances} ORDER BY 1");
    let expected = ["01-31 00", "02-07 00", "02-14 00", "02-21 00", "02-28 00"];
    assert_eq!(lines(&path, &weeks), expected);
}

#[test]
fn bars_without_an_open_are_filled_at_the_next_close_and_this_is_said() {
    let bars = [series("A", CALENDAR, HOUR, &walk(1, 24 * 60), |_, _| true)];
    let (_folder, path) = store(Interval::HOUR, &bars, false);
    let plain = Request { multi_pair: false, ..request(30, &["buy-and-hold"], "2") };
    let summary = demo_store::execute(&path, &plain);
    assert!(summary.conventions.contains("filled at the next-close"), "{}", summary.conventions);
    let said = |note: &String| note.contains("closes only") && note.contains("next close");
    assert!(summary.notes.iter().any(said), "{:?}", summary.notes);
    assert_eq!(strays(&path, 1, "close"), 0);
    assert_eq!(lines(&path, "SELECT reason FROM fill ORDER BY seq"), ["rebalance", "end_of_data"]);
    let opens = Request { fill: Some(FillRule::NextOpen), ..plain };
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let error = run::prepare(&store, &opens).expect_err("there are no opens");
    assert!(error.is_usage() && error.hint() == Some("use --fill next-close"), "{error}");
}

//! Reports of screens, of runs that are not whole, and of jobs that cannot be drawn.

use std::sync::Arc;

use barline::{
    domain::{Keep, Timestamp},
    run::{self, Request, Signals, Source, Stop, progress::Silent},
    store::{Cell, Store},
};

use super::page::{Page, elements, number};
use crate::{
    binary::{answer, barline, said},
    demo_store,
    small_store::sql,
};

const STORE: &str = "store.duckdb";

#[test]
fn a_screen_is_drawn_with_the_adjusted_p_values_that_it_stored() {
    let (folder, path) = demo_store::copy();
    answer(folder.path(), &["screen", "--db", STORE, "--all", "--format", "csv"]);
    let page = super::page(&path, "last", None);
    let cells = elements(page.chart("screen"), "data-cell");
    let stored =
        sql(&path, "SELECT symbol_y || ',' || symbol_x, q_value FROM screen WHERE run_id = 1");
    assert_eq!(cells.len(), stored.rows.len());
    for row in &stored.rows {
        let [Cell::Text(pair), Cell::Float(q)] = &row[..] else { panic!("{row:?}") };
        let cell = cells.iter().find(|cell| cell["data-cell"] == *pair).expect("a cell");
        assert_eq!(number(cell, "data-value").to_bits(), q.to_bits(), "{pair}");
    }
    let Page(text) = &page;
    assert!(text.contains("Screen, run 1") && text.contains("engle-granger"));
    assert_eq!(page.charts("equity") + page.charts("outcomes"), 0);
}

#[test]
fn a_screen_that_lists_nothing_says_so() {
    let (folder, path) = demo_store::copy();
    answer(
        folder.path(),
        &[
            "screen",
            "--db",
            STORE,
            "--symbols",
            "ADAGIO,BOLERO",
            "--max-p",
            "1e-12",
            "--format",
            "csv",
        ],
    );
    let Page(text) = super::page(&path, "last", None);
    assert!(text.contains("None of 1 tests was significant enough to be listed."));
}

#[test]
fn a_run_that_was_stopped_says_what_is_missing() {
    let (_folder, path) = demo_store::copy();
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let stop = Stop::new();
    stop.request();
    let summary = run::execute(&store, &demo_store::request(), &Silent, &stop).expect("a run");
    store.close().expect("closed");
    assert!(summary.pending > 0);
    let Page(text) = super::page(&path, "last", None);
    assert!(text.contains("The run is interrupted: what is here is not all of it."));
    assert!(text.contains("planned jobs are missing"));
    assert!(text.contains("No job of this run is stored."));
}

#[test]
fn a_job_on_other_bars_is_not_drawn_and_is_stale() {
    let (_folder, path) = demo_store::copy();
    let request = Request {
        strategies: vec!["buy-and-hold".to_owned()],
        multi_pair: false,
        ..demo_store::request()
    };
    demo_store::execute(&path, &request);
    let drawn = super::account(&path, "last", None);
    assert!(drawn.details[0].drawn.as_ref().is_ok_and(|drawn| drawn.source == Source::Equal));
    let (market, symbol) = {
        let row = &sql(&path, "SELECT market, symbol FROM instrument ORDER BY symbol").rows[0];
        let [Cell::Text(market), Cell::Text(symbol)] = &row[..] else { panic!("{row:?}") };
        (market.clone(), symbol.clone())
    };
    let job = sql(
        &path,
        &format!("SELECT job_key FROM job_result WHERE symbols = '{symbol}' AND horizon_days = 30"),
    );
    let Cell::Text(job) = job.rows[0][0].clone() else { panic!("{job:?}") };
    revise(&path, &market, &symbol);
    let account = super::account(&path, "last", Some(&job));
    let why = account.details[0].drawn.as_ref().expect_err("other bars");
    assert!(why.contains("its job key differs"), "{why}");
    assert!(account.stale > 0);
    let Page(text) = super::page(&path, "last", Some(&job));
    assert!(text.contains("Not drawn: ") && text.contains("jobs are stale"));
}

/// Imports the last bar of a symbol anew, with another close.
fn revise(path: &std::path::Path, market: &str, symbol: &str) {
    let folder = path.parent().expect("a folder");
    let last = sql(
        path,
        &format!(
            "SELECT max(ts) FROM bar JOIN instrument USING (instrument_id) WHERE symbol = '{symbol}'"
        ),
    );
    let Cell::Time(ts) = last.rows[0][0] else { panic!("{last:?}") };
    let file = folder.join("revised.csv");
    let text =
        format!("ts,symbol,open,high,low,close,volume\n{},{symbol},50,51,49,50,1\n", Timestamp(ts));
    std::fs::write(&file, text).expect("written");
    let arguments = [
        "import",
        "revised.csv",
        "--db",
        STORE,
        "--market",
        market,
        "--interval",
        "1h",
        "--on-conflict",
        "replace",
    ];
    let output = barline(folder, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_job_of_signals_is_drawn_from_what_is_kept_of_it() {
    let (folder, path) = demo_store::copy();
    let rows = "SELECT ts, symbol, close > open AS held FROM bars";
    let statement = format!(
        "SELECT ts, symbol, CASE WHEN held THEN 0.5 ELSE 0 END AS weight FROM ({rows}) ORDER BY ts, symbol"
    );
    let file = folder.path().join("up.sql");
    std::fs::write(&file, statement).expect("written");
    let signals = Signals::read(&file).expect("signals");
    let request = |keep| Request {
        strategies: vec!["scripted".to_owned()],
        signals: Some(Arc::new(signals.clone())),
        multi_pair: false,
        keep,
        ..demo_store::request()
    };
    demo_store::execute(&path, &request(Keep::Trades));
    let drawn = super::account(&path, "last", None);
    let why = drawn.details[0].drawn.as_ref().expect_err("no signals");
    assert!(why.contains("--keep equity"), "{why}");
    demo_store::execute(&path, &request(Keep::Equity));
    let account = super::account(&path, "last", None);
    let drawn = account.details[0].drawn.as_ref().expect("kept");
    assert_eq!(drawn.source, Source::Kept);
    let job = account.details[0].job.text(0, "job");
    let sql_equity = format!(
        "SELECT equity FROM equity
         WHERE job_id IN (SELECT job_id FROM job_result WHERE job_key = '{job}') ORDER BY ts"
    );
    let stored: Vec<Cell> = sql(&path, &sql_equity).rows.into_iter().flatten().collect();
    let shown: Vec<Cell> = drawn.curves.equity.iter().map(|value| Cell::Float(*value)).collect();
    assert!(!shown.is_empty() && shown == stored);
    assert_eq!(drawn.curves.benchmark.len(), shown.len(), "the benchmark is simulated again");
    let Page(text) = super::page(&path, "last", None);
    assert!(text.contains("ends where the stored one did in every bit"));
}

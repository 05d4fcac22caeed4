//! Named queries: on an empty store, on a small one, and with wrong parameters.

use barline::{
    domain::{Outcome, ScreenRecord, ScreenRunRecord, Timestamp},
    store::{Batch, Cell, RunKind, RunStart, RunStatus, Store, Table, TruthRow},
};

use super::{empty, fill, fit, job, run_end, run_start};

fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn column(table: &Table, name: &str) -> Vec<Cell> {
    let at = table.columns.iter().position(|column| column == name).expect(name);
    table.rows.iter().map(|row| row[at].clone()).collect()
}

fn text(value: &str) -> Cell {
    Cell::Text(value.into())
}

/// Two runs of one configuration over A, B, C, of which the second finds everything in the store, and a
/// screen.
fn filled() -> (tempfile::TempDir, Store) {
    let (folder, _path, store) = empty();
    fill(&store, &[("A", 0..5), ("B", 0..5), ("C", 0..5)]);
    store
        .write_truth(&[TruthRow {
            kind: "cointegrated_pair".into(),
            symbols: vec!["B".into(), "A".into()],
            half_life_hours: Some(12.0),
            hedge_ratio: Some(1.0),
            promised_from_days: Some(90),
            note: String::new(),
        }])
        .expect("written");
    let mut jobs = vec![
        job("A,B", 30, Outcome::Done),
        job("A,B", 90, Outcome::Done),
        job("A,C", 30, Outcome::Done),
        job("B,C", 30, Outcome::NotCointegrated),
    ];
    for (job, sharpe) in jobs.iter_mut().zip([Some(0.5), None, Some(1.5)]) {
        job.measures.as_mut().expect("done").sharpe = sharpe;
    }
    let fits = [
        fit("A", "B", 30, 0, false),
        fit("A", "B", 30, 1, true),
        fit("A", "B", 90, 0, true),
        fit("A", "C", 30, 0, true),
        fit("B", "C", 30, 0, false),
    ];
    let mut writer = store.writer().expect("a writer");
    for cached in [false, true] {
        writer.begin_run(&run_start("one")).expect("begun");
        let links: Vec<_> = (1..).zip(&jobs).map(|(job_id, _)| (job_id, true)).collect();
        let batch = if cached {
            Batch { links: &links, ..Batch::default() }
        } else {
            Batch { jobs: &jobs, fits: &fits, ..Batch::default() }
        };
        writer.write_batch(&batch).expect("written");
        writer.finish_run(&run_end(RunStatus::Finished)).expect("finished");
    }
    writer.begin_run(&RunStart { kind: RunKind::Screen, ..run_start("screen") }).expect("begun");
    writer.write_screen(1, &[screen_row()]).expect("written");
    writer.complete_screen(&screen_run()).expect("complete");
    writer.finish_run(&run_end(RunStatus::Finished)).expect("finished");
    drop(writer);
    (folder, store)
}

fn screen_row() -> ScreenRecord {
    ScreenRecord {
        symbols: "A,B".into(),
        symbol_y: "B".into(),
        symbol_x: "A".into(),
        direction: "both",
        window: (Timestamp(0), Timestamp(500)),
        observations: 5,
        statistic: -4.5,
        p_value: Some(0.001),
        q_value: Some(0.003),
        critical_values: Some([-3.9, -3.3, -3.0]),
        lag_bars: Some(1),
        hedge_ratio: Some(0.8),
        intercept: None,
        weights: None,
        half_life_bars: Some(12.0),
        numeric_path: "plain",
    }
}

fn screen_run() -> ScreenRunRecord {
    ScreenRunRecord {
        test: "engle-granger".into(),
        trend: "c".into(),
        lag: "1".into(),
        direction: "both".into(),
        price: "log".into(),
        sizes: "2".into(),
        horizon_days: Some(30),
        window_start: Timestamp(0),
        window_end: Timestamp(500),
        min_observations: 5,
        min_correlation: None,
        fdr: "bh".into(),
        listing: "max-p 0.05".into(),
        tests: 3,
        refused: 0,
        filtered: 0,
        judged: 1,
        listed: 1,
    }
}

#[test]
fn every_query_answers_an_empty_store_with_no_rows() {
    let (_folder, _path, store) = empty();
    for query in Store::named_queries() {
        let table = store.query(&query.name, &[]).expect(&query.name);
        assert!(table.rows.is_empty(), "{}", query.name);
        assert!(!table.columns.is_empty(), "{}", query.name);
    }
    let error = store.query("leaderboard", &given(&[("run", "1")])).expect_err("no run");
    assert!(error.is_usage(), "{error}");
}

#[test]
fn every_query_answers_a_filled_store_twice_alike() {
    let (_folder, store) = filled();
    for query in Store::named_queries() {
        let table = store.query(&query.name, &[]).expect(&query.name);
        assert_eq!(store.query(&query.name, &[]).expect(&query.name), table, "{}", query.name);
        let may_be_empty = [
            "compare",
            "event-health",
            "hedge-drift",
            "memory-samples",
            "rejects",
            "stale",
            "strategy-correlation",
        ]
        .contains(&query.name.as_str());
        assert!(!table.rows.is_empty() || may_be_empty, "{}", query.name);
    }
}

#[test]
fn undefined_ratios_rank_last() {
    let (_folder, store) = filled();
    let table = store.query("leaderboard", &[]).expect("answered");
    assert_eq!(column(&table, "symbols"), [text("A,C"), text("A,B"), text("A,B")]);
    assert_eq!(column(&table, "sharpe")[2], Cell::Null);
    assert_eq!(column(&table, "horizon_days")[2], Cell::Int(90));
    let some = given(&[("horizon", "30"), ("top", "1"), ("run", "last~1")]);
    let table = store.query("leaderboard", &some).expect("answered");
    assert_eq!(column(&table, "symbols"), [text("A,C")]);
}

#[test]
fn a_run_that_computed_nothing_answers_like_the_one_before() {
    let (_folder, store) = filled();
    for name in ["leaderboard", "pairs", "truth", "trades", "beats-benchmark"] {
        let first = store.query(name, &given(&[("run", "1")])).expect(name);
        let second = store.query(name, &given(&[("run", "2")])).expect(name);
        assert_eq!(first, second, "{name}");
    }
    let cached = column(&store.query("outcomes", &[]).expect("answered"), "cached");
    assert_eq!(cached, [Cell::Int(2), Cell::Int(1), Cell::Int(1)]);
    assert_eq!(store.query("results", &[]).expect("answered").rows.len(), 4);
}

#[test]
fn truth_stands_beside_chance() {
    let (_folder, store) = filled();
    let table = store.query("truth", &[]).expect("answered");
    assert_eq!(column(&table, "horizon_days"), [Cell::Int(30), Cell::Int(90)]);
    assert_eq!(column(&table, "promised"), [Cell::Bool(false), Cell::Bool(true)]);
    assert_eq!(column(&table, "first_fit"), [text("missed"), text("detected")]);
    assert_eq!(column(&table, "refits_accepted"), [Cell::Int(1), Cell::Int(1)]);
    assert_eq!(column(&table, "pairs_tested"), [Cell::Int(3), Cell::Int(1)]);
    assert_eq!(column(&table, "false_positives"), [Cell::Int(1), Cell::Int(0)]);
    assert_eq!(column(&table, "expected_by_chance")[1], Cell::Float(0.05));
}

#[test]
fn outcomes_add_up_and_undefined_numbers_are_null() {
    let (_folder, store) = filled();
    let jobs = column(&store.query("outcomes", &[]).expect("answered"), "jobs");
    let sum: i64 = jobs.iter().map(|cell| if let Cell::Int(n) = cell { *n } else { 0 }).sum();
    assert_eq!(sum, 4);
    let table = store.sql("SELECT count(alpha), count(*) FROM fit").expect("answered");
    assert_eq!(table.rows[0], [Cell::Int(0), Cell::Int(5)], "NaN became NULL");
}

#[test]
fn wrong_questions_are_told_what_would_be_right() {
    let (_folder, store) = filled();
    for (name, parameters) in [
        ("leaderbord", given(&[])),
        ("leaderboard", given(&[("tip", "3")])),
        ("leaderboard", given(&[("top", "-3")])),
        ("leaderboard", given(&[("top", "three")])),
        ("leaderboard", given(&[("run", "9")])),
        ("leaderboard", given(&[("run", "last~7")])),
        ("leaderboard", given(&[("run", "latest")])),
        ("leaderboard", given(&[("run", "1; DROP TABLE run")])),
        ("leaderboard", given(&[("horizon", "0")])),
        ("trades", given(&[("job", "xyz")])),
    ] {
        let error = store.query(name, &parameters).expect_err(name);
        assert!(error.is_usage(), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
    let hostile = given(&[("strategy", "' OR 1=1; DROP TABLE run;--")]);
    assert!(store.query("leaderboard", &hostile).expect("bound").rows.is_empty());
}

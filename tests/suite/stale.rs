//! Bars and events that arrive after a run: exactly the jobs that may use them run again, and
//! `stale` lists exactly these beforehand.

use std::{fmt::Write, fs, path::Path, sync::Arc};

use barline::{
    domain::{Bar, CalendarClass, EventKind, Instrument, Interval, Timestamp},
    run::{Request, Signals},
    store::{
        ImportSource, ImportSummary, Store,
        import::{FileBars, FileReading, ImportTerms, OnConflict, SourceFile, Stamp},
        source::SourceOptions,
    },
};
use tempfile::TempDir;

use crate::{
    demo_store::{self, execute},
    small_store::{DAY, HOUR, START, lines, number, request, series, store, walk},
};

const SYMBOLS: [&str; 4] = ["A", "B", "C", "D"];
/// Days of bars; every run ends with the last of them.
const DAYS: i64 = 140;
/// Days before the end at whose noon symbol B has no bar until one is imported.
const MISSING: [i64; 8] = [3, 21, 25, 33, 62, 75, 88, 139];

fn rows() -> usize {
    usize::try_from(DAYS * 24).expect("few")
}

/// Row of the noon that lies `days` before the end.
fn noon(days: i64) -> usize {
    usize::try_from((DAYS - days) * 24 + 12).expect("a row")
}

fn a_store() -> (TempDir, std::path::PathBuf) {
    let gaps: Vec<usize> = MISSING.iter().map(|&days| noon(days)).collect();
    let made = SYMBOLS.iter().zip(1..).map(|(&symbol, seed)| {
        let logs = walk(seed, rows());
        let trades = |row: usize, _| symbol != "B" || !gaps.contains(&row);
        series(symbol, CalendarClass::Continuous, HOUR, &logs, trades)
    });
    store(Interval::HOUR, &made.collect::<Vec<_>>(), true)
}

/// Pairs with a formation window, a portfolio with a lookback in days, indicators with one in bars,
/// and strategies that look at nothing before the scored window.
fn asked() -> Request {
    let strategies =
        ["cointegration", "hrp", "sma-crossover", "macd", "equal-weight", "buy-and-hold"];
    let short = "20".parse().expect("days");
    let mut asked = request(60, &strategies, "2,all");
    asked.horizons.insert(0, short);
    asked.multi_pair = true;
    asked
}

/// Imports a file of the bars of B at noon on those days, in place of what is stored; returns how
/// many were replaced.
fn replace_bars(path: &Path, days: &[i64], close: f64) -> u64 {
    let file = path.with_file_name("bars.csv");
    let mut text = "ts,symbol,open,high,low,close,volume\n".to_owned();
    for &days in days {
        let ts = Timestamp(START + i64::try_from(noon(days)).expect("few") * HOUR);
        writeln!(text, "{ts},B,{close},{close},{close},{close},1").expect("memory");
    }
    fs::write(&file, text).expect("written");
    let report = import_in_place(path, &file, Interval::HOUR);
    assert_eq!((report.stored, report.duplicate), (0, 0));
    report.replaced
}

/// Imports a file in place of what is stored.
fn import_in_place(path: &Path, file: &Path, interval: Interval) -> ImportSummary {
    let terms = ImportTerms {
        market: "test".to_owned(),
        interval: Some(interval),
        calendar: None,
        stamp: Stamp::Open,
        max_rejects: Some(0),
        on_conflict: OnConflict::Replace,
        source: SourceOptions::default(),
    };
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let file = SourceFile::look_at(file).expect("a file");
    assert_eq!(store.earlier_import(&file, &terms).expect("asked"), None);
    let FileReading::Bars(bars) = FileBars::read(&file, &terms, &mut |_| Ok(())).expect("read")
    else {
        panic!("no row is bad")
    };
    let report = store.import_file(*bars, &mut |_| Ok(())).expect("imported");
    store.close().expect("closed");
    report.counts
}

/// Imports the bar that B lacks on that day.
fn import_bar(path: &Path, days: i64) {
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let source = ImportSource {
        name: format!("a bar {days} days before the end"),
        market: "test".to_owned(),
        interval: Interval::HOUR,
        calendar: CalendarClass::Continuous,
        detail: String::new(),
        content: String::new(),
    };
    let mut import = store.begin_import(source).expect("an import");
    let id = import.instrument("test", "B").expect("an instrument");
    let ts = Timestamp(START + i64::try_from(noon(days)).expect("few") * HOUR);
    let bar = Bar { ts, open: 50.0, high: 51.0, low: 49.0, close: 50.5, volume: 7.0 };
    import.append(id, &[bar]).expect("appended");
    assert_eq!(import.finish().expect("imported").stored, 1);
    store.close().expect("closed");
}

fn import_event(path: &Path, symbol: &str, kind: EventKind, days: i64, value: f64) {
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let instrument = Instrument { market: "test".into(), symbol: symbol.into(), id: 0 };
    let ts = START + (DAYS - days) * DAY;
    store.append_events("made up", kind, &[(&instrument, &[(ts, value)])]).expect("appended");
    store.close().expect("closed");
}

/// What `stale` lists: horizon, strategy, symbols.
fn stale(path: &Path) -> Vec<String> {
    let answer = demo_store::query(path, "stale", &[]);
    let at = |name| answer.position(name).expect("a column");
    let columns = ["horizon_days", "strategy", "symbols"].map(at);
    let shown = |row: &Vec<barline::store::Cell>| {
        columns.map(|column| format!("{:?}", row[column])).join(" ")
    };
    let mut listed: Vec<String> = answer.rows.iter().map(shown).collect();
    listed.sort();
    listed
}

/// What the newest run computed itself, in the same form.
fn computed(path: &Path) -> Vec<String> {
    let sql = "SELECT 'Int(' || horizon_days || ') Text(\"' || strategy || '\") Text(\"' || symbols
                 || '\")'
               FROM job_result
               WHERE run_id = (SELECT max(run_id) FROM run) AND NOT cached";
    let mut computed = lines(path, sql);
    computed.sort();
    computed
}

/// Runs again: what was listed as stale is computed, everything else is found; the number of them.
fn agrees(path: &Path, planned: u64, what: &str) -> usize {
    agrees_on(path, &asked(), planned, what)
}

fn agrees_on(path: &Path, asked: &Request, planned: u64, what: &str) -> usize {
    let listed = stale(path);
    let again = execute(path, asked);
    assert_eq!(again.planned, planned, "{what}");
    assert_eq!(computed(path), listed, "{what}");
    assert_eq!(again.cached, planned - listed.len() as u64, "{what}");
    assert_eq!(stale(path), Vec::<String>::new(), "{what}");
    listed.len()
}

#[test]
fn bars_that_arrive_later_make_exactly_the_jobs_stale_that_may_use_them() {
    let (_folder, path) = a_store();
    let planned = execute(&path, &asked()).planned;
    assert_eq!(stale(&path), Vec::<String>::new());
    assert_eq!(number(&path, "SELECT last_import FROM run"), 4);
    let mut sizes = Vec::new();
    for days in MISSING {
        import_bar(&path, days);
        sizes.push(agrees(&path, planned, &format!("{days} days")));
    }
    // Beyond every formation window no job uses a bar.
    assert_eq!(sizes.last(), Some(&0), "{sizes:?}");
    let with_b = "SELECT count(*) FROM job WHERE run_id = 1
                  AND list_contains(string_split(symbols, ','), 'B')";
    let with_b = usize::try_from(number(&path, with_b)).expect("a count");
    assert_eq!(sizes[0], with_b, "every job that holds B");
    // Formation windows, lookbacks in days and lookbacks in bars end at moments of their own.
    let mut distinct = sizes.clone();
    distinct.dedup();
    assert!(distinct.len() >= 4, "{sizes:?}");
}

#[test]
fn bars_that_replace_others_make_exactly_the_jobs_stale_that_may_use_them() {
    let (_folder, path) = a_store();
    let planned = execute(&path, &asked()).planned;
    let mut sizes = Vec::new();
    // Days that lie in a scored window, in formation windows, in lookbacks, and before all of them.
    for days in [2, 22, 34, 61, 76, 87, 138] {
        assert_eq!(replace_bars(&path, &[days], 50.0), 1);
        sizes.push(agrees(&path, planned, &format!("{days} days")));
    }
    assert_eq!(sizes.last(), Some(&0), "{sizes:?}");
    let mut distinct = sizes.clone();
    distinct.dedup();
    assert!(distinct.len() >= 4, "{sizes:?}");
    // Several at once, in one import.
    assert_eq!(replace_bars(&path, &[2, 22, 138], 51.0), 3);
    assert_eq!(agrees(&path, planned, "three days"), sizes[0].max(sizes[1]));
    let bars = "SELECT count(*) - count(DISTINCT (instrument_id, ts)) FROM bar";
    assert_eq!(number(&path, bars), 0);
}

#[test]
fn bars_that_come_back_are_found_again() {
    let (_folder, path) = a_store();
    replace_bars(&path, &[2], 50.0);
    let planned = execute(&path, &asked()).planned;
    assert_eq!(replace_bars(&path, &[2], 51.0), 1);
    let changed = agrees(&path, planned, "other bars");
    assert!(changed > 0);
    assert_eq!(replace_bars(&path, &[2], 50.0), 1);
    // What may have changed cannot be told from what has; the run tells it, and then nobody asks.
    assert_eq!(stale(&path).len(), changed);
    let again = execute(&path, &asked());
    assert_eq!((again.planned, again.cached), (planned, planned));
    assert_eq!(stale(&path), Vec::<String>::new());
}

#[test]
fn events_that_arrive_later_do_the_same() {
    let (_folder, path) = a_store();
    let planned = execute(&path, &asked()).planned;
    for (symbol, kind, days, value, any) in [
        ("B", EventKind::Dividend, 5, 0.5, true),
        ("C", EventKind::Dividend, 40, 0.5, true),
        ("C", EventKind::Dividend, 90, 0.5, false),
        ("D", EventKind::Borrow, 120, 40.0, true),
        ("D", EventKind::Borrow, 130, 50.0, false),
        ("A", EventKind::Split, 130, 2.0, true),
    ] {
        import_event(&path, symbol, kind, days, value);
        let stale = agrees(&path, planned, &format!("{kind} of {symbol}, {days} days"));
        assert_eq!(stale > 0, any, "{kind} of {symbol}, {days} days: {stale}");
    }
}

#[test]
fn more_bars_at_the_end_are_another_question_and_make_nothing_stale() {
    let (_folder, path) = a_store();
    execute(&path, &asked());
    let store = Store::open(&path, &demo_store::options()).expect("the store");
    let source = ImportSource {
        name: "the next day".to_owned(),
        market: "test".to_owned(),
        interval: Interval::HOUR,
        calendar: CalendarClass::Continuous,
        detail: String::new(),
        content: String::new(),
    };
    let mut import = store.begin_import(source).expect("an import");
    for symbol in SYMBOLS {
        let id = import.instrument("test", symbol).expect("an instrument");
        let at = |hour| Timestamp(START + DAYS * DAY + hour * HOUR);
        let bar =
            |hour| Bar { ts: at(hour), open: 9.0, high: 9.0, low: 9.0, close: 9.0, volume: 1.0 };
        import.append(id, &(0..24).map(bar).collect::<Vec<_>>()).expect("appended");
    }
    import.finish().expect("imported");
    store.close().expect("closed");
    assert_eq!(stale(&path), Vec::<String>::new());
}

#[test]
fn a_statement_may_read_every_bar_that_is_loaded_of_every_symbol() {
    let (_folder, path) = a_store();
    let text = "SELECT ts, symbol, CASE WHEN avg(close) OVER (
                  PARTITION BY symbol ORDER BY ts ROWS 100 PRECEDING) < close THEN 1 ELSE 0 END AS weight
                FROM bars WHERE symbol IN ('A', 'C') AND hour(ts) = 12 ORDER BY ts, symbol";
    let signals = Signals::statement("s.sql", text).expect("signals");
    let twenty = "20".parse().expect("days");
    let asked = Request {
        signals: Some(Arc::new(signals)),
        horizons: vec![twenty],
        multi_pair: false,
        ..request(20, &["scripted"], "2")
    };
    execute(&path, &asked);
    // The warmup of 20 days is 10 more; B is not traded.
    for (days, any) in [(3, true), (25, true), (29, true), (33, false)] {
        assert_eq!(replace_bars(&path, &[days + 1], 60.0 + days as f64), 1);
        let listed = stale(&path);
        let again = execute(&path, &asked);
        assert_eq!(computed(&path), listed, "{days} days");
        assert_eq!((again.planned - again.cached > 0, again.planned), (any, 1), "{days} days");
        assert_eq!(stale(&path), Vec::<String>::new(), "{days} days");
    }
}

/// Years of daily closes of an exchange: one symbol with all of them, one that was not traded for years,
/// one that has a bar a week, one that ended long ago.
#[test]
fn bars_of_years_before_are_used_by_no_job_of_the_last_year() {
    type Trades<'a> = &'a dyn Fn(usize) -> bool;
    const YEARS: i64 = 12;
    let rows = usize::try_from(YEARS * 365).expect("few");
    let day = |row: usize| i64::try_from(row).expect("few") % 7 < 5;
    let ago = |row: usize| rows - row;
    let symbols: [(&str, u64, Trades<'_>); 4] = [
        ("A", 1, &|_| true),
        ("B", 2, &|row| ago(row) < 430 || ago(row) > 6 * 365),
        ("C", 3, &|row| row % 7 == 2),
        ("D", 4, &|row| ago(row) > 9 * 365),
    ];
    let made = symbols.map(|(symbol, seed, trades)| {
        let logs = walk(seed, rows);
        series(symbol, CalendarClass::Exchange, DAY, &logs, |row, _| day(row) && trades(row))
    });
    let strategies =
        ["cointegration", "hrp", "sma-crossover", "macd", "rsi-reversion", "equal-weight"];
    // A longer warmup loads the bars of years before, and still no job uses them.
    for multiplier in ["1.5", "11"] {
        let (_folder, path) = store(Interval::DAY, &made, false);
        let multiplier = multiplier.parse().expect("a multiplier");
        let asked = Request { multiplier, multi_pair: true, ..request(365, &strategies, "2,all") };
        let planned = execute(&path, &asked).planned;
        let mut sizes = Vec::new();
        for days in [11 * 365, 9 * 365 + 20, 6 * 365 + 5, 6 * 365 + 2, 900, 640, 500, 420, 100] {
            let file = path.with_file_name("bars.csv");
            let mut text = "ts,symbol,close\n".to_owned();
            for (symbol, _, trades) in &symbols {
                // The last bar that is that long ago.
                let row = (0..rows - days).rev().find(|&row| day(row) && trades(row));
                let row = i64::try_from(row.expect("a bar")).expect("few");
                let close = 50 + sizes.len();
                writeln!(text, "{},{symbol},{close}", Timestamp(START + row * DAY))
                    .expect("memory");
            }
            fs::write(&file, text).expect("written");
            assert!(import_in_place(&path, &file, Interval::DAY).replaced >= 3);
            sizes.push(agrees_on(&path, &asked, planned, &format!("{days} days")));
        }
        assert_eq!(sizes[..4], [0; 4], "{sizes:?}");
        assert!(sizes[8] > 0, "{sizes:?}");
    }
}

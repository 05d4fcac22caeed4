//! Small stores of invented bars: symbols that list late, stop early, or trade on other days.

use std::path::{Path, PathBuf};

use barline::{
    domain::{Bar, CalendarClass, Horizon, Interval, Keep, Timestamp},
    run::Request,
    sim::Costs,
    store::{Cell, ImportSource, Store, Table},
};
use tempfile::TempDir;

use crate::{demo_store, scripted::Dice};

pub(crate) const HOUR: i64 = 3_600_000_000;
pub(crate) const DAY: i64 = 24 * HOUR;
/// Monday, 2024-01-01.
pub(crate) const START: i64 = 1_704_067_200_000_000;

/// A symbol and its bars: opening time and close.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) symbol: &'static str,
    pub(crate) calendar: CalendarClass,
    pub(crate) closes: Vec<(i64, f64)>,
}

/// Logarithms of `rows` prices that wander.
pub(crate) fn walk(seed: u64, rows: usize) -> Vec<f64> {
    let mut dice = Dice(seed);
    let mut log = 4.0;
    let step = |_| {
        log += 0.01 * dice.signed();
        log
    };
    (0..rows).map(step).collect()
}

/// A series of the prices with these logarithms in the rows that `trades` allows: row `r` opens
/// `r` steps after [`START`].
pub(crate) fn series(
    symbol: &'static str,
    calendar: CalendarClass,
    step: i64,
    logs: &[f64],
    trades: impl Fn(usize, i64) -> bool,
) -> Series {
    let bar = |(row, log): (usize, &f64)| {
        let ts = START + i64::try_from(row).expect("few") * step;
        trades(row, ts).then(|| (ts, log.exp()))
    };
    Series { symbol, calendar, closes: logs.iter().enumerate().filter_map(bar).collect() }
}

/// A store of these series in a folder of its own. A bar opens a thousandth below its close, or
/// has no open at all.
pub(crate) fn store(interval: Interval, series: &[Series], opens: bool) -> (TempDir, PathBuf) {
    let nan = f64::NAN;
    store_of(interval, series, |ts, close| Bar {
        ts: Timestamp(ts),
        open: if opens { close * 0.999 } else { nan },
        high: nan,
        low: nan,
        close,
        volume: nan,
    })
}

/// The same, of bars that are made of the opening time and the close.
pub(crate) fn store_of(
    interval: Interval,
    series: &[Series],
    bar: impl Fn(i64, f64) -> Bar,
) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.duckdb");
    let store = Store::create(&path, &demo_store::options()).expect("a store");
    for one in series {
        let source = ImportSource {
            name: one.symbol.to_owned(),
            market: "test".to_owned(),
            interval,
            calendar: one.calendar,
            detail: String::new(),
            content: String::new(),
        };
        let mut import = store.begin_import(source).expect("an import");
        let id = import.instrument("test", one.symbol).expect("an instrument");
        let bars: Vec<Bar> = one.closes.iter().map(|&(ts, close)| bar(ts, close)).collect();
        import.append(id, &bars).expect("appended");
        import.finish().expect("imported");
    }
    store.close().expect("closed");
    (folder, path)
}

/// Everything kept, nothing charged, on all symbols at once.
pub(crate) fn request(days: u32, strategies: &[&str], sizes: &str) -> Request {
    Request {
        symbols: None,
        horizons: vec![Horizon::from_days(days).expect("days")],
        strategies: strategies.iter().map(|&name| name.to_owned()).collect(),
        sizes: sizes.parse().expect("sizes"),
        costs: Costs::NONE,
        keep: Keep::All,
        ..demo_store::request()
    }
}

/// The answer to one question in SQL.
pub(crate) fn sql(path: &Path, text: &str) -> Table {
    let store = Store::open(path, &demo_store::options()).expect("the store");
    let answer = store.sql(text).expect(text);
    store.close().expect("closed");
    answer
}

/// The one whole number that answers a question.
pub(crate) fn number(path: &Path, text: &str) -> i64 {
    match sql(path, text).rows[..] {
        [ref row] => match row[..] {
            [Cell::Int(number)] => number,
            ref other => panic!("{text}: {other:?}"),
        },
        ref other => panic!("{text}: {other:?}"),
    }
}

/// The rows of an answer as text, columns joined by a blank.
pub(crate) fn lines(path: &Path, text: &str) -> Vec<String> {
    let shown = |cell: &Cell| match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Int(number) => number.to_string(),
        Cell::Float(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let rows = sql(path, text).rows;
    rows.iter().map(|row| row.iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
}

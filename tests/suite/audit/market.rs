//! A small market: bounces, gaps, a symbol that ends, one that follows another.

use std::path::PathBuf;

use barline::{
    domain::{Bar, CalendarClass, Horizon, Interval, Keep, Timestamp},
    run::Request,
    sim::Costs,
    store::{ImportSource, Store},
};
use tempfile::TempDir;

use crate::{
    demo_store,
    scripted::Dice,
    small_store::{HOUR, START},
};

/// Hourly bars: 16 days, of which 8 are scored.
const ROWS: usize = 16 * 24;
const SCORED_DAYS: u32 = 8;

/// Two months, of which the second is scored: it has an end of a month and more than 600 bars.
const LONG_ROWS: usize = 56 * 24;
const LONG_SCORED_DAYS: u32 = 28;

/// Closes of a symbol, `None` where it has no bar.
type Closes = Vec<Option<f64>>;

fn walk(seed: u64, rows: usize) -> Closes {
    let mut dice = Dice(seed);
    let (mut level, mut bounce) = (50.0 + 50.0 * dice.unit(), 0.0);
    let step = |_| {
        level *= 1.0 + 0.006 * dice.signed();
        bounce = 0.6 * bounce + 0.008 * dice.signed();
        Some(level * (1.0 + bounce))
    };
    (0..rows).map(step).collect()
}

fn bars(closes: &Closes, seed: u64, early: i64) -> Vec<Bar> {
    let mut dice = Dice(seed ^ 0xba5);
    let mut before = closes.iter().flatten().next().copied().unwrap_or(1.0);
    let mut bars = Vec::new();
    for (row, close) in (0_i64..).zip(closes) {
        let (open, volume) = (before * (1.0 + 0.001 * dice.signed()), 100.0 * (0.2 + dice.unit()));
        let Some(close) = *close else { continue };
        let (high, low) = (open.max(close) * 1.002, open.min(close) * 0.998);
        let ts = Timestamp(START + (row - early) * HOUR);
        bars.push(Bar { ts, open, high, low, close, volume });
        before = close;
    }
    bars
}

fn stored(symbols: &[(&str, Vec<Bar>)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("market.duckdb");
    let store = Store::create(&path, &demo_store::options()).expect("a store");
    let source = ImportSource {
        name: "market".to_owned(),
        market: "test".to_owned(),
        interval: Interval::HOUR,
        calendar: CalendarClass::Continuous,
        detail: String::new(),
        content: String::new(),
    };
    let mut import = store.begin_import(source).expect("an import");
    for (symbol, bars) in symbols {
        let id = import.instrument("test", symbol).expect("an instrument");
        import.append(id, bars).expect("appended");
    }
    import.finish().expect("imported");
    store.close().expect("closed");
    (folder, path)
}

/// A symbol with all bars, one with gaps, one that ends before the others.
pub(super) fn store() -> (TempDir, PathBuf) {
    stored(&symbols(0))
}

/// The same with other prices.
pub(super) fn store_of(seed: u64) -> (TempDir, PathBuf) {
    stored(&symbols(seed))
}

/// As [`store`], but over several months, with one more symbol.
pub(super) fn long_store() -> (TempDir, PathBuf) {
    let mut symbols = symbols_over(7, LONG_ROWS);
    symbols.push(("E", bars(&walk(7_005, LONG_ROWS), 7_005, 0)));
    stored(&symbols)
}

/// The bars of [`store_of`].
pub(super) fn symbols(seed: u64) -> Vec<(&'static str, Vec<Bar>)> {
    symbols_over(seed, ROWS)
}

fn symbols_over(seed: u64, rows: usize) -> Vec<(&'static str, Vec<Bar>)> {
    let walk = |symbol: u64| walk(symbol + 1_000 * seed, rows);
    let mut gappy = walk(3);
    let mut dice = Dice(77 + seed);
    for close in &mut gappy {
        *close = close.filter(|_| !dice.chance(0.1));
    }
    let mut ends = walk(4);
    ends[rows - 40..].fill(None);
    let symbols = [("A", walk(1)), ("C", gappy), ("D", ends)];
    let number = (1..).map(|symbol: u64| symbol + 1_000 * seed);
    number.zip(symbols).map(|(seed, (name, closes))| (name, bars(&closes, seed, 0))).collect()
}

/// A symbol, and one whose price follows it within the same bar; the bars of the first are stamped
/// an hour early.
pub(super) fn early_store() -> (TempDir, PathBuf) {
    let leader = walk(5, ROWS);
    let mut dice = Dice(6);
    let close = |close: &Option<f64>| close.map(|close| close * (1.0 + 0.0005 * dice.signed()));
    let follower: Closes = leader.iter().map(close).collect();
    stored(&[("A", bars(&leader, 5, 1)), ("B", bars(&follower, 6, 0))])
}

/// Everything free of cost, on single symbols and pairs.
pub(super) fn request() -> Request {
    Request {
        symbols: None,
        horizons: vec![Horizon::from_days(SCORED_DAYS).expect("days")],
        sizes: "2".parse().expect("sizes"),
        max_combinations: None,
        costs: Costs::NONE,
        keep: Keep::All,
        ..demo_store::request()
    }
}

/// The same over the second half of [`long_store`].
pub(super) fn long_request() -> Request {
    let horizons = vec![Horizon::from_days(LONG_SCORED_DAYS).expect("days")];
    Request { horizons, ..request() }
}

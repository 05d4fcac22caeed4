//! Named queries: what they answer, recomputed here in another plain way from rows of tables, and that
//! they answer alike on any number of threads.
//!
//! One store is made for all: run 1 keeps everything, run 2 asks the same at another commission and
//! without one of the symbols, run 3 has jobs that fail.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use barline::{
    domain::Keep,
    report::{self, Format},
    run::Request,
    sim::Costs,
    store::{Cell, Store, StoreOptions, Table},
};
use tempfile::TempDir;

use crate::{broken_jobs, demo_store};

mod explained;
mod folder;
mod jobs;
mod paths;
mod refits;

/// Between a sum here and one in SQL, in another order or with another formula.
const ROUNDING: f64 = 1e-12;

const CAPITAL: f64 = 10_000.0;

fn request(symbols: usize, commission_bps: f64) -> Request {
    let mut request = demo_store::request();
    request.symbols = request.symbols.map(|all| all.into_iter().take(symbols).collect());
    let strategies =
        ["cointegration", "hrp", "equal-weight", "min-variance", "macd", "buy-and-hold"];
    Request {
        strategies: strategies.map(str::to_owned).to_vec(),
        sizes: "2,all".parse().expect("sizes"),
        costs: Costs { commission_bps, ..Costs::default() },
        capital: CAPITAL,
        keep: Keep::All,
        ..request
    }
}

/// A copy of the store with three runs.
fn three_runs() -> (TempDir, PathBuf) {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, built) = BUILT.get_or_init(|| {
        let (folder, path) = demo_store::copy();
        demo_store::execute(&path, &request(5, 10.0));
        demo_store::execute(&path, &request(4, 11.0));
        let store = Store::open(&path, &demo_store::options()).expect("the store");
        assert_eq!(broken_jobs::executed(&store, false).failures(), 3);
        store.close().expect("closed");
        (folder, path)
    });
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.duckdb");
    std::fs::copy(built, &path).expect("a copy");
    (folder, path)
}

fn open(path: &Path) -> Store {
    Store::open(path, &StoreOptions::default()).expect("the store")
}

fn ask(store: &Store, name: &str, given: &[(&str, &str)]) -> Vec<Row> {
    let given: Vec<_> = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    rows(store.query(name, &given).expect(name))
}

fn select(store: &Store, statement: &str) -> Vec<Row> {
    rows(store.sql(statement).expect(statement))
}

/// A row by the names of its columns.
struct Row(BTreeMap<String, Cell>);

fn rows(table: Table) -> Vec<Row> {
    let columns = table.columns;
    table.rows.into_iter().map(|row| Row(columns.iter().cloned().zip(row).collect())).collect()
}

impl Row {
    fn cell(&self, name: &str) -> &Cell {
        self.0.get(name).unwrap_or_else(|| panic!("no column {name} in {:?}", self.0.keys()))
    }

    fn text(&self, name: &str) -> &str {
        match self.cell(name) {
            Cell::Text(text) => text,
            Cell::Null => "",
            other => panic!("{name}: {other:?}"),
        }
    }

    fn int(&self, name: &str) -> i64 {
        match self.cell(name) {
            Cell::Int(number) => *number,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// `None` where it is undefined.
    fn real(&self, name: &str) -> Option<f64> {
        match self.cell(name) {
            Cell::Float(number) => Some(*number),
            Cell::Int(number) => Some(*number as f64),
            Cell::Null => None,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn flag(&self, name: &str) -> bool {
        self.cell(name) == &Cell::Bool(true)
    }

    fn time(&self, name: &str) -> Option<i64> {
        match self.cell(name) {
            Cell::Time(micros) => Some(*micros),
            Cell::Null => None,
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// Fails unless both are undefined, or equal but for rounding.
fn assert_near(found: Option<f64>, expected: Option<f64>, what: &str) {
    let near = match (found, expected) {
        (Some(found), Some(expected)) => {
            (found - expected).abs() <= ROUNDING * found.abs().max(expected.abs()).max(1.0)
        }
        (found, expected) => found.is_none() && expected.is_none(),
    };
    assert!(near, "{what}: {found:?} is not {expected:?}");
}

fn csv(table: &Table) -> Vec<u8> {
    let mut bytes = Vec::new();
    report::write(table, Format::Csv, None, &mut bytes).expect("written");
    bytes
}

/// Queries that have nothing to say of run 1: it is no screen, nothing was imported after it or wrong
/// with what was, and no job of it failed.
const EMPTY: [&str; 6] =
    ["screen", "screens", "compare-screens", "stale", "rejects", "event-health"];

#[test]
fn every_query_answers_the_same_bytes_on_one_two_and_four_threads() {
    let (_folder, path) = three_runs();
    let mut first: BTreeMap<(String, i64), Vec<u8>> = BTreeMap::new();
    for threads in [1, 2, 4] {
        let options = StoreOptions { threads, ..StoreOptions::default() };
        let store = Store::open(&path, &options).expect("the store");
        for query in Store::named_queries() {
            let takes_run = query.takes.iter().any(|taken| taken.name == "run");
            for run in if takes_run { 1..=3 } else { 1..=1 } {
                let mut given = vec![("run".to_owned(), run.to_string())];
                given.retain(|_| takes_run);
                let table = store.query(&query.name, &given).expect(&query.name);
                let is_empty = EMPTY.contains(&query.name.as_str());
                assert!(run != 1 || table.rows.is_empty() == is_empty, "{}", query.name);
                let bytes = csv(&table);
                let key = (query.name.clone(), run);
                let known = first.entry(key).or_insert_with(|| bytes.clone());
                assert!(known == &bytes, "{} of run {run} on {threads} threads", query.name);
            }
        }
        store.close().expect("closed");
    }
}

#[test]
fn every_query_answers_the_demo_without_a_run() {
    let (_folder, path) = demo_store::copy();
    let store = open(&path);
    for query in Store::named_queries() {
        let table = store.query(&query.name, &[]).expect(&query.name);
        let of_bars = ["imports", "import-health"].contains(&query.name.as_str());
        assert_eq!(table.rows.is_empty(), !of_bars, "{}", query.name);
        assert!(!table.columns.is_empty(), "{}", query.name);
    }
    let other = [("run".to_owned(), "last~1".to_owned())];
    assert!(store.query("compare", &other).expect_err("typed, and not there").is_usage());
}

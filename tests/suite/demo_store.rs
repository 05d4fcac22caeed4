//! The demo store, built once per test process and copied for every test that needs one.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use barline::{
    demo,
    domain::{Sizes, WarmupMultiplier},
    run::{self, Keep, Request, Stop, Summary, WorkerRequest, progress::Silent},
    sim::{Costs, Limits, MAX_STALE_BARS, Rules},
    store::{Store, StoreOptions, Table},
    strategy::StrategyParameters,
};
use tempfile::TempDir;

/// A copy of the demo store in a folder of its own.
pub(crate) fn copy() -> (TempDir, PathBuf) {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, built) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demo.duckdb");
        run::build_demo(&path, demo::DEFAULT_SEED, &options(), &Silent, &Stop::new())
            .expect("a demo store");
        (folder, path)
    });
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.duckdb");
    std::fs::copy(built, &path).expect("a copy");
    (folder, path)
}

pub(crate) fn options() -> StoreOptions {
    StoreOptions { memory_limit_bytes: 64 << 20, threads: 1 }
}

/// A small multi-pair request: six symbols, two horizons, pairs, triples and all.
pub(crate) fn request() -> Request {
    let symbols = demo::Demo::new(demo::DEFAULT_SEED).symbols();
    Request {
        symbols: Some(symbols.into_iter().take(6).collect()),
        interval: None,
        horizons: vec!["30".parse().expect("days"), "90".parse().expect("days")],
        multiplier: WarmupMultiplier::default(),
        strategies: barline::strategy::default_names(true),
        parameters: StrategyParameters::default(),
        signals: None,
        from_screen: None,
        sizes: "2,3,all".parse::<Sizes>().expect("sizes"),
        multi_pair: true,
        max_combinations: None,
        ranks: None,
        as_of: None,
        capital: 10_000.0,
        costs: Costs::default(),
        limits: Limits::default(),
        rules: Rules::default(),
        instruments: std::collections::BTreeMap::new(),
        fill: None,
        max_stale_bars: MAX_STALE_BARS,
        periods_per_year: None,
        workers: WorkerRequest::default(),
        budget_bytes: 1 << 30,
        device: run::DeviceRequest::default(),
        panel: run::PanelChoice::default(),
        memory_warn: 0.85,
        job_timeout: None,
        batch_jobs: 256,
        keep: Keep::Trades,
        seed: 1,
        fresh: false,
    }
}

/// Runs a request on the store at `path` and closes it.
pub(crate) fn execute(path: &Path, request: &Request) -> Summary {
    let store = Store::open(path, &options()).expect("the store");
    let summary = run::execute(&store, request, &Silent, &Stop::new()).expect("a run");
    store.close().expect("closed");
    summary
}

/// The answer to a named query.
pub(crate) fn query(path: &Path, name: &str, parameters: &[(&str, &str)]) -> Table {
    let store = Store::open(path, &options()).expect("the store");
    let parameters: Vec<_> =
        parameters.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    store.query(name, &parameters).expect(name)
}

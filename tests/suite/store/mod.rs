//! The store from outside: opened, refused, filled, asked.

mod answers;
mod bars;
mod cage;
mod damage;
mod opening;
mod rebuilding;
mod results;
mod scale;
mod speed;

use std::path::PathBuf;

use barline::{
    domain::{
        Bar, CalendarClass, FitRecord, Interval, JobKey, JobRecord, Keep, Measures, Outcome,
        Timestamp, TradeRecord,
    },
    store::{ImportSource, RunEnd, RunKind, RunStart, RunStatus, Store, StoreOptions},
};
use tempfile::TempDir;

const HOUR: i64 = 3_600_000_000;

fn options() -> StoreOptions {
    StoreOptions { memory_limit_bytes: 128_000_000, threads: 1 }
}

/// An empty store in a folder of its own.
fn empty() -> (TempDir, PathBuf, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("test.duckdb");
    let store = Store::create(&path, &options()).expect("a new store");
    (folder, path, store)
}

fn source() -> ImportSource {
    ImportSource {
        name: "test".into(),
        market: "demo".into(),
        interval: Interval::HOUR,
        calendar: CalendarClass::Continuous,
        detail: "made up".into(),
        content: String::new(),
    }
}

fn bar(hour: i64, close: f64) -> Bar {
    Bar {
        ts: Timestamp(hour * HOUR),
        open: close,
        high: close,
        low: close,
        close,
        volume: f64::NAN,
    }
}

/// Symbols with hourly bars at the hours given.
fn fill(store: &Store, symbols: &[(&str, std::ops::Range<i64>)]) {
    let mut import = store.begin_import(source()).expect("an import");
    for (symbol, hours) in symbols {
        let id = import.instrument("demo", symbol).expect("an instrument");
        let bars: Vec<Bar> = hours.clone().map(|hour| bar(hour, 1.0 + hour as f64)).collect();
        import.append(id, &bars).expect("bars");
    }
    import.finish().expect("a finished import");
}

fn key(text: &str) -> JobKey {
    JobKey::from_hash(&blake3::hash(text.as_bytes()))
}

fn job(symbols: &str, horizon_days: u32, outcome: Outcome) -> JobRecord {
    let done = outcome == Outcome::Done;
    let trade = TradeRecord {
        symbol: symbols.split(',').next().expect("a symbol").into(),
        trade_group: 0,
        side: -1,
        entry_ts: Timestamp(HOUR),
        exit_ts: Timestamp(3 * HOUR),
        entry_price: 10.0,
        exit_price: 9.0,
        quantity: 2.0,
        gross_pnl: 2.0,
        commission: 0.1,
        slippage: 0.0,
        borrow: 0.05,
        spread: 0.0,
        impact: 0.0,
        dividend: 0.0,
        funding: 0.0,
        net_pnl: 1.85,
        bars_held: 2,
        exit_reason: "exit",
    };
    JobRecord {
        key: key(&format!("{symbols} {horizon_days}")),
        strategy: "cointegration".into(),
        parameters: "{\"alpha\":0.05}".into(),
        horizon_days,
        symbols: symbols.into(),
        size: u32::try_from(symbols.split(',').count()).expect("few"),
        outcome,
        reason: (!done).then(|| "because".into()),
        measures: done.then(|| Measures {
            bars: 24,
            total_return: 0.1,
            max_drawdown: -0.02,
            final_equity: 11_000.0,
            benchmark_return: Some(0.05),
            trades: 1,
            ..Measures::default()
        }),
        kept: if done { Keep::Trades } else { Keep::All },
        trades: if done { vec![trade] } else { Vec::new() },
        fills: Vec::new(),
        equity: Vec::new(),
        weights: Vec::new(),
    }
}

fn fit(y: &str, x: &str, horizon_days: u32, refit: u32, accepted: bool) -> FitRecord {
    FitRecord {
        key: key(&format!("fit {y} {x} {horizon_days} {refit}")),
        horizon_days,
        refit,
        symbol_y: y.into(),
        symbol_x: x.into(),
        formation_start: Timestamp(0),
        formation_end: Timestamp(100 * HOUR),
        bars: 100,
        statistic: Some(-4.0),
        p_value: Some(0.01),
        lag_bars: Some(1),
        beta: Some(1.1),
        alpha: Some(f64::NAN),
        half_life_bars: Some(12.0),
        spread_sd: None,
        accepted,
        reason: (!accepted).then(|| "p above alpha".into()),
    }
}

fn run_start(configuration: &str) -> RunStart {
    RunStart {
        kind: RunKind::Backtest,
        configuration_json: "{}".into(),
        configuration_hash: configuration.into(),
        engine_version: "0".into(),
        device: "cpu".into(),
        workers: 2,
        budget_bytes: 1_000_000_000,
        planned_peak_bytes: 90_000_000,
        panel: "ram".into(),
        planned_jobs: 3,
        started_at: Timestamp(0),
        interval: Interval::HOUR,
        end_ts: Timestamp(1_000 * HOUR),
        universe_size: 3,
        screen: None,
        instruments: Vec::new(),
        reaches: Vec::new(),
    }
}

fn run_end(status: RunStatus) -> RunEnd {
    RunEnd {
        status,
        finished_at: Timestamp(HOUR),
        wall_secs: 1.5,
        measured_peak_bytes: 80_000_000,
        initial_bytes: 10_000_000,
        final_bytes: 40_000_000,
        kernel_peak_bytes: Some(120_000_000),
        cgroup_peak_bytes: None,
        allocated_peak_bytes: Some(30_000_000),
        admission_waits: 0,
        computed: 3,
        cached: 0,
        left_out: 0,
        pair_fits: 2,
        frame_rows: 1_000,
        device: None,
    }
}

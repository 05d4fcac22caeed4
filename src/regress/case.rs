//! A case: bars, a run on them, and what is held of it.

use std::{collections::BTreeMap, path::PathBuf};

use super::{Fixture, Held};
use crate::run::Request;

/// Columns of table `measure` that a case may hold.
pub const MEASURES: [&str; 27] = [
    "bars",
    "periods_per_year",
    "final_equity",
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "calmar",
    "exposure",
    "turnover_annual",
    "traded_notional",
    "trades",
    "win_rate",
    "profit_factor",
    "commission",
    "slippage",
    "spread",
    "impact",
    "borrow",
    "financing",
    "dividend",
    "funding",
    "benchmark_return",
    "benchmark_sharpe",
    "benchmark_drawdown",
];

/// Measures that a case holds where it does not say which.
pub const DEFAULT_MEASURES: [&str; 5] =
    ["total_return", "sharpe", "max_drawdown", "trades", "commission"];

/// The name of the planned peak among tolerances.
pub const PLANNED: &str = "planned_bytes";

/// How far a planned peak may be off where a case does not say, as a share of the one that is held: a
/// plan counts the process too, which may grow with the binary.
pub const DEFAULT_PLANNED_SHARE: f64 = 0.1;

/// A case as it was read.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name, of which a folder has one.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What it is there for, in one line.
    pub about: String,
    /// Numbers of workers it is run with; all must leave the same.
    pub workers: Vec<usize>,
    /// Measures that are held of every job.
    pub measures: Vec<String>,
    /// How far a measure may be off, absolute; the planned peak as a share.
    pub within: BTreeMap<String, f64>,
    /// Most memory that its process may take, bytes.
    pub peak_bytes: Option<u64>,
    /// Its bars.
    pub fixture: Fixture,
    /// The run.
    pub request: Request,
    /// What is held; `None` before it was blessed.
    pub held: Option<Held>,
}

//! Reading back DuckDB's log when a store is opened that a kill has left: what it takes, before it is
//! begun.
//!
//! What is read back stands in memory uncompressed until the next checkpoint, under DuckDB's limit;
//! a plan that is made afterwards finds it in the base and in the buffers.

use std::path::Path;

use super::{
    base,
    footprint::{BASE_SLACK, MIB, duckdb_bytes},
};
use crate::{
    error::{Error, ErrorKind, Result},
    store::Store,
};

/// What opening a store and settling what is asked takes beside its log: tables, views, first statements.
const OPENED: u64 = 12 * MIB;
/// What the process may hold more of when the same command is given the least budget.
const LEAST_MARGIN: u64 = 2 * MIB;

/// Most bytes that reading back a log of `log_bytes` takes beyond the process as it stands: rows as they
/// are in memory, in blocks that are not full. Logs of 0.07 to 16 MB took up to 1.43 times their size and
/// 4 MB; half as much again is planned.
pub(super) fn replay_bytes(log_bytes: u64, duckdb_limit: u64) -> u64 {
    if log_bytes == 0 {
        return 0;
    }
    duckdb_bytes(log_bytes.saturating_mul(3) / 2, duckdb_limit)
}

/// Refuses to open the store at `path` under a budget that has no room for what a kill left in its log;
/// `limit_under` is DuckDB's limit under a budget.
///
/// # Errors
/// Budget, naming the least that reads it back.
pub fn require_replay(path: &Path, budget: u64, limit_under: fn(u64) -> u64) -> Result<()> {
    let (_, log_bytes) = Store::file_bytes(path);
    let base = base::bare() + BASE_SLACK + OPENED;
    let under = |budget| base + replay_bytes(log_bytes, limit_under(budget));
    if log_bytes == 0 || under(budget) <= budget {
        return Ok(());
    }
    let mut least = under(budget) + LEAST_MARGIN;
    while under(least) + LEAST_MARGIN > least {
        least = under(least) + LEAST_MARGIN;
    }
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let line = format!(
        "{}: reading back its log of {:.1} MB needs {:.1} MB, the memory budget is {:.1} MB",
        path.display(),
        megabytes(log_bytes),
        megabytes(under(budget)),
        megabytes(budget)
    );
    Err(Error::new(ErrorKind::Budget, line).with_hint(format!(
        "to read it back takes --memory-budget {}MiB; what is asked for may take more, and says so then",
        least.div_ceil(MIB)
    )))
}

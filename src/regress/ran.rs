//! One run of a case, in a store in memory.

use std::time::Instant;

use super::{Case, Found};
use crate::{
    error::{Error, ErrorKind, Result},
    run::{self, Keep, Request, Stop, WorkerRequest, progress::Silent},
    store::{Store, StoreOptions},
};

/// The part of a case's memory budget that its bars and rows may take, as one over so many.
const BARS_SHARE: u64 = 4;

/// Runs a case with `workers` workers and reads what the run left.
///
/// # Errors
/// As the import of its files and a run of its request; interrupted, if asked to stop.
pub fn ran(case: &Case, workers: usize, stop: &Stop) -> Result<Found> {
    let started = Instant::now();
    let budget = case.request.budget_bytes;
    // What a store on disk would hold stands in memory here, beside what DuckDB takes for the run.
    let memory_limit_bytes = run::duckdb_limit(budget) + budget / BARS_SHARE;
    let options = StoreOptions { memory_limit_bytes, threads: 1 };
    let store = Store::in_memory(&options)?;
    case.fixture.fill(&store, stop)?;
    let request = Request {
        workers: WorkerRequest { asked: Some(workers), cap: Some(workers), sequential: false },
        keep: Keep::All,
        fresh: false,
        ..case.request.clone()
    };
    let summary = run::execute(&store, &request, &Silent, stop)?;
    if stop.requested() {
        return Err(Error::new(ErrorKind::Interrupted, "stopped: the case was not run to its end"));
    }
    let memory = summary.memory;
    Ok(Found {
        planned_bytes: memory.planned_bytes,
        peak_bytes: memory.peak_bytes,
        budget_bytes: memory.budget_bytes,
        wall_secs: started.elapsed().as_secs_f64(),
        ..Found::read(&store)?
    })
}

//! Playing one stored job again, with everything that the run did not keep.

use super::{
    curves::Curves,
    recall::recall,
    spread::{Spread, traded_pairs},
    tree::{Tree, last_tree},
};
use crate::{
    domain::{JobRecord, WarmupMultiplier},
    error::Result,
    run::{
        Request,
        cell::{self, Bench, Cell},
        execute,
        horizon_grid::HorizonGrid,
        loading, plan,
        prepared::Prepared,
        writer::agrees,
    },
    store::{Store, Table},
};

/// Warmups that are tried, in multiples of the horizon: what a run usually loads, then more. A warmup
/// changes a job only where it is too short for its strategy.
const WARMUPS: [f64; 2] = [1.5, 4.0];

/// What can be drawn of a job that was simulated again.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The job with its fills, weights, trades and equity.
    pub record: JobRecord,
    /// Equity and what follows from it.
    pub curves: Curves,
    /// The spreads it traded, those with most entries first.
    pub spreads: Vec<Spread>,
    /// The tree of its last rebalance.
    pub tree: Option<Tree>,
    /// True if outcome, reason and every measure are the stored ones in every bit.
    pub equal: bool,
}

/// The job in `job` of the run in `run`, simulated again.
///
/// # Errors
/// Why it cannot be drawn, in a few words: other bars than then, no memory, no scored bar.
pub(super) fn resimulate(
    store: &Store,
    job: &Table,
    run: &Table,
    budget_bytes: u64,
) -> Result<Drawn, String> {
    let mut differs = false;
    for multiplier in WARMUPS {
        let Some(multiplier) = WarmupMultiplier::new(multiplier) else { continue };
        let request = recall(job, run, budget_bytes, multiplier)?;
        match played(store, job.text(0, "job"), &request) {
            Ok(Some(drawn)) if drawn.record.equity.is_empty() => {
                return Err("no bar of it was simulated".to_owned());
            }
            Ok(Some(drawn)) => return Ok(drawn),
            Ok(None) => differs = true,
            Err(error) if differs => tracing::debug!(%error, "a longer warmup"),
            Err(error) => return Err(error.to_string()),
        }
    }
    Err("the bars of the store, or Barline, are not what they were when it ran: its job key differs"
        .to_owned())
}

/// The job, or nothing where its key is not `key` on these bars.
fn played(store: &Store, key: &str, request: &Request) -> Result<Option<Drawn>> {
    let prepared = Prepared::new(store, request, plan::strategies(request)?)?;
    let loaded = loading::load(store, request, &prepared)?;
    let logs = loaded.logs();
    let bars = loaded.horizons(request, &prepared, &logs, None);
    let Some(bars) = bars.first() else { return Ok(None) };
    let terms = execute::terms(request, &prepared);
    let Prepared { strategies, particulars, plan, .. } = &prepared;
    let grid =
        HorizonGrid::open(bars, strategies, particulars, request, &terms.sim, plan.pairs_kept);
    let universe = bars.panel.universe().len();
    let assets: Vec<u16> = (0..universe).filter_map(|asset| u16::try_from(asset).ok()).collect();
    let found = grid.key(0, &assets);
    if found.to_string() != key {
        return Ok(None);
    }
    let job = Cell { assets, jobs: vec![(0, found)] };
    let (mut records, benchmarks) =
        cell::run_with_benchmarks(&grid, &job, &terms, &mut Bench::default());
    let Some(record) = records.pop() else { return Ok(None) };
    let benchmark = benchmarks.into_iter().flatten().next().map(|simulation| simulation.equity);
    let place =
        |symbol: &str| job.assets.iter().find(|&&asset| bars.symbol(asset) == symbol).copied();
    let spread = |pair: [String; 2]| {
        let [first, second] = [place(&pair[0])?, place(&pair[1])?];
        let path = grid.sessions[0].spread_path(first.min(second), first.max(second))?;
        Some(Spread::of(path, &record))
    };
    let reader = store.reader()?;
    let known = reader.known_jobs(&[found], reader.newest_job()?)?.into_iter().flatten().next();
    let stored = match known {
        Some(known) => reader.stored_jobs(&[(found, known.job_id)])?,
        None => Vec::new(),
    };
    Ok(Some(Drawn {
        curves: Curves::of(&record, &benchmark.unwrap_or_default(), request.capital),
        spreads: traded_pairs(&record).into_iter().filter_map(spread).collect(),
        tree: last_tree(&record, request, strategies[0].as_ref(), bars),
        equal: stored.iter().any(|stored| agrees(stored, &record)),
        record,
    }))
}

//! Playing one stored job again, with everything that the run did not keep.

use super::{
    curves::Curves,
    kept::kept,
    recall::{FROM_OUTSIDE, recall},
    spread::{Spread, traded_pairs},
    tree::{Tree, last_tree},
};
use crate::{
    domain::{JobRecord, WarmupMultiplier},
    error::Result,
    run::{
        Request,
        cell::{self, Bench, Cell, Terms},
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
pub(super) const WARMUPS: [f64; 2] = [1.5, 4.0];

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
    /// Where this comes from.
    pub source: Source,
}

/// Where what is drawn of a job comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It was simulated again: outcome, reason and every measure are the stored ones in every bit.
    Equal,
    /// It was simulated again, and is not what is stored.
    Different,
    /// The store keeps it.
    Kept,
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
    if job.text(0, "strategy") == FROM_OUTSIDE {
        return kept(store, job, run, budget_bytes);
    }
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
    let drawn = with_grid(store, request, |grid, job, terms| {
        let [(_, found)] = job.jobs[..] else { return Ok(None) };
        if found.to_string() == key { drawn(store, (grid, job), terms, request) } else { Ok(None) }
    });
    Ok(drawn?.flatten())
}

/// What `with` makes of the grid of a request for one job, of its cell, and of the terms; nothing where no bar is scored.
pub(super) fn with_grid<T>(
    store: &Store,
    request: &Request,
    with: impl FnOnce(&HorizonGrid<'_>, &Cell, &Terms) -> Result<T>,
) -> Result<Option<T>> {
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
    let jobs = vec![(0, grid.key(0, &assets))];
    with(&grid, &Cell { assets, jobs }, &terms).map(Some)
}

fn drawn(
    store: &Store,
    (grid, job): (&HorizonGrid<'_>, &Cell),
    terms: &Terms,
    request: &Request,
) -> Result<Option<Drawn>> {
    let bars = grid.bars;
    let (mut records, benchmarks) =
        cell::run_with_benchmarks(grid, job, terms, &mut Bench::default());
    let Some(record) = records.pop() else { return Ok(None) };
    let benchmark = benchmarks.into_iter().flatten().next().map(|simulation| simulation.equity);
    let place =
        |symbol: &str| job.assets.iter().find(|&&asset| bars.symbol(asset) == symbol).copied();
    let spread = |pair: [String; 2]| {
        let [first, second] = [place(&pair[0])?, place(&pair[1])?];
        let path = grid.sessions[0].spread_path(first.min(second), first.max(second))?;
        Some(Spread::of(path, &record))
    };
    let stored = store.reader()?.stored_job(record.key)?;
    let is_equal = stored.is_some_and(|stored| agrees(&stored, &record));
    Ok(Some(Drawn {
        curves: Curves::of(&record, &benchmark.unwrap_or_default(), request.capital),
        spreads: traded_pairs(&record).into_iter().filter_map(spread).collect(),
        tree: last_tree(&record, request, grid.strategies[0].as_ref(), bars),
        source: if is_equal { Source::Equal } else { Source::Different },
        record,
    }))
}

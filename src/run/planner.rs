//! The planner: jobs by rank, looked up in the store, handed out cell by cell.
//!
//! A lookup reads every key the store had when the run began, so the keys of many jobs are looked
//! up at once, and none if the store had none. What the run itself writes is never looked up: no
//! job occurs twice in a grid.

use std::{
    ops::Range,
    sync::{Arc, mpsc::SyncSender},
};

use super::{
    cell::Cell,
    grid::SizeGrid,
    horizon_grid::HorizonGrid,
    stop::Stop,
    workers::{Lease, Take},
    writer::Finished,
};
use crate::{
    domain::{JobKey, Keep},
    error::Result,
    store::{KnownJob, Reader},
};

/// Cells a worker takes at a time.
const CELLS_PER_TAKE: usize = 16;
/// Jobs looked up at a time: a lookup costs a pass over the stored keys.
const LOOKUP_JOBS: u64 = 1 << 17;
/// Jobs whose links, or stored results, go to the writer at a time.
const FOUND_JOBS: usize = 2_048;
/// Bytes of a lookup per job: its key, also on its way to DuckDB, and what is known of it.
const LOOKUP_JOB_BYTES: u64 = 2 * 16 + 24;

/// What the planner holds at most while it looks up jobs of a run of `jobs`.
pub(super) fn lookup_bytes(jobs: u64) -> u64 {
    jobs.min(LOOKUP_JOBS) * LOOKUP_JOB_BYTES
}

/// Everything the planner needs.
pub(super) struct Planner<'p, 'a> {
    pub(super) horizons: &'a [HorizonGrid<'a>],
    pub(super) sizes: &'p [SizeGrid],
    pub(super) reader: &'p Reader,
    /// Highest number of a job that was stored before the run.
    pub(super) newest: i64,
    pub(super) fresh: bool,
    /// Jobs stored with less are computed again.
    pub(super) keep: Keep,
    pub(super) stop: &'p Stop,
    pub(super) takes: &'p SyncSender<Take<'a>>,
    pub(super) finished: &'p SyncSender<Finished>,
}

/// A job of a cell that is looked up: strategy, key, and what the store knows.
type Looked = (usize, JobKey, Option<KnownJob>);

impl<'a> Planner<'_, 'a> {
    /// Walks the grid until it ends, the run is stopped, or nobody listens any more.
    pub(super) fn walk(&self) -> Result<()> {
        for (at, grid) in self.horizons.iter().enumerate() {
            let horizon = Arc::new(Lease(grid));
            for size in self.sizes.iter().filter(|size| size.is_over(at)) {
                let chunk = (LOOKUP_JOBS / size.strategies.len().max(1) as u64).max(1);
                let mut at = 0;
                while at < size.combinations() {
                    let to = size.combinations().min(at + chunk);
                    if self.stop.requested() || self.chunk(&horizon, size, at..to)?.is_none() {
                        return Ok(());
                    }
                    at = to;
                }
            }
        }
        Ok(())
    }

    /// One chunk of ranks: looks its jobs up, links those known, hands out the rest. `None` when
    /// nobody listens, or the run is stopped.
    fn chunk(
        &self,
        horizon: &Arc<Lease<'a>>,
        size: &SizeGrid,
        ats: Range<u64>,
    ) -> Result<Option<()>> {
        let known = self.look_up(horizon.0, size, ats.clone())?;
        let mut known = known.chunks(size.strategies.len());
        let cells_found = (FOUND_JOBS / size.strategies.len()).max(CELLS_PER_TAKE) as u64;
        let mut at = ats.start;
        while at < ats.end {
            let to = ats.end.min(at + cells_found);
            let cells: Vec<_> = (at..to)
                .map(|at| looked_up(horizon.0, size, at, known.next().unwrap_or_default()))
                .collect();
            if self.hand_out(horizon, cells)?.is_none() {
                return Ok(None);
            }
            at = to;
        }
        Ok(Some(()))
    }

    /// What the store knows of the jobs of a chunk; nothing, if it had no jobs.
    fn look_up(
        &self,
        grid: &HorizonGrid<'_>,
        size: &SizeGrid,
        ats: Range<u64>,
    ) -> Result<Vec<Option<KnownJob>>> {
        if self.newest == 0 {
            return Ok(Vec::new());
        }
        let mut keys = Vec::new();
        for at in ats {
            let assets = size.assets(at);
            keys.extend(size.strategies.iter().map(|&strategy| grid.key(strategy, &assets)));
        }
        self.reader.known_jobs(&keys, self.newest)
    }

    /// Links the jobs of some cells that the store answers, and hands out the others; those that
    /// it holds but that are computed again come with what is stored.
    fn hand_out(
        &self,
        horizon: &Arc<Lease<'a>>,
        looked: Vec<(Vec<u16>, Vec<Looked>)>,
    ) -> Result<Option<()>> {
        let (mut cached, mut again) = (Vec::new(), Vec::new());
        let mut cells = Vec::with_capacity(looked.len());
        for (assets, looked) in looked {
            let mut jobs = Vec::with_capacity(looked.len());
            for (strategy, key, known) in looked {
                match known {
                    Some(job) if !self.fresh && job.kept >= self.keep => {
                        let name = horizon.0.strategies[strategy].name();
                        cached.push((job.job_id, name, job.outcome));
                        continue;
                    }
                    Some(job) => again.push((key, job.job_id)),
                    None => {}
                }
                jobs.push((strategy, key));
            }
            if !jobs.is_empty() {
                cells.push(Cell { assets, jobs });
            }
        }
        let stored = self.reader.stored_jobs(&again)?;
        for message in [Finished::Cached(cached), Finished::Stored(stored)] {
            if !message.is_empty() && self.finished.send(message).is_err() {
                return Ok(None);
            }
        }
        Ok(self.send(horizon, cells))
    }

    /// Hands cells to the workers. `None` when none is left, or the run is stopped.
    fn send(&self, horizon: &Arc<Lease<'a>>, cells: Vec<Cell>) -> Option<()> {
        let mut cells = cells.into_iter().peekable();
        while cells.peek().is_some() {
            let cells = cells.by_ref().take(CELLS_PER_TAKE).collect();
            let take = Take { horizon: Arc::clone(horizon), cells };
            if self.stop.requested() || self.takes.send(take).is_err() {
                return None;
            }
        }
        Some(())
    }
}

/// A combination and its jobs, with what is known of them; nothing, where `known` says nothing.
fn looked_up(
    grid: &HorizonGrid<'_>,
    size: &SizeGrid,
    at: u64,
    known: &[Option<KnownJob>],
) -> (Vec<u16>, Vec<Looked>) {
    let assets = size.assets(at);
    let known = known.iter().copied().chain(std::iter::repeat(None));
    let jobs = size.strategies.iter().zip(known);
    let jobs = jobs.map(|(&s, known)| (s, grid.key(s, &assets), known)).collect();
    (assets, jobs)
}

//! Planner and workers: jobs by rank, looked up in the store, computed cell by cell.
//!
//! The planner walks the grid and hands cells to the workers through a bounded queue; a worker
//! hands finished jobs to the writer through another. A worker stops between cells once the run is
//! asked to stop; what it finished is still committed. Each end of a queue is owned by those who
//! use it, so that whoever ends early, by an error or a panic, ends the others too.

use std::{
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender},
    },
    time::{Duration, Instant},
};

use super::{
    cell::{Bench, Cell, Terms, run_cell},
    grid::SizeGrid,
    horizon_grid::HorizonGrid,
    stop::Stop,
    writer::Finished,
};
use crate::{
    domain::{JobKey, JobRecord, Keep},
    error::Result,
    store::Reader,
};

/// Cells a worker takes at a time.
const CELLS_PER_TAKE: usize = 16;
/// Longest time a worker keeps finished jobs to itself, so that a killed process loses little.
const HAND_ON_EVERY: Duration = Duration::from_millis(250);
/// Jobs looked up at a time, at least: a lookup costs a pass over the stored jobs.
const LOOKUP_JOBS: usize = 8_192;

/// Some cells of one horizon.
pub(super) struct Take {
    horizon: usize,
    cells: Vec<Cell>,
}

/// Everything the planner needs.
pub(super) struct Planner<'a> {
    pub(super) horizons: &'a [HorizonGrid<'a>],
    pub(super) sizes: &'a [SizeGrid],
    pub(super) reader: &'a Reader,
    pub(super) batch_jobs: usize,
    pub(super) fresh: bool,
    /// Jobs stored with less are computed again.
    pub(super) keep: Keep,
    pub(super) stop: &'a Stop,
}

impl Planner<'_> {
    /// Walks the grid until it ends, the run is stopped, or nobody listens any more.
    pub(super) fn walk(
        &self,
        takes: &SyncSender<Take>,
        finished: &SyncSender<Finished>,
    ) -> Result<()> {
        for horizon in 0..self.horizons.len() {
            for size in self.sizes {
                let jobs = self.batch_jobs.max(LOOKUP_JOBS);
                let batch = (jobs / size.strategies.len()).max(1) as u64;
                let mut at = 0;
                while at < size.combinations() && !self.stop.requested() {
                    let to = size.combinations().min(at + batch);
                    if !self.batch(horizon, size, at..to, takes, finished)? {
                        return Ok(());
                    }
                    at = to;
                }
            }
        }
        Ok(())
    }

    /// One batch of ranks: looks its jobs up, links those known, hands out the rest. False when
    /// nobody listens.
    fn batch(
        &self,
        horizon: usize,
        size: &SizeGrid,
        ats: std::ops::Range<u64>,
        takes: &SyncSender<Take>,
        finished: &SyncSender<Finished>,
    ) -> Result<bool> {
        let grid = &self.horizons[horizon];
        let mut cells: Vec<_> = ats
            .map(|at| {
                let assets = size.assets(at);
                let jobs = size.strategies.iter().map(|&s| (s, grid.key(s, &assets))).collect();
                Cell { assets, jobs }
            })
            .collect();
        for message in self.look_up(grid, &mut cells)? {
            if finished.send(message).is_err() {
                return Ok(false);
            }
        }
        let mut cells = cells.into_iter().peekable();
        while cells.peek().is_some() {
            let cells = cells.by_ref().take(CELLS_PER_TAKE).collect();
            if self.stop.requested() || takes.send(Take { horizon, cells }).is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Planner<'_> {
    /// Takes the jobs that the store answers out of `cells` and says which they are; those that it
    /// holds but that are computed again come with what is stored.
    fn look_up(&self, grid: &HorizonGrid<'_>, cells: &mut Vec<Cell>) -> Result<Vec<Finished>> {
        let keys: Vec<JobKey> = cells.iter().flat_map(|c| c.jobs.iter().map(|job| job.1)).collect();
        if self.fresh {
            return Ok(vec![Finished::Stored(self.reader.stored_jobs(&keys)?)]);
        }
        let known = self.reader.known_jobs(&keys)?;
        let answers = |key: &JobKey| known.get(key).filter(|job| job.kept >= self.keep);
        let lacking: Vec<JobKey> = keys
            .into_iter()
            .filter(|key| known.contains_key(key) && answers(key).is_none())
            .collect();
        let mut cached = Vec::with_capacity(known.len() - lacking.len());
        for cell in &mut *cells {
            cell.jobs.retain(|(strategy, key)| {
                let answer = answers(key);
                let name = grid.strategies[*strategy].name();
                cached.extend(answer.map(|job| (*key, name, job.outcome)));
                answer.is_none()
            });
        }
        cells.retain(|cell| !cell.jobs.is_empty());
        Ok(vec![Finished::Cached(cached), Finished::Stored(self.reader.stored_jobs(&lacking)?)])
    }
}

/// One worker: takes cells until there are none, computes them, hands the records on.
pub(super) fn work(
    horizons: &[HorizonGrid<'_>],
    terms: &Terms,
    takes: &Mutex<Receiver<Take>>,
    finished: &SyncSender<Finished>,
    stop: &Stop,
) {
    let mut bench = Bench::default();
    loop {
        let take = takes.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(take) = take else { return };
        let grid = &horizons[take.horizon];
        let hand_on = |records: Vec<JobRecord>| {
            let fits = grid.sessions.iter().flat_map(|session| session.take_fits()).collect();
            finished.send(Finished::Computed { records, fits })
        };
        let mut records = Vec::new();
        let mut handed_on = Instant::now();
        for cell in &take.cells {
            if stop.requested() {
                break;
            }
            records.extend(run_cell(grid, cell, terms, &mut bench));
            if handed_on.elapsed() >= HAND_ON_EVERY {
                if hand_on(std::mem::take(&mut records)).is_err() {
                    return;
                }
                handed_on = Instant::now();
            }
        }
        if hand_on(records).is_err() {
            return;
        }
    }
}

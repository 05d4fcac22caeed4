//! How long a run takes, told by running some of its jobs.
//!
//! Of every horizon and size two combinations are run, twice each, with all their strategies. The
//! first time makes what jobs share (a fit of each pair), the second finds it made; so
//! `time = combinations x second + pairs x (first - second) / pairs of the combination`, summed
//! over horizons and sizes and divided by the workers. What the jobs left is written to a store in
//! memory, which tells what a byte of them costs the one writer; it writes while jobs are computed, so
//! the longer of the two counts, or both where there are fewer cores. A job that is too long for a
//! calibration is given up, and the estimate is a lower bound then. Nothing is stored.

use std::{
    fmt,
    ops::ControlFlow,
    thread,
    time::{Duration, Instant},
};

use super::{
    cell::{Bench, Cell, Terms, run_cell},
    execute,
    grid::SizeGrid,
    horizon_grid::HorizonGrid,
    job_rows::record_bytes,
    loading, plan,
    plan::Plan,
    prepared::Prepared,
    stop::Stop,
    written,
};
use crate::{
    domain::{JobRecord, Outcome, combination},
    error::Result,
    run::Request,
    store::Store,
};

/// Longest time that jobs are run for, and that one of them is.
const CALIBRATION: Duration = Duration::from_secs(4);
const LONGEST_JOB: Duration = Duration::from_millis(500);
/// Combinations of a horizon and size.
const SAMPLED: u64 = 2;
/// Bytes of jobs after which no more are kept to be written.
const WRITTEN: u64 = 4 << 20;

/// How long a run takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Time to load the bars, as measured, in seconds.
    pub load_secs: f64,
    /// Time to compute the jobs, in seconds.
    pub compute_secs: f64,
    /// Time to write them, in seconds, most of it while others are computed.
    pub write_secs: f64,
    /// Both, one beside the other as far as there are cores.
    pub beside_secs: f64,
    /// Jobs that were run to tell.
    pub jobs_run: u64,
    /// True if some jobs were too long to be run to their end, or were not reached: the time is at
    /// least this.
    pub at_least: bool,
}

impl Estimate {
    /// From beginning to end.
    pub fn secs(&self) -> f64 {
        self.load_secs + self.beside_secs
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.at_least { "at least" } else { "about" };
        let Self { load_secs, compute_secs, write_secs, jobs_run, .. } = *self;
        write!(
            f,
            "{about} {:.1} s: {load_secs:.1} s of loading, {compute_secs:.1} s of computing (from \
             {jobs_run} jobs, run), {write_secs:.1} s of writing beside it",
            self.secs()
        )
    }
}

/// Plans a run and tells how long it takes, by running some of its jobs. Signals are not run: their
/// plan comes without an estimate.
///
/// # Errors
/// As [`prepare`](super::prepare), and whatever reading bars can meet.
pub fn prepare_and_time(store: &Store, request: &Request, stop: &Stop) -> Result<Plan> {
    let prepared = Prepared::new(store, request, plan::strategies(request)?)?;
    let mut plan = prepared.plan.clone();
    if request.signals.is_none() {
        plan.estimate = Some(estimate(store, request, &prepared, stop)?);
    }
    Ok(plan)
}

fn estimate(
    store: &Store,
    request: &Request,
    prepared: &Prepared,
    stop: &Stop,
) -> Result<Estimate> {
    let started = Instant::now();
    let loaded = loading::load(store, request, prepared)?;
    let logs = loaded.logs();
    let bars = loaded.horizons(request, prepared, &logs, None);
    let terms = execute::terms(request, prepared);
    let terms = Terms { timeout: Some(LONGEST_JOB), ..terms };
    let Prepared { strategies, particulars, .. } = prepared;
    let grids: Vec<_> = (bars.iter())
        .map(|bars| HorizonGrid::open(bars, strategies, particulars, request, &terms.sim, None))
        .collect();
    let load_secs = started.elapsed().as_secs_f64();
    let mut sampling = Sampling::new(&terms, stop);
    let mut seconds = 0.0;
    for (at, grid) in grids.iter().enumerate() {
        let sizes: Vec<_> = prepared.sizes.iter().filter(|size| size.is_over(at)).collect();
        seconds += sampling.horizon(grid, &sizes);
    }
    let workers = prepared.plan.workers.max(1);
    let compute_secs = seconds / workers as f64;
    let write_secs = sampling.bytes * written::secs_per_byte(&sampling.records)?;
    let cores = thread::available_parallelism().map_or(1, usize::from).min(workers + 1);
    let beside_secs = compute_secs.max(write_secs).max((seconds + write_secs) / cores as f64);
    Ok(Estimate {
        load_secs,
        compute_secs,
        write_secs,
        beside_secs,
        jobs_run: sampling.jobs_run,
        at_least: sampling.at_least,
    })
}

/// Jobs that are run to be timed.
struct Sampling<'a> {
    terms: &'a Terms,
    stop: &'a Stop,
    started: Instant,
    bench: Bench,
    jobs_run: u64,
    at_least: bool,
    /// Time per job of those found made, over all that were run: for what is not reached.
    seen: (f64, u64),
    /// Bytes that all jobs leave.
    bytes: f64,
    /// Some of the jobs, to be written.
    records: Vec<JobRecord>,
    records_bytes: u64,
}

impl<'a> Sampling<'a> {
    fn new(terms: &'a Terms, stop: &'a Stop) -> Self {
        Self {
            terms,
            stop,
            started: Instant::now(),
            bench: Bench::default(),
            jobs_run: 0,
            at_least: false,
            seen: (0.0, 0),
            bytes: 0.0,
            records: Vec::new(),
            records_bytes: 0,
        }
    }

    /// Seconds of one worker for all jobs of a horizon.
    fn horizon(&mut self, grid: &HorizonGrid<'_>, sizes: &[&SizeGrid]) -> f64 {
        let (mut seconds, mut pair_seconds, mut pairs) = (0.0, 0.0_f64, 0);
        for size in sizes {
            let (mut warm, mut cold, mut cells, mut bytes) = (0.0, 0.0, 0, 0.0);
            for at in sampled(size.combinations()) {
                if self.stop.requested() || self.started.elapsed() >= CALIBRATION {
                    break;
                }
                let cell = cell(grid, size, at);
                let (first, left) = self.timed(grid, &cell);
                let second = self.timed(grid, &cell).0.min(first);
                (warm, cold, cells) = (warm + second, cold + first - second, cells + 1);
                bytes += left;
            }
            let jobs = size.combinations() as f64 * size.strategies.len() as f64;
            if cells == 0 {
                self.at_least = true;
                let (seen, of) = self.seen;
                seconds += jobs * seen / (of.max(1)) as f64;
                continue;
            }
            seconds += size.combinations() as f64 * warm / f64::from(cells);
            self.bytes += size.combinations() as f64 * bytes / f64::from(cells);
            let within = combination::count(size.members(), 2).unwrap_or(0).max(1) as f64;
            pair_seconds = pair_seconds.max(cold / f64::from(cells) / within);
            if size.members() > 1 {
                pairs = pairs.max(size.pairs());
            }
        }
        grid.sessions.iter().for_each(|session| session.release());
        seconds + pairs as f64 * pair_seconds
    }

    /// Runs a cell; the seconds it took, and the bytes it left.
    fn timed(&mut self, grid: &HorizonGrid<'_>, cell: &Cell) -> (f64, f64) {
        let Self { bench, terms, records, records_bytes, at_least, .. } = self;
        let (mut jobs, mut bytes) = (0, 0);
        let started = Instant::now();
        let _ = run_cell(grid, cell, terms, bench, |record| {
            *at_least |= record.outcome == Outcome::TimedOut;
            let own = record_bytes(&record);
            (jobs, bytes) = (jobs + 1, bytes + own);
            if *records_bytes < WRITTEN {
                *records_bytes += own;
                records.push(record);
            }
            ControlFlow::Continue(())
        });
        let seconds = started.elapsed().as_secs_f64();
        self.jobs_run += jobs;
        self.seen = (self.seen.0 + seconds, self.seen.1 + jobs);
        (seconds, bytes as f64)
    }
}

/// Places of the combinations that are run, evenly among `combinations`.
fn sampled(combinations: u64) -> impl Iterator<Item = u64> {
    let count = combinations.min(SAMPLED);
    (0..count).map(move |at| {
        let place = u128::from(combinations) * u128::from(2 * at + 1) / u128::from(2 * count);
        u64::try_from(place).unwrap_or(0)
    })
}

fn cell(grid: &HorizonGrid<'_>, size: &SizeGrid, at: u64) -> Cell {
    let assets = size.assets(at);
    let jobs = size.strategies.iter().map(|&s| (s, grid.key(s, &assets))).collect();
    Cell { assets, jobs }
}

#[cfg(test)]
mod tests {
    use super::sampled;

    #[test]
    fn combinations_are_sampled_evenly() {
        let places = |combinations| sampled(combinations).collect::<Vec<_>>();
        assert!(places(0).is_empty());
        assert_eq!(places(1), [0]);
        assert_eq!(places(2), [0, 1]);
        assert_eq!(places(100), [25, 75]);
        assert_eq!(places(u64::MAX)[1], u64::MAX / 4 * 3 + 2);
    }
}

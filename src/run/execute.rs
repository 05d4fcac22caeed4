//! Doing what was planned: load, compute, store, measure.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    thread::{self, ScopedJoinHandle},
    time::Instant,
};

use super::{
    admission::Admission,
    allocator,
    cell::Terms,
    clock,
    configuration::configuration,
    conventions::conventions,
    device::{Kernels, Size},
    gate::Gate,
    horizon_grid::HorizonGrid,
    loading,
    memory::Meter,
    plan,
    planner::Planner,
    prepared::Prepared,
    progress::{Event, Progress},
    stop::Stop,
    summary::Summary,
    workers::{Take, Work},
    writer::{Finished, Writer, Written},
};
use crate::{
    domain::Timestamp,
    error::{Error, Result},
    run::{Keep, Request},
    sim::{KeepDetail, SimOptions},
    store::{Reader, RunDevice, RunEnd, RunInstrument, RunKind, RunStart, RunStatus, Store},
    strategy::{HorizonBars, Strategy},
};

/// Finished batches that may wait for the writer.
const WRITER_QUEUE: usize = 4;
/// Batches that may wait, in bytes: one that is being written and one that fills meanwhile.
pub(super) const BATCHES_WAITING: u64 = 2;

/// Runs a request to its end, or to where it is asked to stop.
///
/// # Errors
/// As [`prepare`](super::prepare), and whatever reading bars or writing results can meet. What is
/// stored of a run that an error ended, [`after_error`](super::after_error) says.
pub fn execute(
    store: &Store,
    request: &Request,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Summary> {
    execute_with(store, request, plan::strategies(request)?, progress, stop)
}

/// Runs a request with strategies of the caller's own instead of those it names.
///
/// # Errors
/// As [`execute`].
pub fn execute_with(
    store: &Store,
    request: &Request,
    strategies: Vec<Box<dyn Strategy>>,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Summary> {
    let started = Instant::now();
    let meter = Meter::start();
    let prepared = Prepared::new(store, request, strategies)?;
    meter.stage("loading");
    for note in &prepared.plan.notes {
        let is_missing = prepared.missing.contains(note);
        let event = if is_missing { Event::Warning } else { Event::Note };
        progress.event(&event(note.clone()));
    }
    for forced in &prepared.plan.forced {
        progress.event(&Event::Note(format!("the memory budget allows {forced}")));
    }
    let budget = request.budget_bytes;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of bytes")]
    let warn_bytes = (budget as f64 * request.memory_warn) as u64;
    let high = |bytes: u64| {
        let share = 100.0 * bytes as f64 / budget as f64;
        let (held, of) = (bytes as f64 / 1e6, budget as f64 / 1e6);
        let text = format!("memory is at {held:.1} MB, {share:.0} % of the budget of {of:.1} MB");
        progress.event(&Event::Warning(text));
    };
    let (meter, kernels) = (&meter, &settle(request, &prepared, progress)?);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| meter.watch(warn_bytes, &high));
        let result =
            Execution { store, request, progress, stop, prepared: &prepared, meter, kernels }
                .run(started);
        meter.finish();
        watcher.thread().unpark();
        result
    })
}

/// Where the kernels of the run work: pairs are tested on every refit of every horizon.
fn settle(request: &Request, prepared: &Prepared, progress: &dyn Progress) -> Result<Kernels> {
    let plan = &prepared.plan;
    let symbols = prepared.selection.universe.len() as f64;
    let pairs = if request.multi_pair { symbols * (symbols - 1.0) / 2.0 } else { 0.0 };
    // A refit is due every half formation: two windows of a formation, four of a horizon.
    let size = Size(pairs * plan.rows as f64 * prepared.windows.len() as f64);
    let spare = request.budget_bytes.saturating_sub(plan.predicted_bytes());
    let tell = |line| progress.event(&Event::Note(line));
    Kernels::settle(request.device, 1, size, spare, &tell)
}

#[derive(Clone, Copy)]
struct Execution<'a> {
    store: &'a Store,
    request: &'a Request,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    prepared: &'a Prepared,
    meter: &'a Meter,
    kernels: &'a Kernels,
}

impl Execution<'_> {
    fn run(&self, started: Instant) -> Result<Summary> {
        let loaded = loading::load(self.store, self.request, self.prepared)?;
        if let Some(note) = &loaded.note {
            self.progress.event(&Event::Warning(note.clone()));
        }
        allocator::let_go();
        self.meter.stage("opening");
        let logs = loaded.logs();
        let bars = loaded.horizons(self.request, self.prepared, &logs, self.kernels.device());
        let rows_fetched = loaded.rows_fetched;
        let Some(signals) = &self.request.signals else {
            return self.run_on(&bars, rows_fetched, started);
        };
        let (settled, notes) = self.prepared.settled(signals, &bars, self.store, self.stop)?;
        for note in notes {
            self.progress.event(&Event::Note(note));
        }
        self.meter.stage("settled");
        Execution { prepared: &settled, ..*self }.run_on(&bars, rows_fetched, started)
    }

    /// Computes what is prepared on bars that are there.
    fn run_on(
        &self,
        bars: &[HorizonBars<'_>],
        rows_fetched: u64,
        started: Instant,
    ) -> Result<Summary> {
        let Prepared { strategies, particulars, plan, .. } = self.prepared;
        let terms = terms(self.request, self.prepared);
        let horizons: Vec<_> = bars
            .iter()
            .map(|b| {
                let kept = plan.pairs_kept;
                HorizonGrid::open(b, strategies, particulars, self.request, &terms.sim, kept)
            })
            .collect();
        let reader = self.store.reader()?;
        let newest = reader.newest_job()?;
        let mut results = self.store.writer()?;
        let run_id = results.begin_run(&self.run_start(&horizons))?;
        self.meter.stage("computing");
        tracing::info!(run_id, jobs = plan.jobs, workers = plan.workers, "run begins");
        self.progress.event(&Event::Started { jobs: plan.jobs });
        let mut writer =
            Writer::new(results, (self.request.batch_jobs, plan.batch_bytes), self.progress);
        let ended = self.compute(&horizons, &terms, (&reader, newest), &mut writer);
        self.progress.event(&Event::Finished);
        if let Some(line) = self.kernels.lost() {
            self.progress.event(&Event::Warning(line));
        }
        self.meter.stage("closing");
        let Writer { store: mut results, written, .. } = writer;
        let pair_fits = horizons.iter().flat_map(|h| &h.sessions).map(|s| s.fits_made()).sum();
        let mut summary = self.summary(run_id, &written, pair_fits, started);
        let status = match &ended {
            Err(_) => RunStatus::Failed,
            Ok(()) if summary.pending > 0 => RunStatus::Interrupted,
            Ok(()) => RunStatus::Finished,
        };
        // After an error that DuckDB cannot go on from, these fail too: the first one counts.
        // What is merged at the end has the room of what was computed with.
        drop(horizons);
        allocator::let_go();
        let before = self.meter.samples();
        let planned = plan.predicted_bytes() + self.kernels.host_bytes();
        self.store.merge_within(planned.saturating_sub(self.meter.sample()));
        let stored = results.write_memory(&before).and_then(|()| {
            results.finish_run(&run_end(&summary, status, (rows_fetched, self.kernels.row())))
        });
        ended.and(stored)?;
        self.meter.stage("final");
        let Summary { computed, cached, pending, wall_secs, .. } = summary;
        tracing::info!(run_id, computed, cached, pending, wall_secs, "run ended");
        let memory = self.meter.report(planned, plan.budget_bytes);
        if memory.peak_bytes > summary.memory.peak_bytes {
            summary.memory = memory;
            let end = run_end(&summary, status, (rows_fetched, self.kernels.row()));
            let noted = before.last().map_or(0, |sample| sample.elapsed_micros);
            let mut samples = self.meter.samples();
            samples.retain(|sample| sample.elapsed_micros > noted);
            results.note_memory(run_id, &end, &samples)?;
        }
        Ok(summary)
    }

    /// Planner, workers and writer, until the grid is walked or the run is stopped.
    ///
    /// # Errors
    /// The writer's first, then the planner's; internal if one of them or a worker panicked.
    fn compute(
        &self,
        horizons: &[HorizonGrid<'_>],
        terms: &Terms,
        (reader, newest): (&Reader, i64),
        writer: &mut Writer<'_>,
    ) -> Result<()> {
        let (workers, stop) = (self.prepared.plan.workers, self.stop);
        let (takes, to_take) = mpsc::sync_channel(2 * workers);
        let (finished, to_write): (_, Receiver<Finished>) = mpsc::sync_channel(WRITER_QUEUE);
        let to_take: Arc<Mutex<Receiver<Take<'_>>>> = Arc::new(Mutex::new(to_take));
        let gate = Gate::new(BATCHES_WAITING * self.prepared.plan.batch_bytes);
        let gate = &gate;
        let plan = &self.prepared.plan;
        let admission = Admission::new(self.meter, plan.budget_bytes, plan.worker_bytes());
        let (admission, meter) = (&admission, self.meter);
        thread::scope(|scope| {
            // Moved in: workers that still send learn when nobody listens any more.
            let writing = scope.spawn(move || {
                let _closing = gate.close_at_the_end();
                writer.run(&to_write, gate)
            });
            let working: Vec<_> = (0..workers)
                .map(|_| {
                    let (to_take, finished) = (Arc::clone(&to_take), finished.clone());
                    scope.spawn(move || {
                        Work { terms, finished: &finished, gate, admission, meter, stop }
                            .work(&to_take);
                    })
                })
                .collect();
            drop(to_take); // the planner learns when no worker is left
            let planner = Planner {
                horizons,
                sizes: &self.prepared.sizes,
                reader,
                newest,
                fresh: self.request.fresh,
                keep: self.request.keep,
                stop,
                takes: &takes,
                finished: &finished,
            };
            let walked = planner.walk();
            drop(takes);
            drop(finished);
            let worked = working.into_iter().try_for_each(|worker| joined(worker, "a worker"));
            let written = joined(writing, "the writer of results").and_then(|outcome| outcome);
            written.and(walked).and(worked)
        })
    }

    fn run_start(&self, horizons: &[HorizonGrid<'_>]) -> RunStart {
        let Prepared { selection, plan, .. } = self.prepared;
        let configuration = configuration(self.request, self.prepared);
        RunStart {
            kind: RunKind::Backtest,
            configuration_hash: blake3::hash(configuration.as_bytes()).to_hex()[..16].to_owned(),
            configuration_json: configuration,
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            device: self.kernels.name(),
            workers: u32::try_from(plan.workers).unwrap_or(u32::MAX),
            budget_bytes: self.request.budget_bytes,
            planned_peak_bytes: plan.predicted_bytes() + self.kernels.host_bytes(),
            planned_jobs: plan.jobs,
            panel: plan.panel.name().to_owned(),
            started_at: clock::now(),
            interval: selection.interval,
            end_ts: selection.end,
            universe_size: u32::try_from(selection.universe.len()).unwrap_or(u32::MAX),
            screen: self.prepared.screen.as_ref().map(|screen| (screen.run_id, screen.tests)),
            instruments: horizons.iter().flat_map(run_instruments).collect(),
            reaches: horizons.iter().flat_map(HorizonGrid::reaches).collect(),
        }
    }

    fn summary(&self, run_id: i64, written: &Written, pair_fits: u64, started: Instant) -> Summary {
        let plan = &self.prepared.plan;
        let planned = plan.predicted_bytes() + self.kernels.host_bytes();
        Summary {
            run_id,
            planned: plan.jobs,
            computed: written.computed,
            cached: written.cached,
            pending: plan.jobs - written.computed - written.cached,
            outcomes: written.outcomes.listed(),
            combinations: plan.combinations,
            left_out: plan.left_out,
            workers: plan.workers,
            notes: plan.notes.clone(),
            memory: self.meter.report(planned, plan.budget_bytes),
            wall_secs: started.elapsed().as_secs_f64(),
            pair_fits,
            differing: written.differing,
            interrupted: plan.jobs > written.computed + written.cached && self.stop.requested(),
            conventions: conventions(self.request, &self.prepared.selection),
        }
    }
}

/// How the jobs of a run are simulated and annualized.
pub(super) fn terms(request: &Request, prepared: &Prepared) -> Terms {
    let keep = request.keep;
    let all = keep >= Keep::All;
    Terms {
        sim: SimOptions {
            capital: request.capital,
            costs: request.costs,
            limits: request.limits,
            rules: request.rules,
            fill: prepared.selection.fill,
            max_stale_bars: request.max_stale_bars,
            keep: KeepDetail { fills: all, equity: keep >= Keep::Equity, weights: all },
        },
        periods_per_year: request.periods_per_year,
        keep,
        timeout: request.job_timeout,
    }
}

/// What a thread of the run came back with.
///
/// # Errors
/// Internal, if it panicked instead.
fn joined<T>(thread: ScopedJoinHandle<'_, T>, who: &str) -> Result<T> {
    thread.join().map_err(|_| Error::internal(format!("{who} panicked; this is a fault of ours")))
}

fn run_instruments(grid: &HorizonGrid<'_>) -> Vec<RunInstrument> {
    let instruments = grid.bars.panel.universe().instruments();
    (instruments.iter().zip(grid.widest_contents()))
        .map(|(instrument, content)| RunInstrument {
            horizon_days: grid.bars.window.horizon.days(),
            instrument_id: instrument.id,
            content: content.hash.to_hex()[..32].to_owned(),
            bars: content.bars,
            first_ts: content.span.map(|span| Timestamp(span.0)),
            last_ts: content.span.map(|span| Timestamp(span.1)),
        })
        .collect()
}

fn run_end(
    summary: &Summary,
    status: RunStatus,
    (frame_rows, device): (u64, Option<RunDevice>),
) -> RunEnd {
    RunEnd {
        status,
        finished_at: clock::now(),
        wall_secs: summary.wall_secs,
        initial_bytes: summary.memory.initial_bytes,
        measured_peak_bytes: summary.memory.peak_bytes,
        final_bytes: summary.memory.final_bytes,
        kernel_peak_bytes: summary.memory.kernel_peak_bytes,
        cgroup_peak_bytes: summary.memory.cgroup_peak_bytes,
        allocated_peak_bytes: summary.memory.allocated_peak_bytes,
        admission_waits: summary.memory.admission_waits,
        computed: summary.computed,
        cached: summary.cached,
        left_out: summary.left_out,
        pair_fits: summary.pair_fits,
        frame_rows,
        device,
    }
}

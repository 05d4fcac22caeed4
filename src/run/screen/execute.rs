//! Doing what was planned: load, propose, judge, adjust, store, answer.

use std::{cell::Cell, collections::BTreeMap, thread, time::Instant};

use super::{
    Span,
    columns::Columns,
    listing::{Counts, Ground, Through, Work},
    method::Method,
    plan::{self, ScreenPlan},
    request::{Listing, ScreenRequest},
    window::Window,
};
use crate::{
    compute::PairSet,
    domain::{Horizon, Instrument, Panel, ScreenRunRecord, Timestamp},
    error::{Error, Result},
    frame::{self, FrameSource},
    run::{
        MemoryReport, after_error, allocator, clock,
        contents::content,
        device::{Kernels, Size},
        memory::Meter,
        particulars,
        progress::{Event, Progress},
        stop::Stop,
    },
    store::{Answer, RunDevice, RunEnd, RunInstrument, RunKind, RunStart, RunStatus, Store},
};

/// What a screen did.
#[derive(Debug, Clone, PartialEq)]
pub struct ScreenSummary {
    /// Its number in the store.
    pub run_id: i64,
    /// Tests made.
    pub tests: u64,
    /// Combinations without a test.
    pub refused: u64,
    /// How many of them for which reason, the most frequent first.
    pub reasons: Vec<(u64, &'static str)>,
    /// Combinations that the correlation of their members left out: no tests.
    pub filtered: u64,
    /// Tests that the plain path decided.
    pub judged: u64,
    /// Combinations listed.
    pub listed: u64,
    /// What was planned.
    pub plan: ScreenPlan,
    /// Memory, planned and measured.
    pub memory: MemoryReport,
    /// Wall time.
    pub wall_secs: f64,
    /// True if it was asked to stop before it was through: nothing is listed then.
    pub interrupted: bool,
}

/// Screens, and stores what is listed.
///
/// # Errors
/// As [`plan_screen`](super::plan_screen), and whatever reading bars or writing rows can meet.
pub fn screen(
    store: &Store,
    request: &ScreenRequest,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<ScreenSummary> {
    screen_answered(store, request, progress, stop, 0).map(|(summary, _)| summary)
}

/// As [`screen`], and answers with the first `top` of the rows that are listed, the most significant first:
/// what that takes is measured with the screen. Nothing is answered where the screen was asked to stop.
///
/// # Errors
/// As [`screen`]. The answer's own errors come with it: the screen is stored then.
pub fn screen_answered(
    store: &Store,
    request: &ScreenRequest,
    progress: &dyn Progress,
    stop: &Stop,
    top: u64,
) -> Result<(ScreenSummary, Result<Option<Answer>>)> {
    let started = Instant::now();
    let meter = Meter::start();
    request.check()?;
    let window = Window::of(&store.instruments()?, request)?;
    let plan = plan::plan(store, request, &window)?;
    plan.notes.iter().for_each(|note| progress.event(&Event::Note(note.clone())));
    let kernels = settle(request, &window, &plan, progress)?;
    meter.stage("loading");
    thread::scope(|scope| {
        let watcher = scope.spawn(|| meter.watch(u64::MAX, &|_| {}));
        let sorting = store.sorting_place();
        let meter = &meter;
        let ground = Ground { meter, sorting, request, window, plan, progress, stop, kernels };
        let screening = Screening { store, ground, meter, to_list: Cell::new(None) };
        let result = screening
            .run(started, top)
            .map_err(|error| after_error::with_room(error, store.path(), screening.most_listed()));
        meter.finish();
        watcher.thread().unpark();
        result
    })
}

/// Where the kernels of the screen work.
fn settle(
    request: &ScreenRequest,
    window: &Window,
    plan: &ScreenPlan,
    progress: &dyn Progress,
) -> Result<Kernels> {
    let rows = (plan.rows as u64).min(request.formation_bars(window.selection.interval));
    let method = Method::of(request);
    // The plain path proposes for the others.
    let tests = if method.has_kernel() { plan.tests } else { 0 };
    let size = Size(tests as f64 * rows as f64);
    let spare = request.budget_bytes.saturating_sub(plan.predicted_bytes());
    let tell = |line| progress.event(&Event::Note(line));
    Kernels::settle(request.device, plan.workers, size, spare, &tell)
}

struct Screening<'a> {
    store: &'a Store,
    ground: Ground<'a>,
    meter: &'a Meter,
    /// Rows that are to be listed at most, once that is known.
    to_list: Cell<Option<u64>>,
}

impl Screening<'_> {
    fn run(&self, started: Instant, top: u64) -> Result<(ScreenSummary, Result<Option<Answer>>)> {
        let (columns, instruments, frame_rows) = self.load()?;
        allocator::let_go();
        for asset in &columns.left_out {
            let symbol = &self.ground.window.selection.universe.instruments()[*asset].symbol;
            let text = format!("{symbol} has a close at or below zero: it is left out");
            self.ground.progress.event(&Event::Note(text));
        }
        let mut writer = self.store.writer()?;
        let run_id = writer.begin_run(&self.run_start(instruments))?;
        self.meter.stage("screening");
        self.ground.progress.event(&Event::Started { jobs: self.ground.plan.tests });
        let method = Method::of(self.ground.request);
        let related = self.related(&columns)?;
        let mut work = Work {
            ground: &self.ground,
            method,
            columns: &columns,
            related: related.as_ref(),
            writer: &mut writer,
            counts: Counts::default(),
            to_list: None,
            batch: Vec::new(),
            batches: 0,
        };
        let ended = match self.ground.request.listing {
            Listing::All => work.list_all(),
            Listing::MaxP(_) | Listing::Top(_) => work.list_chosen(),
        };
        let counts = work.counts;
        self.to_list.set(work.to_list);
        drop((columns, related));
        allocator::let_go();
        self.ground.progress.event(&Event::Finished);
        if let Some(line) = self.ground.kernels.lost() {
            self.ground.progress.event(&Event::Warning(line));
        }
        self.meter.stage("storing");
        let status = match &ended {
            Err(_) => RunStatus::Failed,
            Ok(Through::Stopped) => RunStatus::Interrupted,
            Ok(Through::All) => RunStatus::Finished,
        };
        let mut summary = self.summary(run_id, counts, status, started);
        // After an error that DuckDB cannot go on from, these fail too: the first one counts.
        let complete = match &ended {
            Ok(Through::All) => writer.complete_screen(&self.record(method, &counts)),
            _ => writer.discard_screen(),
        };
        let end = self.run_end(&summary, status, frame_rows);
        self.store
            .merge_within(self.ground.plan.predicted_bytes().saturating_sub(self.meter.sample()));
        let stored = ended.and(complete.and_then(|()| writer.finish_run(&end)));
        let answer = if stored.is_ok() { self.answer(&summary, top) } else { Ok(None) };
        self.meter.stage("final");
        // What was taken up to now, the answer included.
        summary.memory = self.memory();
        summary.wall_secs = started.elapsed().as_secs_f64();
        let end = self.run_end(&summary, status, frame_rows);
        stored.and(writer.note_memory(run_id, &end, &self.meter.samples()))?;
        Ok((summary, answer))
    }

    /// The first `top` rows of what was listed.
    fn answer(&self, summary: &ScreenSummary, top: u64) -> Result<Option<Answer>> {
        if top == 0 || summary.interrupted {
            return Ok(None);
        }
        self.meter.stage("answering");
        self.store.listed(summary.run_id, top, &|| self.ground.stop.requested())
    }

    fn memory(&self) -> MemoryReport {
        self.meter.report(self.planned_bytes(), self.ground.plan.budget_bytes)
    }

    /// The plan's peak, with what a device takes of this machine's memory.
    fn planned_bytes(&self) -> u64 {
        self.ground.plan.predicted_bytes() + self.ground.kernels.host_bytes()
    }

    /// The end of the run's row.
    fn run_end(&self, summary: &ScreenSummary, status: RunStatus, frame_rows: u64) -> RunEnd {
        run_end(summary, status, (frame_rows, self.ground.kernels.row()))
    }

    /// Rows that are listed at most, as far as that is known.
    fn most_listed(&self) -> u64 {
        let tests = self.ground.plan.tests;
        self.to_list.get().unwrap_or(match self.ground.request.listing {
            Listing::Top(count) => count.min(tests),
            Listing::All | Listing::MaxP(_) => tests,
        })
    }

    /// The closes of the window, what they are, and how many bars were read.
    fn load(&self) -> Result<(Columns, Vec<RunInstrument>, u64)> {
        let Window { selection, load, .. } = &self.ground.window;
        let reader = self.store.reader()?;
        let none = BTreeMap::new();
        let own = particulars::of(&reader, &selection.universe, &none)?;
        let loaded = frame::load_panel(
            &FrameSource::new(reader),
            &selection.universe,
            selection.interval,
            load,
            &[],
            self.ground.plan.group_assets,
        )?;
        let mut panel = loaded.panel;
        particulars::adjust(&mut panel, &own);
        let horizon_days = self.ground.request.horizon.map_or(0, Horizon::days);
        let instruments = run_instruments(&panel, horizon_days);
        Ok((Columns::of(&panel, self.ground.request.logs), instruments, loaded.rows_fetched))
    }

    /// The pairs that may be tested, where correlations decide.
    fn related(&self, columns: &Columns) -> Result<Option<PairSet>> {
        let Some(least) = self.ground.request.min_correlation else { return Ok(None) };
        let related = self.ground.kernels.backend().related(&columns.slices(), least);
        related.map(Some).map_err(|refusal| Error::data(format!("the screen: {refusal}")))
    }

    fn run_start(&self, instruments: Vec<RunInstrument>) -> RunStart {
        let Window { selection, .. } = &self.ground.window;
        let configuration = self.configuration();
        RunStart {
            kind: RunKind::Screen,
            configuration_hash: blake3::hash(configuration.as_bytes()).to_hex()[..16].to_owned(),
            configuration_json: configuration,
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            device: self.ground.kernels.name(),
            workers: u32::try_from(self.ground.plan.workers).unwrap_or(u32::MAX),
            budget_bytes: self.ground.request.budget_bytes,
            planned_peak_bytes: self.planned_bytes(),
            planned_jobs: 0,
            panel: "ram".to_owned(),
            started_at: clock::now(),
            interval: selection.interval,
            end_ts: selection.end,
            universe_size: u32::try_from(selection.universe.len()).unwrap_or(u32::MAX),
            screen: None,
            instruments,
            reaches: Vec::new(),
        }
    }

    /// What makes two screens the same question.
    fn configuration(&self) -> String {
        let Window { selection, start, end, min_rows, .. } = &self.ground.window;
        let symbols: Vec<_> = (selection.universe.instruments().iter())
            .map(|i| format!("{}:{}", i.market, i.symbol))
            .collect();
        let span = |span: Option<Span>| span.map(|span| span.bars(selection.interval));
        serde_json::json!({
            "screen": self.ground.plan.asked,
            "symbols": symbols,
            "interval": selection.interval.to_string(),
            "window": [start.to_string(), end.to_string()],
            "min_observations": min_rows,
            "half_life_bars": [span(self.ground.request.min_half_life), span(self.ground.request.max_half_life)],
        })
        .to_string()
    }

    fn record(&self, method: Method, counts: &Counts) -> ScreenRunRecord {
        let request = self.ground.request;
        ScreenRunRecord {
            test: request.test.to_string(),
            trend: request.trend.name().to_owned(),
            lag: method.lag_name(),
            direction: request.direction.to_string(),
            price: if request.logs { "log" } else { "level" }.to_owned(),
            sizes: request.sizes.to_string(),
            horizon_days: request.horizon.map(Horizon::days),
            window_start: self.ground.window.start,
            window_end: self.ground.window.end,
            min_observations: u32::try_from(self.ground.window.min_rows).unwrap_or(u32::MAX),
            fdr: request.adjustment.to_string(),
            listing: request.listing.to_string(),
            tests: counts.tests,
            refused: counts.refused.total(),
            filtered: counts.filtered,
            judged: counts.judged,
            listed: counts.listed,
            min_correlation: request.min_correlation,
        }
    }

    fn summary(
        &self,
        run_id: i64,
        counts: Counts,
        status: RunStatus,
        started: Instant,
    ) -> ScreenSummary {
        ScreenSummary {
            run_id,
            tests: counts.tests,
            refused: counts.refused.total(),
            reasons: counts.refused.reasons(),
            filtered: counts.filtered,
            judged: counts.judged,
            listed: counts.listed,
            plan: self.ground.plan.clone(),
            memory: self.memory(),
            wall_secs: started.elapsed().as_secs_f64(),
            interrupted: status == RunStatus::Interrupted,
        }
    }
}

fn run_instruments(panel: &Panel, horizon_days: u32) -> Vec<RunInstrument> {
    let rows = 0..panel.rows();
    let of = |(asset, instrument): (usize, &Instrument)| {
        let content = content(panel, asset, &[], &rows);
        RunInstrument {
            horizon_days,
            instrument_id: instrument.id,
            content: content.hash.to_hex()[..32].to_owned(),
            bars: content.bars,
            first_ts: content.span.map(|span| Timestamp(span.0)),
            last_ts: content.span.map(|span| Timestamp(span.1)),
        }
    };
    panel.universe().instruments().iter().enumerate().map(of).collect()
}

fn run_end(
    summary: &ScreenSummary,
    status: RunStatus,
    (frame_rows, device): (u64, Option<RunDevice>),
) -> RunEnd {
    let memory = &summary.memory;
    RunEnd {
        status,
        finished_at: clock::now(),
        wall_secs: summary.wall_secs,
        initial_bytes: memory.initial_bytes,
        measured_peak_bytes: memory.peak_bytes,
        final_bytes: memory.final_bytes,
        kernel_peak_bytes: memory.kernel_peak_bytes,
        cgroup_peak_bytes: memory.cgroup_peak_bytes,
        allocated_peak_bytes: memory.allocated_peak_bytes,
        admission_waits: memory.admission_waits,
        computed: 0,
        cached: 0,
        left_out: 0,
        pair_fits: 0,
        frame_rows,
        device,
    }
}

//! What a run will do and take, said before it starts.
//!
//! `footprint` predicts the peak of a run that is fitted in some way; here the way is chosen. Over
//! budget: first fewer workers, then smaller groups of instruments, then a mapped panel (with the
//! workers and groups that fit beside it), then a refusal that names the least budget that would
//! do. What was given up is said.

use std::{fmt, thread};

use super::{
    calibration::Estimate,
    disk::Disk,
    footprint::{self, Fitting, MIB, PanelPlace, Shape},
    grid::{self, SizeGrid},
    request::{PanelChoice, WorkerRequest},
    selection::Selection,
    shape::shape,
    stage::{self, Phase, Stage},
};
use crate::{
    domain::HorizonWindow,
    error::{Error, ErrorKind, Result},
    run::Request,
    store::{SeriesSummary, Store},
    strategy::{self, Scripted, Strategy},
};

/// Workers of a multi-pair run unless `--max-workers` lifts it.
const MULTI_PAIR_WORKERS: usize = 2;
/// What the process may hold more of when the same command is given the least budget.
const LEAST_MARGIN: u64 = 2 * MIB;

/// What a run will do and take.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Jobs in all.
    pub jobs: u64,
    /// Combinations of all sizes.
    pub combinations: u64,
    /// Combinations that a sample or a shard leaves out.
    pub left_out: u64,
    /// Horizons in days.
    pub horizons: Vec<u32>,
    /// Number of instruments.
    pub symbols: usize,
    /// Rows of the panel: opening times at which any instrument has a bar.
    pub rows: usize,
    /// Workers, after caps and budget.
    pub workers: usize,
    /// Most threads of the process: as many workers, and as many threads each of Polars and of its
    /// runtime as workers are allowed before the budget has its say; with them one of DuckDB, the one
    /// that plans, the writer, the one that samples memory and the one that waits for signals.
    pub threads: usize,
    /// Instruments that are loaded at a time.
    pub group_assets: usize,
    /// Where the panel stands.
    pub panel: PanelPlace,
    /// Pairs that a strategy keeps over a horizon, where it cannot keep all.
    pub pairs_kept: Option<usize>,
    /// Bytes of finished jobs after which a batch is stored, however few they are.
    pub batch_bytes: u64,
    /// Sum over all jobs of their scored rows, and of these times their members.
    pub job_rows: u64,
    /// See [`Self::job_rows`].
    pub member_rows: u64,
    /// The stages of the predicted peak.
    pub stages: Vec<Stage>,
    /// What the run may take of the disk.
    pub disk: Disk,
    /// What the run is allowed.
    pub budget_bytes: u64,
    /// What the budget makes of the run.
    pub forced: Vec<String>,
    /// How long it takes, where some of its jobs were run to tell.
    pub estimate: Option<Estimate>,
    /// Remarks: caps that hold, defaults that were chosen.
    pub notes: Vec<String>,
}

impl Plan {
    /// The predicted peak.
    pub fn predicted_bytes(&self) -> u64 {
        stage::peak(&self.stages)
    }

    /// The same without the process as it stands before the run.
    pub fn beyond_base_bytes(&self) -> u64 {
        let base = self.stages.iter().filter(|stage| stage.name == footprint::BASE);
        self.predicted_bytes() - base.map(|stage| stage.bytes).sum::<u64>()
    }

    /// What one worker takes at most.
    pub(super) fn worker_bytes(&self) -> u64 {
        let workers = self.stages.iter().find(|stage| stage.name == footprint::WORKERS);
        workers.map_or(0, |stage| stage.bytes / self.workers.max(1) as u64)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<_> = self.horizons.iter().map(ToString::to_string).collect();
        writeln!(f, "symbols       {}, {} rows", self.symbols, self.rows)?;
        writeln!(f, "combinations  {} ({} left out)", self.combinations, self.left_out)?;
        writeln!(f, "horizons      {} days", days.join(", "))?;
        writeln!(f, "jobs          {}", self.jobs)?;
        let (workers, threads) = (self.workers, self.threads);
        writeln!(f, "workers       {workers}, {threads} threads at most, pools included")?;
        let panel = self.panel.name();
        writeln!(f, "panel         {panel}, {} symbols loaded at a time", self.group_assets)?;
        for phase in [Phase::Always, Phase::Loading, Phase::Computing, Phase::Closing] {
            for stage in self.stages.iter().filter(|stage| stage.phase == phase) {
                let (name, megabytes) = (stage.name, megabytes(stage.bytes));
                writeln!(f, "  {:<9} {name:<11} {megabytes:>9.1} MB", phase.name())?;
            }
        }
        for (name, bytes) in self.disk.named().into_iter().filter(|(_, bytes)| *bytes > 0) {
            writeln!(f, "  {:<9} {name:<11} {:>9.1} MB", "on disk", megabytes(bytes))?;
        }
        if let Some(estimate) = &self.estimate {
            writeln!(f, "time          {estimate}")?;
        }
        let (predicted, budget) = (megabytes(self.predicted_bytes()), megabytes(self.budget_bytes));
        write!(f, "predicted peak {predicted:.1} MB of a budget of {budget:.1} MB")?;
        self.forced.iter().try_for_each(|what| write!(f, "\nthe budget allows {what}"))?;
        self.notes.iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// What a plan is made of.
pub(super) struct PlanInput<'a> {
    pub(super) request: &'a Request,
    pub(super) selection: &'a Selection,
    pub(super) strategies: &'a [Box<dyn Strategy>],
    pub(super) grids: &'a [SizeGrid],
    pub(super) windows: &'a [HorizonWindow],
    /// Rows of the panel.
    pub(super) rows: usize,
    pub(super) series: &'a [SeriesSummary],
    pub(super) store: &'a Store,
}

/// Plans a run.
///
/// # Errors
/// Budget, if even one worker, one instrument at a time and a mapped panel do not fit.
pub(super) fn plan(input: &PlanInput<'_>) -> Result<Plan> {
    let PlanInput { request, selection, grids, .. } = *input;
    let (workers, note) = workers(request);
    let shape = shape(input)?;
    let panel = panel_choice(request.panel, input.store)?;
    let ways = ways(&shape, workers, panel);
    let fitting = (ways.iter().copied())
        .find(|&way| stage::peak(&shape.stages(way)) <= request.budget_bytes)
        .ok_or_else(|| over_budget(&shape, &ways, input.store))?;
    let mut notes = selection.notes.clone();
    notes.extend(note);
    Ok(Plan {
        jobs: shape.jobs,
        combinations: grid::combinations(grids),
        left_out: grids.iter().map(SizeGrid::left_out).sum(),
        horizons: request.horizons.iter().map(|h| h.days()).collect(),
        symbols: shape.symbols,
        rows: shape.rows,
        workers: fitting.workers,
        threads: 3 * workers + 5,
        group_assets: fitting.group_assets,
        panel: fitting.panel,
        pairs_kept: fitting.pairs_kept.map(|pairs| usize::try_from(pairs).unwrap_or(usize::MAX)),
        batch_bytes: shape.batch_bytes(),
        job_rows: shape.job_rows,
        member_rows: shape.member_rows,
        stages: shape.stages(fitting),
        disk: shape.disk(fitting),
        budget_bytes: request.budget_bytes,
        forced: ways.first().map_or_else(Vec::new, |first| forced(*first, fitting)),
        estimate: None,
        notes,
    })
}

/// A store in memory has no place for a file.
fn panel_choice(asked: PanelChoice, store: &Store) -> Result<PanelChoice> {
    match (asked, store.cache_folder()) {
        (asked, Some(_)) => Ok(asked),
        (PanelChoice::Mapped, None) => {
            Err(Error::usage("a panel cannot be mapped: the store is in memory"))
        }
        (_, None) => Ok(PanelChoice::Ram),
    }
}

/// The ways a run can be fitted, the one without a budget first, each giving up more.
fn ways(shape: &Shape, workers: usize, panel: PanelChoice) -> Vec<Fitting> {
    let places: &[PanelPlace] = match panel {
        PanelChoice::Auto => &[PanelPlace::Ram, PanelPlace::Mapped],
        PanelChoice::Ram => &[PanelPlace::Ram],
        PanelChoice::Mapped => &[PanelPlace::Mapped],
    };
    let mut ways = Vec::new();
    for &panel in places {
        let most = footprint::group_assets(shape, panel);
        let way =
            |workers, group_assets| Fitting { workers, group_assets, panel, pairs_kept: None };
        ways.extend((1..=workers).rev().map(|workers| way(workers, most)));
        let mut group = most;
        while group > 1 {
            group = group.div_ceil(2);
            ways.push(way(1, group));
        }
    }
    // Pairs that are fitted again cost time: last.
    let least = shape.least_pairs(1);
    let mut kept = shape.most_pairs();
    while let Some(last) = ways.last().copied().filter(|_| kept > least) {
        kept = (kept / 2).max(least);
        ways.push(Fitting { pairs_kept: Some(kept), ..last });
    }
    ways
}

/// What `fitting` gives up of `first`, in words.
fn forced(first: Fitting, fitting: Fitting) -> Vec<String> {
    let mut forced = Vec::new();
    if fitting.workers < first.workers {
        forced.push(format!("{} workers of {}", fitting.workers, first.workers));
    }
    if fitting.group_assets < first.group_assets {
        let (now, before) = (fitting.group_assets, first.group_assets);
        forced.push(format!("{now} symbols loaded at a time instead of {before}"));
    }
    if fitting.panel != first.panel {
        forced.push("no panel in memory: it is mapped from a file".to_owned());
    }
    if let Some(pairs) = fitting.pairs_kept {
        forced.push(format!(
            "{pairs} fitted pairs in memory: others are fitted again when met again"
        ));
    }
    forced
}

/// The refusal, with the least whole MiB under which one of the ways fits.
fn over_budget(shape: &Shape, ways: &[Fitting], store: &Store) -> Error {
    let under = |budget: u64| {
        let own = store.memory_limit_bytes() == footprint::duckdb_limit(shape.budget);
        let duckdb_limit =
            if own { footprint::duckdb_limit(budget) } else { store.memory_limit_bytes() };
        // Merging waits where it has no room.
        let shape = Shape { duckdb_limit, budget, merging: 0, ..shape.clone() };
        let peaks = ways.iter().map(|&way| stage::peak(&shape.stages(way)));
        peaks.min().unwrap_or(u64::MAX).saturating_add(LEAST_MARGIN)
    };
    let needed = under(shape.budget);
    // A larger budget may need more of itself, up to what a share of it and a batch can be.
    let (mut least, mut fits) = (shape.budget, needed);
    while fits < u64::MAX && under(fits) > fits {
        least = fits;
        fits = fits.saturating_mul(2);
    }
    while fits - least > MIB {
        let middle = least + (fits - least) / 2;
        if under(middle) > middle { least = middle } else { fits = middle }
    }
    let least = fits.div_ceil(MIB);
    let (needs, has) = (megabytes(needed), megabytes(shape.budget));
    let line = format!("the plan needs {needs:.1} MB, the memory budget is {has:.1} MB");
    Error::new(ErrorKind::Budget, line)
        .with_hint(format!("the least budget that would do: --memory-budget {least}MiB"))
}

/// Workers as asked, capped by the cores (the quota of a control group is seen) and, for multi-pair
/// runs, by two unless lifted; with a remark where a cap holds.
pub(super) fn workers(request: &Request) -> (usize, Option<String>) {
    allowed_workers(request.workers, request.multi_pair)
}

/// As [`workers`], for a run over combinations or not.
pub(super) fn allowed_workers(workers: WorkerRequest, multi_pair: bool) -> (usize, Option<String>) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if workers.sequential {
        return (
            1,
            Some("--sequential: one worker, and one thread each of Polars and DuckDB".to_owned()),
        );
    }
    let asked = workers.asked.unwrap_or(cores).max(1);
    if let Some(cap) = workers.cap {
        return (asked.min(cap.max(1)), None);
    }
    if multi_pair && asked > MULTI_PAIR_WORKERS {
        let note = format!(
            "--multi-pair runs on {MULTI_PAIR_WORKERS} workers although {asked} are wanted; \
             --max-workers lifts the cap"
        );
        return (MULTI_PAIR_WORKERS, Some(note));
    }
    (asked.min(cores.max(MULTI_PAIR_WORKERS)), None)
}

/// Reads the strategies a request names.
///
/// # Errors
/// Usage, if a name is unknown or a parameter is out of its bounds.
pub(super) fn strategies(request: &Request) -> Result<Vec<Box<dyn Strategy>>> {
    if request.signals.is_some() {
        // What it plays is settled once there are bars.
        return Ok(vec![Box::new(Scripted::default())]);
    }
    let named = |name: &String| strategy::by_name(name, &request.parameters);
    request.strategies.iter().map(named).collect()
}

//! What a run will do and take, said before it starts.
//!
//! The predicted peak is a sum of stages, each a formula below, in bytes:
//! base (the process as it stands, plus what threads and allocators keep) + DuckDB (its
//! `memory_limit` and a quarter of it) + frame (one group of instruments on its way from DuckDB to
//! the panel) + panel + pairs (what strategies keep of each pair, for the horizon that ends and the
//! one that begins) + workers x (scratch, a job, what is not handed on yet) + lookup (keys of a
//! chunk of jobs) + writer (batches that wait, and the columns of the one being written). Batches
//! are bounded in bytes: what `--keep` adds to a job makes batches of fewer jobs. Over budget: fewer
//! workers, then smaller groups, then a refusal that names the least budget that would do.

use std::{fmt, thread};

use super::{
    execute::BATCHES_WAITING,
    grid::{self, SizeGrid},
    memory, planner,
    selection::Selection,
    signals::{SignalSource, Signals},
    workers::HAND_ON_BYTES,
};
use crate::{
    domain::{Field, HorizonWindow, Keep, MICROS_PER_DAY, Panel, Presence, WeightRows},
    error::{Error, ErrorKind, Result},
    frame,
    run::Request,
    strategy::{self, LogCloses, Scripted, Strategy},
};

const MIB: u64 = 1 << 20;
/// DuckDB holds more than its limit while it writes: up to a fifth was measured (runs of 500,000
/// jobs under limits of 50 and 134 MB); a quarter is planned.
const DUCKDB_OVER: u64 = 4;
/// Stacks, allocator slack and code pages that every run adds to the process as it stands.
const BASE_SLACK: u64 = 16 * MIB;
/// A group's frame is kept below this.
const FRAME_GROUP_BYTES: u64 = 16 * MIB;
/// Scratch of a worker per row of the panel: equity of a strategy and of its benchmark, the rows
/// of the job, and a spread while a pair is fitted.
const WORKER_ROW_BYTES: u64 = 8 + 8 + 4 + 4 * 8;
/// A finished job on its way to the store: its row and its measures.
const JOB_BYTES: u64 = 2 * 1024;
/// What a level of detail adds to it per row of the panel: an equity record; per row and member: a
/// trade every twenty rows, a fill and a weight every ten.
const EQUITY_ROW_BYTES: u64 = 32;
const TRADE_ROW_BYTES: u64 = 12;
const FILL_ROW_BYTES: u64 = 24;
/// A bar in the cage of a statement: a moment, five numbers and two texts, each with its validity.
const CAGED_BAR_BYTES: u64 = 88;
/// A weight on its bar, in the script and while it is sorted.
const SCRIPT_ROW_BYTES: u64 = 16;
const SORTED_ROW_BYTES: u64 = 24;
/// Most that a batch takes in memory, and its share of the budget where that is less.
const BATCH_BYTES: u64 = 8 * MIB;
const BATCH_SHARE: u64 = 32;
/// Workers of a multi-pair run unless `--max-workers` lifts it.
const MULTI_PAIR_WORKERS: usize = 2;

/// One stage of the prediction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What it is.
    pub name: &'static str,
    /// What it takes.
    pub bytes: u64,
}

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
    /// Workers, after caps and budget.
    pub workers: usize,
    /// Instruments that are loaded at a time.
    pub group_assets: usize,
    /// Bytes of finished jobs after which a batch is stored, however few they are.
    pub batch_bytes: u64,
    /// The stages of the predicted peak.
    pub stages: Vec<Stage>,
    /// What the run is allowed.
    pub budget_bytes: u64,
    /// Remarks: caps that hold, defaults that were chosen.
    pub notes: Vec<String>,
}

impl Plan {
    /// The predicted peak.
    pub fn predicted_bytes(&self) -> u64 {
        self.stages.iter().map(|stage| stage.bytes).sum()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<_> = self.horizons.iter().map(ToString::to_string).collect();
        writeln!(f, "symbols       {}", self.symbols)?;
        writeln!(f, "combinations  {} ({} left out)", self.combinations, self.left_out)?;
        writeln!(f, "horizons      {} days", days.join(", "))?;
        writeln!(f, "jobs          {}", self.jobs)?;
        writeln!(f, "workers       {}", self.workers)?;
        for stage in &self.stages {
            writeln!(f, "  {:<11} {:>9.1} MB", stage.name, megabytes(stage.bytes))?;
        }
        let (predicted, budget) = (megabytes(self.predicted_bytes()), megabytes(self.budget_bytes));
        write!(f, "predicted peak {predicted:.1} MB of a budget of {budget:.1} MB")?;
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
    pub(super) longest: &'a HorizonWindow,
    /// DuckDB's `memory_limit`.
    pub(super) duckdb_bytes: u64,
}

/// Plans a run.
///
/// # Errors
/// Budget, if even one worker and one instrument at a time do not fit.
pub(super) fn plan(input: &PlanInput<'_>) -> Result<Plan> {
    let PlanInput { request, selection, grids, .. } = *input;
    let symbols = selection.universe.len();
    let (mut workers, note) = workers(request);
    let mut group_assets = group_assets(input);
    let mut stages = stages(input, workers, group_assets);
    while total(&stages) > request.budget_bytes && workers > 1 {
        workers -= 1;
        stages = self::stages(input, workers, group_assets);
    }
    while total(&stages) > request.budget_bytes && group_assets > 1 {
        group_assets = group_assets.div_ceil(2);
        stages = self::stages(input, workers, group_assets);
    }
    if total(&stages) > request.budget_bytes {
        return Err(over_budget(total(&stages), request.budget_bytes));
    }
    let mut notes = selection.notes.clone();
    notes.extend(note);
    Ok(Plan {
        jobs: jobs(input),
        combinations: grid::combinations(grids),
        left_out: grids.iter().map(SizeGrid::left_out).sum(),
        horizons: request.horizons.iter().map(|h| h.days()).collect(),
        symbols,
        workers,
        group_assets,
        batch_bytes: batch_bytes(request),
        stages,
        budget_bytes: request.budget_bytes,
        notes,
    })
}

fn total(stages: &[Stage]) -> u64 {
    stages.iter().map(|stage| stage.bytes).sum()
}

/// Rows the panel can have: one per interval of the longest window.
fn rows(input: &PlanInput<'_>) -> usize {
    let span = input.longest.end.micros() - input.longest.load_start.micros();
    usize::try_from(span / input.selection.interval.micros()).unwrap_or(usize::MAX).max(1)
}

/// What is loaded of a bar beside open and close: what any strategy of the run reads.
pub(super) fn fields(request: &Request, strategies: &[Box<dyn Strategy>]) -> Vec<Field> {
    let terms = request.limits.fields(&request.costs, &request.rules);
    // A statement may read whatever there is.
    let all = request.signals.as_ref().is_some_and(|signals| signals.is_statement());
    let is_read = |field: &Field| {
        all || terms.contains(field) || strategies.iter().any(|one| one.fields().contains(field))
    };
    Field::ALL.into_iter().filter(is_read).collect()
}

fn group_assets(input: &PlanInput<'_>) -> usize {
    let fields = fields(input.request, input.strategies);
    let per_asset = frame::group_frame_bytes(1, rows(input), &fields);
    let fits = usize::try_from(FRAME_GROUP_BYTES / per_asset.max(1)).unwrap_or(1).max(1);
    fits.min(input.selection.universe.len())
}

fn stages(input: &PlanInput<'_>, workers: usize, group_assets: usize) -> Vec<Stage> {
    let (symbols, rows) = (input.selection.universe.len(), rows(input));
    let fields = fields(input.request, input.strategies);
    let panel = Panel::bytes_for(symbols, rows, &fields)
        + Presence::bytes_for(symbols, rows)
        + LogCloses::bytes_for(symbols, rows);
    let (job, batch) = (job_bytes(input), batch_bytes(input.request));
    // A job's rows stand in the simulation and in its record.
    let worker = rows as u64 * WORKER_ROW_BYTES + MIB + HAND_ON_BYTES + 2 * job;
    let mut stages = vec![
        Stage { name: "base", bytes: memory::resident_bytes() + BASE_SLACK },
        Stage { name: "duckdb", bytes: input.duckdb_bytes + input.duckdb_bytes / DUCKDB_OVER },
        Stage { name: "frame", bytes: frame::group_frame_bytes(group_assets, rows, &fields) },
        Stage { name: "panel", bytes: panel },
        Stage { name: "pairs", bytes: pairs(input) },
        Stage { name: "workers", bytes: workers as u64 * worker },
        Stage { name: "lookup", bytes: planner::lookup_bytes(jobs(input)) },
        Stage { name: "writer", bytes: (BATCHES_WAITING + 1) * batch + HAND_ON_BYTES + job },
    ];
    if let Some(given) = &input.request.signals {
        stages.push(Stage { name: "signals", bytes: signals(input, given) });
    }
    stages
}

fn jobs(input: &PlanInput<'_>) -> u64 {
    grid::jobs(input.grids, input.request.horizons.len()).unwrap_or(u64::MAX)
}

/// A finished job at most, by what is kept of it.
fn job_bytes(input: &PlanInput<'_>) -> u64 {
    let members = input.grids.iter().map(SizeGrid::members).max().unwrap_or(1) as u64;
    let (keep, rows) = (input.request.keep, rows(input) as u64);
    let kept = |level: Keep, bytes: u64| if keep >= level { rows * bytes } else { 0 };
    JOB_BYTES
        + kept(Keep::Trades, members * TRADE_ROW_BYTES)
        + kept(Keep::Equity, EQUITY_ROW_BYTES)
        + kept(Keep::All, members * FILL_ROW_BYTES)
}

/// Bytes of a batch: those of its jobs without trades, at most a share of the budget.
fn batch_bytes(request: &Request) -> u64 {
    BATCH_BYTES.min(request.budget_bytes / BATCH_SHARE).max(1)
}

/// What the strategies keep of pairs at most: horizons follow one another, and the last jobs of one
/// run beside the first of the next.
fn pairs(input: &PlanInput<'_>) -> u64 {
    let kept: Vec<u64> = (input.request.horizons.iter())
        .map(|horizon| {
            let span = i64::from(horizon.days()) * MICROS_PER_DAY;
            let bars = u64::try_from(span / input.selection.interval.micros()).unwrap_or(0);
            (0..input.strategies.len()).fold(0, |bytes: u64, at| {
                let met = input.grids.iter().filter(|grid| grid.strategies.contains(&at));
                let pairs = met.map(SizeGrid::pairs).max().unwrap_or(0);
                bytes.saturating_add(pairs.saturating_mul(input.strategies[at].pair_bytes(bars)))
            })
        })
        .collect();
    let beside = kept.windows(2).map(|two| two[0].saturating_add(two[1]));
    beside.chain(kept.first().copied()).max().unwrap_or(0)
}

fn over_budget(needed: u64, budget: u64) -> Error {
    let least = needed.div_ceil(MIB);
    Error::new(
        ErrorKind::Budget,
        format!(
            "the plan needs {:.1} MB, the memory budget is {:.1} MB",
            megabytes(needed),
            megabytes(budget)
        ),
    )
    .with_hint(format!("the least budget that would do: --memory-budget {least}MiB"))
}

/// Workers as asked, capped by the cores and, for multi-pair runs, by two unless lifted; with a
/// remark where a cap holds.
pub(super) fn workers(request: &Request) -> (usize, Option<String>) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if request.workers.sequential {
        return (1, Some("--sequential: everything on one worker".to_owned()));
    }
    let asked = request.workers.asked.unwrap_or(cores).max(1);
    if let Some(cap) = request.workers.cap {
        return (asked.min(cap.max(1)), None);
    }
    if request.multi_pair && asked > MULTI_PAIR_WORKERS {
        let note = format!(
            "--multi-pair runs on {MULTI_PAIR_WORKERS} workers although {asked} are wanted; \
             --max-workers lifts the cap"
        );
        return (MULTI_PAIR_WORKERS, Some(note));
    }
    (asked.min(cores.max(MULTI_PAIR_WORKERS)), None)
}

/// What signals take: their rows, each horizon's script and the sorting of one, and for a statement
/// the cage it runs in, which answers twice.
fn signals(input: &PlanInput<'_>, signals: &Signals) -> u64 {
    let (given, cage) = match signals.source() {
        SignalSource::Rows(rows) => (rows.len() as u64, 0),
        SignalSource::Statement(_) => {
            let (bars, cage) = (bars(input), cage_bytes(bars(input)));
            (2 * bars, cage + cage / DUCKDB_OVER)
        }
    };
    let horizons = input.request.horizons.len() as u64;
    let row = WeightRows::ROW_BYTES + SORTED_ROW_BYTES + horizons * SCRIPT_ROW_BYTES;
    given.saturating_mul(row).saturating_add(cage)
}

/// Bars that a statement may see at most.
fn bars(input: &PlanInput<'_>) -> u64 {
    (input.selection.universe.len() as u64).saturating_mul(rows(input) as u64)
}

/// What the DuckDB of a statement may take for so many bars; what it has no room for is spilled.
pub(super) fn cage_bytes(bars: u64) -> u64 {
    bars.saturating_mul(2 * CAGED_BAR_BYTES).saturating_add(64 * MIB)
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

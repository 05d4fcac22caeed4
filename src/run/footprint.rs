//! Bytes that a run takes, stage by stage: every formula of the plan stands here.
//!
//! ```text
//! peak = base + DuckDB + panel + keys + max(loading, computing)
//! loading   = a group of instruments, sorted in DuckDB and as a frame on its way to the panel
//! computing = pairs + covariances + workers x worker + lookup + writer + written + signals
//! ```
//! What is loaded is let go of before the first job begins, so the two are not added. Units: bytes.
//! What a run may take of the disk is beside it: a mapped panel, results, and what DuckDB spills.

use super::{
    disk::Disk,
    execute::BATCHES_WAITING,
    planner,
    stage::{Phase, Stage, peak},
    workers::HAND_ON_BYTES,
};
use crate::{
    domain::{
        EquityRecord, Field, FitRecord, JobRecord, Keep, Panel, Presence, TradeRecord, WeightRows,
        combination,
    },
    frame,
    strategy::{CovarianceBooks, LogCloses},
};

pub(super) const MIB: u64 = 1 << 20;
/// Share of a budget that DuckDB's buffers may take, and the least it can open a store with.
const DUCKDB_SHARE: u64 = 16;
pub(super) const LEAST_DUCKDB: u64 = 48 * MIB;
/// DuckDB holds more than its limit while it writes: up to a fifth was measured (runs of 500,000
/// jobs under limits of 50 and 134 MB).
const DUCKDB_OVER: u64 = 5;
/// What DuckDB takes for its first query and its first commit.
const DUCKDB_OPEN: u64 = 4 * MIB;
/// Stacks and allocator slack that every run adds to the process as it stands.
pub(super) const BASE_SLACK: u64 = MIB / 2;
/// What a checkpoint takes of tables to which rows were added, and looking at their row groups before it: 1.3 to
/// 3.7 MB were measured, the same run by run now one and now the other.
const CHECKPOINT: u64 = 9 * MIB / 2;
/// What an allocator keeps of what a thread once held.
const THREAD_SLACK: u64 = MIB / 4;
/// A group's frame is kept below this.
const FRAME_GROUP_BYTES: u64 = 16 * MIB;
/// Scratch of a worker per scored row: equity, cash and gross of a strategy and of its benchmark,
/// the rows of the job, and a spread while a pair is fitted.
const WORKER_ROW_BYTES: u64 = 6 * 8 + 4 + 4 * 8;
/// A finished job on its way to the store: its row and its measures, with its texts beside those of
/// its parameters and symbols; and a handful of trades, where they are kept.
const RECORD_BYTES: u64 = size_of::<JobRecord>() as u64 + 128;
pub(super) const SYMBOL_BYTES: u64 = 16;
const HANDFUL_BYTES: u64 = 5 * TRADE_BYTES;
/// What a level of detail adds to it per scored row: an equity record; per row and member: a trade
/// every sixty rows, a fill and a weight every ten.
pub(super) const EQUITY_ROW_BYTES: u64 = size_of::<EquityRecord>() as u64;
const TRADE_ROW_BYTES: u64 = 4;
pub(super) const FILL_ROW_BYTES: u64 = 24;
/// A trade on its way to the store.
const TRADE_BYTES: u64 = size_of::<TradeRecord>() as u64 + 32;
/// A fit on its way to the store.
const FIT_BYTES: u64 = size_of::<FitRecord>() as u64 + 2 * SYMBOL_BYTES;
/// A key part of an instrument over a horizon, per strategy.
const CONTENT_BYTES: u64 = 64;
/// A bar in the cage of a statement: a moment, five numbers and two texts, each with its validity.
const CAGED_BAR_BYTES: u64 = 88;
/// A weight on its bar, in the script and while it is sorted.
const SCRIPT_ROW_BYTES: u64 = 16;
const SORTED_ROW_BYTES: u64 = 24;
/// Most that a batch takes in memory, its share of the budget where that is less, and what it is
/// never kept below.
const BATCH_BYTES: u64 = 8 * MIB;
const BATCH_SHARE: u64 = 32;
const LEAST_BATCH: u64 = MIB;
/// Fewer pairs than this are always kept.
const LEAST_PAIRS: u64 = 1_024;

/// Names of the stages of the process itself, and of all workers.
pub(super) const BASE: &str = "base";
pub(super) const WORKERS: &str = "workers";

/// Where the panel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelPlace {
    /// In memory of the process.
    Ram,
    /// In a file that is mapped: its pages are the kernel's cache.
    Mapped,
}

impl PanelPlace {
    /// Its name in flags, plans and the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ram => "ram",
            Self::Mapped => "mapped",
        }
    }
}

/// What a budget may change about a run; none of it changes a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fitting {
    pub(super) workers: usize,
    /// Instruments that are loaded at a time.
    pub(super) group_assets: usize,
    pub(super) panel: PanelPlace,
    /// Pairs that a strategy keeps over a horizon, where it cannot keep all.
    pub(super) pairs_kept: Option<u64>,
}

/// Pairs that the combinations of a horizon hold at most, and bytes that a strategy keeps of each.
pub(super) type Pairs = Vec<(u64, u64)>;

/// What is asked of a run, in numbers.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) symbols: usize,
    /// Rows of the panel, and those in which an instrument has a bar at most.
    pub(super) rows: usize,
    pub(super) own_rows: usize,
    /// Rows of the longest scored window.
    pub(super) scored_rows: u64,
    pub(super) fields: Vec<Field>,
    pub(super) jobs: u64,
    pub(super) horizons: u64,
    pub(super) strategies: u64,
    /// Sum over all jobs of their members, of their scored rows, and of these times their members.
    pub(super) job_members: u64,
    pub(super) job_rows: u64,
    pub(super) member_rows: u64,
    /// Fits of all pairs at most, and of the pairs of one job.
    pub(super) fits: u64,
    pub(super) job_fits: u64,
    /// Trades that are expected of all jobs.
    pub(super) trades: u64,
    /// Members of the largest combination.
    pub(super) members: u64,
    /// Per horizon, what each strategy keeps of pairs.
    pub(super) pairs: Vec<Pairs>,
    /// Per horizon, the entries of each book of covariances.
    pub(super) covariances: Vec<Vec<u64>>,
    /// The longest text of a job's parameters.
    pub(super) parameter_bytes: u64,
    /// What a strategy takes of a worker beside its job.
    pub(super) worker_bytes: u64,
    pub(super) keep: Keep,
    pub(super) batch_jobs: usize,
    /// Rows of the signals, and the bars that their statement may see, if there is one.
    pub(super) signals: Option<(u64, u64)>,
    /// True if the store holds jobs: every job's key is looked up then.
    pub(super) has_jobs: bool,
    /// What is read of the store's file, and what is read back of a log.
    pub(super) store_bytes: u64,
    /// Rows of earlier runs that are merged with those of this one at its end, in bytes.
    pub(super) merging: u64,
    /// DuckDB's `memory_limit`.
    pub(super) duckdb_limit: u64,
    /// The process before the run, without DuckDB's buffers: see `base`.
    pub(super) held: u64,
    pub(super) budget: u64,
}

/// The `memory_limit` of DuckDB under a budget; a budget too small for it is refused by the plan.
pub fn duckdb_limit(budget: u64) -> u64 {
    (budget / DUCKDB_SHARE).max(LEAST_DUCKDB)
}

/// DuckDB where it has use for `holds` bytes: its limit and what it holds beyond at most.
pub(super) fn duckdb_bytes(holds: u64, limit: u64) -> u64 {
    DUCKDB_OPEN.saturating_add(holds).min(limit + limit / DUCKDB_OVER)
}

/// The process as it stands before a run, and what `workers` beside the planner and the writer add.
pub(super) fn base_bytes(held: u64, workers: usize) -> u64 {
    held + BASE_SLACK + (workers as u64 + 2) * THREAD_SLACK
}

/// The stages of a run, and those of its end: what it wrote is brought into the file, and its rows are merged with
/// those of earlier runs where the budget has room for that; it can wait.
pub(super) fn with_closing(
    mut stages: Vec<Stage>,
    written: u64,
    merging: u64,
    budget: u64,
) -> Vec<Stage> {
    let closing = |name, bytes| Stage { name, phase: Phase::Closing, bytes };
    stages.push(closing("checkpoint", CHECKPOINT.saturating_add(written)));
    let peak_without = peak(&stages);
    stages.push(closing("merging", merging));
    if peak(&stages) > budget.max(peak_without) || merging == 0 {
        stages.pop();
    }
    stages
}

/// Instruments whose frame stays below a group's bytes, with their columns where these are not those of
/// the panel.
pub(super) fn group_assets(shape: &Shape, panel: PanelPlace) -> usize {
    let fitting = Fitting { workers: 1, group_assets: 1, panel, pairs_kept: None };
    let per_asset = shape.frame(fitting).max(1);
    let fits = usize::try_from(FRAME_GROUP_BYTES / per_asset).unwrap_or(usize::MAX);
    fits.clamp(1, shape.symbols.max(1))
}

/// What the DuckDB of a statement may take for so many bars; what it has no room for is spilled.
pub(super) fn cage_bytes(bars: u64) -> u64 {
    bars.saturating_mul(2 * CAGED_BAR_BYTES).saturating_add(64 * MIB)
}

/// The most of what horizons take that follow one another: the last jobs of one run beside the first
/// of the next.
fn most_beside(horizons: impl Iterator<Item = u64>) -> u64 {
    let horizons: Vec<u64> = horizons.collect();
    let beside = horizons.windows(2).map(|two| two[0].saturating_add(two[1]));
    beside.chain(horizons.first().copied()).max().unwrap_or(0)
}

impl Shape {
    /// The stages of a run that is fitted so.
    pub(super) fn stages(&self, fitting: Fitting) -> Vec<Stage> {
        let always = |name, bytes| Stage { name, phase: Phase::Always, bytes };
        let computing = |name, bytes| Stage { name, phase: Phase::Computing, bytes };
        let mut stages = vec![
            always(BASE, base_bytes(self.held, fitting.workers)),
            always("duckdb", self.duckdb()),
            always("panel", self.panel(fitting.panel)),
            always("keys", self.symbols as u64 * self.horizons * self.strategies * CONTENT_BYTES),
            Stage { name: "sorting", phase: Phase::Loading, bytes: self.sorting(fitting) },
            Stage { name: "frame", phase: Phase::Loading, bytes: self.frame(fitting) },
            computing("pairs", self.pairs(fitting)),
            computing("covariances", self.covariances()),
            computing(WORKERS, fitting.workers as u64 * self.worker()),
            computing("lookup", if self.has_jobs { planner::lookup_bytes(self.jobs) } else { 0 }),
            computing("writer", self.writer(fitting.workers)),
            computing("written", self.written()),
        ];
        if let Some((rows, caged_bars)) = self.signals {
            stages.push(computing("signals", self.scripts(rows, caged_bars)));
        }
        let all = self.duckdb_with(self.written_held().saturating_add(self.merging));
        let merging = all - self.duckdb() - self.written();
        with_closing(stages, self.written(), merging, self.budget)
    }

    /// DuckDB with the blocks of the store, and `more`.
    pub(super) fn duckdb_with(&self, more: u64) -> u64 {
        duckdb_bytes(self.store_bytes.saturating_add(more), self.duckdb_limit)
    }

    pub(super) fn duckdb(&self) -> u64 {
        self.duckdb_with(0)
    }

    /// The bars of so many instruments as a frame.
    fn group(&self, assets: usize) -> u64 {
        frame::group_frame_bytes(assets, self.own_rows, &self.fields)
    }

    /// What DuckDB sorts of a group of bars beside the blocks of the store.
    fn sorting(&self, fitting: Fitting) -> u64 {
        self.duckdb_with(self.group(fitting.group_assets)) - self.duckdb()
    }

    /// Bytes of the panel's columns, logarithms included.
    pub(super) fn columns(&self, symbols: usize) -> u64 {
        Panel::bytes_for(symbols, self.rows, &self.fields)
            + LogCloses::bytes_for(symbols, self.rows)
    }

    fn panel(&self, place: PanelPlace) -> u64 {
        let bits = Presence::bytes_for(self.symbols, self.rows);
        match place {
            PanelPlace::Ram => self.columns(self.symbols) + bits,
            PanelPlace::Mapped => bits + 2 * 8 * self.rows as u64,
        }
    }

    /// A group's frame; for a panel that is mapped, the group's columns too.
    fn frame(&self, fitting: Fitting) -> u64 {
        let frame = self.group(fitting.group_assets);
        match fitting.panel {
            PanelPlace::Ram => frame,
            PanelPlace::Mapped => frame + self.columns(fitting.group_assets),
        }
    }

    /// What strategies keep of pairs. Where not all are kept, a bit for each says that it was met.
    fn pairs(&self, fitting: Fitting) -> u64 {
        let kept = fitting.pairs_kept.unwrap_or(u64::MAX);
        let symbols = self.symbols as u64;
        let bits = if fitting.pairs_kept.is_some() { symbols * symbols / 8 } else { 0 };
        let of = |pairs: &Pairs| {
            pairs.iter().fold(0, |sum: u64, &(count, bytes)| {
                let met = if bytes > 0 { bits } else { 0 };
                sum.saturating_add(count.min(kept).saturating_mul(bytes)).saturating_add(met)
            })
        };
        most_beside(self.pairs.iter().map(of))
    }

    /// Pairs that are held whatever is kept: those of the combinations that are computed.
    pub(super) fn least_pairs(&self, workers: usize) -> u64 {
        let within = combination::count(usize::try_from(self.members).unwrap_or(0), 2);
        within.unwrap_or(u64::MAX).saturating_mul(workers as u64).max(LEAST_PAIRS)
    }

    /// Most pairs that a strategy meets over a horizon.
    pub(super) fn most_pairs(&self) -> u64 {
        self.pairs.iter().flatten().map(|(count, _)| *count).max().unwrap_or(0)
    }

    /// Books of covariances, of the horizon that ends and of the next.
    fn covariances(&self) -> u64 {
        let of = |books: &Vec<u64>| books.iter().copied().map(CovarianceBooks::bytes_for).sum();
        most_beside(self.covariances.iter().map(of))
    }

    /// A worker: scratch, a job in the simulation and in its record, and what its strategy works on.
    fn worker(&self) -> u64 {
        self.scored_rows * WORKER_ROW_BYTES + 2 * self.job() + self.worker_bytes
    }

    /// A finished job of so many members without much detail.
    fn record(&self, members: u64) -> u64 {
        let trades = if self.keep >= Keep::Trades { HANDFUL_BYTES } else { 0 };
        RECORD_BYTES + self.parameter_bytes + members * SYMBOL_BYTES + trades
    }

    /// Bytes of a batch: those of its jobs without much detail, at most a share of the budget.
    pub(super) fn batch_bytes(&self) -> u64 {
        let members = self.job_members.div_ceil(self.jobs.max(1));
        let record = self.record(members);
        let expected = (self.batch_jobs as u64).saturating_mul(record).max(LEAST_BATCH);
        expected.min(BATCH_BYTES).min(self.budget / BATCH_SHARE).max(1)
    }

    /// A finished job at most, by what is kept of it.
    fn job(&self) -> u64 {
        let kept = |level: Keep, bytes: u64| {
            if self.keep >= level { self.scored_rows.saturating_mul(bytes) } else { 0 }
        };
        self.record(self.members)
            + kept(Keep::Trades, self.members * TRADE_ROW_BYTES)
            + kept(Keep::Equity, EQUITY_ROW_BYTES)
            + kept(Keep::All, self.members * FILL_ROW_BYTES)
    }

    /// Finished jobs: in batches that wait, in a message above the gate, in the hands of the workers;
    /// and the columns of the batch that is written.
    fn writer(&self, workers: usize) -> u64 {
        // All of them, of which one may be as large as one can be.
        let row = RECORD_BYTES + self.parameter_bytes;
        let all = self.results([row, 0, TRADE_BYTES, EQUITY_ROW_BYTES, FILL_ROW_BYTES]);
        let all = all.saturating_add(self.job()).min(self.jobs.saturating_mul(self.job()));
        let all = all.saturating_add(self.fits.saturating_mul(FIT_BYTES));
        // With a job come the fits of its pairs.
        let largest = self.job().saturating_add(self.job_fits.saturating_mul(FIT_BYTES));
        let batch = self.batch_bytes();
        let on_their_way = (BATCHES_WAITING * batch + (workers as u64 + 1) * HAND_ON_BYTES)
            .saturating_add(largest);
        on_their_way.min(all).saturating_add(batch.saturating_add(largest).min(all))
    }

    /// What signals take: their rows, each horizon's script and the sorting of one, and for a
    /// statement the cage it runs in, which answers twice.
    fn scripts(&self, rows: u64, caged_bars: u64) -> u64 {
        let cage = if caged_bars == 0 { 0 } else { cage_bytes(caged_bars) };
        let row = WeightRows::ROW_BYTES + SORTED_ROW_BYTES + self.horizons * SCRIPT_ROW_BYTES;
        rows.saturating_mul(row).saturating_add(cage + cage / DUCKDB_OVER)
    }

    /// Bytes on disk: a mapped panel, and results as they are stored.
    pub(super) fn disk(&self, fitting: Fitting) -> Disk {
        Disk {
            panel: match fitting.panel {
                PanelPlace::Ram => 0,
                PanelPlace::Mapped => self.columns(self.symbols),
            },
            results: self.stored(),
            spill: self.spill(fitting),
        }
    }

    /// What DuckDB sorts at a time beyond its limit: a group of bars, or the bars of a statement.
    fn spill(&self, fitting: Fitting) -> u64 {
        let group = self.group(fitting.group_assets);
        let caged = self.signals.map_or(0, |(_, bars)| bars.saturating_mul(CAGED_BAR_BYTES));
        group.max(caged).saturating_sub(self.duckdb_limit)
    }
}

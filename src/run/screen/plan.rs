//! What a screen will do and take, said before it starts.

use std::fmt;

use super::{
    footprint::{Ground, HeldRows, Shape},
    method::Method,
    request::ScreenRequest,
    window::Window,
};
use crate::{
    domain::{Size, Timestamp, combination},
    error::{Error, Result},
    frame,
    run::{
        base,
        footprint::{self, MIB},
        import_stages::require_budget,
        plan::allowed_workers,
        shape::stored_bytes,
        stage::{Stage, peak},
    },
    store::Store,
};

/// Bars of a group while they are loaded.
const GROUP_BYTES: u64 = 16 * MIB;

/// What a screen will do and take.
#[derive(Debug, Clone, PartialEq)]
pub struct ScreenPlan {
    /// The test and what is listed, in words.
    pub asked: String,
    /// Number of instruments.
    pub symbols: usize,
    /// Rows of the window.
    pub rows: usize,
    /// First moment of the window, and its end.
    pub window: (Timestamp, Timestamp),
    /// Fewest common bars of a combination.
    pub min_observations: usize,
    /// Tests, if every combination has one.
    pub tests: u64,
    /// Workers.
    pub workers: usize,
    /// Instruments that are loaded at a time.
    pub group_assets: usize,
    /// What is held in memory of tests that pass.
    pub(super) held: HeldRows,
    /// The stages of the predicted peak.
    pub stages: Vec<Stage>,
    /// The peak where every test passes the level: what the budget has to hold.
    pub most_bytes: u64,
    /// What the screen is allowed.
    pub budget_bytes: u64,
    /// Remarks.
    pub notes: Vec<String>,
}

impl ScreenPlan {
    /// The predicted peak.
    pub fn predicted_bytes(&self) -> u64 {
        peak(&self.stages)
    }
}

impl fmt::Display for ScreenPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        writeln!(f, "test          {}", self.asked)?;
        writeln!(f, "symbols       {}, {} rows", self.symbols, self.rows)?;
        writeln!(f, "window        {} to {}", self.window.0, self.window.1)?;
        writeln!(f, "at least      {} common bars", self.min_observations)?;
        writeln!(f, "tests         {}", self.tests)?;
        writeln!(f, "workers       {}", self.workers)?;
        writeln!(f, "panel         ram, {} symbols loaded at a time", self.group_assets)?;
        for stage in &self.stages {
            let (name, megabytes) = (stage.name, megabytes(stage.bytes));
            writeln!(f, "  {:<9} {name:<11} {megabytes:>9.1} MB", stage.phase.name())?;
        }
        let (predicted, budget) = (megabytes(self.predicted_bytes()), megabytes(self.budget_bytes));
        write!(f, "predicted peak {predicted:.1} MB of a budget of {budget:.1} MB")?;
        if self.most_bytes > self.predicted_bytes() {
            write!(f, "\nif every test passes {:.1} MB", megabytes(self.most_bytes))?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

/// Says what a screen will do and take, without doing it.
///
/// # Errors
/// Usage for an unknown symbol or interval and for flags that do not go together; budget if it cannot
/// fit.
pub fn plan_screen(store: &Store, request: &ScreenRequest) -> Result<ScreenPlan> {
    request.check()?;
    let window = Window::of(&store.instruments()?, request)?;
    plan(store, request, &window)
}

pub(super) fn plan(store: &Store, request: &ScreenRequest, window: &Window) -> Result<ScreenPlan> {
    let instruments = window.selection.universe.instruments();
    let ids: Vec<u32> = instruments.iter().map(|one| one.id).collect();
    let (from, to) = (window.load.load_start.micros(), window.load.end.micros());
    let rows = store.time_axis(window.selection.interval, &ids, from, to)?.len();
    require_rows(request, rows)?;
    let symbols = instruments.len();
    let method = Method::of(request);
    let tests = tests(request, method, symbols)?;
    let (workers, note) = allowed_workers(request.workers, true);
    let own_rows = window.selection.own_rows(rows);
    let group_bytes = frame::group_frame_bytes(1, own_rows, &[]).max(1);
    let group_assets = usize::try_from(GROUP_BYTES / group_bytes).unwrap_or(usize::MAX);
    let shape = Shape {
        request,
        method,
        symbols,
        rows,
        own_rows,
        // Markets that open at different hours have rows of their own.
        common_rows: (rows as u64).min(request.formation_bars(window.selection.interval)),
        tests,
        workers,
        group_assets: group_assets.clamp(1, symbols),
    };
    let missing = store.missing_rows()?.into_iter().map(|missing| missing.to_string());
    let reader = store.reader()?;
    let (file_bytes, log_bytes) = Store::file_bytes(store.path());
    let buffers = reader.buffer_bytes()?;
    // What was read back of a log stands there until a checkpoint.
    let logged = if log_bytes > 0 { buffers + file_bytes / 2 } else { 0 };
    let held = base::now(buffers, window.series);
    let bar_bytes = stored_bytes(window.bars, 0).min(file_bytes);
    let ground = Ground { held, bar_bytes, logged, groups: store.row_groups()? };
    let plan = ScreenPlan {
        asked: asked(request, method),
        symbols,
        rows,
        window: (window.start, window.end),
        min_observations: window.min_rows,
        tests,
        workers,
        group_assets: shape.group_assets,
        held: shape.held(request.budget_bytes),
        stages: shape.stages(&ground, store.memory_limit_bytes(), request.budget_bytes),
        most_bytes: shape.most(&ground, store.memory_limit_bytes(), request.budget_bytes),
        budget_bytes: request.budget_bytes,
        notes: window.selection.notes.iter().cloned().chain(note).chain(missing).collect(),
    };
    // DuckDB's share grows with the budget.
    require_budget("the plan", request.budget_bytes, |budget| {
        if budget == request.budget_bytes {
            plan.most_bytes
        } else {
            shape.most(&ground, footprint::duckdb_limit(budget), budget)
        }
    })?;
    Ok(plan)
}

/// Refuses to ask for more common bars than the window has of all symbols together.
fn require_rows(request: &ScreenRequest, rows: usize) -> Result<()> {
    match request.min_observations {
        Some(asked) if asked > rows => {
            Err(Error::usage(format!("--min-observations {asked}: the window has {rows} bars"))
                .with_hint("ask for fewer, or widen the window with --formation-days"))
        }
        _ => Ok(()),
    }
}

/// The request in words.
fn asked(request: &ScreenRequest, method: Method) -> String {
    let price = if request.logs { "log closes" } else { "closes" };
    let related = request.min_correlation.map_or_else(String::new, |least| {
        let changes = if request.logs { "log returns" } else { "price changes" };
        format!(", {changes} correlated by at least {least}")
    });
    format!(
        "{}, trend {}, lag {}, direction {}, sizes {}, {price}{related}; {}, fdr {}",
        request.test,
        request.trend.name(),
        method.lag_name(),
        request.direction,
        request.sizes,
        request.listing,
        request.adjustment,
    )
}

/// Tests, if every combination has one.
fn tests(request: &ScreenRequest, method: Method, symbols: usize) -> Result<u64> {
    let orders = if method.is_directed() { 2 } else { 1 };
    let of = |size: Size| match size {
        Size::Of(members) if members <= symbols => combination::count(symbols, members),
        _ => Some(0),
    };
    let all = request.sizes.iter().try_fold(0_u64, |sum, size| sum.checked_add(of(size)?));
    match all.and_then(|all| all.checked_mul(orders)) {
        Some(0) => Err(Error::usage(format!(
            "nothing to test: sizes {} of {symbols} symbols",
            request.sizes
        ))
        .with_hint("widen --symbols")),
        Some(tests) => Ok(tests),
        None => Err(Error::usage("the combinations are too many to count in 64 bits")
            .with_hint("ask for smaller --sizes or fewer --symbols")),
    }
}

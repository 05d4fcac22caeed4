//! What is stored of a run, and the jobs of it that are looked at closely.

use super::resimulate::{Drawn, resimulate};
use crate::{
    error::{Error, Result},
    store::{Cell, Store, Table},
};

/// Most jobs that are listed.
const MOST_LISTED: &str = "1000";
/// Most kinds of reasons that are listed.
const MOST_REASONS: &str = "50";
/// Strategies whose best job is drawn beside the one that was asked for: one with spreads, one with a
/// tree.
const EXAMPLES: [&str; 2] = ["cointegration", "hrp"];

/// Which run is looked at, and which job of it closely.
#[derive(Debug, Clone)]
pub struct AccountRequest {
    /// A number, `last`, `last~1`.
    pub run: String,
    /// The first digits of a job key; the best job by the leaderboard when `None`.
    pub job: Option<String>,
    /// Memory that simulating jobs again may take, bytes.
    pub budget_bytes: u64,
}

/// One run, backtest or screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Query `run`: one row.
    pub run: Table,
    /// Query `memory-samples`.
    pub memory: Table,
    /// Query `outcomes`.
    pub outcomes: Table,
    /// Query `reasons`.
    pub reasons: Table,
    /// Query `leaderboard`, at most a thousand rows.
    pub leaderboard: Table,
    /// Query `beats-benchmark`.
    pub beats: Table,
    /// Query `pairs`, all of them.
    pub pairs: Table,
    /// Jobs of the run that bars imported since may change.
    pub stale: u64,
    /// Query `screens`: one row for a screen that is through.
    pub screen: Table,
    /// Query `screen`, at most a thousand rows.
    pub listed: Table,
    /// The job that was asked for, then examples.
    pub details: Vec<Detail>,
}

/// A job that is looked at closely.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// Query `job`: one row.
    pub job: Table,
    /// Why this one.
    pub choice: String,
    /// What it was like bar by bar, or why that cannot be told.
    pub drawn: Result<Drawn, String>,
}

impl Account {
    /// Number of the run.
    pub fn run_id(&self) -> i64 {
        self.run.whole(0, "run_id").unwrap_or(0)
    }

    /// Key and reason of each job that could not be simulated again.
    pub fn not_drawn(&self) -> impl Iterator<Item = (&str, &str)> {
        self.details.iter().filter_map(|detail| {
            let reason = detail.drawn.as_ref().err()?;
            Some((detail.job.text(0, "job"), reason.as_str()))
        })
    }

    /// True for a screen.
    pub fn is_screen(&self) -> bool {
        self.run.text(0, "kind") == "screen"
    }
}

/// Gathers what there is of a run, and simulates some of its jobs again.
///
/// # Errors
/// Usage, for a run or a job that is not there; what the store reports.
pub fn account(store: &Store, request: &AccountRequest) -> Result<Account> {
    let run = store.query("run", &[("run".to_owned(), request.run.clone())])?;
    if run.rows.is_empty() {
        return Err(Error::usage("the store holds no run")
            .with_hint("'barline backtest' makes one, and so does 'barline screen'"));
    }
    let id = run.whole(0, "run_id").unwrap_or(0).to_string();
    let ask = |name: &str, more: &[(&str, &str)]| {
        let run = ("run".to_owned(), id.clone());
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        store.query(name, &std::iter::once(run).chain(more).collect::<Vec<_>>())
    };
    let leaderboard = ask("leaderboard", &[("top", MOST_LISTED)])?;
    let chosen = chosen(request, &leaderboard, &ask)?;
    let mut details: Vec<Detail> = Vec::new();
    for (job, choice) in chosen {
        let drawn = resimulate(store, &job, &run, request.budget_bytes);
        details.push(Detail { job, choice, drawn });
    }
    Ok(Account {
        memory: ask("memory-samples", &[])?,
        outcomes: ask("outcomes", &[])?,
        reasons: ask("reasons", &[("top", MOST_REASONS)])?,
        beats: ask("beats-benchmark", &[])?,
        pairs: ask("pairs", &[("top", "all")])?,
        stale: stale(store, &id)?,
        screen: ask("screens", &[])?,
        listed: ask("screen", &[("top", MOST_LISTED)])?,
        leaderboard,
        details,
        run,
    })
}

/// Asks a named query about the run.
type Ask<'a> = dyn Fn(&str, &[(&str, &str)]) -> Result<Table> + 'a;

/// The rows of the jobs that are drawn, each with the reason why.
fn chosen(
    request: &AccountRequest,
    leaderboard: &Table,
    ask: &Ask<'_>,
) -> Result<Vec<(Table, String)>> {
    let mut chosen = Vec::new();
    if let Some(digits) = &request.job {
        chosen.push((asked_for(digits, ask)?, "asked for with --job".to_owned()));
    } else if !leaderboard.rows.is_empty() {
        let why = "the best of the run by Sharpe ratio, over all horizons; --job draws another";
        chosen.extend(listed(leaderboard, ask)?.map(|job| (job, why.to_owned())));
    }
    for strategy in EXAMPLES {
        if chosen.iter().any(|(job, _)| job.text(0, "strategy") == strategy) {
            continue;
        }
        let best = ask("leaderboard", &[("strategy", strategy), ("top", "1")])?;
        let why = format!("the best {strategy} job by Sharpe ratio, over all horizons");
        chosen.extend(listed(&best, ask)?.map(|job| (job, why)));
    }
    Ok(chosen)
}

/// The row of the first job of a leaderboard. The head of its key is not believed to be the only one.
fn listed(leaderboard: &Table, ask: &Ask<'_>) -> Result<Option<Table>> {
    let head = leaderboard.text(0, "job");
    if head.is_empty() {
        return Ok(None);
    }
    let mut jobs = ask("job", &[("job", head), ("top", "all")])?;
    let alike = |name: &str, row: usize| *jobs.cell(row, name) == *leaderboard.cell(0, name);
    let is_it =
        |row: &usize| ["strategy", "horizon_days", "symbols"].iter().all(|n| alike(n, *row));
    let at = (0..jobs.rows.len()).find(is_it);
    Ok(at.map(|at| {
        jobs.rows = vec![jobs.rows.swap_remove(at)];
        jobs
    }))
}

fn asked_for(digits: &str, ask: &Ask<'_>) -> Result<Table> {
    let jobs = ask("job", &[("job", digits), ("top", "2")])?;
    match jobs.rows.len() {
        1 => Ok(jobs),
        0 => Err(Error::usage(format!("--job {digits}: no job of this run has such a key"))
            .with_hint("'barline query leaderboard' shows the first digits of each")),
        _ => Err(Error::usage(format!("--job {digits}: several jobs of this run begin so"))
            .with_hint("give more digits: 'barline query job --param job=..' shows them all")),
    }
}

/// Jobs of the run among those that later imports may change.
fn stale(store: &Store, run: &str) -> Result<u64> {
    let stale = store.query("stale", &[])?;
    let at = stale.position("run_id");
    let is_its = |row: &&Vec<Cell>| match at.and_then(|at| row.get(at)) {
        Some(Cell::Int(id)) => id.to_string() == run,
        _ => false,
    };
    Ok(stale.rows.iter().filter(is_its).count() as u64)
}

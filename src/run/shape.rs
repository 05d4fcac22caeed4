//! What is asked of a run, in the numbers that the formulas of `footprint` take.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    base,
    footprint::{Pairs, Shape},
    grid::{self, SizeGrid},
    plan::PlanInput,
    selection::Selection,
    signals::{SignalSource, Signals},
};
use crate::{
    domain::{Field, HorizonWindow, Keep, MICROS_PER_DAY, combination},
    error::Result,
    run::Request,
    store::{GROUP_ROWS, Store},
    strategy::Strategy,
};

/// What the text of a job's terms adds to that of its parameters: capital, costs, limits and rules.
const TERMS_BYTES: u64 = 256;
/// A bar as it is stored: 20 to 23 were measured. Less is planned, since the file holds other things too.
const STORED_BAR_BYTES: u64 = 20;
/// A bar that nothing compresses, a stored job as far as its key is looked up (24 were measured), and the first
/// blocks of the tables.
const MOST_STORED_BAR_BYTES: u64 = 64;
const READ_JOB_BYTES: u64 = 40;
const READ_BEGUN: u64 = 1 << 20;

/// What is asked, in numbers.
///
/// # Errors
/// What the store reports.
pub(super) fn shape(input: &PlanInput<'_>) -> Result<Shape> {
    let PlanInput { request, selection, strategies, grids, .. } = *input;
    let micros = u64::try_from(selection.interval.micros()).unwrap_or(1).max(1);
    let longest = request.horizons.iter().map(|h| i64::from(h.days()) * MICROS_PER_DAY).max();
    let scored = u64::try_from(longest.unwrap_or(0)).unwrap_or(0) / micros;
    let symbols = selection.universe.len();
    let bars = (symbols as u64).saturating_mul(input.rows as u64);
    let Sums { job_members, job_rows, member_rows, trades } = sums_of_jobs(input);
    let reader = input.store.reader()?;
    let (file, log) = Store::file_bytes(input.store.path());
    let buffers = reader.buffer_bytes()?;
    // What was read back of a log stands there until a checkpoint, beside blocks of the file and the
    // small row groups of them that are made large ones then.
    let logged = if log > 0 { buffers + file / 2 } else { 0 };
    let fields = fields(request, strategies);
    let unread = unread_bytes(input, &fields).min(file);
    let newest = reader.newest_job()?;
    let all_bars = input.series.iter().map(|series| series.bars).sum();
    let read = stored_bytes(all_bars, newest.unsigned_abs()).min(file - unread);
    let jobs = grid::jobs(grids, request.horizons.len()).unwrap_or(u64::MAX);
    let (fits, job_fits) = fits(input);
    let growth = growth(request.keep, jobs, trades, [job_rows, member_rows]);
    Ok(Shape {
        symbols,
        rows: input.rows,
        own_rows: selection.own_rows(input.rows),
        scored_rows: scored.min(input.rows as u64),
        fields,
        jobs,
        horizons: request.horizons.len() as u64,
        strategies: strategies.len() as u64,
        job_members,
        job_rows,
        member_rows,
        fits,
        job_fits,
        trades,
        members: grids.iter().map(SizeGrid::members).max().unwrap_or(1) as u64,
        pairs: pairs(input),
        covariances: covariances(input),
        parameter_bytes: parameter_bytes(input),
        worker_bytes: worker_bytes(input),
        has_jobs: newest > 0,
        keep: request.keep,
        batch_jobs: request.batch_jobs,
        signals: request.signals.as_ref().map(|given| signal_rows(given, bars)),
        store_bytes: read + logged,
        merging: input.store.row_groups()?.merging_bytes(&growth),
        duckdb_limit: input.store.memory_limit_bytes(),
        held: base::now(buffers, input.series.len()),
        budget: request.budget_bytes,
    })
}

/// What is read of the store's file at most: so many bars, and the keys of so many jobs.
pub(super) fn stored_bytes(bars: u64, jobs: u64) -> u64 {
    bars.saturating_mul(MOST_STORED_BAR_BYTES)
        .saturating_add(jobs.saturating_mul(READ_JOB_BYTES))
        .saturating_add(READ_BEGUN)
}

/// Rows that the tables of results get.
fn growth(
    keep: Keep,
    jobs: u64,
    trades: u64,
    [job_rows, member_rows]: [u64; 2],
) -> Vec<(&'static str, u64)> {
    let mut growth = vec![("job", jobs), ("run_job", jobs), ("measure", jobs)];
    let more = [
        ("trade", trades, Keep::Trades),
        ("equity", job_rows, Keep::Equity),
        ("fill", member_rows, Keep::All),
        ("weight", member_rows, Keep::All),
    ];
    growth.extend(more.iter().filter(|one| keep >= one.2).map(|one| (one.0, one.1)));
    growth
}

/// What the store's file holds of bars in columns that are not read, as far as these have blocks of their own.
fn unread_bytes(input: &PlanInput<'_>, fields: &[Field]) -> u64 {
    // Bars with closes only have nothing in the other columns.
    let whole = input.series.iter().filter(|series| series.has_open);
    let bars: u64 = whole.map(|series| series.bars).sum();
    let bars = bars - bars % GROUP_ROWS;
    // A moment and five numbers, of which the moment, open and close are always read.
    let columns = Field::ALL.len() as u64 + 1;
    let unread = Field::ALL.iter().filter(|field| !is_read(fields, **field)).count() as u64;
    bars.saturating_mul(STORED_BAR_BYTES) * unread / columns
}

fn is_read(fields: &[Field], field: Field) -> bool {
    Field::ALWAYS.contains(&field) || fields.contains(&field)
}

/// Sums over all jobs: of their members, of their scored rows, of these times their members; and the trades
/// that are expected of them.
#[derive(Default)]
struct Sums {
    job_members: u64,
    job_rows: u64,
    member_rows: u64,
    trades: u64,
}

fn sums_of_jobs(input: &PlanInput<'_>) -> Sums {
    let mut sums = Sums::default();
    for (at, horizon) in input.request.horizons.iter().enumerate() {
        let span = i64::from(horizon.days()) * MICROS_PER_DAY / input.selection.interval.micros();
        let rows = u64::try_from(span).unwrap_or(0).min(input.rows as u64);
        for grid in input.grids.iter().filter(|grid| grid.is_over(at)) {
            let members = grid.combinations().saturating_mul(grid.members() as u64);
            let bars = members.saturating_mul(rows);
            for at in &grid.strategies {
                let between = input.strategies[*at].bars_per_trade().max(1);
                sums.job_members = sums.job_members.saturating_add(members);
                sums.job_rows =
                    sums.job_rows.saturating_add(grid.combinations().saturating_mul(rows));
                sums.member_rows = sums.member_rows.saturating_add(bars);
                // What is open at the end is a trade too.
                sums.trades = sums.trades.saturating_add(bars / between).saturating_add(members);
            }
        }
    }
    sums
}

/// Entries of the books of covariances of every horizon. Strategies with one length of lookback share
/// a book; it has an entry per pair and row in which one of them looks back. When they do begins anew
/// with a member's first bar, and differs between calendars.
fn covariances(input: &PlanInput<'_>) -> Vec<Vec<u64>> {
    let symbols = input.selection.universe.len() as u64;
    let met = input.grids.iter().map(SizeGrid::pairs).max().unwrap_or(0);
    let pairs = met.saturating_add(symbols);
    let of_pairs =
        |at: usize| input.grids.iter().any(|g| g.members() > 1 && g.strategies.contains(&at));
    let over = |window: &HorizonWindow| {
        let mut books: BTreeMap<i64, BTreeSet<u64>> = BTreeMap::new();
        for (_, one) in input.strategies.iter().enumerate().filter(|(at, _)| of_pairs(*at)) {
            let rows = one.covariance_rows(window, input.selection.interval);
            if rows > 0 {
                books.entry(one.history_micros(window)).or_default().insert(rows);
            }
        }
        let begin = beginnings(input, window);
        let entries = |rows: BTreeSet<u64>| {
            let rows = rows.iter().fold(0, |sum: u64, rows| sum.saturating_add(*rows));
            pairs.saturating_mul(rows.saturating_mul(begin).min(input.rows as u64))
        };
        books.into_values().map(entries).collect()
    };
    input.windows.iter().map(over).collect()
}

/// Rows at which combinations begin anew to count the bars between rebalances.
fn beginnings(input: &PlanInput<'_>, window: &HorizonWindow) -> u64 {
    let Selection { universe, calendars, interval, .. } = input.selection;
    let listed = input.series.iter().filter(|series| {
        let is_ours = universe.instruments().iter().any(|one| one.id == series.instrument.id);
        is_ours && series.interval == *interval && series.first > window.score_start
    });
    let firsts: BTreeSet<i64> = listed.map(|series| series.first.micros()).collect();
    let mut kinds: Vec<_> = Vec::new();
    for calendar in calendars {
        if !kinds.contains(calendar) {
            kinds.push(*calendar);
        }
    }
    (1 + firsts.len() as u64) * kinds.len().max(1) as u64
}

/// Rows that signals are at most, and bars that their statement may see.
fn signal_rows(signals: &Signals, bars: u64) -> (u64, u64) {
    match signals.source() {
        SignalSource::Rows(rows) => (rows.len() as u64, 0),
        SignalSource::Statement(_) => (2 * bars, bars),
    }
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

/// Per horizon, the pairs that each strategy meets at most and what it keeps of one.
fn pairs(input: &PlanInput<'_>) -> Vec<Pairs> {
    let over = |days: u32| {
        let span = i64::from(days) * MICROS_PER_DAY;
        let bars = u64::try_from(span / input.selection.interval.micros()).unwrap_or(0);
        let of = |at: usize| (pairs_met(input, at), input.strategies[at].pair_bytes(bars));
        (0..input.strategies.len()).map(of).filter(|(_, bytes)| *bytes > 0).collect()
    };
    input.request.horizons.iter().map(|horizon| over(horizon.days())).collect()
}

/// Fits of all pairs over all horizons, and of the pairs of the largest combination over one of them.
fn fits(input: &PlanInput<'_>) -> (u64, u64) {
    let largest = input.grids.iter().map(SizeGrid::members).max().unwrap_or(0);
    let within = combination::count(largest, 2).unwrap_or(u64::MAX);
    let (mut all, mut of_job) = (0_u64, 0_u64);
    for window in input.windows {
        for (at, strategy) in input.strategies.iter().enumerate() {
            let fits = strategy.fits_of_pair(window, input.selection.interval);
            let pairs = pairs_met(input, at);
            all = all.saturating_add(pairs.saturating_mul(fits));
            of_job = of_job.max(pairs.min(within).saturating_mul(fits));
        }
    }
    (all, of_job)
}

/// Pairs that a strategy meets at most.
fn pairs_met(input: &PlanInput<'_>, strategy: usize) -> u64 {
    let met = input.grids.iter().filter(|grid| grid.strategies.contains(&strategy));
    met.map(SizeGrid::pairs).max().unwrap_or(0)
}

/// The longest text of parameters that a job's row holds.
fn parameter_bytes(input: &PlanInput<'_>) -> u64 {
    let over = |window: &HorizonWindow| {
        input.strategies.iter().map(|one| one.parameters_over(window).len() as u64).max()
    };
    input.windows.iter().filter_map(over).max().unwrap_or(0) + TERMS_BYTES
}

/// The most that a strategy takes of a worker beside its job.
fn worker_bytes(input: &PlanInput<'_>) -> u64 {
    let Selection { universe, interval, .. } = input.selection;
    let over = |window: &HorizonWindow| {
        let of = |one: &dyn Strategy| one.worker_bytes(window, *interval, universe.len());
        input.strategies.iter().map(|one| of(one.as_ref())).max()
    };
    input.windows.iter().filter_map(over).max().unwrap_or(0)
}

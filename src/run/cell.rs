//! One combination over one horizon: every strategy's job on it, and the benchmark they share.
//!
//! The order of checks is the order of outcomes: bars, history, prices, then the strategy's own
//! refusal, then the simulation. The benchmark is simulated once per alignment, on the same rows,
//! with the same fills and costs and without rules.

use std::{ops::ControlFlow, time::Duration};

use super::{
    horizon_grid::HorizonGrid,
    job_axis,
    job_rows::{self, Ground},
};
use crate::{
    domain::{
        Field, JobKey, JobRecord, Keep, MICROS_PER_DAY, Outcome,
        deadline::{self, Unended},
    },
    measure,
    sim::{MarginCall, Market, Rules, Scratch, SimOptions, Simulation, simulate},
    strategy::{Alignment, BuyAndHold, Declined, Strategy},
};

/// The jobs of one combination that are to be computed.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    /// Indices into the universe, increasing.
    pub(super) assets: Vec<u16>,
    /// Strategy index and key of each job.
    pub(super) jobs: Vec<(usize, JobKey)>,
}

/// What one worker reuses from job to job.
#[derive(Debug, Default)]
pub(super) struct Bench {
    strategy: Scratch,
    benchmark: Scratch,
    rows: Vec<u32>,
}

/// How jobs are simulated and annualized.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) sim: SimOptions,
    pub(super) periods_per_year: Option<f64>,
    /// What is stored of a job that was simulated.
    pub(super) keep: Keep,
    /// Time after which a job is given up.
    pub(super) timeout: Option<Duration>,
}

/// Computes the jobs of a cell and hands each to `take`, until it breaks: with its equity a job may be
/// megabytes. A job that panics or passes its time limit is an outcome; the others go on.
pub(super) fn run_cell(
    grid: &HorizonGrid<'_>,
    cell: &Cell,
    terms: &Terms,
    bench: &mut Bench,
    take: impl FnMut(JobRecord) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut benchmarks: Benchmarks = [None, None];
    let over = run_jobs((grid, cell), terms, bench, &mut benchmarks, take);
    benchmarks.into_iter().flatten().for_each(|simulation| bench.benchmark.recycle(simulation));
    over
}

/// Simulations of the benchmark by [`Alignment`], where a job of the cell came so far.
pub(super) type Benchmarks = [Option<Simulation>; 2];

/// The records of a cell, with the benchmarks that the jobs were measured against.
pub(super) fn run_with_benchmarks(
    grid: &HorizonGrid<'_>,
    cell: &Cell,
    terms: &Terms,
    bench: &mut Bench,
) -> (Vec<JobRecord>, Benchmarks) {
    let mut benchmarks: Benchmarks = [None, None];
    let mut records = Vec::with_capacity(cell.jobs.len());
    let _ = run_jobs((grid, cell), terms, bench, &mut benchmarks, |record| {
        records.push(record);
        ControlFlow::Continue(())
    });
    (records, benchmarks)
}

fn run_jobs(
    (grid, cell): (&HorizonGrid<'_>, &Cell),
    terms: &Terms,
    bench: &mut Bench,
    benchmarks: &mut Benchmarks,
    mut take: impl FnMut(JobRecord) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut over = ControlFlow::Continue(());
    for &(strategy, key) in &cell.jobs {
        let mut record = blank_record(grid, cell, strategy, key);
        let attempt = deadline::within(terms.timeout, || {
            let mut job = Job { grid, assets: &cell.assets, strategy, terms };
            job.run(&mut record, benchmarks, bench)
        });
        match attempt {
            Ok(Ok(())) => {}
            Ok(Err(declined)) => {
                record.outcome = declined.outcome;
                record.reason = Some(declined.reason);
            }
            Err(unended) => {
                record = blank_record(grid, cell, strategy, key);
                (record.outcome, record.reason) = given_up(&unended, terms.timeout);
                *bench = Bench::default();
            }
        }
        over = take(record);
        if over.is_break() {
            break;
        }
    }
    over
}

fn blank_record(grid: &HorizonGrid<'_>, cell: &Cell, strategy: usize, key: JobKey) -> JobRecord {
    JobRecord {
        key,
        strategy: grid.strategies[strategy].name().to_owned(),
        parameters: grid.terms[strategy].clone(),
        horizon_days: grid.bars.window.horizon.days(),
        symbols: grid.bars.symbols(&cell.assets),
        size: u32::try_from(cell.assets.len()).unwrap_or(u32::MAX),
        outcome: Outcome::Failed,
        reason: None,
        measures: None,
        kept: Keep::All,
        trades: Vec::new(),
        fills: Vec::new(),
        equity: Vec::new(),
        weights: Vec::new(),
    }
}

/// Outcome and reason of a job that did not come to its end.
fn given_up(unended: &Unended, limit: Option<Duration>) -> (Outcome, Option<String>) {
    match unended {
        Unended::TimedOut => {
            let seconds = limit.unwrap_or_default().as_secs_f64();
            (Outcome::TimedOut, Some(format!("it passed its time limit of {seconds} s")))
        }
        Unended::Panicked(panic) => (Outcome::Panicked, Some(panic_message(panic.as_ref()))),
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

struct Job<'c> {
    grid: &'c HorizonGrid<'c>,
    assets: &'c [u16],
    strategy: usize,
    terms: &'c Terms,
}

impl Job<'_> {
    fn run(
        &mut self,
        record: &mut JobRecord,
        benchmarks: &mut Benchmarks,
        bench: &mut Bench,
    ) -> Result<(), Declined> {
        let strategy = self.grid.strategies[self.strategy].as_ref();
        self.require_bars(strategy.fields())?;
        let history = strategy.history_micros(&self.grid.bars.window);
        self.require_history(history)?;
        let first_row = self.require_lookback(strategy)?;
        let first_row = first_row.min(self.grid.bars.history_rows(history).start);
        self.require_positive_prices(first_row, strategy.fields())?;
        let mut decider = self.grid.sessions[self.strategy].decider(self.assets)?;
        let alignment = strategy.alignment();
        let mut rows = std::mem::take(&mut bench.rows);
        let stale_rows = job_axis::stale_rows(self.grid.bars, self.assets);
        self.axis(alignment, &stale_rows, &mut rows)?;
        let market = Market {
            panel: self.grid.bars.panel,
            assets: self.assets,
            rows: &rows,
            stale_rows: &stale_rows,
            particulars: self.grid.particulars,
        };
        let options = &self.terms.sim;
        let simulation = simulate(&market, decider.as_mut(), options, &mut bench.strategy);
        let benchmark = benchmarks[alignment as usize].get_or_insert_with(|| {
            // It holds: rules are no part of it.
            let options = SimOptions { rules: Rules::default(), ..*options };
            let mut hold = BuyAndHold::of(self.assets.len());
            simulate(&market, &mut hold, &options, &mut bench.benchmark)
        });
        self.settle(record, alignment, &simulation, benchmark);
        let ground = Ground { bars: self.grid.bars, market: &market };
        job_rows::fill_in(record, &ground, &simulation, self.terms);
        bench.strategy.recycle(simulation);
        bench.rows = rows;
        Ok(())
    }

    /// Every member needs a bar in the scored window, with all that the strategy reads; of volumes, one
    /// above 0: a source that writes 0 for what it does not know gives no more than one without.
    fn require_bars(&self, fields: &[Field]) -> Result<(), Declined> {
        let bars = self.grid.bars;
        let scored = bars.scored_rows();
        let declined = |asset: u16, what: &str| Declined {
            outcome: Outcome::NoBars,
            reason: format!("{} has no bar{what} in the scored window", bars.symbol(asset)),
        };
        for &asset in self.assets {
            if bars.presence.count_common(&[asset], &scored) == 0 {
                return Err(declined(asset, ""));
            }
            let mut whole = scored.clone().filter(|&row| bars.has(asset, row, fields)).peekable();
            if whole.peek().is_none() {
                let names: Vec<_> = fields.iter().map(|field| field.name()).collect();
                return Err(declined(asset, &format!(" with {}", names.join(", "))));
            }
            let volumes = bars.panel.column(usize::from(asset), Field::Volume);
            if fields.contains(&Field::Volume) && whole.all(|row| volumes[row] <= 0.0) {
                return Err(declined(asset, " with a volume above 0"));
            }
        }
        Ok(())
    }

    /// Every member needs the bars that running indicators start from. The first row of them.
    fn require_lookback(&self, strategy: &dyn Strategy) -> Result<usize, Declined> {
        let bars = self.grid.bars;
        let needed = strategy.lookback_bars();
        let mut first_row = bars.scored_rows().start;
        for &asset in self.assets.iter().filter(|_| needed > 0) {
            let lookback = bars.lookback(asset, needed, strategy.fields());
            first_row = first_row.min(lookback.first_row);
            let short = |why: &str| Declined {
                outcome: Outcome::InsufficientHistory,
                reason: format!(
                    "needed {needed} bars of {} in the {:.1} days before the scored window, given {}{why}",
                    bars.symbol(asset),
                    bars.lookback_micros(asset, needed) as f64 / MICROS_PER_DAY as f64,
                    lookback.given
                ),
            };
            // Where the bars are there, a longer history would show the same ones.
            if lookback.given < needed {
                let covered = bars.covers_lookback(asset, needed);
                let more = if covered { "" } else { "; a larger --warmup-multiplier loads more" };
                return Err(short(more));
            }
        }
        Ok(first_row)
    }

    /// The history a strategy uses must be loaded, and hold enough bars common to all members.
    fn require_history(&self, history: i64) -> Result<(), Declined> {
        if history == 0 {
            return Ok(());
        }
        let bars = self.grid.bars;
        let needed = bars.needed_bars(self.assets, history);
        let rows = bars.history_rows(history);
        let given = bars.presence.count_common(self.assets, &rows);
        let short = |why: &str| Declined {
            outcome: Outcome::InsufficientHistory,
            reason: format!(
                "needed {needed} common bars before the scored window, given {given}{why}"
            ),
        };
        if !bars.covers(history) {
            return Err(short("; a larger --warmup-multiplier loads more"));
        }
        if given < needed { Err(short("")) } else { Ok(()) }
    }

    /// Prices a job may use, from `first_row` on, must be above zero.
    fn require_positive_prices(&self, first_row: usize, fields: &[Field]) -> Result<(), Declined> {
        let bars = self.grid.bars;
        let rows = first_row..bars.scored_rows().end;
        for &asset in self.assets {
            for &field in Field::ALWAYS.iter().chain(fields.iter().filter(|&&f| f != Field::Volume))
            {
                let column = &bars.panel.column(usize::from(asset), field)[rows.clone()];
                if let Some(at) = column.iter().position(|&price| price <= 0.0) {
                    let ts = crate::domain::Timestamp(bars.panel.ts()[rows.start + at]);
                    return Err(Declined {
                        outcome: Outcome::NonPositivePrice,
                        reason: format!(
                            "{} has {} {} at {ts}",
                            bars.symbol(asset),
                            field.name(),
                            column[at]
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    /// The scored rows that are bars of this job.
    fn axis(
        &self,
        alignment: Alignment,
        stale_rows: &[u32],
        rows: &mut Vec<u32>,
    ) -> Result<(), Declined> {
        job_axis::job_rows(self.grid.bars, self.assets, alignment, stale_rows, rows);
        if rows.is_empty() {
            return Err(Declined {
                outcome: Outcome::NoBars,
                reason: "no two members have a bar at the same time in the scored window".into(),
            });
        }
        Ok(())
    }

    /// Outcome and measures of a finished simulation.
    fn settle(
        &self,
        record: &mut JobRecord,
        alignment: Alignment,
        simulation: &Simulation,
        benchmark: &Simulation,
    ) {
        let bars = self.grid.bars;
        let periods = self.terms.periods_per_year.unwrap_or_else(|| {
            bars.axis_calendar(self.assets, alignment).periods_per_year(bars.interval)
        });
        let measures = measure::apply(simulation, self.terms.sim.capital, periods, Some(benchmark));
        let Some(measures) = measures else {
            let broken = simulation.equity.iter().find(|value| !value.is_finite());
            let value = broken.or(simulation.equity.last()).unwrap_or(&self.terms.sim.capital);
            record.reason = Some(format!("equity became {value}"));
            return;
        };
        record.measures = Some(measures);
        let at = |row: usize| crate::domain::Timestamp(bars.panel.ts()[row]);
        record.outcome = if let Some(row) = simulation.ruined_at {
            record.reason = Some(format!("equity fell to zero or below at {}", at(row)));
            Outcome::Ruined
        } else if let Some(call) = &simulation.margin_call {
            record.reason = Some(self.called(call, at(call.row)));
            Outcome::MarginCall
        } else if simulation.tickets == 0 {
            Outcome::NoTrade
        } else {
            Outcome::Done
        };
    }

    /// Why a job was called for margin, with its figures.
    fn called(&self, call: &MarginCall, at: crate::domain::Timestamp) -> String {
        let MarginCall { equity, gross, .. } = call;
        let share = self.terms.sim.limits.maintenance_margin.unwrap_or_default();
        format!(
            "equity {equity:.2} fell below {:.2}, the maintenance margin of {share} on positions of \
             {gross:.2}, at {at}",
            share * gross
        )
    }
}

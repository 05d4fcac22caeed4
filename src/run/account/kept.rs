//! A job that cannot be played again, drawn from the equity that the store keeps of it.
//!
//! Signals come from outside and are not stored. Where the run kept equity, its curve is there; the benchmark
//! is simulated again, which needs no signals, and drawn only if it ends where the stored one did.

use super::{
    curves::Curves,
    recall::{capital, recall_as},
    resimulate::{Drawn, Source, WARMUPS, with_grid},
};
use crate::{
    domain::{EquityRecord, JobKey, JobRecord, Keep, Outcome, WarmupMultiplier},
    error::Result,
    measure,
    run::cell::{self, Bench},
    store::{self, Store, StoredJob, Table},
};

/// Strategies that run on what a job runs on, for the sake of the benchmark beside them: on one symbol, and
/// on several.
const STAND_IN: [&str; 2] = ["buy-and-hold", "equal-weight"];

/// The job in `job` of the run in `run`, as far as the store keeps it.
///
/// # Errors
/// Why it cannot be drawn, in a few words.
pub(super) fn kept(
    store: &Store,
    job: &Table,
    run: &Table,
    budget_bytes: u64,
) -> Result<Drawn, String> {
    let key = u128::from_str_radix(job.text(0, "job"), 16)
        .map_err(|error| format!("its key cannot be read: {error}"))?;
    let key = JobKey::from_bytes(key.to_be_bytes());
    let read = || -> Result<_> {
        let reader = store.reader()?;
        Ok((reader.job_equity(key)?, reader.stored_job(key)?))
    };
    let (equity, stored) = read().map_err(|error| error.to_string())?;
    let (false, Some(stored)) = (equity.is_empty(), stored) else {
        return Err("it played signals from outside, which the store does not hold; of a run with --keep equity, \
                    the curve is drawn"
            .to_owned());
    };
    let capital = capital(job)?;
    let benchmark = benchmark(store, (job, run), budget_bytes, (&equity, capital));
    let record = record(job, equity, stored)?;
    Ok(Drawn {
        curves: Curves::of(&record, &benchmark.unwrap_or_default(), capital),
        spreads: Vec::new(),
        tree: None,
        source: Source::Kept,
        record,
    })
}

fn record(job: &Table, equity: Vec<EquityRecord>, stored: StoredJob) -> Result<JobRecord, String> {
    let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.name() == stored.outcome);
    let whole = |name: &str| u32::try_from(job.whole(0, name).unwrap_or(0)).unwrap_or(0);
    Ok(JobRecord {
        key: stored.key,
        strategy: job.text(0, "strategy").to_owned(),
        parameters: job.text(0, "parameters").to_owned(),
        horizon_days: whole("horizon_days"),
        symbols: job.text(0, "symbols").to_owned(),
        size: whole("size"),
        outcome: outcome.ok_or_else(|| format!("its outcome '{}' is none", stored.outcome))?,
        reason: stored.reason,
        measures: stored.measures,
        kept: Keep::Equity,
        trades: Vec::new(),
        fills: Vec::new(),
        equity,
        weights: Vec::new(),
    })
}

/// The benchmark at each bar of `equity`, where it can be simulated again and returns what is stored.
fn benchmark(
    store: &Store,
    (job, run): (&Table, &Table),
    budget_bytes: u64,
    (equity, capital): (&[EquityRecord], f64),
) -> Option<Vec<f64>> {
    let store::Cell::Float(stored) = *job.cell(0, "benchmark_return") else { return None };
    let strategy = STAND_IN[usize::from(job.text(0, "symbols").contains(','))];
    let is_it = |values: &Vec<f64>| {
        let returned = measure::total_return(values, capital).map(f64::to_bits);
        values.len() == equity.len() && returned == Some(stored.to_bits())
    };
    WARMUPS.into_iter().filter_map(WarmupMultiplier::new).find_map(|multiplier| {
        let request = recall_as(strategy, (job, run), budget_bytes, multiplier).ok()?;
        let simulated = with_grid(store, &request, |grid, job, terms| {
            let (_, benchmarks) =
                cell::run_with_benchmarks(grid, job, terms, &mut Bench::default());
            Ok(benchmarks.into_iter().flatten().map(|one| one.equity).find(is_it))
        });
        simulated.ok().flatten().flatten()
    })
}

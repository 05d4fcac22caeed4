//! A batch of jobs as the rows of the tables they go to.
//!
//! Every function takes jobs with the ids they were given and yields one Arrow batch whose
//! columns stand in the order of its table in `queries/schema`.

use duckdb::arrow::record_batch::RecordBatch;

use super::columns::Columns;
use crate::{
    domain::{FitRecord, JobRecord, Measures},
    error::Result,
};

/// A job with its number in the store.
pub(super) type Numbered<'a> = (i64, &'a JobRecord);

pub(super) fn job_rows(jobs: &[Numbered<'_>], run_id: i64) -> Result<RecordBatch> {
    Columns::default()
        .i64("job_id", jobs.iter().map(|(id, _)| *id))
        .key("job_key", jobs.iter().map(|(_, job)| job.key.bytes()))?
        .i64("run_id", jobs.iter().map(|_| run_id))
        .u32("size", jobs.iter().map(|(_, job)| job.size))
        .text("symbols", jobs.iter().map(|(_, job)| job.symbols.as_str()))
        .text("strategy", jobs.iter().map(|(_, job)| job.strategy.as_str()))
        .text("parameters", jobs.iter().map(|(_, job)| job.parameters.as_str()))
        .u32("horizon_days", jobs.iter().map(|(_, job)| job.horizon_days))
        .text("outcome", jobs.iter().map(|(_, job)| job.outcome.name()))
        .flag("failure", jobs.iter().map(|(_, job)| job.outcome.is_failure()))
        .optional_text("reason", jobs.iter().map(|(_, job)| job.reason.as_deref()))
        .text("kept", jobs.iter().map(|(_, job)| job.kept.name()))
        .batch()
}

pub(super) fn measure_rows(jobs: &[Numbered<'_>]) -> Result<RecordBatch> {
    let rows: Vec<(i64, &Measures)> =
        jobs.iter().filter_map(|(id, job)| Some((*id, job.measures.as_ref()?))).collect();
    let of = |field: fn(&Measures) -> Option<f64>| rows.iter().map(move |(_, m)| field(m));
    Columns::default()
        .i64("job_id", rows.iter().map(|(id, _)| *id))
        .u64("bars", rows.iter().map(|(_, m)| m.bars))
        .real("periods_per_year", of(|m| Some(m.periods_per_year)))
        .real("final_equity", of(|m| Some(m.final_equity)))
        .real("total_return", of(|m| Some(m.total_return)))
        .real("cagr", of(|m| m.cagr))
        .real("volatility", of(|m| m.volatility))
        .real("sharpe", of(|m| m.sharpe))
        .real("sortino", of(|m| m.sortino))
        .real("max_drawdown", of(|m| Some(m.max_drawdown)))
        .real("calmar", of(|m| m.calmar))
        .real("exposure", of(|m| Some(m.exposure)))
        .real("turnover_annual", of(|m| m.turnover_annual))
        .real("traded_notional", of(|m| Some(m.traded_notional)))
        .u64("trades", rows.iter().map(|(_, m)| m.trades))
        .real("win_rate", of(|m| m.win_rate))
        .real("profit_factor", of(|m| m.profit_factor))
        .real("commission", of(|m| Some(m.commission)))
        .real("slippage", of(|m| Some(m.slippage)))
        .real("spread", of(|m| Some(m.spread)))
        .real("impact", of(|m| Some(m.impact)))
        .real("borrow", of(|m| Some(m.borrow)))
        .real("financing", of(|m| Some(m.financing)))
        .real("dividend", of(|m| Some(m.dividend)))
        .real("funding", of(|m| Some(m.funding)))
        .real("benchmark_return", of(|m| m.benchmark_return))
        .real("benchmark_sharpe", of(|m| m.benchmark_sharpe))
        .real("benchmark_drawdown", of(|m| m.benchmark_drawdown))
        .batch()
}

/// One row of a list that a job holds: the job's id, the place in the list, the record.
fn rows_of<'a, T>(
    jobs: &[Numbered<'a>],
    list: impl Fn(&'a JobRecord) -> &'a [T],
) -> Vec<(i64, u32, &'a T)> {
    let mut rows = Vec::with_capacity(jobs.iter().map(|(_, job)| list(job).len()).sum());
    for (id, job) in jobs {
        rows.extend((0..).zip(list(job)).map(|(seq, record)| (*id, seq, record)));
    }
    rows
}

pub(super) fn trade_rows(jobs: &[Numbered<'_>]) -> Result<RecordBatch> {
    let rows = rows_of(jobs, |job| &job.trades);
    Columns::default()
        .i64("job_id", rows.iter().map(|r| r.0))
        .u32("seq", rows.iter().map(|r| r.1))
        .text("symbol", rows.iter().map(|r| r.2.symbol.as_str()))
        .u32("trade_group", rows.iter().map(|r| r.2.trade_group))
        .i8("side", rows.iter().map(|r| r.2.side))
        .time("entry_ts", rows.iter().map(|r| r.2.entry_ts.micros()))
        .time("exit_ts", rows.iter().map(|r| r.2.exit_ts.micros()))
        .real("entry_price", rows.iter().map(|r| r.2.entry_price))
        .real("exit_price", rows.iter().map(|r| r.2.exit_price))
        .real("quantity", rows.iter().map(|r| r.2.quantity))
        .real("gross_pnl", rows.iter().map(|r| r.2.gross_pnl))
        .real("commission", rows.iter().map(|r| r.2.commission))
        .real("slippage", rows.iter().map(|r| r.2.slippage))
        .real("spread", rows.iter().map(|r| r.2.spread))
        .real("impact", rows.iter().map(|r| r.2.impact))
        .real("borrow", rows.iter().map(|r| r.2.borrow))
        .real("dividend", rows.iter().map(|r| r.2.dividend))
        .real("funding", rows.iter().map(|r| r.2.funding))
        .real("net_pnl", rows.iter().map(|r| r.2.net_pnl))
        .u32("bars_held", rows.iter().map(|r| r.2.bars_held))
        .text("exit_reason", rows.iter().map(|r| r.2.exit_reason))
        .batch()
}

pub(super) fn fill_rows(jobs: &[Numbered<'_>]) -> Result<RecordBatch> {
    let rows = rows_of(jobs, |job| &job.fills);
    Columns::default()
        .i64("job_id", rows.iter().map(|r| r.0))
        .u32("seq", rows.iter().map(|r| r.1))
        .time("ts", rows.iter().map(|r| r.2.ts.micros()))
        .time("decided_ts", rows.iter().map(|r| r.2.decided_ts.micros()))
        .text("symbol", rows.iter().map(|r| r.2.symbol.as_str()))
        .real("quantity", rows.iter().map(|r| r.2.quantity))
        .real("price", rows.iter().map(|r| r.2.price))
        .real("commission", rows.iter().map(|r| r.2.commission))
        .real("slippage", rows.iter().map(|r| r.2.slippage))
        .real("spread", rows.iter().map(|r| r.2.spread))
        .real("impact", rows.iter().map(|r| r.2.impact))
        .text("reason", rows.iter().map(|r| r.2.reason))
        .batch()
}

pub(super) fn equity_rows(jobs: &[Numbered<'_>]) -> Result<RecordBatch> {
    let rows = rows_of(jobs, |job| &job.equity);
    Columns::default()
        .i64("job_id", rows.iter().map(|r| r.0))
        .time("ts", rows.iter().map(|r| r.2.ts.micros()))
        .real("cash", rows.iter().map(|r| r.2.cash))
        .real("equity", rows.iter().map(|r| r.2.equity))
        .real("gross", rows.iter().map(|r| r.2.gross))
        .real("commission", rows.iter().map(|r| r.2.commission))
        .real("slippage", rows.iter().map(|r| r.2.slippage))
        .real("spread", rows.iter().map(|r| r.2.spread))
        .real("impact", rows.iter().map(|r| r.2.impact))
        .real("borrow", rows.iter().map(|r| r.2.borrow))
        .real("financing", rows.iter().map(|r| r.2.financing))
        .real("dividend", rows.iter().map(|r| r.2.dividend))
        .real("funding", rows.iter().map(|r| r.2.funding))
        .batch()
}

pub(super) fn weight_rows(jobs: &[Numbered<'_>]) -> Result<RecordBatch> {
    let rows = rows_of(jobs, |job| &job.weights);
    Columns::default()
        .i64("job_id", rows.iter().map(|r| r.0))
        .time("ts", rows.iter().map(|r| r.2.ts.micros()))
        .text("symbol", rows.iter().map(|r| r.2.symbol.as_str()))
        .real("weight", rows.iter().map(|r| r.2.weight))
        .batch()
}

pub(super) fn run_job_rows(links: &[(i64, bool)], run_id: i64) -> Result<RecordBatch> {
    Columns::default()
        .i64("run_id", links.iter().map(|_| run_id))
        .i64("job_id", links.iter().map(|link| link.0))
        .flag("cached", links.iter().map(|link| link.1))
        .batch()
}

pub(super) fn run_fit_rows(fits: &[&FitRecord], run_id: i64) -> Result<RecordBatch> {
    Columns::default()
        .i64("run_id", fits.iter().map(|_| run_id))
        .key("fit_key", fits.iter().map(|f| f.key.bytes()))?
        .u32("horizon_days", fits.iter().map(|f| f.horizon_days))
        .u32("refit", fits.iter().map(|f| f.refit))
        .batch()
}

pub(super) fn fit_rows(fits: &[&FitRecord]) -> Result<RecordBatch> {
    Columns::default()
        .key("fit_key", fits.iter().map(|f| f.key.bytes()))?
        .u32("horizon_days", fits.iter().map(|f| f.horizon_days))
        .u32("refit", fits.iter().map(|f| f.refit))
        .text("symbol_y", fits.iter().map(|f| f.symbol_y.as_str()))
        .text("symbol_x", fits.iter().map(|f| f.symbol_x.as_str()))
        .time("formation_start", fits.iter().map(|f| f.formation_start.micros()))
        .time("formation_end", fits.iter().map(|f| f.formation_end.micros()))
        .u32("bars", fits.iter().map(|f| f.bars))
        .real("statistic", fits.iter().map(|f| f.statistic))
        .real("p_value", fits.iter().map(|f| f.p_value))
        .optional_u32("lag_bars", fits.iter().map(|f| f.lag_bars))
        .real("beta", fits.iter().map(|f| f.beta))
        .real("alpha", fits.iter().map(|f| f.alpha))
        .real("half_life_bars", fits.iter().map(|f| f.half_life_bars))
        .real("spread_sd", fits.iter().map(|f| f.spread_sd))
        .flag("accepted", fits.iter().map(|f| f.accepted))
        .optional_text("reason", fits.iter().map(|f| f.reason.as_deref()))
        .batch()
}

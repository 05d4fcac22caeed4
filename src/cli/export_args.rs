//! What was typed after `barline export`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{args::StoreArg, limit_args::BudgetArg};

/// `barline export`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline export bars --symbols BTCUSDT,ETHUSDT --interval 1h --output bars.parquet\n  \
    barline export returns --job 4b2ffb6c --output returns.csv\n  \
    barline export trades --run last~1 --format csv\n\n\
    bars       ts, market, symbol, interval, open, high, low, close, volume of one market and length,\n               \
    imported again as they are\n\
    trades     the names of freqtrade: pair, open_date, open_rate, close_rate, profit_ratio, ..\n\
    fills      the names of nautilus_trader: instrument_id, order_side, last_qty, last_px, ts_event, ..\n\
    returns    date, returns: simple returns per bar of one job, for quantstats, pyfolio, skfolio\n\
    portfolio  the names of qlib: datetime, account, return, cost, value, cash of one job\n\
    weights    ts, symbol, weight of one job: played again by --signals\n\n\
    Times are UTC and name a bar by its open. returns and portfolio need --keep equity, weights --keep all. \
    Text cells\nthat a spreadsheet would run get a ' in front in CSV. A file that exists is replaced \
    with --force only.")]
pub(super) struct ExportArgs {
    /// bars, trades, fills, returns, portfolio or weights
    #[arg(value_name = "WHAT")]
    pub(super) what: String,
    /// The run: its number, last, last~1 .. [default: last]
    #[arg(long, value_name = "RUN", allow_hyphen_values = true, help_heading = "Results")]
    pub(super) run: Option<String>,
    /// Only the job whose key begins so
    #[arg(long, value_name = "ID", allow_hyphen_values = true, help_heading = "Results")]
    pub(super) job: Option<String>,
    /// Only these symbols, joined by commas
    #[arg(long, value_name = "A,B,..", help_heading = "Bars")]
    pub(super) symbols: Option<String>,
    /// Only this market
    #[arg(long, value_name = "NAME", help_heading = "Bars")]
    pub(super) market: Option<String>,
    /// Only bars of this length
    #[arg(long, value_name = "LENGTH", help_heading = "Bars")]
    pub(super) interval: Option<String>,
    /// From this moment on
    #[arg(long, value_name = "TIME", help_heading = "Bars")]
    pub(super) from: Option<String>,
    /// Up to this moment, which is not included
    #[arg(long, value_name = "TIME", help_heading = "Bars")]
    pub(super) to: Option<String>,
    /// The file to write, .csv, .json or .parquet; - is standard output [default: -]
    #[arg(long, value_name = "FILE", help_heading = "Store and output")]
    pub(super) output: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(long, help_heading = "Store and output")]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    /// csv, json, parquet or table [default: by the ending of the file, else csv]
    #[arg(long, value_name = "FORMAT", help_heading = "Store and output")]
    pub(super) format: Option<String>,
}

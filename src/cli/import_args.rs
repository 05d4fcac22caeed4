//! What was typed for `barline import`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{args::OutputArg, limit_args::BudgetArg};

/// `barline import`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline import bars.csv\n  \
    barline import 2023/ 2024/ --market binance-spot --interval 1m\n  \
    barline import corrected.csv --on-conflict replace\n  \
    barline import 'BTCUSDT-1h-*.zip' --market binance-spot\n  \
    barline import EURUSD.csv --layout metatrader --timezone Europe/Helsinki\n  \
    curl .. | barline import - --symbol AAPL\n  \
    barline import AAPL.csv --columns ts=Date,close=\"Adj Close\" --timezone America/New_York\n  \
    barline import -- -odd-name.csv\n\n\
    CSV with a header, Parquet or Feather with columns ts, symbol, open, high, low, close, volume in \
    any order\nand case (ts and close must be there), or a vendor's layout, recognised by what the \
    file holds: Binance,\nYahoo, yfinance, Stooq, Alpaca, Databento, CCXT, freqtrade, Polygon, \
    CryptoDataDownload, Kraken, MetaTrader,\nLEAN, qlib, zipline, and panels with a column per \
    symbol. Plain, gzip, zstd or zip. Bars are stamped at\ntheir open, in UTC, unless said otherwise. \
    What the store has already is kept unless --on-conflict says\notherwise, an unchanged file is not \
    imported again, and every record is accounted for: read = stored +\nreplaced + duplicate + \
    rejected + blank + comment + header.")]
pub(super) struct ImportArgs {
    /// Files; patterns such as 'data/*.csv'; folders, whose .csv, .parquet, .feather, .gz, .zst and .zip
    /// files are taken in the order of their names; - for standard input
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,

    /// What the files hold: bars, or splits (ts, symbol, ratio), dividends (amount), funding (rate),
    /// borrow (bps) [default: bars]
    #[arg(long, value_name = "KIND", help_heading = "What the files hold")]
    pub(super) kind: Option<String>,
    /// Layout of the files: auto, or a vendor's name such as binance-um, which is refused where a file
    /// is not in it [default: auto]
    #[arg(long, value_name = "NAME", help_heading = "What the files hold")]
    pub(super) layout: Option<String>,
    /// Header names that stand for a column, such as ts=Date,close="Adj Close"
    #[arg(long, value_name = "COLUMN=NAME,..", help_heading = "What the files hold")]
    pub(super) columns: Option<String>,
    /// Symbol of files without a symbol column [default: the one in the file's name]
    #[arg(long, value_name = "NAME", help_heading = "What the files hold")]
    pub(super) symbol: Option<String>,
    /// Market of the symbols [default: default]
    #[arg(long, value_name = "NAME", help_heading = "What the files hold")]
    pub(super) market: Option<String>,
    /// Length of a bar, such as 1h or 1d [default: inferred]
    #[arg(
        long,
        value_name = "LENGTH",
        allow_hyphen_values = true,
        help_heading = "What the files hold"
    )]
    pub(super) interval: Option<String>,
    /// When the market makes bars: 24/7, 24/5 or exchange [default: as stored, else inferred]
    #[arg(long, value_name = "CLASS", help_heading = "What the files hold")]
    pub(super) calendar: Option<String>,
    /// Zone of times without one: Europe/London, +02:00 [default: UTC]
    #[arg(
        long,
        value_name = "ZONE",
        allow_hyphen_values = true,
        help_heading = "What the files hold"
    )]
    pub(super) timezone: Option<String>,
    /// Which end of a bar its time names: open or close [default: open]
    #[arg(long, value_name = "END", help_heading = "What the files hold")]
    pub(super) stamp: Option<String>,

    /// What becomes of rows that differ from what is stored at their moment: keep what is stored,
    /// replace it, or error, which imports nothing of the file [default: keep]
    #[arg(long, value_name = "WHAT", help_heading = "What is stored already")]
    pub(super) on_conflict: Option<String>,

    /// Give a file up if more of its rows are rejected [default: any number, said loudly]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) max_rejects: Option<String>,
    /// Read and count, store nothing
    #[arg(long, help_heading = "Limits")]
    pub(super) dry_run: bool,

    /// The store; made if there is none [default: BARLINE_DB, else barline.duckdb]
    #[arg(long, value_name = "FILE", help_heading = "Store and output")]
    pub(super) db: Option<PathBuf>,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

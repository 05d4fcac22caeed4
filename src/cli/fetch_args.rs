//! What was typed for `barline fetch`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{args::OutputArg, limit_args::BudgetArg};

/// `barline fetch`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline fetch binance --symbols BTCUSDT,ETHUSDT --interval 1h --from 2023-01-01\n  \
    barline fetch binance --market um --symbols BTCUSDT --interval 5m --from 2024-01-01 --to 2024-07-01\n\n\
    No other command opens a connection.")]
pub(super) struct FetchArgs {
    #[command(subcommand)]
    pub(super) source: FetchSource,
}

/// Where bars are fetched from.
#[derive(Debug, Subcommand)]
pub(super) enum FetchSource {
    /// Binance's published archives of klines: download, verify, import
    Binance(Box<BinanceArgs>),
}

/// `barline fetch binance`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline fetch binance --symbols BTCUSDT,ETHUSDT --interval 1h --from 2023-01-01\n  \
    barline fetch binance --market cm --symbols BTCUSD_PERP --interval 1d --from 2022-01-01 --to 2024-01-01\n  \
    barline fetch binance --symbols BTCUSDT --interval 1m --from 2024-05-01 --download-only\n\n\
    Whole months come from monthly archives, the rest, and a month that has none yet, from daily ones. \
    Every\narchive is held to its published SHA-256 and kept; what is there with the right one is not loaded \
    again,\nwhat was cut goes on where it was cut, and what was issued again is loaded again. A day that \
    is not there\nis named. Bars are stored under the market binance-spot, binance-um or binance-cm.")]
pub(super) struct BinanceArgs {
    /// spot, um (USD-M futures) or cm (COIN-M futures) [default: spot]
    #[arg(long, value_name = "NAME", help_heading = "What is fetched")]
    pub(super) market: Option<String>,
    /// Symbols as the exchange writes them, joined by commas
    #[arg(long, value_name = "A,B,..", required = true, help_heading = "What is fetched")]
    pub(super) symbols: String,
    /// Length of a bar: 1s, 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d
    #[arg(long, value_name = "LENGTH", required = true, help_heading = "What is fetched")]
    pub(super) interval: String,
    /// First day, UTC
    #[arg(long, value_name = "DAY", required = true, help_heading = "What is fetched")]
    pub(super) from: String,
    /// The day after the last, UTC [default: today]
    #[arg(long, value_name = "DAY", help_heading = "What is fetched")]
    pub(super) to: Option<String>,

    /// What becomes of bars that differ from what is stored: replace, keep or error [default: replace,
    /// for the archives are verified]
    #[arg(long, value_name = "WHAT", help_heading = "What is stored already")]
    pub(super) on_conflict: Option<String>,

    /// Where the archives are kept [default: the store's file with .archives behind]
    #[arg(long, value_name = "DIR", help_heading = "Download")]
    pub(super) folder: Option<PathBuf>,
    /// Download and verify, import nothing
    #[arg(long, help_heading = "Download")]
    pub(super) download_only: bool,
    /// Archives loaded at once, at most 32 [default: 4]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Download")]
    pub(super) connections: Option<String>,
    /// How often an archive is asked for again after a fault, with longer and longer pauses [default: 6]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Download")]
    pub(super) retries: Option<String>,
    /// Where the archives stand: what is in front of data/ [default: https://data.binance.vision]
    #[arg(long, value_name = "URL", help_heading = "Download")]
    pub(super) base_url: Option<String>,

    /// The store; made if there is none [default: BARLINE_DB, else barline.duckdb]
    #[arg(long, value_name = "FILE", help_heading = "Store and output")]
    pub(super) db: Option<PathBuf>,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

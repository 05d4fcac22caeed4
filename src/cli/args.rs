//! What was typed: clap's structures.
//!
//! Values stay text here; `settings` reads them, so that every wrong value gets the same kind of
//! line: the flag, the value, what is wrong, what would be right.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use super::{
    audit_args::AuditArgs,
    compare_args::CompareArgs,
    config_file::{self, ConfigFile},
    device_args::DeviceArgs,
    doctor_args::DoctorArgs,
    export_args::ExportArgs,
    fetch_args::{FetchArgs, FetchSource},
    import_args::ImportArgs,
    limit_args::{BudgetArg, LimitArgs, WorkerArgs},
    question_args::{QueryArgs, SqlArgs},
    regress_args::RegressArgs,
    report_args::ReportArgs,
    resample_args::ResampleArgs,
    screen_args::ScreenArgs,
    settings,
    shell_args::{CompletionsArgs, InitArgs, ManArgs},
    weights_args::WeightsArgs,
};
use crate::error::Result;

/// A backtesting engine in one binary with its database inside.
#[derive(Debug, Parser)]
#[command(
    name = "barline",
    version,
    max_term_width = 100,
    subcommand_required = true,
    disable_help_subcommand = true,
    after_help = "Start here:\n  barline backtest --multi-pair --quick\n\n\
                  Without a store this makes a synthetic universe in barline-demo.duckdb and \
                  tests on it.\nExit codes: 0 well; 1 finished with findings; 2 could not start; \
                  130, 143 after a signal."
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) talk: Talk,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// How much is said on standard error.
#[derive(Debug, Default, ClapArgs)]
pub(super) struct Talk {
    /// Say nothing but warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Talk")]
    pub(super) quiet: bool,
    /// Show what the engine does; twice for every step (or set BARLINE_LOG)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Talk")]
    pub(super) verbose: u8,
    /// How logs, notes and errors are written, text or json, one event a line [default: BARLINE_LOG_FORMAT, else text]
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Talk")]
    pub(super) log_format: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Test strategies over horizons and combinations, store every job, show the best
    Backtest(Box<BacktestArgs>),
    /// Attack strategies: find what they knew before it could be known; exit 1 if anything leaked
    Audit(Box<AuditArgs>),
    /// Test every combination for cointegration and list what survives the number of tests
    Screen(Box<ScreenArgs>),
    /// Show the target weights of a portfolio at one close; nothing is stored
    Weights(Box<WeightsArgs>),
    /// Bring bars into the store: CSV, Parquet, Feather, JSON, and the layouts of vendors
    Import(ImportArgs),
    /// Download an exchange's archives of bars, verify and import them
    Fetch(FetchArgs),
    /// Make longer bars of stored ones
    Resample(ResampleArgs),
    /// Write bars and results for other tools, under the names that their users know
    Export(ExportArgs),
    /// Make a store with a synthetic universe of known relations
    Demo(DemoArgs),
    /// Write a run as one HTML file: charts, tables, what every number means
    Report(ReportArgs),
    /// Ask a stored question; without NAME list the questions
    Query(QueryArgs),
    /// Run one SQL statement on the store, read-only
    Sql(SqlArgs),
    /// Show what differs between two runs, and why
    Compare(CompareArgs),
    /// Hold results: run a folder of cases, and exit 1 if any leaves something else than is held
    Regress(RegressArgs),
    /// Look for what is missing or wrong in the store's bars; exit 1 if something is wrong
    Check(CheckArgs),
    /// Show the machine, its limits, the versions, the device and the store
    Doctor(DoctorArgs),
    /// List the strategies with their parameters and defaults
    Strategies(StrategiesArgs),
    /// Write a configuration in which every key stands as a comment
    Init(InitArgs),
    /// Print what a shell needs to complete this command line
    Completions(CompletionsArgs),
    /// Write the manual pages
    Man(ManArgs),
}

/// `barline backtest`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline backtest --multi-pair --quick\n  \
    barline backtest --multi-pair --horizons 90,365 --sizes 2..3,all --strategies hrp,cointegration\n  \
    barline backtest --multi-pair --max-combinations 500 --seed 7 --dry-run\n  \
    barline backtest --config runs.toml --keep all\n  \
    barline backtest --signals crossover.sql --horizons 365\n\n\
    With --format csv, json or parquet standard output holds the whole ranking and nothing else.")]
#[allow(clippy::struct_excessive_bools, reason = "a flag of the command line is a bool")]
pub(super) struct BacktestArgs {
    /// Test combinations with the multi-asset strategies too, not only single symbols
    #[arg(long, help_heading = "What is tested")]
    pub(super) multi_pair: bool,
    /// A first look: horizons 30,90,180 and sizes 2,all unless they are given
    #[arg(long, help_heading = "What is tested")]
    pub(super) quick: bool,
    /// Symbols to use, joined by commas [default: all of the store]
    #[arg(long, value_name = "A,B,..", help_heading = "What is tested")]
    pub(super) symbols: Option<String>,
    /// Strategies by name, joined by commas [default: all that apply]
    #[arg(long, value_name = "NAME,..", help_heading = "What is tested")]
    pub(super) strategies: Option<String>,
    /// Target weights to play: .sql (one SELECT over bars), .csv or .parquet of ts, symbol, weight
    #[arg(long, value_name = "FILE", help_heading = "What is tested")]
    pub(super) signals: Option<PathBuf>,
    /// Only the combinations that a screen listed: its number, last, last~1
    #[arg(long, value_name = "RUN", allow_hyphen_values = true, help_heading = "What is tested")]
    pub(super) from_screen: Option<String>,
    /// Combination sizes: 3, 2..4 (both included), all [default: 2..4,all]
    #[arg(long, value_name = "SIZES", allow_hyphen_values = true, help_heading = "What is tested")]
    pub(super) sizes: Option<String>,
    /// At most this many combinations per size, spread evenly
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "What is tested")]
    pub(super) max_combinations: Option<String>,
    /// Only these ranks of every size, B not included: a shard of the work
    #[arg(long, value_name = "A..B", allow_hyphen_values = true, help_heading = "What is tested")]
    pub(super) ranks: Option<String>,
    /// Seed of the combination sample [default: 1]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "What is tested")]
    pub(super) seed: Option<String>,

    /// Length of a bar, such as 1h or 1d [default: the store's only one]
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true, help_heading = "Windows")]
    pub(super) interval: Option<String>,
    /// Scored windows in days, joined by commas [default: 30,90,180,365,730]
    #[arg(long, value_name = "DAYS,..", allow_hyphen_values = true, help_heading = "Windows")]
    pub(super) horizons: Option<String>,
    /// What is loaded, as a multiple of the horizon; never changes a result [default: 1.5]
    #[arg(long, value_name = "X", allow_hyphen_values = true, help_heading = "Windows")]
    pub(super) warmup_multiplier: Option<String>,
    /// End of every horizon, as a date or a UTC time [default: close of the last bar]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Windows")]
    pub(super) as_of: Option<String>,
    /// Bars per year for annualized measures [default: from interval and calendar]
    #[arg(long, value_name = "X", allow_hyphen_values = true, help_heading = "Windows")]
    pub(super) periods_per_year: Option<String>,

    /// Starting equity of every job [default: 10000]
    #[arg(long, value_name = "X", allow_hyphen_values = true, help_heading = "Fills and costs")]
    pub(super) capital: Option<String>,
    /// Commission per leg and side, in basis points [default: 10]
    #[arg(long, value_name = "BPS", allow_hyphen_values = true, help_heading = "Fills and costs")]
    pub(super) commission_bps: Option<String>,
    /// Slippage per leg and side, in basis points [default: 5]
    #[arg(long, value_name = "BPS", allow_hyphen_values = true, help_heading = "Fills and costs")]
    pub(super) slippage_bps: Option<String>,
    /// Borrow fee on short notional, in basis points per year [default: 0]
    #[arg(long, value_name = "BPS", allow_hyphen_values = true, help_heading = "Fills and costs")]
    pub(super) borrow_bps: Option<String>,
    /// next-open, next-close or same-close [default: next-open, next-close for close-only bars]
    #[arg(long, value_name = "RULE", allow_hyphen_values = true, help_heading = "Fills and costs")]
    pub(super) fill: Option<String>,

    /// Bars a held symbol may miss before it is closed at its last close as delisted [default: 24]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Fills and costs")]
    pub(super) max_stale_bars: Option<String>,

    #[command(flatten)]
    pub(super) work: WorkerArgs,
    #[command(flatten)]
    pub(super) device: DeviceArgs,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
    /// Jobs stored per transaction [default: 1000]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Limits")]
    pub(super) batch_jobs: Option<String>,

    /// What is stored per job: measures, trades, equity or all [default: trades]
    #[arg(
        long,
        value_name = "LEVEL",
        allow_hyphen_values = true,
        help_heading = "Store and output"
    )]
    pub(super) keep: Option<String>,
    /// Compute stored jobs again and exit 1 if any row differs
    #[arg(long, help_heading = "Store and output")]
    pub(super) fresh: bool,
    /// Show jobs, workers and memory, and run nothing
    #[arg(long, help_heading = "Store and output")]
    pub(super) dry_run: bool,
    /// Flags and strategy parameters from a TOML file; what is typed here wins
    #[arg(long, value_name = "FILE.toml", help_heading = "Store and output")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
    /// What the file said, once it has been read.
    #[arg(skip)]
    pub(super) file: ConfigFile,
}

/// `--db`.
#[derive(Debug, Default, ClapArgs)]
pub(super) struct StoreArg {
    /// The store [default: BARLINE_DB, else barline.duckdb, else barline-demo.duckdb]
    #[arg(long, value_name = "FILE", help_heading = "Store and output")]
    pub(super) db: Option<PathBuf>,
}

/// `--format`.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(super) struct OutputArg {
    /// table, csv, json or parquet [default: table]
    #[arg(long, value_name = "FORMAT", help_heading = "Store and output")]
    pub(super) format: Option<String>,
}

/// `barline demo`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  barline demo\n  barline demo --seed 7 --db seven.duckdb")]
pub(super) struct DemoArgs {
    /// Seed of the universe; the same seed gives the same bars on every machine
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(super) seed: Option<String>,
    /// The store to make [default: BARLINE_DB, else barline-demo.duckdb]
    #[arg(long, value_name = "FILE")]
    pub(super) db: Option<PathBuf>,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
}

/// `barline check`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  barline check\n  \
    barline check --symbols A,B --max-gap-bars 24 --format csv\n\n\
    Missing bars and a close that does not move are shown and are no fault unless a limit is given.\n\
    Faults: duplicate bars, bars without close, prices at or below zero, prices outside low..high.")]
pub(super) struct CheckArgs {
    /// Symbols to check, joined by commas [default: all of the store]
    #[arg(long, value_name = "A,B,..")]
    pub(super) symbols: Option<String>,
    /// A gap of more than N missing bars is a fault
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(super) max_gap_bars: Option<String>,
    /// More than N bars in a row with the same close are a fault
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(super) max_unchanged_bars: Option<String>,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

/// `barline strategies`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  barline strategies\n  barline strategies --format json")]
pub(super) struct StrategiesArgs {
    #[command(flatten)]
    pub(super) output: OutputArg,
}

impl Verb {
    /// What was typed for `--format`.
    pub(super) fn format(&self) -> Option<&str> {
        let output = match self {
            Self::Backtest(args) => &args.output,
            Self::Audit(args) => &args.run.output,
            Self::Screen(args) => &args.output,
            Self::Weights(args) => &args.output,
            Self::Import(args) => &args.output,
            Self::Fetch(args) => match &args.source {
                FetchSource::Binance(args) => &args.output,
            },
            Self::Resample(args) => &args.output,
            Self::Export(args) => return args.format.as_deref(),
            Self::Query(args) => &args.output,
            Self::Sql(args) => &args.output,
            Self::Check(args) => &args.output,
            Self::Doctor(args) => &args.output,
            Self::Strategies(args) => &args.output,
            Self::Compare(args) => &args.output,
            Self::Regress(args) => return args.format(),
            Self::Demo(_)
            | Self::Report(_)
            | Self::Init(_)
            | Self::Completions(_)
            | Self::Man(_) => return None,
        };
        output.format.as_deref()
    }

    /// Fills in what a configuration file says.
    pub(super) fn configure(&mut self) -> Result<()> {
        match self {
            Self::Backtest(args) => {
                config_file::fill_in(args)?;
                args.multi_pair |= args.from_screen.is_some();
                Ok(())
            }
            Self::Audit(args) => args.fill_in(),
            _ => Ok(()),
        }
    }

    /// Most threads a pool of this process may have.
    pub(super) fn threads(&self) -> Result<usize> {
        match self {
            Self::Backtest(args) => settings::thread_cap(args),
            Self::Audit(args) => settings::thread_cap(&args.run),
            Self::Screen(args) => args.work.thread_cap(),
            Self::Regress(args) => Ok(args.threads()),
            _ => Ok(1),
        }
    }
}

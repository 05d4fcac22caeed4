//! What was typed for `barline compare`.

use clap::Args as ClapArgs;

use super::{
    args::{OutputArg, StoreArg},
    limit_args::BudgetArg,
};

/// `barline compare`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  barline compare\n  barline compare 7 5 --exact\n  \
    barline compare last last~2 --tolerance 1e-9 --format json\n\n\
    A row per job (or test, of two screens) that differs, the largest change first; 'differs' names the\n\
    columns that do, 'why' what can have changed them. What differs between the runs as wholes, keys of\n\
    the configuration, bars, engine, is told on standard error, and in csv, json and parquet as rows in\n\
    front, whose 'found' is 'cause'.")]
pub(super) struct CompareArgs {
    /// A run: its number, last, last~1
    #[arg(value_name = "RUN", default_value = "last")]
    pub(super) run: String,
    /// The run it is compared with; last and last~1 are of the same kind
    #[arg(value_name = "OTHER", default_value = "last~1")]
    pub(super) other: String,
    /// Exit 1 if anything differs, to the last bit
    #[arg(long, conflicts_with = "tolerance")]
    pub(super) exact: bool,
    /// Leave out rows whose return, Sharpe ratio and drawdown (p-value and statistic) changed by no more
    /// than X; exit 1 if any is left
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    pub(super) tolerance: Option<String>,
    /// How many rows [default: 50 in a table, else all]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(super) top: Option<String>,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

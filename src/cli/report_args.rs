//! What was typed after `barline report`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{args::StoreArg, limit_args::BudgetArg};

/// `barline report`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline report\n  \
    barline report 3 --job 4b2ffb6c\n  \
    barline report last~1 --output before.html\n\n\
    The file loads nothing and runs nothing; it can be mailed and opened anywhere. What a run does not \
    keep bar by bar is simulated again, and drawn only if it equals what is stored. A file that exists \
    is replaced if it is a report, or with --force.")]
pub(super) struct ReportArgs {
    /// The run: its number, last, last~1 .. [default: last]
    #[arg(value_name = "RUN", allow_hyphen_values = true)]
    pub(super) run: Option<String>,
    /// The job that is drawn, by the first digits of its key [default: the best of the leaderboard]
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(super) job: Option<String>,
    /// The file to write; - is standard output [default: report-RUN.html]
    #[arg(long, value_name = "FILE", help_heading = "Store and output")]
    pub(super) output: Option<PathBuf>,
    /// Replace a file that is no report too
    #[arg(long, help_heading = "Store and output")]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
}

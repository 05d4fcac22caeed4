//! What was typed for `barline regress`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{args::OutputArg, limit_args, typed_value::count};
use crate::{error::Result, report::Format};

/// Most cases that may run side by side.
const MOST_JOBS: usize = 1_024;

/// `barline regress`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline regress check regress\n  \
    barline regress check regress --filter hrp --junit results.xml\n  \
    barline regress check regress --coverage --format json\n  \
    barline regress bless regress\n\n\
    A case is a TOML file: its bars, a run on them, and what is held of it. Every run of a case is a\n\
    process of its own on a store in memory: no store of yours is touched, nothing is left behind.")]
pub(super) struct RegressArgs {
    #[command(subcommand)]
    pub(super) action: RegressAction,
}

/// What is done with the cases.
#[derive(Debug, Subcommand)]
pub(super) enum RegressAction {
    /// Run every case; exit 1 if any is not as it is held
    Check(CheckCases),
    /// Write what is found into the cases that differ or are new, and show what that changed
    Bless(BlessCases),
    /// One run of one case, told as JSON
    #[command(hide = true)]
    One(OneCase),
}

/// Which cases, and how many at once.
#[derive(Debug, ClapArgs)]
pub(super) struct CasesArg {
    /// The folder of cases; .toml files in the folders inside it are cases too
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Only cases whose name holds TEXT
    #[arg(long, value_name = "TEXT")]
    pub(super) filter: Option<String>,
    /// Runs of cases side by side, each within the memory budget of its case [default: cores]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(super) jobs: Option<String>,
}

impl CasesArg {
    /// Runs side by side.
    ///
    /// # Errors
    /// Usage, naming the flag and its value.
    pub(super) fn side_by_side(&self) -> Result<usize> {
        let asked = count("--jobs", self.jobs.as_deref(), 1, MOST_JOBS)?;
        Ok(asked.unwrap_or_else(limit_args::cores))
    }
}

/// `barline regress check`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  barline regress check regress\n  \
    barline regress check regress --filter costs --jobs 1 --format json\n  \
    barline regress check regress --junit results.xml --coverage")]
pub(super) struct CheckCases {
    #[command(flatten)]
    pub(super) cases: CasesArg,
    /// Write the results as JUnit XML too
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Show strategies, outcomes and costs that the cases reach; exit 1 if any is missing
    #[arg(long)]
    pub(super) coverage: bool,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

/// `barline regress bless`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  barline regress bless regress\n  \
    barline regress bless regress --filter hrp\n\n\
    Only [hold] of a case is written; comments and the order of the file stay. Read the diff before \
    you commit it.")]
pub(super) struct BlessCases {
    #[command(flatten)]
    pub(super) cases: CasesArg,
}

/// `barline regress one`: what a check starts for every run.
#[derive(Debug, ClapArgs)]
pub(super) struct OneCase {
    pub(super) file: PathBuf,
    #[arg(long)]
    pub(super) workers: usize,
}

impl RegressArgs {
    /// What was typed for `--format`; a run of one case always answers in JSON.
    pub(super) fn format(&self) -> Option<&str> {
        match &self.action {
            RegressAction::Check(args) => args.output.format.as_deref(),
            RegressAction::Bless(_) => None,
            RegressAction::One(_) => Some(Format::Json.name()),
        }
    }

    /// Most threads a pool of this process may have.
    pub(super) fn threads(&self) -> usize {
        match &self.action {
            RegressAction::One(args) => args.workers.max(1),
            RegressAction::Check(_) | RegressAction::Bless(_) => 1,
        }
    }
}

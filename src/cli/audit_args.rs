//! What was typed for `barline audit`.

use clap::Args as ClapArgs;

use super::{args::BacktestArgs, config_file};
use crate::error::Result;

/// `barline audit`: the flags of a backtest, and how much is tried.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline audit --strategies cointegration\n  \
    barline audit --symbols A,B,C --horizons 180 --cuts 200\n  \
    barline audit --signals crossover.sql --symbols A,B\n  \
    barline audit --config runs.toml --format json\n\n\
    Nothing is stored: every run is made on bars in memory; --keep, --fresh and --dry-run are \
    refused. Not given, horizons are 90 days, sizes 2,3,all, with at most 4 combinations of a size, \
    on 4 symbols that trade. Combinations are always tested (--multi-pair).")]
pub(super) struct AuditArgs {
    /// Bars drawn at random at which the history is cut, and as many decisions [default: 50]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "What is tried")]
    pub(super) cuts: Option<String>,
    #[command(flatten)]
    pub(super) run: BacktestArgs,
}

impl AuditArgs {
    /// An audit looks at combinations, and at few of them.
    pub(super) fn fill_in(&mut self) -> Result<()> {
        let run = &mut self.run;
        if run.strategies.as_deref() == Some("all") {
            run.strategies = None;
        }
        config_file::fill_in(run)?;
        run.quick = false;
        let default = |typed: &mut Option<String>, value: &str| {
            typed.get_or_insert_with(|| value.to_owned());
        };
        default(&mut run.horizons, "90");
        run.multi_pair = run.signals.is_none();
        if run.multi_pair {
            default(&mut run.sizes, "2,3,all");
            default(&mut run.max_combinations, "4");
        }
        Ok(())
    }
}

//! What was typed after `barline doctor`.

use clap::Args as ClapArgs;

use super::{
    args::{OutputArg, StoreArg},
    limit_args::BudgetArg,
};

/// `barline doctor`.
#[derive(Debug, Default, ClapArgs)]
#[command(
    after_help = "Examples:\n  barline doctor\n  barline doctor --db bars.duckdb --repair\n\n\
    The store is read to its last block and not changed. --repair copies it to FILE.repaired, cuts \
    what is damaged there, and says what is lost; exit 1 if anything is wrong."
)]
pub(super) struct DoctorArgs {
    /// Make a copy of a damaged store, FILE.repaired, that opens; the store stays as it is
    #[arg(long)]
    pub(super) repair: bool,
    /// Time covariance and pair tests on the CUDA device and on the processor, and compare their answers
    #[arg(long, conflicts_with = "repair")]
    pub(super) rates: bool,
    /// With --rates: small sizes, to see that it works
    #[arg(long, requires = "rates")]
    pub(super) quick: bool,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

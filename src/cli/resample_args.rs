//! What was typed after `barline resample`.

use clap::Args as ClapArgs;

use super::{
    args::{OutputArg, StoreArg},
    limit_args::BudgetArg,
};

/// `barline resample`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline resample 1h 4h\n  \
    barline resample 1h 1d --symbols BTCUSDT,ETHUSDT\n\n\
    A bar that is made is labelled by its open, like every bar of the store: multiples of its length \
    since\n1970-01-01 in UTC, weeks from Monday. Open of the first bar within, highest high, lowest low, \
    close of\nthe last, sum of the volumes. Bars with fewer bars within than fit are made and counted as \
    partial; a\nlast one that is not over, as far as the stored bars go, is left out unless --last keep. \
    What the store\nhas already is kept.")]
pub(super) struct ResampleArgs {
    /// Length of the stored bars
    #[arg(value_name = "FROM")]
    pub(super) from: String,
    /// Length of the bars that are made, a multiple of it
    #[arg(value_name = "TO")]
    pub(super) to: String,
    /// Only these symbols, joined by commas
    #[arg(long, value_name = "A,B,..")]
    pub(super) symbols: Option<String>,
    /// Only this market
    #[arg(long, value_name = "NAME")]
    pub(super) market: Option<String>,
    /// What becomes of a last bar that is not over: keep or drop [default: drop]
    #[arg(long, value_name = "WHAT")]
    pub(super) last: Option<String>,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

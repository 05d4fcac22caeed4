//! What was typed after `barline weights`.

use clap::Args as ClapArgs;

use super::{
    args::{OutputArg, StoreArg},
    limit_args::BudgetArg,
};

/// `barline weights`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline weights --method hrp\n  \
    barline weights --method hrp --covariance ledoit-wolf --linkage ward --max-weight 0.2\n  \
    barline weights --method min-variance --as-of 2024-06-28 --lookback-days 180 --format csv\n\n\
    The weights that 'barline backtest' sets at that close with the same parameters, in every bit, \
    up to 64 symbols; above, the covariance comes from a kernel and column numeric_path says so. \
    Nothing is stored.")]
pub(super) struct WeightsArgs {
    /// hrp, herc, nco, risk-parity, min-variance, inverse-variance or equal
    #[arg(long, value_name = "NAME", help_heading = "What is weighed")]
    pub(super) method: Option<String>,
    /// Symbols to weigh, joined by commas [default: all of the store]
    #[arg(long, value_name = "A,B,..", help_heading = "What is weighed")]
    pub(super) symbols: Option<String>,
    /// Length of a bar, such as 1h or 1d [default: the store's only one]
    #[arg(
        long,
        value_name = "LENGTH",
        allow_hyphen_values = true,
        help_heading = "What is weighed"
    )]
    pub(super) interval: Option<String>,
    /// The last bar complete at this date or UTC time is weighed at [default: the last bar]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "What is weighed")]
    pub(super) as_of: Option<String>,
    /// Bars of its own market that a symbol may miss and still be held [default: 24]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "What is weighed")]
    pub(super) max_stale_bars: Option<String>,

    /// Length of the lookback [default: 365]
    #[arg(
        long,
        value_name = "DAYS",
        allow_hyphen_values = true,
        conflicts_with = "lookback_bars",
        help_heading = "Covariance"
    )]
    pub(super) lookback_days: Option<String>,
    /// The same in bars that any of the symbols has
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Covariance")]
    pub(super) lookback_bars: Option<String>,
    /// sample, ledoit-wolf, oas or ewma [default: sample]
    #[arg(long, value_name = "ESTIMATOR", help_heading = "Covariance")]
    pub(super) covariance: Option<String>,
    /// Bars in which the weight of a return halves, for ewma [default: a quarter of the lookback]
    #[arg(long, value_name = "BARS", allow_hyphen_values = true, help_heading = "Covariance")]
    pub(super) half_life: Option<String>,

    /// single, complete, average, weighted or ward; for hrp [default: single], herc and nco [default:
    /// ward]
    #[arg(long, value_name = "NAME", help_heading = "Portfolio")]
    pub(super) linkage: Option<String>,
    /// correlation, or paper: the distance of distances; for hrp, herc and nco [default: correlation]
    #[arg(long, value_name = "NAME", help_heading = "Portfolio")]
    pub(super) distance: Option<String>,
    /// plain or optimal: leaves turned so that neighbours are near; for hrp [default: plain]
    #[arg(long, value_name = "NAME", help_heading = "Portfolio")]
    pub(super) leaf_order: Option<String>,
    /// Most clusters of the tree; for herc and nco [default: by the gap statistic]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Portfolio")]
    pub(super) max_clusters: Option<String>,
    /// inverse-variance or equal within a cluster; for herc [default: inverse-variance]
    #[arg(long, value_name = "NAME", help_heading = "Portfolio")]
    pub(super) within: Option<String>,
    /// Least weight of a symbol; for hrp and min-variance [default: 0]
    #[arg(long, value_name = "X", allow_hyphen_values = true, help_heading = "Portfolio")]
    pub(super) min_weight: Option<String>,
    /// Greatest weight of a symbol; for hrp and min-variance [default: 1]
    #[arg(long, value_name = "X", allow_hyphen_values = true, help_heading = "Portfolio")]
    pub(super) max_weight: Option<String>,

    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) budget: BudgetArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

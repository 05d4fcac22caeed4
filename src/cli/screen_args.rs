//! What was typed after `barline screen`.

use clap::Args as ClapArgs;

use super::{
    args::{OutputArg, StoreArg},
    device_args::DeviceArgs,
    limit_args::WorkerArgs,
};

/// `barline screen`.
#[derive(Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  \
    barline screen\n  \
    barline screen --horizon 365 --lag 1 --max-half-life 10d\n  \
    barline screen --test johansen --fdr none --max-p 0.01 --sizes 2..3\n  \
    barline screen --fdr none --all --format csv\n\n\
    Every combination is tested on the closes of one window. The rows go to table screen and the \
    number of tests to table screen_run; 'barline query screen' shows them again.\n\n\
    Adjusted p-values (q) are those over all tests made. --top N gives them up to 0.05 and leaves out \
    larger ones: these need every p-value by the plain path; --all has every one of the kernel's. \
    There are none with --fdr none.\n\n\
    Terms of --test johansen, which stand outside of the relations, with the quantiles of the same case \
    (MacKinnon, Haug and Michelis, 1999):\n  \
    n   none (case I, det_order -1 of others)\n  \
    c   a constant (case III, det_order 0)\n  \
    ct  a constant and a linear trend (case V, det_order 1; others remove the trend from the levels first)")]
#[allow(clippy::struct_excessive_bools, reason = "a flag of the command line is a bool")]
pub(super) struct ScreenArgs {
    /// engle-granger, johansen or phillips-ouliaris [default: engle-granger]
    #[arg(long, value_name = "TEST", help_heading = "What is tested")]
    pub(super) test: Option<String>,
    /// Deterministic terms: n, c, ct or ctt; n, c or ct for johansen, see below [default: c]
    #[arg(long, value_name = "TERMS", help_heading = "What is tested")]
    pub(super) trend: Option<String>,
    /// Lagged differences: aic, bic, t-stat or a number [default: aic; 1 for johansen]
    #[arg(long, value_name = "RULE", allow_hyphen_values = true, help_heading = "What is tested")]
    pub(super) lag: Option<String>,
    /// both: one test per pair, min(1, 2 min(p1, p2)); given: one per ordered pair [default: both]
    #[arg(long, value_name = "WHICH", help_heading = "What is tested")]
    pub(super) direction: Option<String>,
    /// Combination sizes: 2, for johansen up to 4 [default: 2]
    #[arg(long, value_name = "SIZES", allow_hyphen_values = true, help_heading = "What is tested")]
    pub(super) sizes: Option<String>,
    /// Symbols to use, joined by commas [default: all of the store]
    #[arg(long, value_name = "A,B,..", help_heading = "What is tested")]
    pub(super) symbols: Option<String>,
    /// Closes as they are, not their logarithms
    #[arg(long, conflicts_with = "log", help_heading = "What is tested")]
    pub(super) level: bool,
    /// Logarithms of closes; this is the default
    #[arg(long, help_heading = "What is tested")]
    pub(super) log: bool,

    /// Length of a bar, such as 1h or 1d [default: the store's only one]
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true, help_heading = "Window")]
    pub(super) interval: Option<String>,
    /// The window ends where the last N days, to be scored by a backtest, begin [default: the end]
    #[arg(long, value_name = "DAYS", allow_hyphen_values = true, help_heading = "Window")]
    pub(super) horizon: Option<String>,
    /// Length of the window [default: half the horizon, 365 without one]
    #[arg(long, value_name = "DAYS", allow_hyphen_values = true, help_heading = "Window")]
    pub(super) formation_days: Option<String>,
    /// End of the bars, as a date or a UTC time [default: close of the last bar]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, help_heading = "Window")]
    pub(super) as_of: Option<String>,

    /// List tests whose adjusted p-value is at most P [default: 0.05]
    #[arg(long, value_name = "P", allow_hyphen_values = true, conflicts_with_all = ["top", "all"], help_heading = "What is listed")]
    pub(super) max_p: Option<String>,
    /// List the N most significant tests
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        conflicts_with = "all",
        help_heading = "What is listed"
    )]
    pub(super) top: Option<String>,
    /// List every test, with the numbers of the kernel
    #[arg(long, help_heading = "What is listed")]
    pub(super) all: bool,
    /// How p-values are adjusted for the number of tests: bh, by, holm or none [default: bh; none for
    /// johansen]
    #[arg(long, value_name = "HOW", help_heading = "What is listed")]
    pub(super) fdr: Option<String>,
    /// Test pairs whose log returns are correlated by at least R, from -1 to 1 [default: all pairs]
    #[arg(long, value_name = "R", allow_hyphen_values = true, help_heading = "What is tested")]
    pub(super) min_correlation: Option<String>,
    /// Shortest half-life listed, in bars or as a length such as 12h
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true, help_heading = "What is listed")]
    pub(super) min_half_life: Option<String>,
    /// Longest half-life listed, in bars or as a length such as 10d
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true, help_heading = "What is listed")]
    pub(super) max_half_life: Option<String>,
    /// Fewest common bars a combination is tested on [default: nine tenths of the nominal, and 60]
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "What is listed")]
    pub(super) min_observations: Option<String>,

    #[command(flatten)]
    pub(super) work: WorkerArgs,
    #[command(flatten)]
    pub(super) device: DeviceArgs,

    /// Show tests, workers and memory, and test nothing
    #[arg(long, help_heading = "Store and output")]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) store: StoreArg,
    #[command(flatten)]
    pub(super) output: OutputArg,
}

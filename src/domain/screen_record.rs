//! The rows that a screen leaves behind.

use super::Timestamp;

/// A combination that a screen lists.
#[derive(Debug, Clone, PartialEq)]
pub struct ScreenRecord {
    /// Its symbols in canonical order, joined by commas.
    pub symbols: String,
    /// The symbol that is explained; the first one where all are taken alike.
    pub symbol_y: String,
    /// The others, joined by commas.
    pub symbol_x: String,
    /// What was tested of a pair: `both` directions, of which the more significant one stands here, or the
    /// `given` one.
    pub direction: &'static str,
    /// First moment of the window and its end, not included.
    pub window: (Timestamp, Timestamp),
    /// Bars common to all of them in the window: what the test saw.
    pub observations: u32,
    /// The statistic.
    pub statistic: f64,
    /// Its p-value, of both directions where both were tested; `None` where only critical values
    /// exist.
    pub p_value: Option<f64>,
    /// The p-value adjusted for the number of tests; `None` where it was not asked for, or lies above
    /// every level that was looked at.
    pub q_value: Option<f64>,
    /// Critical values at 1, 5 and 10 %.
    pub critical_values: Option<[f64; 3]>,
    /// Lagged differences.
    pub lag_bars: Option<u32>,
    /// Units of `x` that a unit of `y` is hedged with; `None` with more than one `x`.
    pub hedge_ratio: Option<f64>,
    /// Constant of the relation.
    pub intercept: Option<f64>,
    /// Weights of the relation by symbol, `y` first, joined by commas; that of `y` is 1.
    pub weights: Option<String>,
    /// Half-life of the spread.
    pub half_life_bars: Option<f64>,
    /// Where the numbers come from: `plain` or `kernel`.
    pub numeric_path: &'static str,
}

/// A screen that is through: what was asked, and how many tests it took.
#[derive(Debug, Clone, PartialEq)]
pub struct ScreenRunRecord {
    /// Name of the test.
    pub test: String,
    /// Deterministic terms.
    pub trend: String,
    /// Lag rule or order, as it was asked for.
    pub lag: String,
    /// `both` or `given`.
    pub direction: String,
    /// `log` or `level`.
    pub price: String,
    /// Sizes of the combinations.
    pub sizes: String,
    /// The horizon before whose scored window the screen's window ends, in days; `None` for a window
    /// that ends with the bars.
    pub horizon_days: Option<u32>,
    /// First moment of the window.
    pub window_start: Timestamp,
    /// Its end, not included.
    pub window_end: Timestamp,
    /// Fewest common bars a combination was tested on.
    pub min_observations: u32,
    /// Least correlation of the changes of any two members; `None` where all were tested.
    pub min_correlation: Option<f64>,
    /// How p-values were adjusted: `bh`, `by`, `holm` or `none`.
    pub fdr: String,
    /// What was listed: `max-p P`, `top N` or `all`.
    pub listing: String,
    /// Tests made.
    pub tests: u64,
    /// Combinations (ordered ones where directions count) without a test.
    pub refused: u64,
    /// Combinations that the correlation of their members left out: no tests.
    pub filtered: u64,
    /// Tests that the plain path decided.
    pub judged: u64,
    /// Combinations listed.
    pub listed: u64,
}

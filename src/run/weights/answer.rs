//! The weights of one close, and what they stand on.

use crate::domain::Timestamp;

/// A symbol and its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightRow {
    /// The symbol; with its market in front where several markets have it.
    pub symbol: String,
    /// Share of equity; 0 where it is left out.
    pub weight: f64,
    /// Share of the portfolio's variance; `None` where there is no covariance, or no variance.
    pub risk_contribution: Option<f64>,
    /// Standard deviation of its own returns in the lookback, a year; `None` with too few.
    pub volatility: Option<f64>,
    /// Returns between its consecutive bars in the lookback.
    pub returns: usize,
    /// Why it has no weight.
    pub left_out: Option<String>,
}

/// What was weighed.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Name of the portfolio.
    pub method: &'static str,
    /// The estimator of its covariance.
    pub covariance: String,
    /// End of the bars that were asked for.
    pub as_of: Timestamp,
    /// Opening of the first bar of the lookback.
    pub first_bar: Timestamp,
    /// Opening of the last one, at whose close is weighed.
    pub last_bar: Timestamp,
    /// Rows of the lookback: bars that any symbol has.
    pub bars: usize,
    /// True if a kernel estimated the covariance, not the plain path.
    pub by_kernel: bool,
    /// Standard deviation of the portfolio's returns a year, by the covariance.
    pub volatility: Option<f64>,
    /// A row per symbol, in canonical order.
    pub rows: Vec<WeightRow>,
}

impl Weights {
    /// Where the covariance comes from, as rows and people are told.
    pub fn numeric_path(&self) -> &'static str {
        if self.by_kernel { "kernel" } else { "plain" }
    }

    /// The symbols without a weight, each with the reason.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().filter_map(|row| Some((row.symbol.as_str(), row.left_out.as_deref()?)))
    }
}

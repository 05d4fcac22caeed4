//! The rows a job leaves behind, as the writer stores them.
//!
//! Money is in quote currency, quantities in units of the instrument, times are bar openings in
//! UTC. An undefined number is `None` and stored as NULL.

use super::{JobKey, Keep, Outcome, Timestamp};

/// One job: what was asked and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRecord {
    /// Its identity.
    pub key: JobKey,
    /// Strategy name.
    pub strategy: String,
    /// Parameters and costs as canonical JSON.
    pub parameters: String,
    /// Scored window in days.
    pub horizon_days: u32,
    /// Symbols of the combination in canonical order, joined by commas.
    pub symbols: String,
    /// Number of instruments in the combination.
    pub size: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, in one line, where the outcome has a reason.
    pub reason: Option<String>,
    /// Its measures; `None` unless the scored window was simulated.
    pub measures: Option<Measures>,
    /// How much of it the lists below hold; [`Keep::All`] where there is nothing to keep.
    pub kept: Keep,
    /// Its trades, in order of entry.
    pub trades: Vec<TradeRecord>,
    /// Its fills, in order; kept only on request.
    pub fills: Vec<FillRecord>,
    /// Its equity at every scored bar; kept only on request.
    pub equity: Vec<EquityRecord>,
    /// Its target weights at every decision; kept only on request.
    pub weights: Vec<WeightRecord>,
}

/// The measures of one job over its scored bars. Conventions stand with each function in
/// `measure`; `None` where a measure is undefined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Number of scored bars.
    pub bars: u64,
    /// Bars per year the annualized measures use.
    pub periods_per_year: f64,
    /// Equity after the last scored bar.
    pub final_equity: f64,
    /// Final equity over capital, less 1.
    pub total_return: f64,
    /// Compound annual growth rate.
    pub cagr: Option<f64>,
    /// Annualized standard deviation of returns per bar (ddof 1).
    pub volatility: Option<f64>,
    /// Annualized mean over standard deviation (ddof 1), risk-free rate 0.
    pub sharpe: Option<f64>,
    /// Annualized mean over downside deviation (all bars in the denominator).
    pub sortino: Option<f64>,
    /// Deepest fall from a running maximum that starts at the capital; zero or negative.
    pub max_drawdown: f64,
    /// CAGR over the absolute maximum drawdown.
    pub calmar: Option<f64>,
    /// Share of scored bars with a position at the close.
    pub exposure: f64,
    /// Two-sided traded notional over mean equity, per year.
    pub turnover_annual: Option<f64>,
    /// Two-sided traded notional.
    pub traded_notional: f64,
    /// Number of trades.
    pub trades: u64,
    /// Share of trades with positive net profit.
    pub win_rate: Option<f64>,
    /// Sum of positive over absolute sum of negative net profits.
    pub profit_factor: Option<f64>,
    /// Commission paid.
    pub commission: f64,
    /// Slippage paid: difference between the fill price and the bar's price.
    pub slippage: f64,
    /// Half spreads paid within fill prices.
    pub spread: f64,
    /// Market impact paid within fill prices.
    pub impact: f64,
    /// Borrow fees paid on short notional.
    pub borrow: f64,
    /// Interest paid on negative cash.
    pub financing: f64,
    /// Dividends received, less those paid on short positions.
    pub dividend: f64,
    /// Funding paid, less what was received.
    pub funding: f64,
    /// Total return of the benchmark over the same bars.
    pub benchmark_return: Option<f64>,
    /// Sharpe ratio of the benchmark over the same bars.
    pub benchmark_sharpe: Option<f64>,
    /// Maximum drawdown of the benchmark over the same bars.
    pub benchmark_drawdown: Option<f64>,
}

/// A flat-to-flat episode of one instrument at average cost.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeRecord {
    /// Symbol.
    pub symbol: String,
    /// Legs that one decision opened share this number, counted from 0 within the job.
    pub trade_group: u32,
    /// +1 long, -1 short.
    pub side: i8,
    /// Bar of the first fill.
    pub entry_ts: Timestamp,
    /// Bar of the last fill.
    pub exit_ts: Timestamp,
    /// Average price of all fills that enlarged the position, since it was opened.
    pub entry_price: f64,
    /// Average price of the fills that reduced it.
    pub exit_price: f64,
    /// Sum of the quantities that enlarged the position, unsigned.
    pub quantity: f64,
    /// Profit from prices at fills, before everything that is paid beside them.
    pub gross_pnl: f64,
    /// Commission of all its fills.
    pub commission: f64,
    /// Slippage within its fill prices (already part of `gross_pnl`).
    pub slippage: f64,
    /// Half spreads within its fill prices (already part of `gross_pnl`).
    pub spread: f64,
    /// Market impact within its fill prices (already part of `gross_pnl`).
    pub impact: f64,
    /// Borrow fees while it was short.
    pub borrow: f64,
    /// Dividends received, less those paid while it was short.
    pub dividend: f64,
    /// Funding paid, less what was received.
    pub funding: f64,
    /// `gross_pnl - commission - borrow - (funding - dividend)`.
    pub net_pnl: f64,
    /// Scored bars between the first and the last fill.
    pub bars_held: u32,
    /// Why it was closed: exit, stop, window_end, rebalance, end_of_data, delisted, margin_call,
    /// ruined.
    pub exit_reason: &'static str,
}

/// One fill of one instrument.
#[derive(Debug, Clone, PartialEq)]
pub struct FillRecord {
    /// Bar of the fill.
    pub ts: Timestamp,
    /// Bar whose close decided it.
    pub decided_ts: Timestamp,
    /// Symbol.
    pub symbol: String,
    /// Signed quantity.
    pub quantity: f64,
    /// Price paid or received; slippage, spread and impact are in it.
    pub price: f64,
    /// Commission.
    pub commission: f64,
    /// Slippage within the price.
    pub slippage: f64,
    /// Half the spread within the price.
    pub spread: f64,
    /// Market impact within the price.
    pub impact: f64,
    /// Why: enter, exit, stop, window_end, rebalance, end_of_data, delisted, margin_call, ruined.
    pub reason: &'static str,
}

/// Equity at the close of one scored bar, and what was paid in it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EquityRecord {
    /// Bar.
    pub ts: Timestamp,
    /// Cash.
    pub cash: f64,
    /// Cash plus positions at their marks.
    pub equity: f64,
    /// Sum of absolute position values.
    pub gross: f64,
    /// Commission paid in this bar.
    pub commission: f64,
    /// Slippage within the prices of this bar's fills.
    pub slippage: f64,
    /// Half spreads within the prices of this bar's fills.
    pub spread: f64,
    /// Market impact within the prices of this bar's fills.
    pub impact: f64,
    /// Borrow fees for the time since the bar before.
    pub borrow: f64,
    /// Interest on negative cash for the time since the bar before.
    pub financing: f64,
    /// Dividends received in this bar, less those paid.
    pub dividend: f64,
    /// Funding paid in this bar, less what was received.
    pub funding: f64,
}

/// A target weight decided at the close of a bar.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightRecord {
    /// Bar whose close decided it.
    pub ts: Timestamp,
    /// Symbol.
    pub symbol: String,
    /// Signed share of equity.
    pub weight: f64,
}

/// One cointegration fit of a pair on one formation window.
#[derive(Debug, Clone, PartialEq)]
pub struct FitRecord {
    /// Identity: pair, formation rules and content of the window's bars.
    pub key: JobKey,
    /// Scored window in days.
    pub horizon_days: u32,
    /// Number of the refit, 0 at the start of the scored window.
    pub refit: u32,
    /// Dependent leg.
    pub symbol_y: String,
    /// Other leg.
    pub symbol_x: String,
    /// First bar of the formation window.
    pub formation_start: Timestamp,
    /// Bar after the last one of the formation window.
    pub formation_end: Timestamp,
    /// Bars common to both legs in it.
    pub bars: u32,
    /// Engle-Granger statistic of the chosen direction.
    pub statistic: Option<f64>,
    /// `min(1, 2 min(p1, p2))` over both directions.
    pub p_value: Option<f64>,
    /// Lag of the chosen direction.
    pub lag_bars: Option<u32>,
    /// Hedge ratio: `ln y = alpha + beta ln x`.
    pub beta: Option<f64>,
    /// Intercept of the same regression.
    pub alpha: Option<f64>,
    /// Half-life of the spread in bars, `-ln 2 / ln(1 + lambda)`.
    pub half_life_bars: Option<f64>,
    /// Standard deviation of the spread (ddof 1).
    pub spread_sd: Option<f64>,
    /// True if the pair may take entries in the window that follows.
    pub accepted: bool,
    /// Why not, if not.
    pub reason: Option<String>,
}

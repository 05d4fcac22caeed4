//! What a finished job is worth: one measure per file, its convention in its docs.
//!
//! Every measure is a pure function of slices: equity at the close of every scored bar, simple
//! [`returns`] per bar, net profits of trades. The bar before the first holds the capital. `A` is
//! the number of bars per year; the risk-free rate is zero, and [`excess_returns`] takes another one
//! off. A number is annual where its doc has `A` in the formula, and of a bar (or a trade, or the
//! whole record) elsewhere. Sums run in a fixed order.
//!
//! # Undefined
//! A measure is `None` or a finite number, whatever it is given. It is `None`, never a substitute,
//! where it does not exist: not the infinity of a ratio without losses, nor the zero that some
//! libraries return for it. A denominator that is nothing but rounding is none: returns of steady
//! growth differ in the last digit, and have no Sharpe ratio ([`moves_against`]).
//!
//! [`moves_against`]: crate::stats::moves_against

mod adjusted_sharpe;
mod alpha_beta;
mod autocorrelation_penalty;
mod cagr;
mod calmar;
mod capture;
mod d_ratio;
mod downside_deviation;
mod drawdown_dates;
mod drawdowns;
mod excess_returns;
mod expectancy;
mod expected_shortfall;
mod exposure;
mod finite;
mod gain_to_pain;
mod geometric_mean;
mod information_ratio;
mod kelly;
mod kurtosis;
mod martin_ratio;
mod max_drawdown;
mod mean_absolute_deviation;
mod omega;
mod pain_index;
mod partial_moments;
mod payoff_ratio;
mod profit_factor;
mod rebalancing;
mod recovery_factor;
mod returns;
mod risk_of_ruin;
mod sharpe;
mod skewness;
mod sortino;
mod stability;
mod tail_ratio;
mod time_under_water;
mod total_return;
mod tracking_error;
mod turnover;
mod ulcer_index;
mod value_at_risk;
mod volatility;
mod win_rate;
mod win_rate_decided;

pub use adjusted_sharpe::adjusted_sharpe;
pub use alpha_beta::{AlphaBeta, alpha_beta};
pub use autocorrelation_penalty::autocorrelation_penalty;
pub use cagr::cagr;
pub use calmar::calmar;
pub use capture::{down_capture, up_capture, up_down_capture};
pub use d_ratio::d_ratio;
pub use downside_deviation::downside_deviation;
pub use drawdown_dates::{DrawdownDates, drawdown_dates};
pub use drawdowns::drawdowns;
pub use excess_returns::{excess_returns, risk_free_per_period};
pub use expectancy::expectancy;
pub use expected_shortfall::{
    expected_shortfall_historical, expected_shortfall_lowest, expected_shortfall_normal,
};
pub use exposure::exposure;
pub use gain_to_pain::gain_to_pain;
pub use geometric_mean::geometric_mean;
pub use information_ratio::information_ratio;
pub use kelly::kelly;
pub use kurtosis::{kurtosis_excess, kurtosis_raw, kurtosis_sample};
pub use martin_ratio::martin_ratio;
pub use max_drawdown::max_drawdown;
pub use mean_absolute_deviation::mean_absolute_deviation;
pub use omega::omega;
pub use pain_index::pain_index;
pub use partial_moments::{lower_partial_moment, upper_partial_moment};
pub use payoff_ratio::payoff_ratio;
pub use profit_factor::profit_factor;
pub use rebalancing::{Rebalanced, Rebalancing, rebalance, weight_turnover};
pub use recovery_factor::recovery_factor_quantstats;
pub use returns::returns;
pub use risk_of_ruin::risk_of_ruin_quantstats;
pub use sharpe::sharpe;
pub use skewness::{skewness, skewness_biased};
pub use sortino::sortino;
pub use stability::stability;
pub use tail_ratio::tail_ratio;
pub use time_under_water::{longest_under_water, share_under_water};
pub use total_return::total_return;
pub use tracking_error::tracking_error;
pub use turnover::turnover_annual;
pub use ulcer_index::{ulcer_index, ulcer_index_quantstats};
pub use value_at_risk::{value_at_risk_historical, value_at_risk_normal};
pub use volatility::volatility;
pub use win_rate::win_rate;
pub use win_rate_decided::win_rate_decided;

use crate::{domain::Measures, sim::Simulation};

/// The measures of a simulation that began with `capital`, annualized with `periods_per_year`
/// bars per year, beside those of its benchmark over the same bars.
///
/// # None
/// Where the equity cannot be measured at all: a value is not finite, or the capital not positive.
/// A benchmark of that kind leaves its fields undefined.
pub fn apply(
    simulation: &Simulation,
    capital: f64,
    periods_per_year: f64,
    benchmark: Option<&Simulation>,
) -> Option<Measures> {
    let benchmark =
        benchmark.and_then(|other| apply_beside(other, capital, periods_per_year, None));
    apply_beside(simulation, capital, periods_per_year, benchmark.as_ref())
}

/// The same, beside a benchmark whose own measures are known already.
///
/// # None
/// As [`apply`].
pub fn apply_beside(
    simulation: &Simulation,
    capital: f64,
    periods_per_year: f64,
    benchmark: Option<&Measures>,
) -> Option<Measures> {
    let equity = simulation.equity.as_slice();
    let returns = returns(equity, capital);
    let profits: Vec<f64> = simulation.trades.iter().map(|trade| trade.net_pnl).collect();
    let cagr = cagr(equity, capital, periods_per_year);
    let max_drawdown = max_drawdown(equity, capital)?;
    Some(Measures {
        bars: equity.len() as u64,
        periods_per_year,
        final_equity: equity.last().copied().unwrap_or(capital),
        total_return: total_return(equity, capital)?,
        cagr,
        volatility: volatility(&returns, periods_per_year),
        sharpe: sharpe(&returns, periods_per_year),
        sortino: sortino(&returns, periods_per_year),
        max_drawdown,
        calmar: calmar(cagr, Some(max_drawdown)),
        exposure: exposure(simulation.exposed_rows, equity.len()),
        turnover_annual: turnover_annual(equity, simulation.traded_notional, periods_per_year),
        traded_notional: simulation.traded_notional,
        trades: profits.len() as u64,
        win_rate: win_rate(&profits),
        profit_factor: profit_factor(&profits),
        commission: simulation.paid.commission,
        slippage: simulation.paid.slippage,
        spread: simulation.paid.spread,
        impact: simulation.paid.impact,
        borrow: simulation.paid.borrow,
        financing: simulation.paid.financing,
        dividend: simulation.paid.dividend,
        funding: simulation.paid.funding,
        benchmark_return: benchmark.map(|other| other.total_return),
        benchmark_sharpe: benchmark.and_then(|other| other.sharpe),
        benchmark_drawdown: benchmark.map(|other| other.max_drawdown),
    })
}

#[cfg(test)]
mod tests {
    use super::{Simulation, apply};
    use crate::sim::Trade;

    #[test]
    fn the_benchmark_stands_beside_the_job() {
        let job =
            Simulation { equity: vec![110.0, 99.0], exposed_rows: 1, ..Simulation::default() };
        let other = Simulation { equity: vec![90.0, 120.0], ..Simulation::default() };
        let measures = apply(&job, 100.0, 252.0, Some(&other)).expect("finite");
        assert_eq!((measures.bars, measures.final_equity, measures.exposure), (2, 99.0, 0.5));
        let alone = apply(&other, 100.0, 252.0, None).expect("finite");
        assert_eq!(measures.benchmark_return, Some(alone.total_return));
        assert_eq!(measures.benchmark_sharpe, alone.sharpe);
        assert_eq!(measures.benchmark_drawdown, Some(alone.max_drawdown));
        assert_eq!(alone.benchmark_return, None);
    }

    #[test]
    fn a_trade_that_costs_more_than_it_makes_is_no_win() {
        let trade = |gross_pnl: f64, net_pnl| Trade {
            leg: 0,
            trade_group: 0,
            side: 1,
            entry_row: 0,
            exit_row: 1,
            entry_price: 10.0,
            exit_price: 10.0 + gross_pnl,
            quantity: 1.0,
            gross_pnl,
            commission: gross_pnl - net_pnl,
            slippage: 0.0,
            spread: 0.0,
            impact: 0.0,
            borrow: 0.0,
            dividend: 0.0,
            funding: 0.0,
            net_pnl,
            bars_held: 1,
            exit_reason: "exit",
        };
        let trades = vec![trade(1.0, -1.0), trade(4.0, 2.0), trade(-1.0, -3.0), trade(2.0, 0.0)];
        let job = Simulation { equity: vec![98.0], trades, ..Simulation::default() };
        let measures = apply(&job, 100.0, 252.0, None).expect("finite");
        assert_eq!((measures.win_rate, measures.profit_factor), (Some(0.25), Some(0.5)));
    }

    #[test]
    fn equity_that_is_no_number_is_not_measured() {
        let job = Simulation { equity: vec![110.0, 99.0], ..Simulation::default() };
        let broken = Simulation { equity: vec![110.0, f64::NAN, 99.0], ..Simulation::default() };
        assert_eq!(apply(&broken, 100.0, 252.0, None), None);
        assert_eq!(apply(&job, 0.0, 252.0, None), None);
        let beside = apply(&job, 100.0, 252.0, Some(&broken)).expect("finite");
        assert_eq!(Some(beside), apply(&job, 100.0, 252.0, None));
        let timeless = apply(&job, 100.0, f64::NAN, None).expect("finite");
        assert_eq!((timeless.sharpe, timeless.cagr, timeless.volatility), (None, None, None));
        assert_eq!(
            (timeless.total_return, timeless.turnover_annual),
            (-0.010_000_000_000_000_009, None)
        );
    }
}

//! What a finished job is worth: one measure per file, its convention in its docs.
//!
//! Every measure is a pure function of slices: equity at the close of every scored bar, simple
//! [`returns`] per bar, net profits of trades. The bar before the first holds the capital. `A` is
//! the number of bars per year; the risk-free rate is zero. Sums run in a fixed order. An
//! undefined measure is `None`, never a substitute number.

mod cagr;
mod calmar;
mod exposure;
mod max_drawdown;
mod profit_factor;
mod returns;
mod sharpe;
mod sortino;
mod total_return;
mod turnover;
mod volatility;
mod win_rate;

pub use cagr::cagr;
pub use calmar::calmar;
pub use exposure::exposure;
pub use max_drawdown::max_drawdown;
pub use profit_factor::profit_factor;
pub use returns::returns;
pub use sharpe::sharpe;
pub use sortino::sortino;
pub use total_return::total_return;
pub use turnover::turnover_annual;
pub use volatility::volatility;
pub use win_rate::win_rate;

use crate::{domain::Measures, sim::Simulation};

/// The measures of a simulation that began with `capital`, annualized with `periods_per_year`
/// bars per year, beside those of its benchmark over the same bars.
pub fn apply(
    simulation: &Simulation,
    capital: f64,
    periods_per_year: f64,
    benchmark: Option<&Simulation>,
) -> Measures {
    let benchmark = benchmark.map(|other| apply_beside(other, capital, periods_per_year, None));
    apply_beside(simulation, capital, periods_per_year, benchmark.as_ref())
}

/// The same, beside a benchmark whose own measures are known already.
pub fn apply_beside(
    simulation: &Simulation,
    capital: f64,
    periods_per_year: f64,
    benchmark: Option<&Measures>,
) -> Measures {
    let equity = simulation.equity.as_slice();
    let returns = returns(equity, capital);
    let profits: Vec<f64> = simulation.trades.iter().map(|trade| trade.net_pnl).collect();
    let cagr = cagr(equity, capital, periods_per_year);
    let max_drawdown = max_drawdown(equity, capital);
    Measures {
        bars: equity.len() as u64,
        periods_per_year,
        final_equity: equity.last().copied().unwrap_or(capital),
        total_return: total_return(equity, capital),
        cagr,
        volatility: volatility(&returns, periods_per_year),
        sharpe: sharpe(&returns, periods_per_year),
        sortino: sortino(&returns, periods_per_year),
        max_drawdown,
        calmar: calmar(cagr, max_drawdown),
        exposure: exposure(simulation.exposed_rows, equity.len()),
        turnover_annual: turnover_annual(equity, simulation.traded_notional, periods_per_year),
        traded_notional: simulation.traded_notional,
        trades: profits.len() as u64,
        win_rate: win_rate(&profits),
        profit_factor: profit_factor(&profits),
        commission: simulation.commission,
        slippage: simulation.slippage,
        borrow: simulation.borrow,
        benchmark_return: benchmark.map(|other| other.total_return),
        benchmark_sharpe: benchmark.and_then(|other| other.sharpe),
        benchmark_drawdown: benchmark.map(|other| other.max_drawdown),
    }
}

#[cfg(test)]
mod tests {
    use super::{Simulation, apply};

    #[test]
    fn the_benchmark_stands_beside_the_job() {
        let job =
            Simulation { equity: vec![110.0, 99.0], exposed_rows: 1, ..Simulation::default() };
        let other = Simulation { equity: vec![90.0, 120.0], ..Simulation::default() };
        let measures = apply(&job, 100.0, 252.0, Some(&other));
        assert_eq!((measures.bars, measures.final_equity, measures.exposure), (2, 99.0, 0.5));
        let alone = apply(&other, 100.0, 252.0, None);
        assert_eq!(measures.benchmark_return, Some(alone.total_return));
        assert_eq!(measures.benchmark_sharpe, alone.sharpe);
        assert_eq!(measures.benchmark_drawdown, Some(alone.max_drawdown));
        assert_eq!(alone.benchmark_return, None);
    }
}

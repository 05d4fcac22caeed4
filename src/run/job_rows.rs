//! From a simulation to the rows that are stored: symbols and times instead of legs and rows.

use super::cell::Terms;
use crate::{
    domain::{EquityRecord, FillRecord, JobRecord, Keep, Timestamp, TradeRecord, WeightRecord},
    sim::Simulation,
    strategy::HorizonBars,
};

/// Bytes that `record` takes in memory: itself, its texts and its rows. Symbols are counted as one
/// allocation each.
pub(super) fn record_bytes(record: &JobRecord) -> u64 {
    const SYMBOL: usize = 32;
    let texts = [&record.strategy, &record.parameters, &record.symbols];
    let texts: usize = texts.map(String::len).iter().sum();
    let reason = record.reason.as_ref().map_or(0, String::len);
    let rows = record.trades.len() * (size_of::<TradeRecord>() + SYMBOL)
        + record.fills.len() * (size_of::<FillRecord>() + SYMBOL)
        + record.weights.len() * (size_of::<WeightRecord>() + SYMBOL)
        + record.equity.len() * size_of::<EquityRecord>();
    (size_of::<JobRecord>() + texts + reason + rows) as u64
}

/// Adds the rows that are kept to `record`.
pub(super) fn fill_in(
    record: &mut JobRecord,
    bars: &HorizonBars<'_>,
    assets: &[u16],
    rows: &[u32],
    simulation: &Simulation,
    terms: &Terms,
) {
    let at = |row: u32| Timestamp(bars.panel.ts()[row as usize]);
    let symbol = |leg: u16| bars.symbol(assets[usize::from(leg)]).to_owned();
    record.kept = terms.keep;
    if terms.keep >= Keep::Trades {
        record.trades = simulation
            .trades
            .iter()
            .map(|trade| TradeRecord {
                symbol: symbol(trade.leg),
                trade_group: trade.trade_group,
                side: trade.side,
                entry_ts: at(trade.entry_row),
                exit_ts: at(trade.exit_row),
                entry_price: trade.entry_price,
                exit_price: trade.exit_price,
                quantity: trade.quantity,
                gross_pnl: trade.gross_pnl,
                commission: trade.commission,
                slippage: trade.slippage,
                borrow: trade.borrow,
                net_pnl: trade.net_pnl,
                bars_held: trade.bars_held,
                exit_reason: trade.exit_reason,
            })
            .collect();
    }
    record.fills = simulation
        .fills
        .iter()
        .map(|fill| FillRecord {
            ts: at(fill.row),
            decided_ts: at(fill.decided_row),
            symbol: symbol(fill.leg),
            quantity: fill.quantity,
            price: fill.price,
            commission: fill.commission,
            slippage: fill.slippage,
            reason: fill.reason,
        })
        .collect();
    record.weights = simulation
        .weights
        .iter()
        .map(|target| WeightRecord {
            ts: at(target.row),
            symbol: symbol(target.leg),
            weight: target.weight,
        })
        .collect();
    if terms.sim.keep.equity {
        record.equity = (rows.iter().zip(&simulation.equity))
            .zip(simulation.cash.iter().zip(&simulation.gross))
            .map(|((&row, &equity), (&cash, &gross))| EquityRecord {
                ts: at(row),
                cash,
                equity,
                gross,
            })
            .collect();
    }
}

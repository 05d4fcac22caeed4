//! From a simulation to the rows that are stored: symbols and times instead of legs and rows,
//! quantities and prices in the units of their day.

use super::cell::Terms;
use crate::{
    domain::{
        EquityRecord, FillRecord, FitRecord, JobRecord, Keep, Timestamp, TradeRecord, WeightRecord,
    },
    sim::{Fill, Market, Simulation, Trade},
    strategy::HorizonBars,
};

/// What a job ran on: where names, times and units are found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    /// Bars of its horizon.
    pub(super) bars: &'a HorizonBars<'a>,
    /// What it traded on.
    pub(super) market: &'a Market<'a>,
}

impl Ground<'_> {
    fn at(&self, row: u32) -> Timestamp {
        Timestamp(self.bars.panel.ts()[row as usize])
    }

    fn symbol(&self, leg: u16) -> String {
        self.bars.symbol(self.market.assets[usize::from(leg)]).to_owned()
    }

    fn trade(&self, trade: &Trade) -> TradeRecord {
        let trade = self.market.trade_of_the_day(trade);
        TradeRecord {
            symbol: self.symbol(trade.leg),
            trade_group: trade.trade_group,
            side: trade.side,
            entry_ts: self.at(trade.entry_row),
            exit_ts: self.at(trade.exit_row),
            entry_price: trade.entry_price,
            exit_price: trade.exit_price,
            quantity: trade.quantity,
            gross_pnl: trade.gross_pnl,
            commission: trade.commission,
            slippage: trade.slippage,
            spread: trade.spread,
            impact: trade.impact,
            borrow: trade.borrow,
            dividend: trade.dividend,
            funding: trade.funding,
            net_pnl: trade.net_pnl,
            bars_held: trade.bars_held,
            exit_reason: trade.exit_reason,
        }
    }

    fn fill(&self, fill: &Fill) -> FillRecord {
        let fill = self.market.fill_of_the_day(fill);
        FillRecord {
            ts: self.at(fill.row),
            decided_ts: self.at(fill.decided_row),
            symbol: self.symbol(fill.leg),
            quantity: fill.quantity,
            price: fill.price,
            commission: fill.commission,
            slippage: fill.slippage,
            spread: fill.spread,
            impact: fill.impact,
            reason: fill.reason,
        }
    }

    fn equity(&self, simulation: &Simulation) -> Vec<EquityRecord> {
        (self.market.rows.iter().zip(&simulation.equity))
            .zip(simulation.cash.iter().zip(&simulation.gross))
            .zip(&simulation.paid_by_row)
            .map(|(((&row, &equity), (&cash, &gross)), paid)| EquityRecord {
                ts: self.at(row),
                cash,
                equity,
                gross,
                commission: paid.commission,
                slippage: paid.slippage,
                spread: paid.spread,
                impact: paid.impact,
                borrow: paid.borrow,
                financing: paid.financing,
                dividend: paid.dividend,
                funding: paid.funding,
            })
            .collect()
    }
}

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

/// Bytes of a fit on its way to the store.
pub(super) fn fit_bytes(fit: &FitRecord) -> u64 {
    (size_of::<FitRecord>() + fit.symbol_y.len() + fit.symbol_x.len()) as u64
}

/// Adds the rows that are kept to `record`.
pub(super) fn fill_in(
    record: &mut JobRecord,
    ground: &Ground<'_>,
    simulation: &Simulation,
    terms: &Terms,
) {
    record.kept = terms.keep;
    if terms.keep >= Keep::Trades {
        record.trades = simulation.trades.iter().map(|trade| ground.trade(trade)).collect();
    }
    record.fills = simulation.fills.iter().map(|fill| ground.fill(fill)).collect();
    record.weights = simulation
        .weights
        .iter()
        .map(|target| WeightRecord {
            ts: ground.at(target.row),
            symbol: ground.symbol(target.leg),
            weight: target.weight,
        })
        .collect();
    if terms.sim.keep.equity {
        record.equity = ground.equity(simulation);
    }
}

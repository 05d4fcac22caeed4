//! Symbols on which strategies trade: an audit of jobs that do nothing finds nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{auditor::Make, world::World};
use crate::{
    domain::Keep,
    error::Result,
    run::{self, Request, Stop, progress::Silent},
    store::{Cell, Store},
};

/// Pairs that are tried.
const PAIRS: u64 = 60;

/// Up to `count` symbols of a request, as `MARKET:SYMBOL`: those of the pairs that each strategy
/// trades most often, among a sample of pairs. `None` where the request has no more than these.
///
/// # Errors
/// As a run of `request`.
pub fn trading_symbols(
    store: &Store,
    request: &Request,
    make: Make<'_>,
    count: usize,
) -> Result<Option<Vec<String>>> {
    let resolved = run::resolve(store, request)?;
    if resolved.universe.len() <= count {
        return Ok(None);
    }
    let world = World::of(store, &resolved, request.multiplier)?.store()?;
    let request = Request {
        sizes: "2".parse()?,
        max_combinations: Some(PAIRS),
        keep: Keep::Measures,
        ..resolved.request
    };
    run::execute_with(&world, &request, make()?, &Silent, &Stop::new())?;
    let sql = "SELECT strategy, symbols, max(trades) AS trades
               FROM job JOIN measure USING (job_id)
               WHERE trades > 0 AND size <= 2
               GROUP BY strategy, symbols
               ORDER BY strategy, trades DESC, symbols";
    let mut best: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in world.sql(sql)?.rows {
        if let [Cell::Text(strategy), Cell::Text(symbols), _] = row.as_slice() {
            best.entry(strategy.clone()).or_default().push(symbols.clone());
        }
    }
    // The pickiest strategy first: the others trade anywhere.
    let mut by_choice: Vec<&Vec<String>> = best.values().collect();
    by_choice.sort_by_key(|combinations| combinations.len());
    let mut chosen = BTreeSet::new();
    let rounds = 0..by_choice.iter().map(|combinations| combinations.len()).max().unwrap_or(0);
    for combination in rounds.flat_map(|at| by_choice.iter().filter_map(move |c| c.get(at))) {
        for symbol in combination.split(',') {
            if chosen.len() < count {
                chosen.insert(symbol.to_owned());
            }
        }
    }
    let instruments = resolved.universe.instruments();
    // Where nobody trades, the first ones are as good as any.
    for instrument in instruments {
        if chosen.len() < count {
            chosen.insert(instrument.symbol.clone());
        }
    }
    let named = instruments.iter().filter(|i| chosen.contains(&i.symbol));
    Ok(Some(named.map(|i| format!("{}:{}", i.market, i.symbol)).take(count).collect()))
}

//! The spreads that a job traded, with the decisions that were filled.

use std::collections::BTreeMap;

use crate::{
    domain::{FillRecord, JobRecord},
    strategy::SpreadPath,
};

/// Most pairs of a combination whose spreads are shown.
const MOST_SPREADS: usize = 4;

/// A pair's z-score over the scored window, and what was done on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The z-score and the fits behind it.
    pub path: SpreadPath,
    /// Decisions that were filled in both symbols, in order of time.
    pub marks: Vec<Mark>,
}

/// A decision on a spread.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Opening time of the bar at whose close it was taken.
    pub ts: i64,
    /// The z-score at that close.
    pub z: f64,
    /// Why, as its fills say: enter, exit, stop, window_end and what forces a close.
    pub reason: &'static str,
    /// For an entry, +1 where the spread was bought and -1 where it was sold; 0 elsewhere.
    pub side: i8,
}

/// Pairs of symbols that were entered together, those with most entries first.
pub(super) fn traded_pairs(record: &JobRecord) -> Vec<[String; 2]> {
    let mut legs: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for trade in &record.trades {
        let of = legs.entry(trade.trade_group).or_default();
        if !of.contains(&trade.symbol.as_str()) {
            of.push(&trade.symbol);
        }
    }
    let mut entries: BTreeMap<[String; 2], usize> = BTreeMap::new();
    for mut pair in legs.into_values().filter(|legs| legs.len() == 2) {
        pair.sort_unstable();
        *entries.entry([pair[0].to_owned(), pair[1].to_owned()]).or_default() += 1;
    }
    let mut pairs: Vec<_> = entries.into_iter().collect();
    // The map's order, that of the names, stands among equals.
    pairs.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    pairs.into_iter().map(|(pair, _)| pair).take(MOST_SPREADS).collect()
}

impl Spread {
    /// The decisions of `record` on the path of a pair.
    pub(super) fn of(path: SpreadPath, record: &JobRecord) -> Self {
        let mut filled: BTreeMap<(i64, &'static str), [Option<&FillRecord>; 2]> = BTreeMap::new();
        for fill in &record.fills {
            if let Some(leg) = path.symbols.iter().position(|symbol| *symbol == fill.symbol) {
                filled.entry((fill.decided_ts.micros(), fill.reason)).or_default()[leg] =
                    Some(fill);
            }
        }
        let mark = |((ts, reason), legs): ((i64, &'static str), [Option<&FillRecord>; 2])| {
            let [Some(first), Some(second)] = legs else { return None };
            let z = path.ts.binary_search(&ts).map_or(f64::NAN, |at| path.z[at]);
            let fit = path.fits.iter().rev().find(|fit| fit.formation_end.micros() <= ts);
            let fit = fit.or(path.fits.first());
            let flipped = fit.is_some_and(|fit| fit.symbol_y == path.symbols[1]);
            let explained = if flipped { second } else { first };
            let bought = if explained.quantity > 0.0 { 1 } else { -1 };
            Some(Mark { ts, z, reason, side: if reason == "enter" { bought } else { 0 } })
        };
        let marks = filled.into_iter().filter_map(mark).collect();
        Self { path, marks }
    }
}

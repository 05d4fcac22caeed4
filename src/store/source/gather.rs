//! A sink that sorts: bars by symbol, in time order, duplicates set aside.
//!
//! Holds a whole file in memory, about 56 bytes a bar. Of the bars of one moment the first in the
//! file is kept; the others are duplicates, and those that differ from it are told apart.

use super::{BarSink, RawBars, Reject};
use crate::{
    domain::{Bar, Timestamp},
    error::Result,
};

/// Bars and refused rows of a file, as they come.
#[derive(Debug, Default)]
pub struct Gathered {
    names: Vec<String>,
    bars: Vec<Vec<(Bar, u64)>>,
    rejects: Vec<Reject>,
}

/// The bars of one symbol, strictly increasing in time.
#[derive(Debug, Clone, PartialEq)]
pub struct SymbolBars {
    /// The symbol.
    pub symbol: String,
    /// Its bars.
    pub bars: Vec<Bar>,
    /// True if they did not stand in time order in the file.
    pub was_unordered: bool,
}

/// A row whose symbol and moment were already taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The symbol.
    pub symbol: String,
    /// The moment.
    pub ts: Timestamp,
    /// Line (CSV) or row (Parquet) of the row set aside.
    pub line: u64,
    /// Line or row of the one kept.
    pub kept_line: u64,
    /// True if the two differ in a price or the volume.
    pub differs: bool,
}

/// A file in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settled {
    /// Bars by symbol, symbols in increasing order.
    pub symbols: Vec<SymbolBars>,
    /// Rows set aside, in the order of symbol, moment and line.
    pub duplicates: Vec<Duplicate>,
    /// Rows refused, in the order of the file.
    pub rejects: Vec<Reject>,
}

impl BarSink for Gathered {
    fn bars(&mut self, symbols: &[String], batch: &RawBars) -> Result<()> {
        self.names.extend_from_slice(&symbols[self.names.len()..]);
        self.bars.resize_with(self.names.len(), Vec::new);
        for ((&symbol, &line), &bar) in batch.symbol.iter().zip(&batch.line).zip(&batch.bar) {
            self.bars[symbol as usize].push((bar, line));
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) -> Result<()> {
        self.rejects.push(reject);
        Ok(())
    }
}

impl Gathered {
    /// Rows refused so far, in the order of the file.
    pub fn rejects(&self) -> &[Reject] {
        &self.rejects
    }

    /// Puts the file in order.
    pub fn settle(self) -> Settled {
        let mut settled = Settled { rejects: self.rejects, ..Settled::default() };
        let mut by_name: Vec<_> = self.names.into_iter().zip(self.bars).collect();
        by_name.sort_by(|a, b| a.0.cmp(&b.0));
        for (symbol, rows) in by_name {
            let bars = in_order(&symbol, rows, &mut settled.duplicates);
            settled.symbols.push(bars);
        }
        settled
    }
}

fn in_order(
    symbol: &str,
    mut rows: Vec<(Bar, u64)>,
    duplicates: &mut Vec<Duplicate>,
) -> SymbolBars {
    let was_unordered = rows.windows(2).any(|pair| pair[1].0.ts < pair[0].0.ts);
    // Stable: of equal moments the first of the file stays first.
    rows.sort_by_key(|(bar, _)| bar.ts);
    let mut bars: Vec<Bar> = Vec::with_capacity(rows.len());
    let mut kept_line = 0;
    for (bar, line) in rows {
        match bars.last() {
            Some(kept) if kept.ts == bar.ts => duplicates.push(Duplicate {
                symbol: symbol.to_owned(),
                ts: bar.ts,
                line,
                kept_line,
                differs: !kept.is_same(&bar),
            }),
            _ => {
                bars.push(bar);
                kept_line = line;
            }
        }
    }
    SymbolBars { symbol: symbol.to_owned(), bars, was_unordered }
}

#[cfg(test)]
mod tests {
    use super::{Bar, BarSink, Duplicate, Gathered, RawBars, Timestamp};

    fn gathered(rows: &[(u32, i64, f64)], names: &[&str]) -> Gathered {
        let mut batch = RawBars::default();
        for (&(symbol, ts, close), line) in rows.iter().zip(2..) {
            let nan = f64::NAN;
            let ts = Timestamp(ts);
            batch.push(
                symbol,
                line,
                Bar { ts, open: nan, high: nan, low: nan, close, volume: nan },
            );
        }
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut gathered = Gathered::default();
        gathered.bars(&names, &batch).expect("a sink in memory");
        gathered
    }

    #[test]
    fn bars_come_out_by_symbol_in_time_order() {
        let rows = [(0, 5, 1.0), (1, 4, 2.0), (0, 3, 3.0), (1, 6, 4.0)];
        let settled = gathered(&rows, &["B", "A"]).settle();
        let seen: Vec<_> = settled
            .symbols
            .iter()
            .map(|one| {
                let ts: Vec<_> = one.bars.iter().map(|bar| bar.ts.micros()).collect();
                (one.symbol.as_str(), ts, one.was_unordered)
            })
            .collect();
        assert_eq!(seen, [("A", vec![4, 6], false), ("B", vec![3, 5], true)]);
        assert!(settled.duplicates.is_empty());
    }

    #[test]
    fn the_first_of_a_moment_is_kept_and_the_others_are_counted() {
        let rows = [(0, 5, 1.0), (0, 4, 9.0), (0, 5, 1.0), (0, 5, 2.0)];
        let settled = gathered(&rows, &["A"]).settle();
        let closes: Vec<_> =
            settled.symbols[0].bars.iter().map(|bar| bar.close.to_bits()).collect();
        assert_eq!(closes, [9.0f64.to_bits(), 1.0f64.to_bits()]);
        let twin = |line, differs| Duplicate {
            symbol: "A".into(),
            ts: Timestamp(5),
            line,
            kept_line: 2,
            differs,
        };
        assert_eq!(settled.duplicates, [twin(4, false), twin(5, true)]);
    }
}

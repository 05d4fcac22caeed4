//! Files of target weights: the columns ts, symbol and weight, in any order and case.
//!
//! Read like bars, but whole or not at all: a signal that is dropped in silence is another
//! strategy.

use std::path::Path;

use super::{BarSink, RawBars, Reject, RejectReason, RowKind, SourceOptions, read_source};
use crate::{
    domain::WeightRows,
    error::{Error, Result},
};

/// Most rows of a file of weights: what can be held before a memory plan is made.
const MOST_ROWS: usize = 1 << 24;

/// Reads the weights of a CSV or Parquet file; moments without an offset are UTC.
///
/// # Errors
/// As [`read_source`]; Data for the first row that is not a moment, a symbol and a finite weight,
/// and for a file without rows.
pub fn read_weights(path: &Path) -> Result<WeightRows> {
    let shown = path.display().to_string();
    let mut sink = WeightSink { file: &shown, weights: WeightRows::default() };
    let options = SourceOptions { rows: RowKind::Weights, ..SourceOptions::default() };
    read_source(path, &options, &mut sink)?;
    Ok(sink.weights)
}

struct WeightSink<'a> {
    file: &'a str,
    weights: WeightRows,
}

impl BarSink for WeightSink<'_> {
    fn bars(&mut self, symbols: &[String], batch: &RawBars) -> Result<()> {
        if self.weights.len() + batch.len() > MOST_ROWS {
            return Err(Error::data(format!(
                "{} holds more than {MOST_ROWS} rows of signals",
                self.file
            ))
            .with_hint("give one row per change of a weight, or several files in several runs"));
        }
        for ((bar, &line), &symbol) in batch.bar.iter().zip(&batch.line).zip(&batch.symbol) {
            self.weights.push(&symbols[symbol as usize], bar.ts.micros(), bar.close, line);
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) -> Result<()> {
        let remedy = match reject.reason {
            RejectReason::Missing | RejectReason::NotFinite | RejectReason::NotANumber => {
                "give a finite number, 0 to leave, or take the row out"
            }
            RejectReason::NotAMoment | RejectReason::YearOutOfRange => {
                "give the opening time of a bar, such as 2024-01-31T15:00:00Z"
            }
            _ => "mend the row, or take it out",
        };
        Err(Error::data(format!("{}: {reject}", self.file)).with_hint(remedy))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::read_weights;
    use crate::{domain::WeightRows, error::Result};

    fn read(text: &str) -> Result<WeightRows> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signals.csv");
        fs::write(&path, text).expect("written");
        read_weights(&path)
    }

    #[test]
    fn columns_stand_in_any_order_and_case() {
        let rows = read("Weight,note,TS,Symbol\n-0.5,x,2024-01-01T01:00:00Z,A\n0,y,2024-01-02,B\n")
            .expect("weights");
        assert_eq!(rows.symbols(), ["A", "B"]);
        let found: Vec<_> = rows.rows().iter().map(|row| (row.ts, row.weight, row.line)).collect();
        assert_eq!(found, [(1_704_070_800_000_000, -0.5, 2), (1_704_153_600_000_000, 0.0, 3)]);
    }

    #[test]
    fn the_first_bad_row_ends_it_with_its_line() {
        for (row, says) in [
            ("2024-01-01,A,NaN", "line 3, weight: no value: 2024-01-01,A,NaN"),
            ("2024-01-01,A,inf", "line 3, weight: not a finite number"),
            ("2024-01-01,A,half", "line 3, weight: not a number"),
            ("soon,A,1", "line 3, ts: not a moment"),
            ("2024-01-01,,1", "line 3, symbol: no value"),
            ("2024-01-01,A", "line 3: fewer fields than the header"),
        ] {
            let error = read(&format!("ts,symbol,weight\n2024-01-01,A,1\n{row}\n2024-01-02,A,1\n"))
                .expect_err(row);
            assert!(error.to_string().contains(says), "{error}");
            assert!(error.hint().is_some());
        }
        let error = read("ts,symbol,close\n2024-01-01,A,1\n").expect_err("no weight");
        assert!(error.to_string().ends_with("has no column 'weight'"), "{error}");
        let error = read("ts,weight\n2024-01-01,1\n").expect_err("no symbol");
        assert!(error.to_string().ends_with("has no column 'symbol'"), "{error}");
    }
}

//! Signals: target weights from outside, as rows or as a statement that makes them from bars.

use std::{fs, path::Path};

use crate::{
    domain::{Timestamp, WeightRows},
    error::{Error, Result},
    store::{require_signal_statement, source::read_weights},
};

/// Longest statement, bytes.
const MOST_BYTES: u64 = 1 << 20;

/// Where the weights of a scripted strategy come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Signals {
    name: String,
    source: SignalSource,
}

/// What makes the weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SignalSource {
    /// One SELECT over `bars`, run once per horizon.
    Statement(String),
    /// Rows, the same for every horizon.
    Rows(WeightRows),
}

impl Signals {
    /// Reads a file: a statement if its name ends in `.sql`, else CSV or Parquet, whatever its
    /// first bytes say.
    ///
    /// # Errors
    /// Io, if it cannot be read; as [`Self::statement`] and [`Self::rows`]; as
    /// [`read_weights`].
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sql")) {
            return Self::rows(&name, read_weights(path)?);
        }
        let found = fs::metadata(path).map_err(|e| Error::io("read", path, &e))?;
        if !found.is_file() || found.len() > MOST_BYTES {
            return Err(Error::usage(format!("{name} is not a file of at most 1 MiB"))
                .with_hint("name a file that holds one SELECT"));
        }
        let text = fs::read_to_string(path).map_err(|e| Error::io("read", path, &e))?;
        Self::statement(&name, &text)
    }

    /// The signals that a statement makes; `name` stands in front of what is wrong with them.
    ///
    /// # Errors
    /// As [`require_signal_statement`].
    pub fn statement(name: &str, text: &str) -> Result<Self> {
        require_signal_statement(text).map_err(|error| in_front(name, &error))?;
        Ok(Self { name: name.to_owned(), source: SignalSource::Statement(text.to_owned()) })
    }

    /// Weights by moment and symbol, in any order.
    ///
    /// # Errors
    /// Data, if there is no row, or two of one moment and symbol.
    pub fn rows(name: &str, rows: WeightRows) -> Result<Self> {
        if rows.is_empty() {
            return Err(Error::data(format!("{name} holds no signal"))
                .with_hint("give rows of ts, symbol, weight"));
        }
        require_single_rows(name, &rows)?;
        Ok(Self { name: name.to_owned(), source: SignalSource::Rows(rows) })
    }

    /// What they are called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where they come from.
    pub(super) fn source(&self) -> &SignalSource {
        &self.source
    }

    /// True if a statement makes them.
    pub fn is_statement(&self) -> bool {
        matches!(self.source, SignalSource::Statement(_))
    }
}

/// Refuses two rows of one moment and symbol.
fn require_single_rows(name: &str, rows: &WeightRows) -> Result<()> {
    let all = rows.rows();
    let in_order = |(a, b): (usize, usize)| (all[a].symbol, all[a].ts) < (all[b].symbol, all[b].ts);
    let mut order: Vec<u32> = (0..u32::try_from(all.len()).unwrap_or(u32::MAX)).collect();
    let at = |index: u32| index as usize;
    if order.windows(2).all(|two| in_order((at(two[0]), at(two[1])))) {
        return Ok(());
    }
    order.sort_by_key(|&index| (all[at(index)].symbol, all[at(index)].ts, all[at(index)].line));
    let twice = order.windows(2).find(|two| !in_order((at(two[0]), at(two[1]))));
    let Some(two) = twice else { return Ok(()) };
    let (first, second) = (&all[at(two[0])], &all[at(two[1])]);
    Err(Error::data(format!(
        "{name}: line {}: {} has a second weight at {}: {}; the first is {} on line {}",
        second.line,
        rows.symbol(second),
        Timestamp(second.ts),
        second.weight,
        first.weight,
        first.line
    ))
    .with_hint("give one weight per moment and symbol"))
}

/// `error` with the name of what it is about in front.
pub(super) fn in_front(name: &str, error: &Error) -> Error {
    let located = Error::new(error.kind(), format!("{name}: {error}"));
    match error.hint() {
        Some(hint) => located.with_hint(hint),
        None => located,
    }
}

#[cfg(test)]
mod tests {
    use super::Signals;
    use crate::domain::WeightRows;

    #[test]
    fn a_second_weight_is_refused_with_both_lines() {
        let mut rows = WeightRows::default();
        for (line, (symbol, ts, weight)) in
            [("B", 2, 1.0), ("A", 1, 0.5), ("B", 1, 0.25), ("A", 1, 0.75)].into_iter().enumerate()
        {
            rows.push(symbol, ts * 1_000_000, weight, 2 + line as u64);
        }
        let error = Signals::rows("s.csv", rows).expect_err("two weights");
        assert_eq!(
            error.to_string(),
            "s.csv: line 5: A has a second weight at 1970-01-01T00:00:01Z: 0.75; the first is 0.5 \
             on line 3"
        );
        assert!(Signals::rows("s.csv", WeightRows::default()).is_err());
    }

    #[test]
    fn a_statement_must_ask_for_something_that_bars_decide() {
        for (text, says) in [
            ("DELETE FROM bars", "s.sql: 'DELETE' is not a question"),
            ("SHOW TABLES", "s.sql: signals cannot begin with 'SHOW'"),
            ("SELECT 1; SELECT 2", "s.sql: more than one statement"),
            ("SELECT ts, symbol, 1 AS weight FROM bars", "s.sql: the signals have no order"),
            ("SELECT * FROM (SELECT * FROM bars ORDER BY ts)", "s.sql: the signals have no order"),
            (
                "SELECT ts, symbol, random() AS weight FROM bars ORDER BY 1, 2",
                "s.sql: signals cannot use random",
            ),
            (
                "SELECT * FROM bars WHERE ts < current_date ORDER BY ts",
                "s.sql: signals cannot use current_date",
            ),
            ("SELECT * FROM bars USING SAMPLE 5 ORDER BY ts", "s.sql: signals cannot use sample"),
            ("FROM duckdb_settings() ORDER BY 1", "s.sql: signals cannot use duckdb_settings"),
        ] {
            let error = Signals::statement("s.sql", text).expect_err(text);
            assert!(error.to_string().starts_with(says), "{text}: {error}");
            assert!(error.hint().is_some(), "{text}");
        }
        for text in [
            "SELECT ts, symbol, 1 AS weight FROM bars ORDER BY ts, symbol;",
            "-- what random() is not\nWITH now AS (FROM bars) SELECT ts, symbol, 0.5 AS weight\n\
             FROM now WHERE symbol <> 'random()' ORDER BY ts, symbol",
        ] {
            Signals::statement("s.sql", text).expect(text);
        }
    }
}

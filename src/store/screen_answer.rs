//! What a screen has listed, read in the order in which it was stored.
//!
//! Rows are stored the most significant first, so nothing has to be sorted: a piece of rows after the other
//! is read, and set down like any large answer (`spool`). A sort of them takes what the rows take, which is
//! more than a screen's budget may have.

use duckdb::types::Value;

use super::{
    Answer, Store,
    answer::{self, Question},
    failure::{Doing, placed},
    named_query,
};
use crate::error::{Error, Result};

const DOING: Doing = Doing("read what the screen has listed");
/// Rows that are read at a time.
const PIECE_ROWS: i64 = 8_192;

impl Store {
    /// The first `top` rows of the screen `run_id`, as query `screen` has them, in the order in which they were
    /// stored; `None` if `stop` says so before all are read.
    ///
    /// # Errors
    /// What DuckDB reports; disk full, with the path.
    pub fn listed(&self, run_id: i64, top: u64, stop: &dyn Fn() -> bool) -> Result<Option<Answer>> {
        let mut answer = Answer::beside(self.reader.held.real.as_deref());
        let sql = in_pieces()?;
        let (mut from, to) = self.places(run_id)?;
        loop {
            let left = i64::try_from(top - answer.len()).unwrap_or(i64::MAX);
            let place = |name: &str| match name {
                "run" => Some(Value::BigInt(run_id)),
                "symbols" => Some(Value::Null),
                "from" => Some(Value::BigInt(from)),
                "to" => Some(Value::BigInt(from.saturating_add(PIECE_ROWS))),
                "top" => Some(Value::BigInt(left)),
                _ => None,
            };
            let question =
                Question { sql: &sql, binding: &place, doing: DOING, most_rows: usize::MAX };
            answer::answer(&self.reader.connection, &question, &mut answer)
                .map_err(|error| placed(error, &self.reader.held.shown))?;
            from += PIECE_ROWS;
            if from >= to || answer.len() >= top {
                return answer.finished().map(Some);
            }
            if stop() {
                return Ok(None);
            }
        }
    }

    /// The number of the first row of a screen, and one more than that of the last.
    fn places(&self, run_id: i64) -> Result<(i64, i64)> {
        let sql = "SELECT coalesce(min(rowid), 0), coalesce(max(rowid) + 1, 0) FROM screen WHERE run_id = ?";
        self.reader
            .connection
            .query_row(sql, [run_id], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(|e| DOING.failed(&e))
    }
}

/// Query `screen` for a piece of the rows, in their order.
fn in_pieces() -> Result<String> {
    let query = named_query::all().iter().find(|query| query.name == "screen");
    let statement = query.map(|query| query.statement.as_str()).unwrap_or_default();
    let (rows, _) = statement
        .split_once("\nORDER BY ")
        .ok_or_else(|| Error::internal("query screen has no order"))?;
    Ok(format!(
        "{rows}\n  AND screen.rowid >= $from AND screen.rowid < $to\nORDER BY screen.rowid\nLIMIT $top"
    ))
}

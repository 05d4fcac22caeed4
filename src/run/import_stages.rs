//! Bytes that an import takes, stage by stage, and what is left of a budget for an answer.

use super::{
    footprint::{self, BASE_SLACK, DUCKDB_OPEN, DUCKDB_OVER, LEAST_DUCKDB, MIB},
    stage::{Phase, Stage},
};
use crate::{
    error::{Error, ErrorKind, Result},
    store::source::Expected,
};

/// A bar of a file on its way to the store, while the list it stands in grows.
const IMPORTED_BAR_BYTES: u64 = 56 * 3 / 2;
/// A bar in a transaction of DuckDB.
const APPENDED_BAR_BYTES: u64 = 48;
/// DuckDB holds more than its limit while it sorts for an answer: up to 110 MB was measured.
const ANSWER_OVER: u64 = 112 * MIB;
/// The most an answer needs.
const MOST_ANSWER: u64 = 256 * MIB;

/// Share of a budget that the rows of an answer may take; as a table they take up to three times as
/// much while they are written.
const ANSWER_SHARE: u64 = 6;
/// Under less no question is asked: DuckDB with the least limit that it opens a store with.
const LEAST_QUESTION: u64 = 96 * MIB;

/// The `memory_limit` of DuckDB for an import or a question under a budget.
pub fn answer_limit(budget: u64) -> u64 {
    let rest = budget.saturating_sub(budget / ANSWER_SHARE + ANSWER_OVER + 16 * MIB);
    rest.clamp(LEAST_DUCKDB, MOST_ANSWER)
}

/// Bytes that the rows of an answer may take under a budget.
pub fn answer_bytes(budget: u64) -> u64 {
    budget / ANSWER_SHARE
}

/// The least budget under which the rows of an answer may take so many bytes.
pub fn budget_for_answer(bytes: u64) -> u64 {
    bytes.saturating_mul(ANSWER_SHARE).max(LEAST_QUESTION)
}

/// Refuses a budget that is too small for any question.
///
/// # Errors
/// Budget, naming the least that would do.
pub fn require_question(budget: u64) -> Result<()> {
    if budget >= LEAST_QUESTION {
        return Ok(());
    }
    let (needs, has) = (LEAST_QUESTION as f64 / 1e6, budget as f64 / 1e6);
    let line = format!("a question needs {needs:.1} MB, the memory budget is {has:.1} MB");
    Err(Error::new(ErrorKind::Budget, line).with_hint(format!(
        "the least budget that would do: --memory-budget {}MiB",
        LEAST_QUESTION / MIB
    )))
}

/// The stages of the import of a file: its bars are held until they are sorted and stored.
pub fn import_stages(expected: Expected, duckdb_limit: u64) -> Vec<Stage> {
    let always = |name, bytes| Stage { name, phase: Phase::Always, bytes };
    let most = duckdb_limit + duckdb_limit / DUCKDB_OVER;
    let appended = expected.rows.saturating_mul(APPENDED_BAR_BYTES);
    vec![
        always("base", footprint::held() + BASE_SLACK),
        always("duckdb", DUCKDB_OPEN.saturating_add(appended).min(most)),
        always("bars", expected.rows.saturating_mul(IMPORTED_BAR_BYTES)),
        // Decoded values, and the same as rows.
        always("decoding", 2 * expected.decoded_bytes),
    ]
}

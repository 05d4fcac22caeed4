//! Bytes that an import takes, stage by stage, and what is left of a budget for an answer.

use super::{
    base,
    footprint::{BASE_SLACK, LEAST_DUCKDB, MIB, duckdb_bytes},
    replay::replay_bytes,
    stage::{Phase, Stage},
};
use crate::{
    domain::Bar,
    error::{Error, ErrorKind, Result},
    store::{GROUP_ROWS, source::Expected},
};

/// A bar of a file with its line, on its way to the store. Large lists grow in place.
const IMPORTED_BAR_BYTES: u64 = 56;
/// A stored bar beside one of the file at its moment, with the marks of both.
const MET_BAR_BYTES: u64 = 72;
/// A bar in a transaction of DuckDB: its columns, uncompressed.
const APPENDED_BAR_BYTES: u64 = 68;
/// A moment of a bar while gaps are looked for in those of one symbol.
const GAP_BYTES: u64 = 56;
/// A bar as stored: 20 to 23 were measured.
const STORED_BAR_BYTES: u64 = 24;
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

/// What is in the store when a file is imported.
#[derive(Debug, Clone, Copy, Default)]
pub struct StoredBefore {
    /// Bytes of the store's file as the command finds it; 0 where it makes the store.
    pub file_bytes: u64,
    /// Bytes that a kill has left in its log. They are read back first, and brought into the file, of
    /// which tables are rewritten, with the import.
    pub log_bytes: u64,
    /// Rows of the files before this one.
    pub rows: u64,
}

/// The stages of the import of a file: its bars are held until they are sorted and stored.
pub fn import_stages(expected: Expected, before: StoredBefore, duckdb_limit: u64) -> Vec<Stage> {
    let always = |name, bytes| Stage { name, phase: Phase::Always, bytes };
    // In a store that was there a symbol may have a bar at every moment of the file.
    let met = if before.file_bytes > 0 { expected.rows } else { 0 };
    vec![
        // And what closing the store takes.
        always("base", base::bare() + 2 * BASE_SLACK),
        // Of its own rows most are compressed when the lists that held them are given back.
        always("duckdb", appended_bytes(expected.rows, expected.rows / 4, before, duckdb_limit)),
        always("bars", expected.rows.saturating_mul(IMPORTED_BAR_BYTES)),
        always("stored", met.saturating_mul(MET_BAR_BYTES)),
        // Decoded values, and the same as rows.
        always("decoding", 2 * expected.decoded_bytes),
    ]
}

/// The stages of the making of a demo store of `rows` bars, of which those of one symbol, `longest`,
/// are held at a time.
pub(super) fn demo_stages(rows: u64, longest: u64, duckdb_limit: u64) -> Vec<Stage> {
    let always = |name, bytes| Stage { name, phase: Phase::Always, bytes };
    vec![
        always("base", base::bare() + BASE_SLACK),
        always("duckdb", appended_bytes(rows, rows, StoredBefore::default(), duckdb_limit)),
        // As they are made, and as columns on their way to the store.
        always(
            "bars",
            2 * longest.saturating_mul(size_of::<Bar>() as u64 + APPENDED_BAR_BYTES / 2),
        ),
        always("gaps", longest.saturating_mul(GAP_BYTES)),
    ]
}

/// DuckDB with a transaction of so many bars, of which full row groups go to the file as they come, and
/// with the blocks of what is stored, `compressed` rows of its own among them.
fn appended_bytes(rows: u64, compressed: u64, before: StoredBefore, duckdb_limit: u64) -> u64 {
    let appended = rows.min(GROUP_ROWS) * APPENDED_BAR_BYTES;
    let stored = before.rows.saturating_add(compressed).saturating_mul(STORED_BAR_BYTES);
    let stored = stored.saturating_add(before.file_bytes);
    let replayed = replay_bytes(before.log_bytes, duckdb_limit);
    // Small batches leave row groups that are made large ones then: more than they are in the file.
    let groups = if before.log_bytes > 0 { before.file_bytes / 2 } else { 0 };
    let stored = stored.saturating_add(replayed).saturating_add(groups);
    duckdb_bytes(appended.saturating_add(stored), duckdb_limit)
}

/// What is needed under `budget`, where `needs` says so for any; refuses what needs more.
///
/// # Errors
/// Budget, naming the least that would do.
pub fn require_budget(what: &str, budget: u64, needs: impl Fn(u64) -> u64) -> Result<u64> {
    let needed = needs(budget);
    if needed <= budget {
        return Ok(needed);
    }
    let mut least = needed;
    while needs(least) > least {
        least = needs(least);
    }
    let (needs, has) = (needed as f64 / 1e6, budget as f64 / 1e6);
    let line = format!("{what} needs {needs:.1} MB, the memory budget is {has:.1} MB");
    Err(Error::new(ErrorKind::Budget, line).with_hint(format!(
        "the least budget that would do: --memory-budget {}MiB",
        least.div_ceil(MIB)
    )))
}

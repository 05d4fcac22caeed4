//! What an import says about itself: where it came from and what became of every record.

use std::collections::BTreeSet;

use duckdb::{Connection, params};

use super::{
    super::{
        batch_row::BatchRow,
        columns::{Columns, append},
        failure::Doing,
        high_water::Mark,
    },
    OnConflict,
};
use crate::{
    domain::{CalendarClass, EventKind, Interval},
    error::{Error, Result},
};

/// Where an import's bars come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSource {
    /// Name shown: a file, `demo`.
    pub name: String,
    /// Market of the instruments, unless each is named with its own.
    pub market: String,
    /// Length of the bars.
    pub interval: Interval,
    /// When the market makes bars.
    pub calendar: CalendarClass,
    /// Conventions of the source, for the record: units, zone, stamp.
    pub detail: String,
    /// BLAKE3 of the bytes of a file, in hexadecimal; empty where there is no file.
    pub content: String,
}

/// What became of the records: `read = stored + replaced + duplicate + rejected + blank + comment + header`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportSummary {
    /// Its number in the store.
    pub import_id: i64,
    /// Records read.
    pub read: u64,
    /// Bars stored at moments that had none.
    pub stored: u64,
    /// Bars that took the place of a stored one that differs.
    pub replaced: u64,
    /// Bars of an instrument and a moment that came before, in this import or in the store; what
    /// was there first is kept.
    pub duplicate: u64,
    /// Duplicates that differ in a price or the volume from the bar that is kept.
    pub differing: u64,
    /// Records that are no bars.
    pub rejected: u64,
    /// Records without any field.
    pub blank: u64,
    /// Lines that say something to people only.
    pub comment: u64,
    /// Lines of column names.
    pub header: u64,
}

impl ImportSummary {
    /// True if every record read is stored, has replaced another, is a duplicate, rejected, blank, a comment
    /// or a header.
    pub fn adds_up(&self) -> bool {
        let rows = self.stored + self.replaced + self.duplicate + self.rejected;
        self.read == rows + self.blank + self.comment + self.header
            && self.differing <= self.duplicate
    }
}

/// Longest raw text kept of a rejected record, in characters.
const MAX_RAW_CHARS: usize = 200;

/// A record that is no bar.
#[derive(Debug, Clone)]
pub(super) struct Reject {
    line: u64,
    field: Option<String>,
    reason: String,
    raw: String,
}

impl Reject {
    pub(super) fn new(line: u64, field: Option<&str>, reason: &str, raw: &str) -> Self {
        let bounded = |text: &str| text.chars().take(MAX_RAW_CHARS).collect();
        Self { line, field: field.map(bounded), reason: bounded(reason), raw: bounded(raw) }
    }
}

const DOING: Doing = Doing("write the import's ledger");

/// Appends `rejects` to their table.
pub(super) fn append_rejects(
    connection: &Connection,
    import_id: i64,
    rejects: &[Reject],
) -> Result<()> {
    let batch = Columns::default()
        .i64("import_id", rejects.iter().map(|_| import_id))
        .u64("line", rejects.iter().map(|r| r.line))
        .optional_text("field", rejects.iter().map(|r| r.field.as_deref()))
        .text("reason", rejects.iter().map(|r| r.reason.as_str()))
        .text("raw", rejects.iter().map(|r| r.raw.as_str()))
        .batch()?;
    append(connection, "import_reject", batch, DOING)
}

/// Writes down the gaps that the instruments of this import now have.
pub(super) fn append_gaps(
    connection: &Connection,
    import_id: i64,
    interval: Interval,
    instruments: &BTreeSet<u32>,
) -> Result<()> {
    for instrument in instruments {
        connection
            .execute(
                "INSERT INTO import_gap
                 SELECT ?, instrument_id, after_ts, before_ts
                 FROM gap
                 WHERE interval_us = ? AND instrument_id = ?
                 ORDER BY after_ts",
                params![import_id, interval.micros(), instrument],
            )
            .map_err(|e| DOING.failed(&e))?;
    }
    Ok(())
}

/// Writes the row that makes the import complete.
pub(super) fn append_row(
    connection: &Connection,
    source: &ImportSource,
    events: Option<EventKind>,
    on_conflict: OnConflict,
    summary: &ImportSummary,
) -> Result<()> {
    if !summary.adds_up() {
        return Err(Error::internal(format!(
            "import of {} does not add up: {summary:?}",
            source.name
        )));
    }
    connection
        .execute(
            "INSERT INTO import VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                summary.import_id,
                source.name,
                source.market,
                events.map_or("bars", EventKind::name),
                events.is_none().then(|| source.interval.micros()),
                events.is_none().then(|| source.calendar.name()),
                source.detail,
                source.content,
                on_conflict.name(),
                summary.read,
                summary.stored,
                summary.replaced,
                summary.duplicate,
                summary.differing,
                summary.rejected,
                summary.blank,
                summary.comment,
                summary.header,
            ],
        )
        .map_err(|e| DOING.failed(&e))?;
    Ok(())
}

/// Writes down the batch that this import is; returns the mark that it sets once it is committed.
pub(super) fn append_batch(
    connection: &Connection,
    before: &Mark,
    source: &ImportSource,
    summary: &ImportSummary,
) -> Result<Mark> {
    let mut contents = blake3::Hasher::new();
    for text in [&source.name, &source.market, &source.detail, &source.content] {
        contents.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    }
    let ImportSummary { import_id, read, stored, replaced, .. } = *summary;
    for count in [import_id.unsigned_abs(), read, stored, replaced] {
        contents.update(&count.to_le_bytes());
    }
    let (batch_id, identity) = before.next(&contents.finalize());
    let mark = Mark { batch_id, identity, import_id, ..before.clone() };
    BatchRow { import_id: Some(import_id), stored, ..BatchRow::default() }
        .insert(connection, &mark)?;
    Ok(mark)
}

#[cfg(test)]
mod tests {
    use super::{ImportSummary, Reject};

    #[test]
    fn what_is_kept_of_a_reject_is_bounded() {
        let reject = Reject::new(7, Some("close"), "price is negative", &"é".repeat(10_000));
        assert_eq!(reject.raw.chars().count(), 200);
    }

    #[test]
    fn a_record_that_got_lost_is_noticed() {
        let whole = ImportSummary {
            read: 16,
            stored: 5,
            replaced: 3,
            duplicate: 2,
            differing: 1,
            rejected: 2,
            blank: 1,
            comment: 1,
            header: 2,
            ..ImportSummary::default()
        };
        assert!(whole.adds_up());
        assert!(!ImportSummary { read: 17, ..whole }.adds_up());
        assert!(!ImportSummary { differing: 3, ..whole }.adds_up());
    }
}

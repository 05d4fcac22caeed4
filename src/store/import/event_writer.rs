//! The part of an import's writer that is about events instead of bars.

use std::collections::BTreeMap;

use duckdb::params;

use super::{
    super::{
        columns::{Columns, append},
        event_finding::{self, EventFinding},
        failure::Doing,
        source::{RowKind, SourceColumn},
    },
    ImportWriter, OnConflict,
    on_conflict::Conflict,
};
use crate::{
    domain::{EventKind, Timestamp},
    error::{Error, Result},
};

const DOING: Doing = Doing("import events");

impl ImportWriter {
    /// Appends events of one instrument in order of time. What the store has already at a moment is
    /// a duplicate and dropped; if it differs, the terms say which of the two is kept.
    pub(super) fn append_events(
        &mut self,
        instrument_id: u32,
        events: &[(i64, f64)],
    ) -> Result<()> {
        let kind = self.events.map_or("", EventKind::name);
        let stored = self.stored_events(instrument_id, kind)?;
        let differs = |(ts, value): &(i64, f64)| {
            stored.get(ts).is_some_and(|old| old.to_bits() != value.to_bits())
        };
        let differing: Vec<_> = events.iter().filter(|event| differs(event)).collect();
        let replaces = self.on_conflict == OnConflict::Replace;
        if self.on_conflict == OnConflict::Refuse {
            let field = self
                .events
                .map_or("value", |kind| SourceColumn::Close.name_in(RowKind::Events(kind)));
            for &&(ts, value) in &differing {
                self.conflicts.add(|| Conflict {
                    symbol: String::new(),
                    ts: Timestamp(ts),
                    line: None,
                    says: format!("{field} {value} where {} is stored", stored[&ts]),
                });
            }
        }
        let replaced = if replaces { differing.len() as u64 } else { 0 };
        let taken =
            |event: &(i64, f64)| !stored.contains_key(&event.0) || (replaces && differs(event));
        let new: Vec<_> = events.iter().copied().filter(taken).collect();
        let batch = Columns::default()
            .u32("instrument_id", new.iter().map(|_| instrument_id))
            .time("ts", new.iter().map(|event| event.0))
            .text("kind", new.iter().map(|_| kind))
            .real("value", new.iter().map(|event| event.1))
            .i64("import_id", new.iter().map(|_| self.summary.import_id))
            .batch()?;
        append(&self.connection, "instrument_event", batch, DOING)?;
        if replaced > 0 {
            self.delete_replaced_events(instrument_id, kind, replaced)?;
        }
        self.summary.read += events.len() as u64;
        self.summary.stored += new.len() as u64 - replaced;
        self.summary.replaced += replaced;
        self.summary.duplicate += (events.len() - new.len()) as u64;
        self.summary.differing += differing.len() as u64 - replaced;
        Ok(())
    }

    /// Deletes the events of earlier imports at moments of those that were appended, of which there
    /// are `expected`.
    fn delete_replaced_events(&self, instrument_id: u32, kind: &str, expected: u64) -> Result<()> {
        let sql = "DELETE FROM instrument_event
                   WHERE instrument_id = $1 AND kind = $2 AND import_id < $3
                     AND ts IN (
                       SELECT ts FROM instrument_event
                       WHERE instrument_id = $1 AND kind = $2 AND import_id = $3
                     )";
        let deleted = self
            .connection
            .execute(sql, params![instrument_id, kind, self.summary.import_id])
            .map_err(|e| DOING.failed(&e))?;
        if u64::try_from(deleted) != Ok(expected) {
            return Err(Error::internal(format!(
                "{expected} {kind} of instrument {instrument_id} were to be replaced, {deleted} were"
            )));
        }
        Ok(())
    }

    /// What the bars say of the events of this import.
    pub(super) fn event_findings(&self) -> Result<Vec<EventFinding>> {
        event_finding::of_import(&self.connection, self.summary.import_id)
    }

    fn stored_events(&self, instrument_id: u32, kind: &str) -> Result<BTreeMap<i64, f64>> {
        let sql = "SELECT epoch_us(ts), value FROM instrument_event
                   WHERE instrument_id = ? AND kind = ? ORDER BY ts";
        let mut statement = self.connection.prepare(sql).map_err(|e| DOING.failed(&e))?;
        statement
            .query_map(params![instrument_id, kind], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .map_err(|e| DOING.failed(&e))
    }
}

//! The part of an import's writer that is about events instead of bars.

use std::collections::BTreeMap;

use duckdb::params;

use super::{
    super::{
        columns::{Columns, append},
        event_finding::{self, EventFinding},
        failure::Doing,
    },
    ImportWriter,
};
use crate::{domain::EventKind, error::Result};

const DOING: Doing = Doing("import events");

impl ImportWriter {
    /// Appends events of one instrument in order of time. What the store has already at a moment is
    /// kept: the new event is counted as duplicate and dropped.
    pub(super) fn append_events(
        &mut self,
        instrument_id: u32,
        events: &[(i64, f64)],
    ) -> Result<()> {
        let kind = self.events.map_or("", EventKind::name);
        let stored = self.stored_events(instrument_id, kind)?;
        let (known, new): (Vec<_>, Vec<_>) =
            events.iter().copied().partition(|(ts, _)| stored.contains_key(ts));
        let batch = Columns::default()
            .u32("instrument_id", new.iter().map(|_| instrument_id))
            .time("ts", new.iter().map(|event| event.0))
            .text("kind", new.iter().map(|_| kind))
            .real("value", new.iter().map(|event| event.1))
            .i64("import_id", new.iter().map(|_| self.summary.import_id))
            .batch()?;
        append(&self.connection, "instrument_event", batch, DOING)?;
        let differs = |(ts, value): &&(i64, f64)| stored[ts].to_bits() != value.to_bits();
        self.summary.read += events.len() as u64;
        self.summary.stored += new.len() as u64;
        self.summary.duplicate += known.len() as u64;
        self.summary.differing += known.iter().filter(differs).count() as u64;
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

//! Files of splits, dividends, funding or borrow rates: read like bars, stored as events.

use super::{
    super::{
        Store,
        event_finding::EventFinding,
        source::{Reject, read_source},
    },
    ImportSource, ImportSummary, ImportTerms, ImportWriter, OnConflict, SourceFile, Watch,
    file_bars::{PatientSink, room_bytes},
};
use crate::{
    domain::{CalendarClass, EventKind, Instrument, Interval},
    error::{Error, Result},
};

/// Times (microseconds, increasing) and values of the events of one kind.
pub type EventSeries<'a> = &'a [(i64, f64)];

/// What an import of events found and did.
#[derive(Debug, Clone, PartialEq)]
pub struct EventReport {
    /// The file.
    pub name: String,
    /// What it holds.
    pub kind: EventKind,
    /// Number of symbols with an event.
    pub symbols: u64,
    /// What became of the rows.
    pub counts: ImportSummary,
    /// The first rejected row.
    pub first_reject: Option<Reject>,
    /// What the bars of the store say of the events that are new.
    pub findings: Vec<EventFinding>,
}

/// How the reading of a file of events ended.
#[derive(Debug)]
pub enum EventReading {
    /// Its events are stored, or counted.
    Events(EventReport),
    /// More of its rows were rejected than the terms allow; the error names the first too many.
    GivenUp(Error),
}

impl Store {
    /// Stores events of one kind that are at hand, under the name `source`.
    ///
    /// # Errors
    /// Data, for a name that no instrument can have; whatever the store reports.
    pub fn append_events(
        &self,
        source: &str,
        kind: EventKind,
        events: &[(&Instrument, EventSeries<'_>)],
    ) -> Result<ImportSummary> {
        let source = ImportSource {
            name: source.to_owned(),
            market: String::new(),
            interval: Interval::DAY,
            calendar: CalendarClass::Continuous,
            detail: String::new(),
            content: String::new(),
        };
        let mut writer = ImportWriter::begin_of(self.reader()?, source, Some(kind))?;
        for (instrument, events) in events {
            let id = writer.instrument(&instrument.market, &instrument.symbol)?;
            writer.append_events(id, events)?;
        }
        writer.finish()
    }

    /// Stores the events of `kind` in a file, all or nothing, or counts them only if `dry`. An event
    /// of an instrument and a moment that has one of the kind already is a duplicate and dropped, or
    /// takes its place, as the terms say.
    /// An instrument need not have bars yet.
    ///
    /// # Errors
    /// As for a file of bars.
    pub fn import_events(
        &self,
        file: &SourceFile,
        kind: EventKind,
        terms: &ImportTerms,
        dry: bool,
        watch: &mut Watch<'_>,
    ) -> Result<EventReading> {
        let name = file.name();
        let mut intake = PatientSink::new(&name, terms.max_rejects, watch);
        let reading = match read_source(file.path(), &terms.source, &mut intake) {
            Err(error) if intake.gave_up => return Ok(EventReading::GivenUp(error)),
            reading => reading?,
        };
        file.require_unchanged()?;
        let settled = intake.gathered.settle();
        let source = ImportSource {
            name: name.clone(),
            market: terms.market.clone(),
            interval: Interval::DAY,
            calendar: CalendarClass::Continuous,
            detail: terms.told(reading.only_symbol.as_deref()),
            content: file.content(),
        };
        let mut writer = ImportWriter::begin_of(self.reader()?, source, Some(kind))?;
        writer.on_conflict = terms.on_conflict;
        for one in &settled.symbols {
            let id = writer.instrument(&terms.market, &one.symbol)?;
            let events: Vec<_> = one.bars.iter().map(|bar| (bar.ts.micros(), bar.close)).collect();
            writer.append_events(id, &events)?;
            writer.conflicts.of_symbol(&one.symbol);
        }
        if terms.on_conflict == OnConflict::Refuse {
            writer.conflicts.within(&settled.duplicates);
        }
        if !writer.conflicts.is_empty() {
            writer.conflicts.find_lines(file.path(), &terms.source, 0)?;
            return Err(writer.conflicts.refusal(&name, kind.name()));
        }
        settled.duplicates.iter().for_each(|twice| writer.duplicate(twice.differs));
        writer.lines_without_rows(&reading.accounting);
        for reject in &settled.rejects {
            writer.reject(reject.line, reject.field, reject.reason.name(), &reject.raw)?;
        }
        let findings = writer.event_findings()?;
        let counts = if dry { writer.summary() } else { writer.finish()? };
        Ok(EventReading::Events(EventReport {
            name,
            kind,
            symbols: settled.symbols.len() as u64,
            counts,
            first_reject: settled.rejects.into_iter().next(),
            findings,
        }))
    }
}

/// Bytes on the disk that are enough for the events of `file`, by [`room_bytes`]: it is read again
/// and its rows counted.
pub fn event_room_bytes(file: &SourceFile, terms: &ImportTerms) -> u64 {
    let mut rows = 0;
    let mut count = |seen| {
        rows = seen;
        Ok(())
    };
    let mut intake = PatientSink::new("", None, &mut count);
    // What was read so far is counted: there is nothing better to say.
    let _ = read_source(file.path(), &terms.source, &mut intake);
    room_bytes(rows)
}

impl EventReport {
    /// The line about rejected rows, if there are any.
    pub fn rejects(&self) -> Option<String> {
        let first = self.first_reject.as_ref()?;
        let (rejected, read) = (self.counts.rejected, self.counts.read);
        Some(format!("{}: {rejected} of {read} rows are rejected, the first at {first}", self.name))
    }

    /// The line about events that contradict the one that is kept, if there are any.
    pub fn differing(&self) -> Option<String> {
        let Self { name, kind, counts, .. } = self;
        (counts.differing > 0).then(|| {
            format!(
                "{name}: {} of {} duplicate {kind} differ from the one that came first, which is kept",
                counts.differing, counts.duplicate
            )
        })
    }
}

//! The writer of one import: instruments, bars, rejects, in one transaction.
//!
//! Bars come one instrument at a time in order of time, so that the table stays sorted by
//! (interval, instrument, ts) within an import. A bar at a moment that its instrument has a bar at is
//! counted as duplicate and dropped. If a price or the volume is not the same it is counted as
//! differing, unless it is to take the place of the stored one: then it is appended like a new one,
//! and the older row of its moment deleted in the same transaction.

use std::{collections::BTreeSet, sync::Arc};

use duckdb::{Connection, OptionalExt, params};

use super::{
    super::{
        columns::append, failure::Doing, held::Held, reader::Reader, source::Accounting,
        stored_bars::stored_bars,
    },
    bar_rows::bar_rows,
    instrument_name::check_name,
    ledger::{self, ImportSource, ImportSummary, Reject},
    new_bars::{Arrivals, arrivals},
    on_conflict::{Conflict, Conflicts, OnConflict, differences},
};
use crate::{
    domain::{Bar, EventKind, Interval},
    error::{Error, Result},
};

/// One import in progress. Dropped without [`finish`](Self::finish), it leaves nothing behind.
pub struct ImportWriter {
    /// Dropped before the lock is released; an open transaction is rolled back then.
    pub(super) connection: Connection,
    held: Arc<Held>,
    source: ImportSource,
    pub(super) summary: ImportSummary,
    instruments: BTreeSet<u32>,
    rejects: Vec<Reject>,
    /// Rows of the table that grows, before the import.
    rows_before: i64,
    /// Kind of the events, where it is no import of bars.
    pub(super) events: Option<EventKind>,
    /// What becomes of what differs from a stored row.
    pub(super) on_conflict: OnConflict,
    /// What differs, where that is a reason to refuse.
    pub(super) conflicts: Conflicts,
    /// True where rows are only counted: the store may be one that cannot be written.
    dry: bool,
}

const DOING: Doing = Doing("import bars");
/// Rejects held before they are appended.
const REJECTS_HELD: usize = 4_096;
/// Rows of one Arrow batch on its way to the appender.
const BATCH_BARS: usize = 131_072;

impl ImportWriter {
    pub(in crate::store) fn begin(reader: Reader, source: ImportSource) -> Result<Self> {
        Self::begin_of(reader, source, None)
    }

    /// An import that only counts, and writes nothing.
    pub(super) fn begin_dry(reader: Reader, source: ImportSource) -> Result<Self> {
        Self::begun(reader, source, None, true)
    }

    /// Begins an import of bars, or of events of a kind: interval and calendar of the source mean
    /// nothing then and are not stored.
    pub(super) fn begin_of(
        reader: Reader,
        source: ImportSource,
        events: Option<EventKind>,
    ) -> Result<Self> {
        reader.held.begin_writing(&reader.connection)?;
        Self::begun(reader, source, events, false)
    }

    fn begun(
        reader: Reader,
        source: ImportSource,
        events: Option<EventKind>,
        dry: bool,
    ) -> Result<Self> {
        let Reader { connection, held } = reader;
        let mut writer = Self {
            connection,
            held,
            source,
            summary: ImportSummary::default(),
            instruments: BTreeSet::new(),
            rejects: Vec::new(),
            rows_before: 0,
            events,
            on_conflict: OnConflict::Keep,
            conflicts: Conflicts::default(),
            dry,
        };
        writer.execute("BEGIN TRANSACTION")?;
        writer.summary.import_id =
            writer.number("SELECT coalesce(max(import_id), 0) + 1 FROM import")?;
        writer.rows_before = writer.rows()?;
        Ok(writer)
    }

    /// The number of an instrument, made if it is new.
    ///
    /// # Errors
    /// Data, for a name that is empty, too long, or holds a comma or a control character: symbols
    /// of a combination are joined by commas.
    pub fn instrument(&mut self, market: &str, symbol: &str) -> Result<u32> {
        check_name("market", market)?;
        check_name("symbol", symbol)?;
        let known: Option<u32> = self
            .connection
            .query_row(
                "SELECT instrument_id FROM instrument WHERE market = ? AND symbol = ?",
                [market, symbol],
                |row| row.get(0),
            )
            .optional()
            .map_err(|e| DOING.failed(&e))?;
        let id = match known {
            Some(id) => id,
            None => self.new_instrument(market, symbol)?,
        };
        if self.events.is_none() {
            self.join_series(id, symbol)?;
        }
        Ok(id)
    }

    fn new_instrument(&self, market: &str, symbol: &str) -> Result<u32> {
        let next = self.number("SELECT coalesce(max(instrument_id), 0) + 1 FROM instrument")?;
        let id = u32::try_from(next)
            .map_err(|_| Error::data("the store holds as many instruments as it can number"))?;
        if self.dry {
            return Ok(id);
        }
        self.connection
            .execute("INSERT INTO instrument VALUES (?, ?, ?)", params![id, market, symbol])
            .map_err(|e| DOING.failed(&e))?;
        Ok(id)
    }

    /// Writes down the calendar of a new series, or checks it against the stored one.
    fn join_series(&self, id: u32, symbol: &str) -> Result<()> {
        let interval = self.source.interval;
        let stored: Option<String> = self
            .connection
            .query_row(
                "SELECT calendar FROM series WHERE interval_us = ? AND instrument_id = ?",
                params![interval.micros(), id],
                |row| row.get(0),
            )
            .optional()
            .map_err(|e| DOING.failed(&e))?;
        let calendar = self.source.calendar.name();
        match stored {
            Some(stored) if stored == calendar => Ok(()),
            Some(stored) => Err(Error::data(format!(
                "{symbol} at {interval} is stored with the calendar class {stored}, this import \
                 says {calendar}"
            ))
            .with_hint(format!("import it with the calendar class {stored}"))),
            None if self.dry => Ok(()),
            None => {
                self.connection
                    .execute(
                        "INSERT INTO series VALUES (?, ?, ?, ?)",
                        params![interval.micros(), id, calendar, self.summary.import_id],
                    )
                    .map_err(|e| DOING.failed(&e))?;
                Ok(())
            }
        }
    }

    /// Appends bars of one instrument, in order of time; NaN prices are stored as NULL. Bars at a
    /// moment that the instrument has a bar at already are counted as duplicate and dropped.
    ///
    /// # Errors
    /// Data, if the bars are not in order.
    pub fn append(&mut self, instrument_id: u32, bars: &[Bar]) -> Result<()> {
        let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return Ok(()) };
        if let Some(pair) = bars.windows(2).find(|pair| pair[0].ts > pair[1].ts) {
            return Err(Error::data(format!(
                "bars of instrument {instrument_id} are not in order: {} comes after {}",
                pair[1].ts, pair[0].ts
            )));
        }
        let stored = self.stored_bars(instrument_id, first.ts.micros(), last.ts.micros())?;
        let (conflicts, refuses) = (&mut self.conflicts, self.on_conflict == OnConflict::Refuse);
        let Arrivals { bars: new, replacing, differing } =
            arrivals(bars, &stored, self.on_conflict, |given, old| {
                if refuses {
                    conflicts.add(|| Conflict {
                        symbol: String::new(),
                        ts: given.ts,
                        line: None,
                        says: differences(given, old),
                    });
                }
            });
        drop(stored);
        if !self.dry {
            self.write_bars(instrument_id, &new, replacing)?;
        }
        self.instruments.insert(instrument_id);
        self.summary.read += bars.len() as u64;
        self.summary.stored += new.len() as u64 - replacing;
        self.summary.replaced += replacing;
        self.summary.duplicate += (bars.len() - new.len()) as u64;
        self.summary.differing += differing;
        Ok(())
    }

    /// Appends `new`, of which so many are `replacing` bars that are stored.
    fn write_bars(&self, instrument_id: u32, new: &[Bar], replacing: u64) -> Result<()> {
        let of = (self.source.interval, instrument_id, self.summary.import_id);
        for chunk in new.chunks(BATCH_BARS) {
            append(&self.connection, "bar", bar_rows(of, chunk)?, DOING)?;
        }
        if replacing > 0 { self.delete_replaced(instrument_id, new, replacing) } else { Ok(()) }
    }

    /// Deletes the rows of earlier imports at moments of `new`, which was appended and holds as many
    /// bars at such moments as `expected` says.
    fn delete_replaced(&self, instrument_id: u32, new: &[Bar], expected: u64) -> Result<()> {
        let sql = "DELETE FROM bar
                   WHERE interval_us = $1 AND instrument_id = $2 AND import_id < $3
                     AND ts BETWEEN make_timestamp($4) AND make_timestamp($5)
                     AND ts IN (
                       SELECT ts FROM bar
                       WHERE interval_us = $1 AND instrument_id = $2 AND import_id = $3
                         AND ts BETWEEN make_timestamp($4) AND make_timestamp($5)
                     )";
        let (micros, import_id) = (self.source.interval.micros(), self.summary.import_id);
        let mut deleted = 0;
        for chunk in new.chunks(BATCH_BARS) {
            let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { continue };
            let span = (first.ts.micros(), last.ts.micros());
            deleted += self
                .connection
                .execute(sql, params![micros, instrument_id, import_id, span.0, span.1])
                .map_err(|e| DOING.failed(&e))?;
        }
        if u64::try_from(deleted) != Ok(expected) {
            return Err(Error::internal(format!(
                "{expected} bars of instrument {instrument_id} were to be replaced, {deleted} were"
            )));
        }
        Ok(())
    }

    /// Counts a record that repeats the moment of one handed to [`append`](Self::append) and was
    /// set aside before; `differs` if it is not equal to that one.
    pub fn duplicate(&mut self, differs: bool) {
        self.summary.read += 1;
        self.summary.duplicate += 1;
        self.summary.differing += u64::from(differs);
    }

    /// Counts the records of a file that are no rows: blank ones, comments, column names.
    pub fn lines_without_rows(&mut self, of: &Accounting) {
        self.summary.read += of.blank + of.comment + of.header;
        self.summary.blank += of.blank;
        self.summary.comment += of.comment;
        self.summary.header += of.header;
    }

    /// Counts a record that is no bar: its line, the field at fault where there is one, why, and
    /// its text (cut to 200 characters).
    pub fn reject(
        &mut self,
        line: u64,
        field: Option<&str>,
        reason: &str,
        raw: &str,
    ) -> Result<()> {
        self.rejects.push(Reject::new(line, field, reason, raw));
        self.summary.read += 1;
        self.summary.rejected += 1;
        if self.rejects.len() >= REJECTS_HELD { self.flush_rejects() } else { Ok(()) }
    }

    /// What has been read so far.
    pub fn summary(&self) -> ImportSummary {
        self.summary
    }

    /// Makes the import visible: ledger, gaps and bars are committed together.
    ///
    /// # Errors
    /// If the counts do not add up or the disk refuses; then nothing is stored, unless it was the
    /// commit, or the checkpoint after it, that failed: reopen the store and look the import up.
    pub fn finish(mut self) -> Result<ImportSummary> {
        self.flush_rejects()?;
        let (source, summary) = (&self.source, &self.summary);
        let grown = self.rows()? - self.rows_before;
        if u64::try_from(grown) != Ok(summary.stored) {
            return Err(Error::internal(format!(
                "import of {}: {} rows were appended, the table grew by {grown}",
                source.name, summary.stored
            )));
        }
        if self.events.is_none() {
            let (import_id, interval) = (summary.import_id, source.interval);
            ledger::append_gaps(&self.connection, import_id, interval, &self.instruments)?;
        }
        ledger::append_row(&self.connection, source, self.events, self.on_conflict, summary)?;
        let mark = ledger::append_batch(
            &self.connection,
            &self.held.mark(&self.connection)?,
            source,
            summary,
        )?;
        self.execute("COMMIT")?;
        self.held.acknowledge(&mark)?;
        self.held.checkpoint(&self.connection)?;
        Ok(self.summary)
    }

    /// Rows of the table that this import lets grow.
    fn rows(&self) -> Result<i64> {
        self.number(match self.events {
            None => "SELECT count(*) FROM bar",
            Some(_) => "SELECT count(*) FROM instrument_event",
        })
    }

    fn flush_rejects(&mut self) -> Result<()> {
        if !self.dry {
            ledger::append_rejects(&self.connection, self.summary.import_id, &self.rejects)?;
        }
        self.rejects.clear();
        Ok(())
    }

    /// The bars of `interval` that the instrument has, increasing in time.
    ///
    /// # Errors
    /// What the store reports.
    pub fn bars_of(&self, interval: Interval, instrument_id: u32) -> Result<Vec<Bar>> {
        // All that make_timestamp takes.
        let span = (-62_135_596_800_000_000, 253_402_300_799_000_000);
        stored_bars(&self.connection, (interval, instrument_id), span, DOING)
    }

    /// The bars that the instrument has in `[first, last]`, increasing in time.
    fn stored_bars(&self, instrument_id: u32, first: i64, last: i64) -> Result<Vec<Bar>> {
        let of = (self.source.interval, instrument_id);
        stored_bars(&self.connection, of, (first, last), DOING)
    }

    fn execute(&self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(|e| DOING.failed(&e))
    }

    fn number(&self, sql: &str) -> Result<i64> {
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|e| DOING.failed(&e))
    }
}

impl Drop for ImportWriter {
    fn drop(&mut self) {
        // Without a transaction in progress this fails, which is as good.
        let _ = self.connection.execute_batch("ROLLBACK");
        if !self.dry {
            self.held.end_writing();
        }
    }
}

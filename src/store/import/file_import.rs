//! From the bars of a file to the store: one transaction, and a ledger row that adds up.

use std::collections::BTreeMap;

use duckdb::params;

use super::{
    super::{Store, failure::Doing, source::possible_symbols},
    CalendarFrom, FileBars, FileReport, ImportSource, ImportSummary, ImportTerms, ImportWriter,
    OnConflict, SourceFile, Watch,
    terms::tells,
};
use crate::{
    domain::CalendarClass,
    error::{Error, Result},
};

const DOING: Doing = Doing("look up earlier imports");

/// An import that brought the same file under equal terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierImport {
    /// Its number.
    pub import_id: i64,
    /// Rows that it rejected.
    pub rejected: u64,
}

impl EarlierImport {
    /// The refusal of `file` where these terms allow fewer bad rows than it has, as when it is read.
    pub fn given_up(&self, file: &SourceFile, terms: &ImportTerms) -> Option<Error> {
        let Self { import_id, rejected } = self;
        let most = terms.max_rejects.filter(|most| rejected > most)?;
        Some(
            Error::data(format!(
                "{} has more than {most} bad rows: {rejected} were left out when it was imported, as \
                 import {import_id}, whose other rows stay",
                file.name()
            ))
            .with_hint("'barline query rejects' lists them; allow more with --max-rejects"),
        )
    }
}

impl Store {
    /// The import that brought `file` under equal terms before, if one did. The file's name does
    /// not matter, unless its symbol is taken from it.
    ///
    /// What an import that keeps has looked at is there in some form ever after. One that replaces or
    /// refuses must be made again, unless one of the two was made and nothing was replaced since.
    pub fn earlier_import(
        &self,
        file: &SourceFile,
        terms: &ImportTerms,
    ) -> Result<Option<EarlierImport>> {
        let mut told = vec![terms.told(None)];
        told.extend(
            possible_symbols(file.path(), &terms.source).iter().map(|one| terms.told(Some(one))),
        );
        let any = terms.on_conflict == OnConflict::Keep;
        let mut statement = self
            .reader
            .connection
            .prepare(
                "SELECT import_id, rejected, detail FROM import
                 WHERE content = ? AND market = ?
                   AND (? OR (on_conflict <> 'keep' AND import_id >= (
                     SELECT coalesce(max(import_id), 0) FROM import WHERE replaced > 0
                   )))
                 ORDER BY import_id",
            )
            .map_err(|e| DOING.failed(&e))?;
        let earlier: Vec<(EarlierImport, String)> = statement
            .query_map(params![file.content(), terms.market, any], |row| {
                let earlier = EarlierImport { import_id: row.get(0)?, rejected: row.get(1)? };
                Ok((earlier, row.get(2)?))
            })
            .and_then(Iterator::collect)
            .map_err(|e| DOING.failed(&e))?;
        let is_this = |detail: &str| told.iter().any(|told| tells(detail, told));
        Ok(earlier.into_iter().find(|(_, detail)| is_this(detail)).map(|(earlier, _)| earlier))
    }

    /// Stores the bars of a file with their rejects and their ledger row, all or nothing.
    ///
    /// # Errors
    /// Data, if the store has a symbol under another calendar class, or other bars than the file
    /// under terms that refuse it then; whatever `watch` says.
    pub fn import_file(&self, bars: FileBars, watch: &mut Watch<'_>) -> Result<FileReport> {
        let begin = |source| self.begin_import(source);
        self.write_file(bars, watch, begin, ImportWriter::finish)
    }

    /// What [`import_file`](Self::import_file) would do; nothing is stored, and a store that was opened for
    /// reading only will do.
    ///
    /// # Errors
    /// As for an import.
    pub fn try_import(&self, bars: FileBars, watch: &mut Watch<'_>) -> Result<FileReport> {
        let begin = |source| ImportWriter::begin_dry(self.reader()?, source);
        self.write_file(bars, watch, begin, |writer| Ok(writer.summary()))
    }

    fn write_file(
        &self,
        mut bars: FileBars,
        watch: &mut Watch<'_>,
        begin: impl FnOnce(ImportSource) -> Result<ImportWriter>,
        end: impl FnOnce(ImportWriter) -> Result<ImportSummary>,
    ) -> Result<FileReport> {
        let from = self.settle_calendar(&mut bars)?;
        let mut report = bars.report(from);
        let on_conflict = bars.terms.on_conflict;
        let mut writer = begin(ImportSource {
            name: bars.name,
            market: bars.market.clone(),
            interval: bars.interval,
            calendar: bars.calendar,
            detail: bars.told,
            content: bars.content,
        })?;
        writer.on_conflict = on_conflict;
        let accounting = bars.reading.accounting;
        for one in bars.settled.symbols {
            watch(accounting.read)?;
            let id = writer.instrument(&bars.market, &one.symbol)?;
            writer.append(id, &one.bars)?;
            writer.conflicts.of_symbol(&one.symbol);
        }
        if on_conflict == OnConflict::Refuse {
            writer.conflicts.within(&bars.settled.duplicates);
        }
        if !writer.conflicts.is_empty() {
            writer.conflicts.find_lines(&bars.path, &bars.terms.source, bars.shift)?;
            return Err(writer.conflicts.refusal(&report.name, "bars"));
        }
        bars.settled.duplicates.iter().for_each(|twice| writer.duplicate(twice.differs));
        writer.lines_without_rows(&accounting);
        for reject in &bars.settled.rejects {
            writer.reject(reject.line, reject.field, reject.reason.name(), &reject.raw)?;
        }
        if writer.summary().read != accounting.read {
            return Err(Error::internal(format!(
                "{}: {} rows were read, {} reached the store",
                report.name,
                accounting.read,
                writer.summary().read
            )));
        }
        watch(accounting.read)?;
        report.counts = end(writer)?;
        Ok(report)
    }

    /// A symbol keeps the calendar class it is stored under, unless another is given (which the
    /// writer refuses by name): a few days of bars show less than all that came before.
    fn settle_calendar(&self, bars: &mut FileBars) -> Result<CalendarFrom> {
        if bars.calendar_given {
            return Ok(CalendarFrom::Given);
        }
        let stored = self.stored_calendars(bars)?;
        let mut known =
            bars.settled.symbols.iter().filter_map(|one| stored.get_key_value(&one.symbol));
        let Some((first, calendar)) = known.next() else { return Ok(CalendarFrom::Inferred) };
        if let Some((other, class)) = known.find(|(_, class)| *class != calendar) {
            return Err(Error::data(format!(
                "{}: the store has {first} with the calendar class {calendar}, {other} with {class}",
                bars.name
            ))
            .with_hint("import their bars apart"));
        }
        bars.calendar = *calendar;
        Ok(CalendarFrom::Stored)
    }

    fn stored_calendars(&self, bars: &FileBars) -> Result<BTreeMap<String, CalendarClass>> {
        let mut statement = self
            .reader
            .connection
            .prepare(
                "SELECT symbol, calendar
                 FROM series
                 JOIN instrument USING (instrument_id)
                 WHERE market = ? AND interval_us = ?",
            )
            .map_err(|e| DOING.failed(&e))?;
        let rows: Vec<(String, String)> = statement
            .query_map(params![bars.market, bars.interval.micros()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .and_then(Iterator::collect)
            .map_err(|e| DOING.failed(&e))?;
        rows.into_iter()
            .map(|(symbol, class)| {
                let class = class.parse().map_err(|e: Error| Error::store(e.to_string()))?;
                Ok((symbol, class))
            })
            .collect()
    }
}

impl FileBars {
    /// What an import into a store without these symbols would do.
    pub fn try_alone(&self) -> FileReport {
        let from = if self.calendar_given { CalendarFrom::Given } else { CalendarFrom::Inferred };
        let mut report = self.report(from);
        report.counts = ImportSummary {
            import_id: 0,
            read: self.reading.accounting.read,
            stored: self.bars(),
            replaced: 0,
            duplicate: self.settled.duplicates.len() as u64,
            differing: self.settled.duplicates.iter().filter(|twice| twice.differs).count() as u64,
            rejected: self.reading.accounting.rejected,
            blank: self.reading.accounting.blank,
            comment: self.reading.accounting.comment,
            header: self.reading.accounting.header,
        };
        report
    }

    /// What the file holds; what became of its rows is still open.
    fn report(&self, calendar_from: CalendarFrom) -> FileReport {
        let (reading, symbols) = (&self.reading, &self.settled.symbols);
        let moments = || symbols.iter().flat_map(|one| &one.bars).map(|bar| bar.ts);
        FileReport {
            name: self.name.clone(),
            format: reading.format,
            packing: reading.packing,
            layout: reading.layout,
            layout_given: self.terms.source.layout.is_some(),
            symbols: symbols.len() as u64,
            interval: self.interval,
            calendar: self.calendar,
            calendar_from,
            first: moments().min().unwrap_or_default(),
            last: moments().max().unwrap_or_default(),
            counts: ImportSummary::default(),
            is_close_only: reading.is_close_only(),
            without_zone: reading.accounting.without_zone,
            outside_range: reading.accounting.outside_range,
            unordered_symbols: symbols.iter().filter(|one| one.was_unordered).count() as u64,
            first_reject: self.settled.rejects.first().cloned(),
        }
    }
}

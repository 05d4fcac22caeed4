//! A file on its way to the store: read, sorted, its interval and calendar settled.

use std::path::PathBuf;

use super::{
    super::source::{
        BarSink, Gathered, Inferred, RawBars, Reject, Settled, SourceReading, infer, read_source,
    },
    ImportTerms, SourceFile, Stamp,
    terms::detail,
};
use crate::{
    domain::{CalendarClass, Interval},
    error::{Error, Result},
};

/// Told from time to time how many rows were read; an error ends the import.
pub type Watch<'a> = dyn FnMut(u64) -> Result<()> + 'a;

/// A stored bar, uncompressed: interval, instrument, moment, five numbers, import, and validity.
const STORED_BAR_BYTES: u64 = 8 + 4 + 8 + 5 * 8 + 8 + 4;
/// Blocks of 256 KiB that an import may begin in the tables it writes to.
const RESERVE_BYTES: u64 = 4 << 20;

/// How the reading of a file ended.
#[derive(Debug)]
pub enum FileReading {
    /// It holds bars.
    Bars(Box<FileBars>),
    /// More of its rows were rejected than the terms allow; the error names the first too many.
    GivenUp(Error),
}

/// The bars of a file, in the store's conventions: stamped at the open, UTC, by symbol and time.
#[derive(Debug)]
pub struct FileBars {
    pub(super) name: String,
    pub(super) content: String,
    pub(super) market: String,
    /// The terms in one line.
    pub(super) told: String,
    pub(super) reading: SourceReading,
    pub(super) settled: Settled,
    pub(super) interval: Interval,
    pub(super) calendar: CalendarClass,
    pub(super) calendar_given: bool,
    /// The terms it was read under.
    pub(super) terms: ImportTerms,
    pub(super) path: PathBuf,
    /// Microseconds from a moment in the file to the one that is stored.
    pub(super) shift: i64,
}

/// Bytes that an import of `rows` takes on the disk at most: each once in DuckDB's log and once in
/// the file, and a reserve for the blocks of the tables and the row of the import.
pub fn room_bytes(rows: u64) -> u64 {
    2 * rows * STORED_BAR_BYTES + RESERVE_BYTES
}

impl FileBars {
    /// Reads `file` under `terms`.
    ///
    /// # Errors
    /// Those of [`read_source`] and [`infer`]; Usage, if a symbol is given for a file that names
    /// its symbols; Data, if no row is a bar; whatever `watch` says.
    pub fn read(
        file: &SourceFile,
        terms: &ImportTerms,
        watch: &mut Watch<'_>,
    ) -> Result<FileReading> {
        let name = file.name();
        let mut intake = PatientSink::new(&name, terms.max_rejects, watch);
        let reading = match read_source(file.path(), &terms.source, &mut intake) {
            Err(error) if intake.gave_up => return Ok(FileReading::GivenUp(error)),
            reading => reading?,
        };
        file.require_unchanged()?;
        if terms.source.symbol.is_some() && !reading.is_of_one_symbol() {
            return Err(Error::usage(format!("{name} names its symbols in a column"))
                .with_hint("leave out --symbol; it is for files without such a column"));
        }
        let mut settled = intake.gathered.settle();
        if settled.symbols.is_empty() {
            return Err(without_bars(&name, &settled));
        }
        let Inferred { interval, calendar } =
            infer(&settled.symbols, terms.interval).map_err(|error| in_file(&name, &error))?;
        if terms.stamp == Stamp::Close && reading.layout.is_stamped_at_open() {
            return Err(Error::usage(format!(
                "{name} is in the layout {}, whose bars are stamped at their open",
                reading.layout
            ))
            .with_hint("leave out --stamp, or name the columns with --columns"));
        }
        let shift = if terms.stamp == Stamp::Close { -interval.micros() } else { 0 };
        if shift != 0 {
            let bars = settled.symbols.iter_mut().flat_map(|one| &mut one.bars);
            bars.for_each(|bar| bar.ts = bar.ts.plus_micros(shift));
            settled.duplicates.iter_mut().for_each(|one| one.ts = one.ts.plus_micros(shift));
        }
        // Members of an archive have names of their own: the one of the file says nothing.
        let only = reading.only_symbol.as_deref();
        let only = only.filter(|_| terms.source.symbol.is_some() || reading.packing != Some("zip"));
        let told = detail(&terms.told(only), reading.layout);
        Ok(FileReading::Bars(Box::new(Self {
            content: file.content(),
            market: terms.market.clone(),
            told,
            interval,
            calendar: terms.calendar.or(reading.layout.calendar()).unwrap_or(calendar),
            calendar_given: terms.calendar.is_some(),
            terms: terms.clone(),
            path: file.path().to_path_buf(),
            shift,
            name,
            reading,
            settled,
        })))
    }

    /// Number of bars, those included that the store may have already.
    pub fn bars(&self) -> u64 {
        self.settled.symbols.iter().map(|one| one.bars.len() as u64).sum()
    }

    /// Bytes that storing them takes on the disk at most: [`room_bytes`].
    pub fn room_bytes(&self) -> u64 {
        room_bytes(self.bars())
    }
}

/// A sink that keeps everything, reports how far it is, and gives up after too many bad rows.
pub(super) struct PatientSink<'a, 'w> {
    file: &'a str,
    pub(super) gathered: Gathered,
    rows: u64,
    max_rejects: Option<u64>,
    /// True once there were too many.
    pub(super) gave_up: bool,
    watch: &'a mut Watch<'w>,
}

impl<'a, 'w> PatientSink<'a, 'w> {
    /// A sink for the rows of `file` that has seen none.
    pub(super) fn new(file: &'a str, max_rejects: Option<u64>, watch: &'a mut Watch<'w>) -> Self {
        Self { file, gathered: Gathered::default(), rows: 0, max_rejects, gave_up: false, watch }
    }
}

impl BarSink for PatientSink<'_, '_> {
    fn bars(&mut self, symbols: &[String], batch: &RawBars) -> Result<()> {
        self.gathered.bars(symbols, batch)?;
        self.rows += batch.len() as u64;
        (self.watch)(self.rows)
    }

    fn reject(&mut self, reject: Reject) -> Result<()> {
        let before = self.gathered.rejects().len() as u64;
        if self.max_rejects.is_some_and(|most| before >= most) {
            self.gave_up = true;
            return Err(Error::data(format!(
                "{} has more than {before} bad rows, the last at {reject}",
                self.file
            ))
            .with_hint("allow more with --max-rejects, or leave it out to skip and count them"));
        }
        self.rows += 1;
        self.gathered.reject(reject)
    }
}

fn without_bars(file: &str, settled: &Settled) -> Error {
    match settled.rejects.first() {
        None => Error::data(format!("{file} holds no row below its header")),
        Some(first) => Error::data(format!(
            "{file} holds no bar: all of its {} rows are rejected, the first at {first}",
            settled.rejects.len()
        )),
    }
}

/// `error` with the file it is about in front.
fn in_file(file: &str, error: &Error) -> Error {
    let located = Error::new(error.kind(), format!("{file}: {error}"));
    match error.hint() {
        Some(hint) => located.with_hint(hint),
        None => located,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{FileBars, FileReading, ImportTerms, SourceFile, Stamp};
    use crate::{error::Result, store::import::terms::of_market};

    fn read(text: &str, terms: &ImportTerms) -> Result<FileReading> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ABC.csv");
        fs::write(&path, text).expect("a file");
        FileBars::read(&SourceFile::look_at(&path)?, terms, &mut |_| Ok(()))
    }

    fn bars(text: &str, terms: &ImportTerms) -> FileBars {
        match read(text, terms).expect("readable") {
            FileReading::Bars(bars) => *bars,
            FileReading::GivenUp(error) => panic!("{error}"),
        }
    }

    const TWO_DAYS: &str = "ts,close\n2024-01-02,1\n2024-01-03,2\n";

    #[test]
    fn bars_stamped_at_their_close_move_back_by_one_interval() {
        let mut terms = of_market("m");
        let open = bars(TWO_DAYS, &terms);
        terms.stamp = Stamp::Close;
        let close = bars(TWO_DAYS, &terms);
        let first = |bars: &FileBars| bars.settled.symbols[0].bars[0].ts.to_string();
        assert_eq!(first(&open), "2024-01-02T00:00:00Z");
        assert_eq!(first(&close), "2024-01-01T00:00:00Z");
        assert_ne!(open.told, close.told);
    }

    #[test]
    fn too_many_bad_rows_give_the_file_up() {
        let mut terms = of_market("m");
        let text = format!("{TWO_DAYS}2024-01-04,x\n2024-01-05,y\n");
        terms.max_rejects = Some(1);
        let FileReading::GivenUp(error) = read(&text, &terms).expect("a file") else {
            panic!("two bad rows")
        };
        assert!(error.to_string().contains("line 5, close: not a number"), "{error}");
        terms.max_rejects = Some(2);
        assert_eq!(bars(&text, &terms).settled.rejects.len(), 2);
    }

    #[test]
    fn files_without_a_bar_say_why() {
        let terms = of_market("m");
        for (text, says) in [
            ("ts,close\n", "holds no row below its header"),
            ("ts,close\n2024-01-01,x\n", "all of its 1 rows are rejected, the first at line 2"),
            ("ts,close\n2024-01-01,1\n", "ABC.csv: the interval cannot be told"),
        ] {
            let error = read(text, &terms).expect_err(text);
            assert!(error.is_data() && error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn a_symbol_is_given_only_where_there_is_none() {
        let mut terms = of_market("m");
        terms.source.symbol = Some("X".into());
        assert_eq!(bars(TWO_DAYS, &terms).settled.symbols[0].symbol, "X");
        let error = read("ts,symbol,close\n2024-01-02,A,1\n", &terms).expect_err("A or X?");
        assert!(error.is_usage());
    }
}

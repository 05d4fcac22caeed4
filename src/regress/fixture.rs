//! The bars of a case, put into a store of its own.

use std::path::PathBuf;

use crate::{
    demo::{Demo, MARKET},
    domain::{Bar, EventKind, Interval},
    error::{Error, ErrorKind, Result},
    run::Stop,
    store::{
        ImportSource, Store,
        import::{EventReading, FileBars, FileReading, ImportTerms, SourceFile},
    },
};

/// Where the bars of a case come from.
#[derive(Debug, Clone, Default)]
pub struct Fixture {
    /// Bars of the synthetic universe.
    pub demo: Option<DemoBars>,
    /// Files, imported in this order.
    pub files: Vec<FileRows>,
}

/// A part of the synthetic universe.
#[derive(Debug, Clone)]
pub struct DemoBars {
    /// Its seed.
    pub seed: u64,
    /// Symbols; all of them if none is named.
    pub symbols: Vec<String>,
    /// Only the last so many days.
    pub days: Option<u32>,
}

/// A file of bars or of events.
#[derive(Debug, Clone)]
pub struct FileRows {
    /// The file.
    pub path: PathBuf,
    /// How it is understood.
    pub terms: ImportTerms,
    /// Its events; `None` for bars.
    pub events: Option<EventKind>,
}

impl Fixture {
    /// Puts everything into `store`.
    ///
    /// # Errors
    /// What the files or the store report; interrupted, if asked to stop.
    pub(super) fn fill(&self, store: &Store, stop: &Stop) -> Result<()> {
        if let Some(demo) = &self.demo {
            demo.fill(store)?;
        }
        self.files.iter().try_for_each(|file| file.fill(store, stop))
    }
}

impl DemoBars {
    fn fill(&self, store: &Store) -> Result<()> {
        let demo = Demo::new(self.seed);
        let mut import = store.begin_import(ImportSource {
            name: format!("demo seed {}", self.seed),
            market: MARKET.to_owned(),
            interval: demo.interval(),
            calendar: demo.calendar(),
            detail: "a part of the synthetic universe".to_owned(),
            content: String::new(),
        })?;
        for (at, symbol) in demo.symbols().iter().enumerate() {
            if !self.symbols.is_empty() && !self.symbols.contains(symbol) {
                continue;
            }
            let id = import.instrument(MARKET, symbol)?;
            import.append(id, self.last_days(&demo.bars(at)))?;
        }
        import.finish().map(|_| ())
    }

    /// The bars of the last days: those days end where the universe does, not where the symbol does.
    fn last_days<'a>(&self, bars: &'a [Bar]) -> &'a [Bar] {
        let Some(days) = self.days else { return bars };
        let from = Demo::end().plus_micros(-i64::from(days) * Interval::DAY.micros());
        &bars[bars.partition_point(|bar| bar.ts < from)..]
    }
}

impl FileRows {
    fn fill(&self, store: &Store, stop: &Stop) -> Result<()> {
        let mut watch = |_| {
            if stop.requested() {
                return Err(Error::new(ErrorKind::Interrupted, "stopped: the case was not run"));
            }
            Ok(())
        };
        let file = SourceFile::look_at(&self.path)?;
        let given_up = match self.events {
            None => match FileBars::read(&file, &self.terms, &mut watch)? {
                FileReading::Bars(bars) => {
                    store.import_file(*bars, &mut watch)?;
                    None
                }
                FileReading::GivenUp(error) => Some(error),
            },
            Some(kind) => {
                match store.import_events(&file, kind, &self.terms, false, &mut watch)? {
                    EventReading::Events(_) => None,
                    EventReading::GivenUp(error) => Some(error),
                }
            }
        };
        given_up.map_or(Ok(()), Err)
    }
}

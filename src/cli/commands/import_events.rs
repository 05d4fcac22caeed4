//! `barline import --kind splits|dividends|funding|borrow`: events of instruments into the store.

use std::path::{Path, PathBuf};

use crate::{
    cli::{
        ending::Ending, event_lines, import_settings::ImportSettings, printer::Printer, signals,
        stdout,
    },
    domain::EventKind,
    error::{Error, ErrorKind, Result},
    run::Stop,
    store::{
        Cell, Store, Table,
        import::{EventReading, EventReport, ImportTerms, SourceFile},
    },
};

const COLUMNS: [&str; 9] =
    ["file", "kind", "symbols", "read", "stored", "replaced", "duplicate", "rejected", "blank"];

/// Imports the files into an open store, one transaction each, and prints what became of their
/// rows. As with bars a file that cannot be used does not keep the others from being imported.
pub(super) fn run(
    store: Store,
    files: &[PathBuf],
    kind: EventKind,
    settings: &ImportSettings,
    db: &str,
    printer: Printer,
) -> Result<Ending> {
    let stop = Stop::new();
    signals::watch(&stop, printer)?;
    let mut table = Table { columns: COLUMNS.map(str::to_owned).to_vec(), ..Table::default() };
    let (mut failed, mut given_up) = (0, 0);
    for path in files {
        let file = File { path, kind, terms: &settings.terms, dry: settings.dry_run };
        match file.import(&store, &stop, printer) {
            Ok(None) => {}
            Ok(Some(EventReading::Events(report))) => {
                say(&report, db, printer);
                table.rows.push(row(&report));
            }
            Ok(Some(EventReading::GivenUp(error))) => {
                printer.error(&error);
                given_up += 1;
            }
            Err(error) if files.len() == 1 || super::import::ends_all(&error) => return Err(error),
            Err(error) => {
                printer.error(&error);
                failed += 1;
            }
        }
    }
    store.close()?;
    stdout::print_answer(&table, settings.format)?;
    if settings.dry_run {
        printer.note("nothing was stored (--dry-run)");
    }
    Ok(if failed == files.len() {
        Ending::NotStarted
    } else if failed + given_up > 0 {
        Ending::Findings
    } else {
        Ending::Well
    })
}

/// One of the files.
struct File<'a> {
    path: &'a Path,
    kind: EventKind,
    terms: &'a ImportTerms,
    dry: bool,
}

impl File<'_> {
    /// Imports it; `None` if that was done before.
    fn import(&self, store: &Store, stop: &Stop, printer: Printer) -> Result<Option<EventReading>> {
        let name = self.path.display();
        let file = SourceFile::look_at(self.path)?;
        let mut watch = |_| {
            if stop.requested() {
                let what = format!("stopped: {name} was not imported");
                return Err(Error::new(ErrorKind::Interrupted, what));
            }
            Ok(())
        };
        watch(0)?;
        if let Some(import_id) = store.earlier_import(&file, self.terms)? {
            printer.note(&format!("{name}: already imported, as import {import_id}"));
            return Ok(None);
        }
        store.import_events(&file, self.kind, self.terms, self.dry, &mut watch).map(Some)
    }
}

/// What the person should know about a file.
fn say(report: &EventReport, db: &str, printer: Printer) {
    for line in report.differing().iter().chain(&report.rejects()) {
        printer.warn(line);
    }
    event_lines::warn(&report.findings, db, printer);
}

fn row(report: &EventReport) -> Vec<Cell> {
    let counts = &report.counts;
    let whole = |count: u64| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let texts = [report.name.clone(), report.kind.to_string()].map(Cell::Text);
    let numbers = [
        report.symbols,
        counts.read,
        counts.stored,
        counts.replaced,
        counts.duplicate,
        counts.rejected,
        counts.blank,
    ];
    texts.into_iter().chain(numbers.map(whole)).collect()
}

//! `barline import --kind splits|dividends|funding|borrow`: events of instruments into the store.

use std::path::{Path, PathBuf};

use super::{
    import::ends_all,
    look_again::{is_open, look_again},
};
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
        import::{
            EventReading, EventReport, ImportTerms, SourceFile, event_room_bytes, shown_name,
        },
    },
};

const COLUMNS: [&str; 11] = [
    "file",
    "kind",
    "symbols",
    "read",
    "stored",
    "replaced",
    "duplicate",
    "rejected",
    "blank",
    "comment",
    "header",
];

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
    signals::watch(&stop, printer, "what is finished is stored")?;
    let mut table = Table { columns: COLUMNS.map(str::to_owned).to_vec(), ..Table::default() };
    let (mut failed, mut given_up, mut done) = (0, 0, 0);
    let mut broke = false;
    let mut store = Some(store);
    for path in files {
        let file = File { path, kind, terms: &settings.terms, dry: settings.dry_run };
        match file.import(&mut store, &mut broke, &stop, printer) {
            Ok(Imported::Earlier) => done += 1,
            Ok(Imported::Read(EventReading::Events(report))) => {
                say(&report, db, printer);
                table.rows.push(row(&report));
                done += 1;
            }
            Ok(Imported::Read(EventReading::GivenUp(error))) => {
                printer.error(&error);
                given_up += 1;
            }
            Ok(Imported::Stored(import_id, error)) => {
                printer.error(&error);
                let name = shown_name(path);
                printer.note(&format!("{name}: stored all the same, as import {import_id}"));
                given_up += 1;
                break;
            }
            Err(error) if broke && done + given_up == 0 => {
                crate::cli::tell(&error, printer, Some(settings.format.name()));
                return Ok(Ending::Findings);
            }
            Err(error) if done + given_up == 0 && ends(files, &error) => return Err(error),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                printer.error(&error);
                failed += 1;
                if ends_all(&error) {
                    break;
                }
            }
        }
    }
    if let Some(store) = store {
        store.close()?;
    }
    stdout::print_answer(&table, settings.format)?;
    if settings.dry_run {
        printer.note("nothing was stored (--dry-run)");
    }
    Ok(if broke {
        Ending::Findings
    } else if failed == files.len() {
        Ending::NotStarted
    } else if failed + given_up > 0 {
        Ending::Findings
    } else {
        Ending::Well
    })
}

/// True if nothing is left to do after `error`.
fn ends(files: &[PathBuf], error: &Error) -> bool {
    files.len() == 1 || ends_all(error)
}

/// What became of a file.
enum Imported {
    /// It was imported before.
    Earlier,
    Read(EventReading),
    /// It is stored as the import of this number, although the commit reported an error.
    Stored(i64, Error),
}

/// One of the files.
struct File<'a> {
    path: &'a Path,
    kind: EventKind,
    terms: &'a ImportTerms,
    dry: bool,
}

impl File<'_> {
    /// Sets `broke` where an error of the store or of its disk ends it after it has begun.
    fn import(
        &self,
        store: &mut Option<Store>,
        broke: &mut bool,
        stop: &Stop,
        printer: Printer,
    ) -> Result<Imported> {
        let name = shown_name(self.path);
        let file = SourceFile::look_at(self.path)?;
        let mut watch = |_| {
            if stop.requested() {
                let what = format!("stopped: {name} was not imported");
                return Err(Error::new(ErrorKind::Interrupted, what));
            }
            Ok(())
        };
        watch(0)?;
        let Some(open) = store else { return Err(Error::internal("the store is not open")) };
        if let Some(earlier) = open.earlier_import(&file, self.terms)? {
            if let Some(error) = earlier.given_up(&file, self.terms) {
                return Ok(Imported::Read(EventReading::GivenUp(error)));
            }
            let import_id = earlier.import_id;
            printer.note(&format!("{name}: already imported, as import {import_id}"));
            return Ok(Imported::Earlier);
        }
        match open.import_events(&file, self.kind, self.terms, self.dry, &mut watch) {
            Err(error) if is_open(&error) => {
                *broke = true;
                let room_bytes = || event_room_bytes(&file, self.terms);
                let (id, error) = look_again(store, &file, self.terms, error, room_bytes)?;
                Ok(Imported::Stored(id, error))
            }
            read => read.map(Imported::Read),
        }
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
        counts.comment,
        counts.header,
    ];
    texts.into_iter().chain(numbers.map(whole)).collect()
}

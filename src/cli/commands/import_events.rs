//! `barline import --kind splits|dividends|funding|borrow`: events of instruments into the store.

use std::path::PathBuf;

use crate::{
    cli::{ending::Ending, import_settings::ImportSettings, printer::Printer, signals, stdout},
    domain::EventKind,
    error::{Error, ErrorKind, Result},
    run::Stop,
    store::{
        Cell, Store, Table,
        import::{EventReport, SourceFile},
    },
};

const COLUMNS: [&str; 8] =
    ["file", "kind", "symbols", "read", "stored", "duplicate", "rejected", "blank"];

/// Imports the files into an open store, one transaction each, and prints what became of their
/// rows. The first file that cannot be used ends it; those before it are stored.
pub(super) fn run(
    store: Store,
    files: &[PathBuf],
    kind: EventKind,
    settings: &ImportSettings,
    printer: Printer,
) -> Result<Ending> {
    let stop = Stop::new();
    signals::watch(&stop, printer)?;
    let mut table = Table { columns: COLUMNS.map(str::to_owned).to_vec(), ..Table::default() };
    for path in files {
        let file = SourceFile::look_at(path)?;
        let mut watch = |_| {
            if stop.requested() {
                let what = format!("stopped: {} was not imported", path.display());
                return Err(Error::new(ErrorKind::Interrupted, what));
            }
            Ok(())
        };
        watch(0)?;
        let terms = &settings.terms;
        if let Some(import_id) = store.earlier_import(&file, terms)? {
            let name = path.display();
            printer.note(&format!("{name}: already imported, as import {import_id}"));
            continue;
        }
        let report = store.import_events(&file, kind, terms, settings.dry_run, &mut watch)?;
        if let Some(line) = report.rejects() {
            printer.warn(&line);
        }
        table.rows.push(row(&report));
    }
    store.close()?;
    stdout::print_answer(&table, settings.format)?;
    if settings.dry_run {
        printer.note("nothing was stored (--dry-run)");
    }
    Ok(Ending::Well)
}

fn row(report: &EventReport) -> Vec<Cell> {
    let counts = &report.counts;
    let whole = |count: u64| Cell::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let texts = [report.name.clone(), report.kind.to_string()].map(Cell::Text);
    let numbers = [
        report.symbols,
        counts.read,
        counts.stored,
        counts.duplicate,
        counts.rejected,
        counts.blank,
    ];
    texts.into_iter().chain(numbers.map(whole)).collect()
}

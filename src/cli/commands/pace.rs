//! How far the import of a long file is, said now and then.

use std::time::{Duration, Instant};

use crate::{cli::printer::Printer, store::import::SourceFile};

/// Says now and then how far a long file is.
pub(super) struct Pace<'a> {
    file: &'a SourceFile,
    printer: Printer,
    started: Instant,
    next: Duration,
}

/// Pause before the first line; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

impl<'a> Pace<'a> {
    /// Begins to count the time of `file`.
    pub(super) fn new(file: &'a SourceFile, printer: Printer) -> Self {
        Self { file, printer, started: Instant::now(), next: FIRST_PAUSE }
    }

    /// Hears that so many rows are read.
    pub(super) fn told(&mut self, rows: u64) {
        let elapsed = self.started.elapsed();
        if elapsed >= self.next {
            self.next = elapsed * 2;
            let rate = rows as f64 / elapsed.as_secs_f64();
            let name = self.file.name();
            self.printer.note(&format!("{name}: {rows} rows read, {rate:.0} per second"));
        }
    }
}

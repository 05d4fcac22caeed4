//! `barline import`: files of bars into the store, each in a transaction of its own.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    import_budget::ImportBudget,
    look_again::{is_open, look_again},
    pace::Pace,
};
use crate::{
    cli::{
        ending::Ending,
        event_lines,
        import_args::ImportArgs,
        import_paths,
        import_settings::{self, ImportSettings},
        import_table::{Done, EXPENDABLE, FileLine, listed, summary, total},
        printer::Printer,
        signals, stdout,
        store_choice::StoreChoice,
    },
    domain::{EventKind, Interval},
    error::{Error, ErrorKind, Result},
    report::Format,
    run::Stop,
    store::{
        EventFinding, Store,
        import::{FileBars, FileReading, FileReport, SourceFile, shown_name as shown},
        source::RowKind,
    },
};

/// Imports the files and prints what became of their rows.
pub(super) fn run(args: &ImportArgs, printer: Printer) -> Result<Ending> {
    let settings = import_settings::import(args)?;
    let inputs = import_paths::files(&args.paths)?;
    let files = &inputs.files;
    let choice = StoreChoice::for_import(args.db.as_deref());
    let mut budget = ImportBudget::of(&args.budget, files, &settings.terms.source, &choice.path)?;
    if let RowKind::Events(kind) = settings.terms.source.rows {
        if choice.path.symlink_metadata().is_err() {
            return Err(no_store_for(kind, &choice.path));
        }
        super::say_which(&choice, printer);
        let store = Store::open(&choice.path, &budget.options())?;
        let done =
            super::import_events::run(store, files, kind, &settings, &choice.flag(), printer);
        budget.say(printer);
        return done;
    }
    let stop = Stop::new();
    signals::watch(&stop, printer, "what is finished is stored")?;
    let store = match choice.path.symlink_metadata() {
        Ok(_) => {
            super::say_which(&choice, printer);
            let dry = settings.dry_run;
            let open = if dry { Store::open_to_read } else { Store::open };
            let store = open(&choice.path, &budget.options())?;
            budget.merge(store.row_groups()?)?;
            Some(store)
        }
        Err(_) => None,
    };
    let (lines, broke) = (Vec::new(), false);
    let mut import = Import { settings, budget, choice, store, stop, printer, lines, broke };
    match import.files(files) {
        Err(error) if import.broke => {
            crate::cli::tell(&error, printer, Some(import.settings.format.name()));
            Ok(Ending::Findings)
        }
        interrupted => import.close(interrupted?),
    }
}

/// An import under way.
struct Import {
    settings: ImportSettings,
    budget: ImportBudget,
    choice: StoreChoice,
    /// `None` until there is something to store.
    store: Option<Store>,
    stop: Stop,
    printer: Printer,
    lines: Vec<FileLine>,
    /// True once an error of the store or of its disk ended an import that had begun.
    broke: bool,
}

impl Import {
    /// Imports one file after the other; true if a signal ended it. A file that cannot be used
    /// does not keep the others from being imported; a store that cannot be written does.
    fn files(&mut self, files: &[PathBuf]) -> Result<bool> {
        for path in files {
            let started = Instant::now();
            let done = match self.file(path) {
                Ok(done) => done,
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    self.printer.warn(&error.to_string());
                    return Ok(true);
                }
                Err(error) if files.len() == 1 => return Err(error),
                Err(error) => {
                    self.printer.error(&error);
                    let ends = ends_all(&error);
                    self.line(path, started, Done::Failed(error));
                    if ends {
                        return Ok(false);
                    }
                    continue;
                }
            };
            self.say(path, &done, started.elapsed());
            let ends = matches!(done, Done::Stored(..));
            self.line(path, started, done);
            if ends {
                return Ok(false);
            }
        }
        Ok(false)
    }

    fn line(&mut self, path: &Path, started: Instant, done: Done) {
        let secs = started.elapsed().as_secs_f64();
        let memory = (self.budget.planned(path), self.budget.measured());
        self.lines.push(FileLine { name: shown(path), done, secs, memory });
    }

    fn file(&mut self, path: &Path) -> Result<Done> {
        let terms = &self.settings.terms;
        let file = SourceFile::look_at(path)?;
        if let Some(store) = &self.store
            && let Some(earlier) = store.earlier_import(&file, terms)?
        {
            let given_up = earlier.given_up(&file, terms);
            return Ok(given_up.map_or(Done::Earlier(earlier.import_id), Done::GivenUp));
        }
        let mut pace = Pace::new(&file, self.printer);
        let stop = self.stop.clone();
        let mut watch = |rows| {
            pace.told(rows);
            if stop.requested() { Err(stopped(path)) } else { Ok(()) }
        };
        watch(0)?;
        let bars = match FileBars::read(&file, terms, &mut watch)? {
            FileReading::Bars(bars) => *bars,
            FileReading::GivenUp(error) => return Ok(Done::GivenUp(error)),
        };
        if self.settings.dry_run {
            return match &self.store {
                None => Ok(imported(bars.try_alone())),
                Some(store) => store.try_import(bars, &mut watch).map(imported),
            };
        }
        let room_bytes = bars.room_bytes();
        let store = match &mut self.store {
            Some(store) => store,
            none => {
                let made = made(&self.choice, &self.budget, room_bytes, self.printer);
                self.broke = made.as_ref().is_err_and(Error::is_disk_full);
                none.insert(made?)
            }
        };
        let merges = self.budget.merges(path, bars.bars());
        store.merge_within(if merges { u64::MAX } else { 0 });
        match store.import_file(bars, &mut watch) {
            Err(error) if is_open(&error) => {
                self.broke = true;
                let store = &mut self.store;
                let (id, error) = look_again(store, &file, terms, error, || room_bytes)?;
                Ok(Done::Stored(id, error))
            }
            done => {
                let report = done?;
                tracing::info!(file = %path.display(), stored = report.counts.stored, "imported");
                self.budget.stored(report.counts.stored, merges);
                if !merges && let Some(open) = self.store.take() {
                    self.store = Some(open.to_write_again()?);
                }
                Ok(imported(report))
            }
        }
    }

    /// What the person should know about a file, as soon as it is known.
    fn say(&self, path: &Path, done: &Done, took: Duration) {
        let printer = self.printer;
        match done {
            Done::Imported(report) => {
                printer.note(&summary(report, took, self.settings.dry_run));
                for remark in report.remarks() {
                    printer.note(&format!("  {remark}"));
                }
                if let Some(line) = report.rejects() {
                    printer.warn(&line);
                }
            }
            Done::Earlier(import_id) => printer.note(&format!(
                "{}: already imported, as import {import_id}: 0 new bars",
                shown(path)
            )),
            Done::Stored(import_id, error) => {
                printer.error(error);
                printer
                    .note(&format!("{}: stored all the same, as import {import_id}", shown(path)));
            }
            Done::GivenUp(error) | Done::Failed(error) => printer.error(error),
        }
    }

    /// Closes the store, prints the table and says how to go on.
    fn close(mut self, interrupted: bool) -> Result<Ending> {
        let events = self.contradicted_events();
        // Closed before printing: a pager that waits must not keep the store from others.
        let closed = self.store.take().map_or(Ok(()), Store::close);
        let answer = listed(&self.lines, self.settings.dry_run);
        match self.settings.format {
            Format::Table => {
                let text = crate::report::fitted(&answer, stdout::width(), &EXPENDABLE);
                stdout::print(|out| out.write_all(text.as_bytes()))?;
            }
            format => stdout::print_answer(&answer, format)?,
        }
        if self.lines.len() > 1 {
            self.printer.note(&total(&self.lines));
        }
        self.budget.say(self.printer);
        event_lines::warn(&events, &self.choice.flag(), self.printer);
        self.say_conventions();
        self.say_next();
        // What was imported is in the log; only bringing it into the file failed.
        if let Err(error) = &closed {
            self.printer.error(error);
        }
        Ok(if interrupted {
            Ending::Signalled(signals::received().unwrap_or(signals::INTERRUPT))
        } else if closed.is_err() || self.broke {
            Ending::Findings
        } else {
            ending(&self.lines)
        })
    }

    /// Stored splits that the bars now there do not show, after bars have come. What cannot be asked
    /// is left to `barline check`: the bars are stored.
    fn contradicted_events(&self) -> Vec<EventFinding> {
        let Some(store) = self.store.as_ref().filter(|_| !self.settings.dry_run) else {
            return Vec::new();
        };
        if !self.reports().any(|report| report.counts.stored + report.counts.replaced > 0) {
            return Vec::new();
        }
        let mut findings = store.event_findings(None).unwrap_or_default();
        findings.retain(EventFinding::is_fault);
        findings
    }

    fn reports(&self) -> impl Iterator<Item = &FileReport> {
        self.lines.iter().filter_map(|line| match &line.done {
            Done::Imported(report) => Some(&**report),
            _ => None,
        })
    }

    fn say_conventions(&self) {
        if !self.settings.zone_given && self.reports().any(|report| report.without_zone > 0) {
            self.printer.note("times without a zone are read as UTC; --timezone says another");
        }
    }

    fn say_next(&self) {
        if self.settings.dry_run {
            return self.printer.note("nothing was stored (--dry-run)");
        }
        let db = self.choice.flag();
        if self.reports().any(|report| report.counts.rejected > 0) {
            self.printer.note(&format!(
                "rejected rows: barline query rejects{db} (--max-rejects 0 refuses such a file)"
            ));
        }
        if let Some(report) = self.reports().last() {
            let span = report.last.micros() - report.first.micros();
            let which = horizons_for(report.interval, span);
            self.printer.note(&format!("next: barline check{db}"));
            self.printer.note(&format!("next: barline backtest --multi-pair {which}{db}"));
        }
    }
}

fn imported(report: FileReport) -> Done {
    Done::Imported(Box::new(report))
}

/// A new store at its default or named place, said in one line.
fn made(
    choice: &StoreChoice,
    budget: &ImportBudget,
    room_bytes: u64,
    printer: Printer,
) -> Result<Store> {
    let path = choice.path.display();
    let store = Store::create(&choice.path, &budget.options()).map_err(|error| {
        let room = format!("{path} was not made; {room_bytes} bytes free beside it are enough");
        if error.is_disk_full() { error.with_hint(room) } else { error }
    })?;
    printer.note(&format!("made a new store: {}", choice.path.display()));
    Ok(store)
}

/// Flags for a first look at bars of that `interval` over `span` microseconds: horizons whose
/// formation windows are long enough and lie within them.
fn horizons_for(interval: Interval, span: i64) -> String {
    let days = span / Interval::DAY.micros();
    // The longest of --quick needs half as much again for its formation window.
    let quick_days = 270;
    if interval >= Interval::DAY {
        return "--horizons 365,730".to_owned();
    }
    if days >= quick_days {
        return "--quick".to_owned();
    }
    let mut horizons: Vec<String> =
        [6, 3, 2].iter().map(|part| (days / part).max(1).to_string()).collect();
    horizons.dedup();
    format!("--horizons {}", horizons.join(","))
}

fn stopped(path: &Path) -> Error {
    Error::new(ErrorKind::Interrupted, format!("stopped: {} was not imported", shown(path)))
}

/// Events alone make no store: nothing could be run on it.
fn no_store_for(kind: EventKind, path: &Path) -> Error {
    let what = format!("there is no store at {} to put {kind} into", path.display());
    Error::store(what).with_hint(
        "import bars first: 'barline import PATH', then the same with --kind for their events",
    )
}

/// True for an error that the next file would meet again.
pub(super) fn ends_all(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::Usage | ErrorKind::Data | ErrorKind::Io)
}

/// A file of several that was not imported is a finding; if none could be used, nothing was done.
fn ending(lines: &[FileLine]) -> Ending {
    let failed = |line: &&FileLine| matches!(line.done, Done::Failed(_));
    let given_up = |line: &FileLine| matches!(line.done, Done::GivenUp(_) | Done::Stored(..));
    if !lines.is_empty() && lines.iter().filter(failed).count() == lines.len() {
        Ending::NotStarted
    } else if lines.iter().any(|line| failed(&line) || given_up(line)) {
        Ending::Findings
    } else {
        Ending::Well
    }
}

#[cfg(test)]
mod tests {
    use super::{Interval, horizons_for};

    #[test]
    fn what_is_suggested_fits_the_bars() {
        let days = |count: i64| count * Interval::DAY.micros();
        assert_eq!(horizons_for(Interval::HOUR, days(400)), "--quick");
        assert_eq!(horizons_for(Interval::HOUR, days(20)), "--horizons 3,6,10");
        assert_eq!(horizons_for(Interval::HOUR, days(1)), "--horizons 1");
        assert_eq!(horizons_for(Interval::DAY, days(400)), "--horizons 365,730");
    }
}

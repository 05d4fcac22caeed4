//! `barline report`: a run as one HTML file.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use super::open_to_read;
use crate::{
    cli::{ending::Ending, output_file, printer::Printer, report_args::ReportArgs, stdout},
    error::{Error, Result},
    report,
    run::{self, AccountRequest},
};

/// What a report says of itself near its beginning.
const MARK: &[u8] = b"<meta name=\"generator\" content=\"barline ";
/// Bytes within which it says so.
const HEAD: u64 = 1_024;
/// The name of standard output.
const STDOUT: &str = "-";

/// Gathers a run, writes the page, and says where it is.
pub(super) fn run(args: &ReportArgs, printer: Printer) -> Result<Ending> {
    let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
    if let Some(named) = &args.output {
        require_replaceable(named, args.force)?;
    }
    let request = AccountRequest {
        run: args.run.clone().unwrap_or_else(|| "last".to_owned()),
        job: args.job.clone(),
        budget_bytes: args.budget.bytes()?,
    };
    let account = run::account(&store, &request);
    // Closed before writing: a slow disk must not keep the store from others.
    let account = store.close().and(account)?;
    let page = report::html(&account)?;
    let output = match &args.output {
        Some(named) => named.clone(),
        None => PathBuf::from(format!("report-{}.html", account.run_id())),
    };
    for (job, reason) in account.not_drawn() {
        printer.warn(&format!("job {job} is not drawn: {reason}"));
    }
    if output == Path::new(STDOUT) {
        stdout::print(|out| out.write_all(page.as_bytes()))?;
        return Ok(Ending::Well);
    }
    require_replaceable(&output, args.force)?;
    written(&output, page.as_bytes())?;
    let kilobytes = page.len() as f64 / 1e3;
    printer.note(&format!("run {}: {}, {kilobytes:.0} kB", account.run_id(), output.display()));
    Ok(Ending::Well)
}

/// Refuses a file that somebody may still want: one that is no report.
fn require_replaceable(output: &Path, force: bool) -> Result<()> {
    let Ok(found) = fs::metadata(output) else { return Ok(()) };
    if found.is_dir() {
        let line = format!("--output {}: this is a folder", output.display());
        return Err(Error::usage(line).with_hint("name a file in it"));
    }
    if force || !found.is_file() || found.len() == 0 || is_report(output)? {
        return Ok(());
    }
    let line = format!("{} exists and is no report of Barline", output.display());
    Err(Error::usage(line).with_hint("name another file with --output, or replace it with --force"))
}

fn is_report(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.map_err(|source| Error::io("read", path, &source))?;
    Ok(head.windows(MARK.len()).any(|window| window == MARK))
}

/// Writes the whole page or nothing.
fn written(output: &Path, page: &[u8]) -> Result<()> {
    output_file::write(output, |out| out.write_all(page))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{require_replaceable, written};

    #[test]
    fn only_reports_and_empty_files_are_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.html");
        require_replaceable(&path, false).expect("no file");
        fs::write(&path, "my notes").expect("written");
        assert!(require_replaceable(&path, false).expect_err("kept").is_usage());
        require_replaceable(&path, true).expect("forced");
        written(&path, b"<meta name=\"generator\" content=\"barline 1\">").expect("written");
        require_replaceable(&path, false).expect("a report");
        assert!(require_replaceable(folder.path(), true).expect_err("a folder").is_usage());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = written(&folder.path().join("absent/a.html"), b"x").expect_err("no folder");
        assert!(error.to_string().contains("absent/a.html"), "{error}");
    }
}

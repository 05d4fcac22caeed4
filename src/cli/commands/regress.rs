//! `barline regress`: cases run, judged, blessed.

use std::{fmt::Write as _, fs, path::Path};

use super::regress_runs;
use crate::{
    cli::{
        ending::Ending,
        printer::Printer,
        regress_args::{BlessCases, CasesArg, CheckCases, OneCase, RegressAction, RegressArgs},
        regress_case::{self, ReadCase},
        regress_folder, settings, signals, stdout,
    },
    error::{Error, Result},
    regress::{self, CaseResult, Coverage},
    report::{self, Format},
    run::Stop,
};

/// What a narrow terminal does without, in the order in which it goes.
const EXPENDABLE: [&str; 5] = ["planned_bytes", "peak_bytes", "workers", "outcomes", "bars"];
/// Lines of one case that a person is shown.
const MOST_LINES: usize = 20;

/// Does what was asked with the cases.
pub(super) fn run(args: &RegressArgs, printer: Printer) -> Result<Ending> {
    match &args.action {
        RegressAction::Check(args) => check(args, printer),
        RegressAction::Bless(args) => bless(args, printer),
        RegressAction::One(args) => one(args, printer),
    }
}

/// One run of one case, in the process that a check has started for it.
fn one(args: &OneCase, printer: Printer) -> Result<Ending> {
    let stop = Stop::new();
    signals::watch(&stop, printer, "a case stores nothing")?;
    let read = regress_case::read(&args.file, String::new())?;
    let found = regress::ran(&read.case, args.workers, &stop)?;
    let text = serde_json::to_string(&found).map_err(|e| Error::internal(e.to_string()))?;
    stdout::print(|out| writeln!(out, "{text}"))?;
    Ok(Ending::Well)
}

/// The cases, run.
fn results(args: &CasesArg, printer: Printer) -> Result<(Vec<ReadCase>, Vec<CaseResult>)> {
    let side_by_side = args.side_by_side()?;
    let cases = regress_folder::cases(&args.folder, args.filter.as_deref())?;
    let stop = Stop::new();
    signals::watch(&stop, printer, "cases store nothing")?;
    let results = regress_runs::results(&cases, side_by_side, printer, &stop)?;
    Ok((cases, results))
}

fn check(args: &CheckCases, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let (_, results) = results(&args.cases, printer)?;
    if let Some(path) = &args.junit {
        write(path, &regress::junit(&args.cases.folder.display().to_string(), &results))?;
    }
    let mut coverage = Coverage::default();
    for result in &results {
        result.found.values().take(1).for_each(|found| coverage.add(&result.name, found));
    }
    print(&results, args.coverage.then_some(&coverage), format)?;
    let mut is_covered = true;
    for uncovered in coverage.uncovered().iter().filter(|_| args.coverage) {
        match uncovered.reason {
            Some(_) => printer.note(&uncovered.told()),
            None => printer.warn(&uncovered.told()),
        }
        is_covered &= uncovered.reason.is_some();
    }
    printer.note(&conclusion(&results));
    let holds = results.iter().all(CaseResult::holds);
    Ok(if holds && is_covered { Ending::Well } else { Ending::Findings })
}

fn print(results: &[CaseResult], coverage: Option<&Coverage>, format: Format) -> Result<()> {
    if format != Format::Table {
        return stdout::print_answer(&regress::listed(results, true), format);
    }
    let mut text = report::fitted(&regress::listed(results, false), stdout::width(), &EXPENDABLE);
    for result in results.iter().filter(|result| !result.holds()) {
        let lines = result.lines();
        let _ = write!(text, "\n{}: {}\n", result.name, result.word());
        for line in lines.iter().take(MOST_LINES) {
            let _ = writeln!(text, "  {}", report::plain_text(line));
        }
        if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
            let _ = writeln!(text, "  {more} more: --format json has all of them");
        }
    }
    if let Some(coverage) = coverage {
        text.push('\n');
        text.push_str(&report::fitted(&coverage.table(), stdout::width(), &[]));
    }
    stdout::print(|out| out.write_all(text.as_bytes()))
}

fn conclusion(results: &[CaseResult]) -> String {
    let runs: usize = results.iter().map(|result| result.found.len()).sum();
    let bad = results.iter().filter(|result| !result.holds()).count();
    let all = results.len();
    match bad {
        0 => format!("{all} cases hold, in {runs} runs"),
        _ => format!("{bad} of {all} cases do not hold"),
    }
}

fn bless(args: &BlessCases, printer: Printer) -> Result<Ending> {
    let (cases, results) = results(&args.cases, printer)?;
    let (mut changed, mut refused) = (0, 0);
    for (read, result) in cases.iter().zip(&results) {
        let path = &read.case.path;
        if let Some(why) = unblessable(result) {
            printer.warn(&format!("{}: not blessed: {why}", path.display()));
            refused += 1;
            continue;
        }
        if result.holds() {
            continue;
        }
        let text = regress::blessed(&read.text, &result.found, &read.case.measures)?;
        let diff = regress::line_diff(&read.text, &text);
        write(path, &text)?;
        changed += 1;
        stdout::print(|out| write!(out, "{}\n{diff}\n", path.display()))?;
    }
    printer
        .note(&format!("{changed} of {} cases are blessed anew, {refused} refused", cases.len()));
    Ok(if refused > 0 { Ending::Findings } else { Ending::Well })
}

/// Why what was found cannot be held.
fn unblessable(result: &CaseResult) -> Option<String> {
    let apart = result.differences.iter().find(|one| one.what.starts_with(regress::AMONG));
    let above = result.differences.iter().find(|one| one.what.starts_with(regress::PEAK));
    let error = result.error.clone();
    error.or_else(|| apart.or(above).map(regress::Difference::told))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| Error::io("write", path, &error))
}

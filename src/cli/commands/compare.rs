//! `barline compare`: what differs between two runs, and why.

use std::fmt::Write as _;

use super::{open_to_read, print_rows_of};
use crate::{
    cli::{
        compare_args::CompareArgs,
        ending::Ending,
        printer::Printer,
        settings,
        typed_value::{count, number},
    },
    compare::{Causes, Counts, Reasoned},
    error::{Error, Result},
    report::Format,
    store::{Answer, RunFacts, RunKind, Store},
};

/// Rows of a table for the eye, where none are asked for.
const ROWS: u64 = 50;
/// Columns that differ, as a person is told them in a row.
const NAMED: usize = 3;
/// What a narrow terminal does without, in the order in which it goes.
const EXPENDABLE: [&str; 8] = [
    "other_job",
    "job",
    "differs",
    "drawdown_change",
    "sharpe_change",
    "cost_change",
    "other_outcome",
    "trades_change",
];
/// Causes that a person is told one by one.
const MOST_CAUSES: usize = 20;

/// Compares, prints, and judges if asked to.
pub(super) fn run(args: &CompareArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let tolerance = number("--tolerance", args.tolerance.as_deref(), 0.0, f64::MAX)?;
    let is_table = format == Format::Table;
    let most = count("--top", args.top.as_deref(), 1, u64::MAX)?;
    let most = most.unwrap_or(if is_table { ROWS } else { u64::MAX });
    let store = open_to_read(args.store.db.as_deref(), &args.budget, printer)?;
    let (causes, answer, kind) = compared(&store, args)?;
    store.close()?;
    let reasoned = Reasoned::new(&answer, &causes, !is_table).beyond(tolerance);
    let counts = reasoned.counts().map_err(|cause| Error::internal(cause.to_string()))?;
    if is_table {
        causes.all.iter().take(MOST_CAUSES).for_each(|cause| {
            printer.note(&cause.told(causes.run_id, causes.other_id));
        });
        if let Some(more) = causes.all.len().checked_sub(MOST_CAUSES).filter(|more| *more > 0) {
            printer.note(&format!("{more} more causes: --format json has all of them"));
        }
    }
    let shown = reasoned.at_most(most).naming(if is_table { NAMED } else { usize::MAX });
    print_rows_of(&shown, counts.differing.min(most), format, &EXPENDABLE)?;
    printer.note(&conclusion(&causes, kind, counts, most));
    let is_judged = args.exact || tolerance.is_some();
    Ok(if is_judged && counts.differing > 0 { Ending::Findings } else { Ending::Well })
}

/// What differs between the runs as wholes, their rows that differ, and of which kind they are.
fn compared(store: &Store, args: &CompareArgs) -> Result<(Causes, Answer, RunKind)> {
    let run = store.run_facts(&args.run, None)?;
    let other = store.run_facts(&args.other, Some(run.kind))?;
    // Who names one run twice means it; two names of one run are an accident.
    if run.run_id == other.run_id && args.run != args.other {
        let line = format!("{} and {} are one run: {}", args.run, args.other, run.run_id);
        return Err(Error::usage(line).with_hint("such as: barline compare last last~1"));
    }
    if run.kind != other.kind {
        return Err(of_two_kinds(&run, &other));
    }
    let query = match run.kind {
        RunKind::Backtest => "compare",
        RunKind::Screen => "compare-screens",
    };
    let of = |name: &str, run: &RunFacts| (name.to_owned(), run.run_id.to_string());
    let answer = store.answer(query, &[of("run", &run), of("other", &other)])?;
    Ok((Causes::between(&run, &other), answer, run.kind))
}

fn of_two_kinds(run: &RunFacts, other: &RunFacts) -> Error {
    let [ours, theirs] = [run.kind, other.kind].map(RunKind::name);
    let (run, other) = (run.run_id, other.run_id);
    Error::usage(format!(
        "run {run} is a {ours}, run {other} is a {theirs}: they have no row in common"
    ))
    .with_hint("'barline query runs' lists the runs with their kind")
}

fn conclusion(causes: &Causes, kind: RunKind, counts: Counts, most: u64) -> String {
    let Counts { differing, within, unexplained } = counts;
    let (run, other) = (causes.run_id, causes.other_id);
    let rows = match kind {
        RunKind::Backtest => "jobs",
        RunKind::Screen => "tests",
    };
    let mut line = if differing == 0 {
        format!("runs {run} and {other}: no {rows} differ")
    } else {
        format!(
            "runs {run} and {other}: {differing} {rows} differ, {unexplained} of them unexplained"
        )
    };
    if within > 0 {
        let _ = write!(line, "; {within} differ within the tolerance");
    }
    if differing > most {
        let _ = write!(line, "; shown are {most}, --top shows more");
    }
    line
}

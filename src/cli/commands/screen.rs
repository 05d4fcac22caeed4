//! `barline screen`: plan, test, list.

use super::demo::Limits;
use crate::{
    cli::{
        args::BacktestArgs, ending::Ending, printer::Printer, screen_args::ScreenArgs,
        screen_settings, settings, signals, stdout, store_choice::StoreChoice,
    },
    error::{Error, Result},
    report::{self, Format},
    run::{self, Listing, ScreenSummary, Stop},
    store::{Answer, Cell, Store, Table},
};

/// Rows shown to a person.
const SHOWN: u64 = 20;

/// Columns of query `screen` shown to a person, in order, and their headings; those without a value in
/// any row are left out.
const COLUMNS: [(&str, &str); 12] = [
    ("symbol_y", "y"),
    ("symbol_x", "x"),
    ("statistic", "statistic"),
    ("critical_5", "critical_5%"),
    ("p_value", "p"),
    ("q_value", "q"),
    ("lag_bars", "lag"),
    ("hedge_ratio", "hedge_ratio"),
    ("weights", "weights"),
    ("half_life_bars", "half_life_bars"),
    ("observations", "bars"),
    ("numeric_path", "path"),
];

/// What a narrow terminal does without, in the order in which it goes.
const EXPENDABLE: [&str; 5] = ["path", "bars", "lag", "weights", "critical_5%"];

/// Screens, or plans it, and prints what is listed.
pub(super) fn run(args: &ScreenArgs, printer: Printer) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let request = screen_settings::screen(args)?;
    let limits = Limits { budget: request.budget_bytes, options: &super::for_runs };
    let stop = Stop::new();
    signals::watch(&stop, printer, "rows of an unfinished screen are not kept")?;
    let choice = store_or_demo(args, &limits, printer, &stop)?;
    let options = super::for_runs(limits.budget);
    run::require_replay(&choice.path, limits.budget, run::duckdb_limit)?;
    if args.dry_run {
        plan(&Store::open_to_read(&choice.path, &options)?, &request, format)?;
        return Ok(Ending::Well);
    }
    if Store::file_bytes(&choice.path).1 > 0 {
        // As for a run: a refusal comes before the log is brought into the file.
        run::plan_screen(&Store::open_to_read(&choice.path, &options)?, &request)?;
    }
    let store = Store::open(&choice.path, &options)?;
    let bars = printer.progress();
    let top = if format == Format::Table { SHOWN } else { u64::MAX };
    let screened = run::screen_answered(&store, &request, &bars, &stop, top);
    let begun = bars.begun();
    drop(bars);
    let (summary, answer) = match screened {
        Ok(screened) => screened,
        Err(error) if begun => {
            let error = store.placed(error);
            return Ok(failed(&run::after_screen_error(store, error), printer, format));
        }
        Err(error) => return Err(store.placed(error)),
    };
    if summary.interrupted {
        store.close()?;
        printer.warn(&format!(
            "stopped after {} of {} tests and {} rows: nothing is listed",
            summary.tests, summary.plan.tests, summary.listed
        ));
        return Ok(signalled());
    }
    let stored = format!("screen {} is stored; next: {}", summary.run_id, next(&summary, &choice));
    // Closed before printing: a pager that waits must not keep the store from others.
    match store.close().and(answer) {
        Ok(Some(answer)) if !stop.requested() => print(answer, format)?,
        Ok(_) => {
            printer.warn(&format!("stopped before the answer: {stored}"));
            return Ok(signalled());
        }
        Err(error) => {
            printer.note(&stored);
            return Ok(failed(&error, printer, format));
        }
    }
    for line in told(&summary, &request, &choice) {
        printer.note(&line);
    }
    Ok(Ending::Well)
}

/// Says what would be done.
fn plan(store: &Store, request: &run::ScreenRequest, format: Format) -> Result<()> {
    let plan = run::plan_screen(store, request)?;
    match format {
        Format::Table => stdout::print(|out| writeln!(out, "{plan}\nnothing was tested or stored")),
        format => stdout::print_answer(&report::planned_screen(&plan), format),
    }
}

/// Prints the rows; nothing is left to be saved from a signal.
fn print(answer: Answer, format: Format) -> Result<()> {
    signals::end_at_once();
    if format != Format::Table {
        return stdout::print(|out| report::write_rows(&answer, format, out));
    }
    let text = report::fitted(&shown(&answer.into_table()?), stdout::width(), &EXPENDABLE);
    stdout::print(|out| out.write_all(text.as_bytes()))
}

/// How a screen ends that a signal ended.
fn signalled() -> Ending {
    Ending::Signalled(signals::received().unwrap_or(signals::INTERRUPT))
}

/// How a screen ends that an error ended after it had begun, once everybody has been told.
fn failed(error: &Error, printer: Printer, format: Format) -> Ending {
    crate::cli::tell(error, printer, Some(format.name()));
    Ending::Findings
}

/// The columns of [`COLUMNS`] that say something.
fn shown(answer: &Table) -> Table {
    let says = |at: &usize| answer.rows.iter().any(|row| row[*at] != Cell::Null);
    let kept = COLUMNS
        .iter()
        .filter_map(|(name, heading)| Some((answer.position(name).filter(says)?, *heading)));
    let (places, headings): (Vec<usize>, Vec<&str>) = kept.unzip();
    Table {
        columns: headings.into_iter().map(str::to_owned).collect(),
        rows: (answer.rows.iter())
            .map(|row| places.iter().map(|at| row[*at].clone()).collect())
            .collect(),
        ..Table::default()
    }
}

/// The store to work on; where there is none, the demo's.
fn store_or_demo(
    args: &ScreenArgs,
    limits: &Limits<'_>,
    printer: Printer,
    stop: &Stop,
) -> Result<StoreChoice> {
    let mut like = BacktestArgs::default();
    like.store.db.clone_from(&args.store.db);
    super::backtest::store_or_demo(&like, limits, printer, stop)
}

/// What was tested, how much of it is listed, and what to ask next.
fn told(
    summary: &ScreenSummary,
    request: &run::ScreenRequest,
    choice: &StoreChoice,
) -> Vec<String> {
    let ScreenSummary { run_id, tests, judged, listed, .. } = summary;
    let (from, to) = summary.plan.window;
    let mut lines = vec![
        format!("screen {run_id}: {}; window {from} to {to}", summary.plan.asked),
        format!(
            "{tests} tests made, {}, {judged} decided by the plain path, {listed} listed",
            refused(summary)
        ),
    ];
    if let Some(least) = request.min_correlation {
        lines.push(format!(
            "{} combinations are correlated by less than {least}: they are no tests and p-values are not \
             adjusted for them",
            summary.filtered
        ));
    }
    let is_bare =
        request.adjustment == run::Adjustment::None && request.test != run::ScreenTest::Johansen;
    if let (true, Listing::MaxP(level)) = (is_bare, request.listing) {
        let expected = level * *tests as f64;
        lines.push(format!(
            "nothing was adjusted: where no pair is cointegrated, up to {expected:.0} are listed"
        ));
    }
    let (peak, budget) = (summary.memory.peak_bytes, summary.memory.budget_bytes);
    lines.push(format!(
        "{:.2} s; memory peak {} of {} planned, budget {}",
        summary.wall_secs,
        report::megabytes(peak),
        report::megabytes(summary.memory.planned_bytes),
        report::megabytes(budget)
    ));
    lines.push(format!("next: {}", next(summary, choice)));
    lines
}

/// How many combinations have no test, and why.
fn refused(summary: &ScreenSummary) -> String {
    let reasons = summary.reasons.iter().map(|(count, reason)| format!("{count} {reason}"));
    let reasons: Vec<String> = reasons.collect();
    match reasons.as_slice() {
        [] => "0 not possible".to_owned(),
        reasons => format!("{} not possible ({})", summary.refused, reasons.join(", ")),
    }
}

/// The question that has all that is listed as its answer.
fn next(summary: &ScreenSummary, choice: &StoreChoice) -> String {
    format!("barline query screen --run {} --top all{}", summary.run_id, choice.flag())
}

//! `barline backtest`: plan, run, closing summary.

use super::demo::Limits;
use crate::{
    cli::{
        args::BacktestArgs,
        ending::Ending,
        known_strategies::KnownStrategy,
        printer::Printer,
        settings::{self, BacktestSettings},
        signals, stdout,
        store_choice::{DEMO, StoreChoice},
        waiting,
    },
    demo::DEFAULT_SEED,
    error::{Error, ErrorKind, Result},
    report::{self, Closing, Format},
    run::{self, Stop, Summary},
    store::{Answer, Store},
    strategy,
};

/// Runs the backtest, or plans it, and prints what was found.
pub(super) fn run(args: &BacktestArgs, printer: Printer) -> Result<Ending> {
    let settings = settings::backtest(args, &known_strategies())?;
    for note in &settings.notes {
        printer.note(note);
    }
    let limits = Limits { budget: settings.request.budget_bytes, options: &super::for_runs };
    let stop = Stop::new();
    signals::watch(&stop, printer, "what is finished is stored")?;
    let choice = store_or_demo(args, &limits, printer, &stop)?;
    let options = super::for_runs(limits.budget);
    run::require_replay(&choice.path, limits.budget, run::duckdb_limit)?;
    if settings.dry_run {
        let store = Store::open_to_read(&choice.path, &options)?;
        return plan(store, &settings, &stop).map_err(|error| args.file.of_instrument(error));
    }
    if Store::file_bytes(&choice.path).1 > 0 {
        // Opened for writing, a store that is let go of brings its log into the file: a refusal comes
        // before that.
        let store = Store::open_to_read(&choice.path, &options)?;
        let plan = run::prepare(&store, &settings.request);
        plan.map_err(|error| args.file.of_instrument(store.placed(error)))?;
    }
    let store = Store::open(&choice.path, &options)?;
    let (file_bytes, log_bytes) = Store::file_bytes(&choice.path);
    let summary = match execute(&store, &settings, printer, &stop) {
        Ok(summary) => summary,
        Err((error, false)) => return Err(args.file.of_instrument(store.placed(error))),
        Err((error, true)) => {
            let error = run::after_error(store, error, file_bytes + log_bytes);
            crate::cli::tell(&error, printer, Some(settings.format.name()));
            return Ok(Ending::Findings);
        }
    };
    if summary.computed == 0 && summary.pending == 0 && summary.planned > 0 {
        printer.note(&format!("nothing to do: all {} jobs are in the store", summary.planned));
    }
    // Closed before printing: a pager that waits must not keep the store from others.
    match answered(store, &settings, &summary, &choice) {
        Ok(answer) => print(&answer, settings.format)?,
        Err(error) if error.kind() == ErrorKind::Budget => printer.warn(&unanswered(&error)),
        Err(error) => {
            // What was computed is stored: this is no run that could not start.
            crate::cli::tell(&error, printer, Some(settings.format.name()));
            return Ok(Ending::Findings);
        }
    }
    if summary.interrupted {
        printer.warn(&stopped(&summary));
    }
    Ok(ending(&summary))
}

/// Runs it; an error comes with whether the run had begun.
fn execute(
    store: &Store,
    settings: &BacktestSettings,
    printer: Printer,
    stop: &Stop,
) -> std::result::Result<Summary, (Error, bool)> {
    let bars = printer.progress();
    let run = || run::execute(store, &settings.request, &bars, stop);
    let signals = settings.request.signals.as_ref().filter(|signals| signals.is_statement());
    let done = match signals {
        None => run(),
        Some(signals) => {
            let what = format!("bars are read, and {} runs twice for each horizon", signals.name());
            waiting::told(&what, &|| bars.begun(), printer, run)
        }
    };
    done.map_err(|error| (error, bars.begun()))
}

/// What is said of a run that was asked to stop.
fn stopped(summary: &Summary) -> String {
    format!(
        "stopped at {} of {} jobs, all of them stored; {} are pending or not looked up yet, and \
         the same command does them",
        summary.computed + summary.cached,
        summary.planned,
        summary.pending
    )
}

pub(in crate::cli) fn known_strategies() -> Vec<KnownStrategy> {
    strategy::catalogue()
        .iter()
        .filter(|card| card.kind != strategy::SIGNALS)
        .map(|card| KnownStrategy { name: card.name, multi: card.kind == "multi" })
        .collect()
}

/// The store to work on; where there is none, the demo's, made now and said loudly.
pub(super) fn store_or_demo(
    args: &BacktestArgs,
    limits: &Limits<'_>,
    printer: Printer,
    stop: &Stop,
) -> Result<StoreChoice> {
    if let Some(choice) = StoreChoice::find_or(args.store.db.as_deref(), args.file.db.as_deref()) {
        super::say_which(&choice, printer);
        return Ok(choice);
    }
    printer.warn(&format!(
        "no store here and none named: testing on SYNTHETIC bars, made now in {DEMO}"
    ));
    super::demo::build(DEMO.as_ref(), DEFAULT_SEED, limits, printer, stop)?;
    Ok(StoreChoice { path: DEMO.into(), named: false })
}

fn plan(store: Store, settings: &BacktestSettings, stop: &Stop) -> Result<Ending> {
    let plan = run::prepare_and_time(&store, &settings.request, stop)?;
    store.close()?;
    match settings.format {
        Format::Table => stdout::print(|out| writeln!(out, "{plan}\nnothing was run or stored"))?,
        format => stdout::print_answer(&report::planned(&plan), format)?,
    }
    Ok(Ending::Well)
}

/// What goes to standard output.
enum Told {
    /// The closing summary, for a person.
    Closing(String),
    /// The whole ranking, for a program.
    Ranking(Answer),
}

/// The answer; where DuckDB's share of a run is too small for it, with its share of a question.
fn answered(
    store: Store,
    settings: &BacktestSettings,
    summary: &Summary,
    choice: &StoreChoice,
) -> Result<Told> {
    let budget = settings.request.budget_bytes;
    store.limit_answers(run::answer_bytes(budget));
    let first = answer(&store, settings, summary, choice);
    store.close()?;
    if !first.as_ref().is_err_and(|error| error.kind() == ErrorKind::Budget) {
        return first;
    }
    let store = Store::open(&choice.path, &super::under(budget))?;
    store.limit_answers(run::answer_bytes(budget));
    let second = answer(&store, settings, summary, choice);
    store.close()?;
    second
}

/// What is said of a run whose answer does not fit.
fn unanswered(error: &Error) -> String {
    format!(
        "the jobs are stored, and their ranking does not fit into the memory budget ({error}): ask \
         for less with 'barline query leaderboard --top N', or raise --memory-budget there"
    )
}

fn answer(
    store: &Store,
    settings: &BacktestSettings,
    summary: &Summary,
    choice: &StoreChoice,
) -> Result<Told> {
    if settings.format != Format::Table {
        return ranking(store, summary).map(Told::Ranking);
    }
    Ok(Told::Closing(report::closing(&Closing {
        summary,
        best: &store.query("best", &[of_run(summary)])?,
        beats: &store.query("beats-benchmark", &[of_run(summary)])?,
        store: &choice.path,
        next: &next_commands(choice),
        width: stdout::width(),
    })))
}

fn print(answer: &Told, format: Format) -> Result<()> {
    match answer {
        Told::Closing(text) => stdout::print(|out| out.write_all(text.as_bytes())),
        Told::Ranking(rows) => stdout::print(|out| report::write_rows(rows, format, out)),
    }
}

fn ranking(store: &Store, summary: &Summary) -> Result<Answer> {
    store.answer("leaderboard", &[of_run(summary), ("top".to_owned(), "all".to_owned())])
}

fn of_run(summary: &Summary) -> (String, String) {
    ("run".to_owned(), summary.run_id.to_string())
}

fn next_commands(choice: &StoreChoice) -> Vec<String> {
    let db = choice.flag();
    let mut next = vec![format!("barline query leaderboard --top 50{db}")];
    if choice.path.file_name().is_some_and(|name| name == DEMO) {
        next.push(format!("barline query truth{db}"));
    }
    next.push(format!("barline query pairs{db}"));
    next.push(format!("barline sql \"SELECT * FROM results LIMIT 5\"{db}"));
    next
}

fn ending(summary: &Summary) -> Ending {
    if summary.interrupted {
        Ending::Signalled(signals::received().unwrap_or(signals::INTERRUPT))
    } else if summary.failures() > 0 || summary.differing > 0 {
        Ending::Findings
    } else {
        Ending::Well
    }
}

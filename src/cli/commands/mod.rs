//! One file per command: settings in, the floors below called, the answer printed.

mod audit;
mod backtest;
mod check;
mod demo;
mod doctor;
mod import;
mod import_budget;
mod import_events;
mod look_again;
mod query;
mod screen;
mod sql;
mod strategies;

use std::path::Path;

use super::{
    args::Verb, ending::Ending, limit_args::BudgetArg, printer::Printer, stdout,
    store_choice::StoreChoice,
};
use crate::{
    error::{Error, ErrorKind, Result},
    report::{self, Format, megabytes},
    run,
    store::{Answer, Store, StoreOptions},
};

/// Runs the command that was asked for.
pub(super) fn run(verb: &Verb, printer: Printer) -> Result<Ending> {
    match verb {
        Verb::Backtest(args) => backtest::run(args, printer),
        Verb::Audit(args) => audit::run(args, printer),
        Verb::Screen(args) => screen::run(args, printer),
        Verb::Import(args) => import::run(args, printer),
        Verb::Demo(args) => demo::run(args, printer),
        Verb::Query(args) => query::run(args, printer),
        Verb::Sql(args) => sql::run(args, printer),
        Verb::Check(args) => check::run(args, printer),
        Verb::Doctor(args) => doctor::run(args),
        Verb::Strategies(args) => strategies::run(args),
    }
}

/// How a store is opened outside of runs: on one thread, because answers are ordered by one hand.
fn under(budget: u64) -> StoreOptions {
    StoreOptions { memory_limit_bytes: run::answer_limit(budget), threads: 1 }
}

/// How a store is opened for a run: on one thread too. With more, a sort of bars is several sorts and a
/// merge of them, which holds the bars twice, now and then; and the workers have the cores.
fn for_runs(budget: u64) -> StoreOptions {
    StoreOptions { memory_limit_bytes: run::duckdb_limit(budget), threads: 1 }
}

/// Opens the store a question is about; its answer may take its share of the budget.
fn open_to_read(db: Option<&Path>, budget: &BudgetArg, printer: Printer) -> Result<Store> {
    let budget = budget.bytes()?;
    run::require_question(budget)?;
    let choice = StoreChoice::require(db)?;
    say_which(&choice, printer);
    let store = Store::open(&choice.path, &under(budget))?;
    store.limit_answers(run::answer_bytes(budget));
    Ok(store)
}

/// Prints an answer: as a table if its rows fit into their share of the budget, in the formats for
/// programs however many there are.
///
/// # Errors
/// Budget, for a table that does not fit, naming what would do.
fn print_rows(answer: Answer, format: Format, budget: u64) -> Result<()> {
    if format != Format::Table {
        return stdout::print(|out| report::write_rows(&answer, format, out));
    }
    let (needs, has) = (answer.table_bytes(), run::answer_bytes(budget));
    if needs > has {
        let (rows, needs) = (answer.len(), megabytes(needs));
        let line = format!(
            "the answer has {rows} rows, {needs} as a table; its share of the memory budget is {}",
            megabytes(has)
        );
        let least = run::budget_for_answer(answer.table_bytes()).div_ceil(1 << 20);
        return Err(Error::new(ErrorKind::Budget, line).with_hint(format!(
            "--format csv, json or parquet writes them all; or add a LIMIT, or --memory-budget \
             {least}MiB"
        )));
    }
    stdout::print_answer(&answer.into_table()?, format)
}

/// A store nobody named is named by us.
fn say_which(choice: &StoreChoice, printer: Printer) {
    if !choice.named {
        printer.note(&format!("store: {}", choice.path.display()));
    }
}

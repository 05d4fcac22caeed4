//! One file per command: settings in, the floors below called, the answer printed.

mod audit;
mod backtest;
mod check;
mod compare;
mod completions;
mod demo;
mod device_rates;
mod doctor;
mod export;
mod fetch;
mod import;
mod import_budget;
mod import_events;
mod init;
mod look_again;
mod man;
mod pace;
mod query;
mod regress;
mod regress_runs;
mod report;
mod resample;
mod screen;
mod sql;
mod strategies;
mod weights;
mod within;

pub(super) use self::backtest::known_strategies;

use std::path::Path;

use super::{
    args::Verb, ending::Ending, limit_args::BudgetArg, printer::Printer, stdout,
    store_choice::StoreChoice,
};
use crate::{
    error::{Error, Result},
    report::{Format, fitted, write_rows},
    run,
    store::{Answer, Rows, Store, StoreOptions, Table},
};

/// Runs the command that was asked for.
pub(super) fn run(verb: &Verb, printer: Printer) -> Result<Ending> {
    match verb {
        Verb::Backtest(args) => backtest::run(args, printer),
        Verb::Audit(args) => audit::run(args, printer),
        Verb::Screen(args) => screen::run(args, printer),
        Verb::Weights(args) => weights::run(args, printer),
        Verb::Import(args) => import::run(args, printer),
        Verb::Fetch(args) => fetch::run(args, printer),
        Verb::Resample(args) => resample::run(args, printer),
        Verb::Export(args) => export::run(args, printer),
        Verb::Demo(args) => demo::run(args, printer),
        Verb::Report(args) => report::run(args, printer),
        Verb::Query(args) => query::run(args, printer),
        Verb::Sql(args) => sql::run(args, printer),
        Verb::Compare(args) => compare::run(args, printer),
        Verb::Regress(args) => regress::run(args, printer),
        Verb::Check(args) => check::run(args, printer),
        Verb::Doctor(args) => doctor::run(args),
        Verb::Strategies(args) => strategies::run(args),
        Verb::Init(args) => init::run(args, printer),
        Verb::Completions(args) => completions::run(args),
        Verb::Man(args) => man::run(args, printer),
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
    run::require_question(budget.bytes()?)?;
    open_to_weigh(db, budget, printer)
}

/// Opens the store as for a question; that the budget will do is seen once it is known what is asked.
fn open_to_weigh(db: Option<&Path>, budget: &BudgetArg, printer: Printer) -> Result<Store> {
    let budget = budget.bytes()?;
    let choice = StoreChoice::require(db)?;
    say_which(&choice, printer);
    run::require_replay(&choice.path, budget, run::answer_limit)?;
    let store = Store::open_to_read(&choice.path, &under(budget))?;
    store.limit_answers(run::answer_bytes(budget));
    Ok(store)
}

/// A table of more rows, or of more bytes, is not laid out for the terminal: that takes a dozen times
/// what its rows do.
const LAID_OUT_ROWS: u64 = 2_000;
const LAID_OUT_BYTES: u64 = 1 << 20;

/// Prints an answer, however many rows it has.
fn print_rows(answer: Answer, format: Format) -> Result<()> {
    let is_small = answer.len() <= LAID_OUT_ROWS && answer.table_bytes() <= LAID_OUT_BYTES;
    if format == Format::Table && is_small {
        return stdout::print_answer(&answer.into_table()?, format);
    }
    stdout::print(|out| write_rows(&answer, format, out))
}

/// The same for so many rows that are made while they are written; columns of `expendable` go where a
/// terminal is narrow.
fn print_rows_of(made: &dyn Rows, count: u64, format: Format, expendable: &[&str]) -> Result<()> {
    if format != Format::Table || count > LAID_OUT_ROWS {
        return stdout::print(|out| write_rows(made, format, out));
    }
    let mut rows = Vec::new();
    let read = made.each(&mut |row| {
        rows.push(row.to_vec());
        Ok(())
    });
    read.map_err(|cause| Error::internal(format!("an answer cannot be read again: {cause}")))?;
    let table = Table { columns: made.columns().to_vec(), kinds: made.kinds(), rows };
    let text = fitted(&table, stdout::width(), expendable);
    stdout::print(|out| out.write_all(text.as_bytes()))
}

/// A store nobody named is named by us.
fn say_which(choice: &StoreChoice, printer: Printer) {
    if !choice.named {
        printer.note(&format!("store: {}", choice.path.display()));
    }
}

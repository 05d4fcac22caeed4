//! `barline demo`: a store with the synthetic universe.

use std::path::Path;

use crate::{
    cli::{
        args::DemoArgs, ending::Ending, printer::Printer, settings, signals,
        store_choice::StoreChoice,
    },
    demo::DEFAULT_SEED,
    error::{Error, Result},
    report::memory_line,
    run::{self, Stop, Watched},
    store::StoreOptions,
};

/// Makes the store and says what to do with it.
pub(super) fn run(args: &DemoArgs, printer: Printer) -> Result<Ending> {
    let seed = settings::seed(args.seed.as_deref(), DEFAULT_SEED)?;
    let limits = Limits { budget: args.budget.bytes()?, options: &super::under };
    let choice = StoreChoice::for_demo(args.db.as_deref());
    if choice.path.exists() {
        return Err(Error::usage(format!("{} exists already", choice.path.display()))
            .with_hint("delete it first, or name another file with --db"));
    }
    let stop = Stop::new();
    signals::watch(&stop, printer, "no store is made")?;
    match build(&choice.path, seed, &limits, printer, &stop) {
        Err(error) if error.is_disk_full() => {
            crate::cli::tell(&error, printer, None);
            return Ok(Ending::Findings);
        }
        built => built?,
    }
    printer.note(&format!("next: barline backtest --multi-pair --quick{}", choice.flag()));
    Ok(Ending::Well)
}

/// What may be taken: bytes in all, and how a store is opened under so many.
pub(super) struct Limits<'a> {
    pub(super) budget: u64,
    pub(super) options: &'a dyn Fn(u64) -> StoreOptions,
}

/// Builds the demo store at `path`, unless asked to stop.
///
/// # Errors
/// Budget, before anything is made, naming the least that would do; as [`run::build_demo`].
pub(super) fn build(
    path: &Path,
    seed: u64,
    limits: &Limits<'_>,
    printer: Printer,
    stop: &Stop,
) -> Result<()> {
    let Limits { budget, options } = *limits;
    let watched = Watched::start();
    let needs = |budget| run::demo_bytes(options(budget).memory_limit_bytes);
    let planned = run::require_budget("the demo store", budget, needs)?;
    run::build_demo(path, seed, &options(budget), &printer.progress(), stop)?;
    printer.note(&format!("synthetic universe of seed {seed} is in {}", path.display()));
    printer.note(&format!("memory: {}", memory_line(&watched.report(planned, budget))));
    Ok(())
}

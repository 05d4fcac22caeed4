//! `barline demo`: a store with the synthetic universe.

use std::path::Path;

use crate::{
    cli::{
        args::DemoArgs, ending::Ending, printer::Printer, settings, signals,
        store_choice::StoreChoice,
    },
    demo::DEFAULT_SEED,
    error::{Error, Result},
    run::{self, Stop},
    store::StoreOptions,
};

/// Makes the store and says what to do with it.
pub(super) fn run(args: &DemoArgs, printer: Printer) -> Result<Ending> {
    let seed = settings::seed(args.seed.as_deref(), DEFAULT_SEED)?;
    let choice = StoreChoice::for_demo(args.db.as_deref());
    if choice.path.exists() {
        return Err(Error::usage(format!("{} exists already", choice.path.display()))
            .with_hint("delete it first, or name another file with --db"));
    }
    let stop = Stop::new();
    signals::watch(&stop, printer, "no store is made")?;
    match build(&choice.path, seed, &super::to_answer()?, printer, &stop) {
        Err(error) if error.is_disk_full() => {
            crate::cli::tell(&error, printer, None);
            return Ok(Ending::Findings);
        }
        built => built?,
    }
    printer.note(&format!("next: barline backtest --multi-pair --quick{}", choice.flag()));
    Ok(Ending::Well)
}

/// Builds the demo store at `path`, unless asked to stop.
pub(super) fn build(
    path: &Path,
    seed: u64,
    options: &StoreOptions,
    printer: Printer,
    stop: &Stop,
) -> Result<()> {
    run::build_demo(path, seed, options, &printer.progress(), stop)?;
    printer.note(&format!("synthetic universe of seed {seed} is in {}", path.display()));
    Ok(())
}

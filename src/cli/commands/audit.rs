//! `barline audit`: attacks on strategies, and what leaked.

use super::demo::Limits;
use crate::{
    audit::{self, AuditPlan, Findings},
    cli::{
        audit_args::AuditArgs, ending::Ending, printer::Printer, settings, signals, stdout,
        typed_value::count,
    },
    error::{Error, Result},
    report::{self, Format},
    run::{self, Request, Stop},
    store::Store,
    strategy::{self, Scripted, Strategy},
};

/// Symbols looked at where none are named.
const SYMBOLS: usize = 4;

/// What a narrow terminal does without, in the order in which it goes.
const EXPENDABLE: [&str; 8] =
    ["horizon_days", "remark", "symbols", "differing", "cut", "rows", "changed", "known"];

/// Audits and prints every check.
pub(super) fn run(args: &AuditArgs, printer: Printer) -> Result<Ending> {
    refuse_what_stores(args)?;
    let settings = settings::backtest(&args.run, &super::backtest::known_strategies())?;
    let plan = plan(args, &settings.request)?;
    settings.notes.iter().for_each(|note| printer.note(note));
    let limits = Limits { budget: settings.request.budget_bytes, options: &super::under };
    let stop = Stop::new();
    signals::watch(&stop, printer, "an audit stores nothing")?;
    let choice = super::backtest::store_or_demo(&args.run, &limits, printer, &stop)?;
    run::require_replay(&choice.path, limits.budget, run::answer_limit)?;
    let store = Store::open_to_read(&choice.path, &super::under(limits.budget))?;
    let mut request = settings.request;
    let (names, parameters) = (request.strategies.clone(), request.parameters);
    let has_signals = request.signals.is_some();
    let make = || -> Result<Vec<Box<dyn Strategy>>> {
        if has_signals {
            return Ok(vec![Box::new(Scripted::default())]);
        }
        names.iter().map(|name| strategy::by_name(name, &parameters)).collect()
    };
    if request.symbols.is_none() && !has_signals {
        request.symbols = audit::trading_symbols(&store, &request, &make, SYMBOLS)?;
        if let Some(symbols) = &request.symbols {
            let symbols = symbols.join(", ");
            printer.note(&format!("looked at on {symbols}; --symbols names others"));
        }
    }
    let findings = audit::audit(&store, &request, &make, &plan, &printer.progress(), &stop)
        .map_err(|error| args.run.file.of_instrument(store.placed(error)))?;
    store.close()?;
    findings.notes.iter().for_each(|note| printer.note(note));
    print(&findings, settings.format)?;
    findings.lines().iter().for_each(|line| printer.note(line));
    printer.note(&conclusion(&findings));
    Ok(if findings.leaked() { Ending::Findings } else { Ending::Well })
}

/// Flags of a backtest that an audit would silently not obey.
fn refuse_what_stores(args: &AuditArgs) -> Result<()> {
    let run = &args.run;
    let flags = [
        ("--dry-run", run.dry_run),
        ("--fresh", run.fresh),
        ("--from-screen", run.from_screen.is_some()),
        ("--keep", run.keep.is_some() && run.config.is_none()),
    ];
    match flags.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Error::usage(format!("{flag} is about runs that are stored"))
            .with_hint("an audit stores nothing: leave it out")),
        None => Ok(()),
    }
}

fn plan(args: &AuditArgs, request: &Request) -> Result<AuditPlan> {
    let default = AuditPlan::default();
    let random_cuts = count("--cuts", args.cuts.as_deref(), 1, 100_000)?;
    let cuts = random_cuts.unwrap_or(default.random_cuts);
    Ok(AuditPlan {
        random_cuts: cuts,
        decision_cuts: random_cuts.unwrap_or(default.decision_cuts),
        seed: request.seed,
    })
}

fn print(findings: &Findings, format: Format) -> Result<()> {
    match format {
        Format::Table => {
            let text = report::fitted(&findings.summary(), stdout::width(), &EXPENDABLE);
            stdout::print(|out| out.write_all(text.as_bytes()))
        }
        format => stdout::print_answer(&findings.table(), format),
    }
}

fn conclusion(findings: &Findings) -> String {
    let mut leaking: Vec<&str> = (findings.checked.iter())
        .filter(|checked| checked.first.is_some())
        .map(|checked| checked.strategy.as_str())
        .collect();
    leaking.dedup();
    let checks = findings.checked.len();
    let untested = match findings.untested()[..] {
        [] => String::new(),
        ref names => format!("; not or not wholly tested: {}", names.join(", ")),
    };
    match leaking[..] {
        [] => format!("{checks} checks: nothing leaked{untested}"),
        _ => format!("{checks} checks: LOOK-AHEAD in {}{untested}", leaking.join(", ")),
    }
}

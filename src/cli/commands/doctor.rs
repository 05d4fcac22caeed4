//! `barline doctor`: what this machine and this build offer a run, and what holds it back.
//!
//! Everything is looked at and nothing is changed: a store is read to its last block, and repaired
//! on a copy if that is asked for. One thing is done to the store itself: a block that a kill has left
//! half written gets its checksum. What cannot be found is said in its row; only a store that is
//! named or found and is damaged or cannot be opened makes the exit code 1.

use std::{fmt::Display, panic, path::Path};

use super::device_rates;
use crate::{
    cli::{
        args::BacktestArgs, doctor_args::DoctorArgs, ending::Ending, settings, stdout,
        store_choice::StoreChoice,
    },
    compute,
    domain::NUMERIC_VERSION,
    error::{Error, Result},
    report::{self, megabytes},
    run::{self, Machine},
    store::{
        self, Cell, Examination, MissingRows, Rebuild, SCHEMA_VERSION, Store, StoreFacts, Table,
    },
};

/// Shows the machine, the build and the store.
pub(super) fn run(args: &DoctorArgs) -> Result<Ending> {
    let format = settings::format(args.output.format.as_deref())?;
    let budget = args.budget.bytes()?;
    run::require_question(budget)?;
    let mut findings = Findings::default();
    if args.rates {
        let ending = device_rates::put(args.quick, &mut |item, value| {
            findings.put("rate", item, value);
        });
        stdout::print_answer(&findings.table(), format)?;
        return Ok(ending);
    }
    machine(&mut findings, budget)?;
    build(&mut findings);
    findings.put("device", "cuda", device());
    if let Some(known) = run::BreakEven::stored() {
        findings.put("device", "break-even", break_even(&known));
    }
    let ending = if let Some(choice) = StoreChoice::find(args.store.db.as_deref()) {
        store(&mut findings, &choice.path, args.repair, budget)
    } else {
        findings.put("store", "file", "none here; 'barline demo' makes one");
        Ending::Well
    };
    stdout::print_answer(&findings.table(), format)?;
    Ok(ending)
}

/// Rows of area, item and value.
#[derive(Debug, Default)]
struct Findings(Vec<[String; 3]>);

impl Findings {
    fn put(&mut self, area: &str, item: &str, value: impl Display) {
        self.0.push([area.to_owned(), item.to_owned(), value.to_string()]);
    }

    /// An error and its remedy as findings.
    fn trouble(&mut self, error: &Error) -> Ending {
        self.put("store", "trouble", error);
        if let Some(hint) = error.hint() {
            self.put("store", "remedy", hint);
        }
        Ending::Findings
    }

    fn table(&self) -> Table {
        Table {
            columns: ["area", "item", "value"].map(str::to_owned).to_vec(),
            rows: self.0.iter().map(|row| row.clone().map(Cell::Text).to_vec()).collect(),
            ..Table::default()
        }
    }
}

fn machine(findings: &mut Findings, budget_bytes: u64) -> Result<()> {
    let machine = Machine::look();
    let unknown = || "unknown".to_owned();
    let bytes = |bytes: Option<u64>| bytes.map_or_else(unknown, megabytes);
    findings.put("machine", "processor", machine.cpu_model.clone().unwrap_or_else(unknown));
    findings.put("machine", "cores", machine.cores);
    let quota = machine.cpu_limit.as_ref();
    findings.put(
        "machine",
        "processor limit",
        quota.map_or_else(
            || "none".to_owned(),
            |limit| format!("{:.2} cores ({})", limit.value, limit.source.display()),
        ),
    );
    findings.put("machine", "memory", bytes(machine.memory_bytes));
    findings.put("machine", "available", bytes(machine.available_bytes));
    let limit = machine.memory_limit.as_ref();
    findings.put(
        "machine",
        "memory limit",
        limit.map_or_else(
            || "none".to_owned(),
            |limit| format!("{} ({})", megabytes(limit.value), limit.source.display()),
        ),
    );
    findings.put("run", "memory budget", budget(&machine, budget_bytes));
    let cap = settings::thread_cap(&BacktestArgs::default())?;
    findings.put(
        "run",
        "threads",
        format!("{cap} for workers and Polars each, 1 for DuckDB; --max-workers lifts the cap"),
    );
    Ok(())
}

/// The budget that holds here, and whether this machine can keep it.
fn budget(machine: &Machine, budget_bytes: u64) -> String {
    let text = format!("{} of memory for a command (--memory-budget)", megabytes(budget_bytes));
    match machine.memory_ceiling_bytes() {
        Some(ceiling) if ceiling < budget_bytes => {
            format!("{text}; MORE than the {} there are: give less", megabytes(ceiling))
        }
        _ => text,
    }
}

fn build(findings: &mut Findings) {
    findings.put("build", "barline", env!("CARGO_PKG_VERSION"));
    findings.put("build", "numeric version", NUMERIC_VERSION);
    findings.put("build", "schema version", SCHEMA_VERSION);
    let duckdb = store::duckdb_version().unwrap_or_else(|error| error.to_string());
    findings.put("build", "duckdb", duckdb);
    findings.put("build", "polars", report::POLARS_VERSION);
}

/// From how much work on `--device auto` uses the device, and what that was measured from.
fn break_even(known: &run::BreakEven) -> String {
    let giga = |number: f64| number / 1e9;
    format!(
        "{:.3} G pair-rows on {} against {} workers: {:.2} s to begin, then {:.2} G a second; the \
         processor {:.2} G (Barline {})",
        giga(known.pair_rows),
        known.device,
        known.workers,
        known.overhead_secs,
        giga(known.device_rate),
        giga(known.cpu_rate),
        known.engine
    )
}

/// The device in one line, or why there is none.
fn device() -> String {
    // A driver that is a stub is met as a panic, which the probe catches; its message is the
    // answer here and would otherwise be printed a second time.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let probed = compute::probe();
    panic::set_hook(hook);
    match probed {
        Ok(facts) => format!(
            "{}, {} ({} free), compute capability {}.{}, driver for CUDA {}.{}, device 0 of {}",
            facts.name,
            megabytes(facts.total_bytes),
            megabytes(facts.free_bytes),
            facts.capability.0,
            facts.capability.1,
            facts.driver.0,
            facts.driver.1,
            facts.devices
        ),
        Err(cause) => cause.to_string(),
    }
}

/// What the store holds, and what is wrong with it.
fn store(findings: &mut Findings, path: &Path, repair: bool, budget: u64) -> Ending {
    let (file_bytes, log_bytes) = Store::file_bytes(path);
    let log = match log_bytes {
        0 => String::new(),
        bytes => format!(", and {} in its log", megabytes(bytes)),
    };
    findings.put("store", "file", format!("{} ({}{log})", path.display(), megabytes(file_bytes)));
    let found = match store::examine(path, &super::under(budget)) {
        Ok(found) => found,
        Err(error) => return findings.trouble(&error),
    };
    for start in &found.mended {
        let text = format!(
            "the block at byte {start} was half written when a process was killed; nothing of it is lost, and it is whole now"
        );
        findings.put("store", "mended", text);
    }
    if let Some(acknowledged) = &found.acknowledged {
        findings.put("store", "acknowledged", acknowledged);
    }
    let rows: u64 = found.tables.iter().map(|table| table.rows).sum();
    findings.put("store", "read", format!("{rows} rows in {} tables", found.tables.len()));
    for trouble in &found.troubles {
        findings.put("store", "trouble", trouble);
    }
    if !found.troubles.is_empty() {
        return remedy(findings, path, &found, repair, budget);
    }
    if repair {
        findings.put("store", "repair", "nothing is wrong: no copy was made");
    }
    if let Some(facts) = &found.facts {
        held(findings, facts);
    }
    absent(findings, &found.missing, &found.rebuild);
    if found.missing.is_empty() { Ending::Well } else { Ending::Findings }
}

/// What a store lacks, and what brings it back.
fn absent(findings: &mut Findings, missing: &[MissingRows], rebuild: &Rebuild) {
    for missing in missing {
        findings.put("store", "missing", missing);
    }
    if !rebuild.is_empty() {
        findings.put("store", "rebuild", rebuild);
    }
}

/// How a damaged store is rebuilt; with `repair`, what could be done on a copy.
fn remedy(
    findings: &mut Findings,
    path: &Path,
    found: &Examination,
    repair: bool,
    budget: u64,
) -> Ending {
    if repair {
        match store::repair(path, &super::under(budget)) {
            Ok(done) => {
                for step in &done.steps {
                    findings.put("repair", "done", step);
                }
                findings.put("repair", "copy", done.copy.display());
                findings.put(
                    "repair",
                    "next",
                    "ask the copy with --db; to put it in the place of the store, move the store away \
                     with its .wal and .highwater first",
                );
                absent(findings, &done.missing, &done.rebuild);
            }
            Err(error) => {
                findings.trouble(&error);
                absent(findings, &found.missing, &found.rebuild);
            }
        }
    } else {
        findings.put(
            "store",
            "remedy",
            if found.rebuild.unknown {
                "with --repair a copy is made, if the damage is in the log alone; nothing can be saved where it \
                 is in the header, the catalogue, or the names of instruments and imports; the store itself \
                 is never changed"
            } else {
                "with --repair a copy is made that opens; the store itself is never changed"
            },
        );
        absent(findings, &found.missing, &found.rebuild);
    }
    Ending::Findings
}

fn held(findings: &mut Findings, facts: &StoreFacts) {
    findings.put(
        "store",
        "made by",
        format!(
            "Barline {}, DuckDB {}, schema {}, file format {}",
            facts.engine_version, facts.duckdb_version, facts.schema_version, facts.storage_version
        ),
    );
    findings.put(
        "store",
        "bars",
        format!("{} in {} series from {} imports", facts.bars, facts.series, facts.imports),
    );
    let unfinished = match facts.unfinished_runs {
        0 => String::new(),
        runs => format!(", {runs} of them not finished"),
    };
    let StoreFacts { runs, jobs, screens, .. } = facts;
    findings.put("store", "runs", format!("{runs}{unfinished}; {jobs} jobs, {screens} screens"));
}

#[cfg(test)]
mod tests {
    use super::{Findings, budget, store};
    use crate::{cli::ending::Ending, run::Machine};

    #[test]
    fn a_budget_that_the_machine_cannot_keep_is_said() {
        let machine = Machine { memory_bytes: Some(512 << 20), ..Machine::look() };
        assert!(budget(&machine, 1 << 30).contains("MORE than"));
        let machine =
            Machine { memory_bytes: Some(1 << 40), memory_limit: None, ..Machine::look() };
        assert!(!budget(&machine, 1 << 30).contains("MORE than"));
    }

    #[test]
    fn a_store_that_cannot_be_opened_is_a_finding() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bars.csv");
        std::fs::write(&path, "ts,close\n").expect("written");
        let mut findings = Findings::default();
        assert_eq!(store(&mut findings, &path, false, 1 << 30), Ending::Findings);
        assert!(findings.0.iter().any(|row| row[1] == "trouble"), "{findings:?}");
    }
}

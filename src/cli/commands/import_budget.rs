//! The memory that an import may take, held against what its files are expected to need.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    cli::{limit_args::BudgetArg, printer::Printer},
    error::{Error, ErrorKind, Result},
    report::{megabytes, memory_line},
    run::{self, StoredBefore, Watched},
    store::{
        Store, StoreOptions,
        source::{Expected, SourceOptions, expected},
    },
};

/// What an import may take, what each file is expected to, and what was taken.
pub(super) struct ImportBudget {
    bytes: u64,
    /// The predicted peak of each file, made once and before any work: the same in a dry run.
    planned: BTreeMap<PathBuf, u64>,
    watched: Watched,
}

impl ImportBudget {
    /// What was typed, or what the environment and the machine allow, for `files` on their way to the
    /// store at a path where there may be none yet.
    ///
    /// # Errors
    /// Usage, for a budget that is none; budget, if a file does not fit, naming the least that would
    /// do for it. Nothing is read then.
    pub(super) fn of(
        args: &BudgetArg,
        files: &[PathBuf],
        options: &SourceOptions,
        store: &Path,
    ) -> Result<Self> {
        let watched = Watched::start();
        let bytes = args.bytes()?;
        let (file_bytes, log_bytes) = Store::file_bytes(store);
        let mut before = StoredBefore { file_bytes, log_bytes, rows: 0 };
        let (mut most, mut planned) = (0, BTreeMap::new());
        for path in files {
            let expected = expected(path, options);
            let needs = |bytes| needs(expected, before, bytes);
            // What the files before it took is kept by the process.
            most = needs(bytes).max(most);
            if most > bytes {
                return Err(refused(path, bytes, needs));
            }
            planned.insert(path.clone(), most);
            before.rows += expected.rows;
        }
        Ok(Self { bytes, planned, watched })
    }

    /// How its store is opened.
    pub(super) fn options(&self) -> StoreOptions {
        super::under(self.bytes)
    }

    /// The predicted peak of the import of one file.
    pub(super) fn planned(&self, path: &Path) -> u64 {
        self.planned.get(path).copied().unwrap_or(0)
    }

    /// The measured peak since this was asked last.
    pub(super) fn measured(&self) -> u64 {
        self.watched.lap()
    }

    /// Says what was planned for the largest file, and what all of them took.
    pub(super) fn say(&self, printer: Printer) {
        let planned = self.planned.values().copied().max().unwrap_or(0);
        let report = self.watched.report(planned, self.bytes);
        printer.note(&format!("memory: {}", memory_line(&report)));
    }
}

fn needs(expected: Expected, before: StoredBefore, budget: u64) -> u64 {
    run::peak(&run::import_stages(expected, before, run::answer_limit(budget)))
}

fn refused(path: &Path, has: u64, needs: impl Fn(u64) -> u64) -> Error {
    let needed = needs(has);
    // DuckDB's share grows with the budget, up to what it needs.
    let mut least = needed;
    while needs(least) > least {
        least = needs(least);
    }
    let (needs, has) = (megabytes(needed), megabytes(has));
    let line = format!("{}: its import needs {needs}, the memory budget is {has}", path.display());
    Error::new(ErrorKind::Budget, line).with_hint(format!(
        "split the file, or set BARLINE_MEMORY_BUDGET={}MiB, the least that would do",
        least.div_ceil(1 << 20)
    ))
}

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
        RowGroups, Store, StoreOptions,
        source::{Expected, expected},
    },
};

/// Rows of a file are estimated by its bytes: a part of what is merged that is planned beside.
const ESTIMATED: u64 = 4;

/// What a file is expected to need, without merging, and its rows.
struct Needs {
    path: PathBuf,
    bytes: u64,
    rows: u64,
}

/// What an import may take, what each file is expected to, and what was taken.
pub(super) struct ImportBudget {
    bytes: u64,
    /// What each file is expected to need, in their order, made once and before any work: the same in a dry run.
    files: Vec<Needs>,
    /// The predicted peak of each file, and bytes of it in which row groups may be merged at its end.
    planned: BTreeMap<PathBuf, (u64, u64)>,
    /// What the store holds.
    groups: RowGroups,
    watched: Watched,
}

impl ImportBudget {
    /// What was typed, or what the environment and the machine allow, for `files` on their way to the
    /// store at a path where there may be none yet.
    ///
    /// # Errors
    /// Usage, for a budget that is none; budget, if a file does not fit, naming the least that would
    /// do for it. Nothing is read then.
    pub(super) fn of(args: &BudgetArg, files: &[PathBuf], store: &Path) -> Result<Self> {
        let watched = Watched::start();
        let bytes = args.bytes()?;
        let (file_bytes, log_bytes) = Store::file_bytes(store);
        let mut before = StoredBefore { file_bytes, log_bytes, rows: 0 };
        let (mut most, mut all) = (0, Vec::new());
        for path in files {
            let expected = expected(path);
            let needs = |bytes| needs(expected, before, bytes);
            // What the files before it took is kept by the process.
            most = needs(bytes).max(most);
            if most > bytes {
                return Err(refused(path, bytes, needs));
            }
            all.push(Needs { path: path.clone(), bytes: most, rows: expected.rows });
            before.rows += expected.rows;
        }
        let (planned, groups) = (BTreeMap::new(), RowGroups::without_bars());
        let mut budget = Self { bytes, files: all, planned, groups: groups.clone(), watched };
        budget.merge(groups);
        Ok(budget)
    }

    /// Plans the merging of row groups with those of the store, where the budget has room for it; it can wait.
    pub(super) fn merge(&mut self, mut groups: RowGroups) {
        self.groups = groups.clone();
        let mut most = 0;
        for file in &self.files {
            let bytes = groups.merging_bytes(&[("bar", file.rows)]);
            let bytes = bytes + bytes / ESTIMATED;
            let fits = file.bytes.saturating_add(most.max(bytes)) <= self.bytes;
            groups.add_bars(file.rows, fits);
            // What was to be merged with one file may be with the next.
            most = if fits { most.max(bytes) } else { most };
            let merging = if file.bytes.saturating_add(most) <= self.bytes { most } else { 0 };
            self.planned.insert(file.path.clone(), (file.bytes + merging, merging));
        }
    }

    /// Whether row groups may be merged with the import of a file, which has so many bars: where that is
    /// within the plan.
    pub(super) fn merges(&self, path: &Path, bars: u64) -> bool {
        let planned = self.planned.get(path).map_or(0, |planned| planned.1);
        self.groups.merging_bytes(&[("bar", bars)]) <= planned
    }

    /// So many bars of a file are stored.
    pub(super) fn stored(&mut self, bars: u64, merged: bool) {
        self.groups.add_bars(bars, merged);
    }

    /// How its store is opened.
    pub(super) fn options(&self) -> StoreOptions {
        super::under(self.bytes)
    }

    /// The predicted peak of the import of one file.
    pub(super) fn planned(&self, path: &Path) -> u64 {
        self.planned.get(path).map_or(0, |planned| planned.0)
    }

    /// The measured peak since this was asked last.
    pub(super) fn measured(&self) -> u64 {
        self.watched.lap()
    }

    /// Says what was planned for the largest file, and what all of them took.
    pub(super) fn say(&self, printer: Printer) {
        let planned = self.planned.values().map(|planned| planned.0).max().unwrap_or(0);
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

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
        source::{Expected, SourceOptions, expected},
    },
};

/// Rows of a file are estimated by its bytes: a part of what is merged that is planned beside.
const ESTIMATED: u64 = 4;
/// What a bar takes more, in blocks that are read, while it waits to be merged: 40 were measured.
const WAITING_BAR_BYTES: u64 = 48;

/// What is expected of a file, and what is stored before it.
struct Coming {
    path: PathBuf,
    expected: Expected,
    before: StoredBefore,
}

/// What an import may take, what each file is expected to, and what was taken.
pub(super) struct ImportBudget {
    bytes: u64,
    /// In their order, looked at once and before any work: the same in a dry run.
    files: Vec<Coming>,
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
    /// do. Nothing is read then.
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
        let mut coming = Vec::new();
        for path in files {
            let expected = expected(path, options);
            coming.push(Coming { path: path.clone(), expected, before });
            before.rows += expected.rows;
        }
        let (planned, groups) = (BTreeMap::new(), RowGroups::without_bars());
        let mut budget = Self { bytes, files: coming, planned, groups, watched };
        budget.plan()?;
        Ok(budget)
    }

    /// Plans the merging of row groups with those of the store too.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(super) fn merge(&mut self, groups: RowGroups) -> Result<()> {
        self.groups = groups;
        self.plan()
    }

    fn plan(&mut self) -> Result<()> {
        let paths = self.files.iter().map(|file| file.path.clone());
        self.planned = paths.zip(self.under(self.bytes)).collect();
        let of = |file: &Coming| self.planned.get(&file.path).map_or(0, |planned| planned.0);
        match self.files.iter().find(|file| of(file) > self.bytes) {
            None => Ok(()),
            Some(file) => Err(self.refused(&file.path, of(file))),
        }
    }

    /// What each file needs under a budget, and of that for merging: where there is no room for it, it waits.
    fn under(&self, budget: u64) -> Vec<(u64, u64)> {
        let mut groups = self.groups.clone();
        let (mut base, mut most, mut waiting) = (0, 0, 0);
        let needs = |Coming { expected, before, .. }: &Coming| {
            // What the files before it took is kept by the process.
            let stages = run::import_stages(*expected, *before, run::answer_limit(budget));
            base = run::peak(&stages).max(base);
            let all = base.saturating_add(waiting);
            let merging = groups.merging_bytes(&[("bar", expected.rows)]);
            let merging = merging + merging / ESTIMATED;
            let fits = all.saturating_add(most.max(merging)) <= budget;
            groups.add_bars(expected.rows, fits);
            if fits {
                // What was to be merged with one file may be with the next.
                most = most.max(merging);
                waiting = if merging > 0 { 0 } else { waiting };
            } else {
                waiting += expected.rows * WAITING_BAR_BYTES;
            }
            let merging = if all.saturating_add(most) <= budget { most } else { 0 };
            (all + merging, merging)
        };
        self.files.iter().map(needs).collect()
    }

    /// The refusal of a file that needs so much, with the least whole MiB that would do for all.
    fn refused(&self, path: &Path, needs: u64) -> Error {
        let fits = |mib: u64| {
            let budget = mib << 20;
            self.under(budget).iter().all(|(needs, _)| *needs <= budget)
        };
        let (mut less, mut least) = (self.bytes >> 20, needs.div_ceil(1 << 20));
        while !fits(least) && least < 1 << 40 {
            (less, least) = (least, least * 2);
        }
        while least - less > 1 {
            let middle = less + (least - less) / 2;
            if fits(middle) { least = middle } else { less = middle }
        }
        let (needs, has) = (megabytes(needs), megabytes(self.bytes));
        let line =
            format!("{}: its import needs {needs}, the memory budget is {has}", path.display());
        Error::new(ErrorKind::Budget, line).with_hint(format!(
            "split the file, or set BARLINE_MEMORY_BUDGET={least}MiB, the least that would do"
        ))
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

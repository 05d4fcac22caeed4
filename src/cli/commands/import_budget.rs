//! The memory that an import may take, held against what its files are expected to need.

use std::path::{Path, PathBuf};

use crate::{
    cli::limit_args::{self, BudgetArg},
    error::{Error, ErrorKind, Result},
    report::megabytes,
    run,
    store::{Store, StoreOptions, source::expected},
};

/// What an import may take, and what each file is expected to.
pub(super) struct ImportBudget {
    bytes: u64,
    duckdb_limit: u64,
    /// The store's file, and what a kill has left in its log.
    store_bytes: (u64, u64),
}

impl ImportBudget {
    /// What was typed, or what the environment and the machine allow, for imports into `store`.
    ///
    /// # Errors
    /// Usage, for a budget that is none.
    pub(super) fn of(args: &BudgetArg, store: &Path) -> Result<Self> {
        let bytes = limit_args::budget(args.memory_budget.as_deref(), false)?;
        let store_bytes = Store::file_bytes(store);
        Ok(Self { bytes, duckdb_limit: run::answer_limit(bytes), store_bytes })
    }

    /// How its store is opened.
    pub(super) fn options(&self) -> StoreOptions {
        super::under(self.bytes)
    }

    /// The predicted peak of the import of one file.
    pub(super) fn planned(&self, path: &Path) -> u64 {
        run::peak(&run::import_stages(expected(path), self.store_bytes, self.duckdb_limit))
    }

    /// Refuses an import whose largest file does not fit, before anything is read.
    ///
    /// # Errors
    /// Budget, naming the least that would do.
    pub(super) fn require(&self, files: &[PathBuf]) -> Result<()> {
        let planned = files.iter().map(|path| (self.planned(path), path)).max();
        let Some((needed, path)) = planned.filter(|(needed, _)| *needed > self.bytes) else {
            return Ok(());
        };
        let under = |bytes| {
            let duckdb_limit = run::answer_limit(bytes);
            Self { bytes, duckdb_limit, ..*self }.planned(path)
        };
        let mut least = needed;
        while under(least) > least {
            least = under(least);
        }
        let (needs, has) = (megabytes(needed), megabytes(self.bytes));
        let line =
            format!("{}: its import needs {needs}, the memory budget is {has}", path.display());
        Err(Error::new(ErrorKind::Budget, line).with_hint(format!(
            "split the file, or set BARLINE_MEMORY_BUDGET={}MiB, the least that would do",
            (least >> 20) + 3
        )))
    }
}

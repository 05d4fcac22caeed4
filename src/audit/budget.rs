//! What an audit keeps in memory, and how many runs it has room for side by side.

use crate::{
    error::{Error, ErrorKind, Result},
    run::MemoryReport,
};

const MIB: u64 = 1 << 20;

/// Runs that fit into the budget beside the rows of the first one, at most `wanted`.
///
/// The first run is over: `memory` is its report, `kept` what its rows take. Every further run takes
/// what the first one was planned to take beyond what was there, and rows of its own:
///
/// ```text
/// before the first run + kept + runs * (planned - before the first run + kept) <= budget
/// ```
///
/// # Errors
/// Budget, if not even one fits.
pub(super) fn side_by_side(memory: &MemoryReport, kept: u64, wanted: usize) -> Result<usize> {
    let MemoryReport { initial_bytes, planned_bytes, budget_bytes, .. } = *memory;
    let run = planned_bytes.saturating_sub(initial_bytes) + kept;
    let there = initial_bytes + kept;
    let room = budget_bytes.saturating_sub(there) / run.max(1);
    match usize::try_from(room).unwrap_or(usize::MAX).min(wanted.max(1)) {
        0 => {
            let (needed, megabytes) = (there + run, |bytes: u64| bytes as f64 / 1e6);
            let line = format!(
                "the audit needs {:.1} MB, of which {:.1} MB for rows of two runs; the memory \
                 budget is {:.1} MB",
                megabytes(needed),
                megabytes(2 * kept),
                megabytes(budget_bytes)
            );
            Err(Error::new(ErrorKind::Budget, line).with_hint(format!(
                "fewer symbols, horizons or --max-combinations, or --memory-budget {}MiB",
                needed.div_ceil(MIB)
            )))
        }
        runs => Ok(runs),
    }
}

#[cfg(test)]
mod tests {
    use super::{MIB, side_by_side};
    use crate::run::MemoryReport;

    #[test]
    fn as_many_runs_as_fit() {
        let memory = |budget: u64| MemoryReport {
            initial_bytes: 100 * MIB,
            planned_bytes: 300 * MIB,
            budget_bytes: budget * MIB,
            ..MemoryReport::default()
        };
        // 100 + 50 are there, 250 is a run.
        let fits = |budget, wanted| side_by_side(&memory(budget), 50 * MIB, wanted);
        assert_eq!(fits(400, 8).expect("one"), 1);
        assert_eq!(fits(649, 8).expect("one"), 1);
        assert_eq!(fits(650, 8).expect("two"), 2);
        assert_eq!(fits(10_000, 3).expect("three"), 3);
        let refused = fits(399, 2).expect_err("none");
        assert!(refused.hint().is_some_and(|hint| hint.contains("400MiB")), "{refused:?}");
    }
}

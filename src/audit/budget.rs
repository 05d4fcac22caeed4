//! What an audit takes, and how many runs it has room for side by side.
//!
//! ```text
//! before + kept + runs * (run + kept) <= budget
//! ```
//! `before` is the process with the bars of the audit, `kept` what the rows of the run that knows
//! everything take. Every further run takes what the one with the longest history is planned to, on one
//! worker, and the rows that it leaves.

use super::{rows::Rows, stores::Stores, world::World};
use crate::{
    error::{Error, ErrorKind, Result},
    run::{self, Request},
    strategy::Strategy,
};

const MIB: u64 = 1 << 20;
/// What the process may hold more of before the first run when it is given the budget that a refusal
/// names: the step in which a plan counts it.
const MARGIN: u64 = 8 * MIB;
/// A budget that forces nothing: room for a run is made here, for all runs alike.
pub(super) const UNBOUNDED: u64 = 1 << 50;

/// What an audit takes beside the rows of its first run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    before: u64,
    run: u64,
    /// Rows of a run as they are expected, before one was made.
    expected: u64,
    budget: u64,
}

impl Room {
    /// Plans the largest of the runs, `request` on the `longest` of all histories, under `budget`.
    ///
    /// # Errors
    /// Budget, if that run alone does not fit; as a plan.
    pub(super) fn of(
        stores: &Stores,
        longest: &World,
        request: &Request,
        strategies: Vec<Box<dyn Strategy>>,
        budget: u64,
    ) -> Result<Self> {
        let store = stores.holding(longest)?;
        let plan = run::prepare_with(&store, request, strategies)?;
        stores.take_back(store, longest);
        let room = Self {
            before: run::process_bytes(),
            run: plan.beyond_base_bytes(),
            expected: Rows::expected_bytes(&plan),
            budget,
        };
        if room.before + room.run > budget { Err(room.refused(room.expected)) } else { Ok(room) }
    }

    /// Runs that fit beside the rows of the first one, at most `wanted`.
    ///
    /// # Errors
    /// Budget, if not even one fits, naming the least that would do.
    pub(super) fn side_by_side(&self, kept: u64, wanted: usize) -> Result<usize> {
        let left = self.budget.saturating_sub(self.before + kept);
        let room = left / (self.run + kept).max(1);
        match usize::try_from(room).unwrap_or(usize::MAX).min(wanted.max(1)) {
            0 => Err(self.refused(kept)),
            runs => Ok(runs),
        }
    }

    fn refused(&self, kept: u64) -> Error {
        let (needed, megabytes) =
            (self.before + self.run + 2 * kept, |bytes: u64| bytes as f64 / 1e6);
        let line = format!(
            "the audit needs {:.1} MB, of which {:.1} MB for rows of two runs; the memory budget is \
             {:.1} MB",
            megabytes(needed),
            megabytes(2 * kept),
            megabytes(self.budget)
        );
        Error::new(ErrorKind::Budget, line).with_hint(format!(
            "fewer symbols, horizons or --max-combinations, or --memory-budget {}MiB",
            (needed + MARGIN).div_ceil(MIB)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{MARGIN, MIB, Room};

    #[test]
    fn as_many_runs_as_fit() {
        let room = |budget: u64| Room {
            before: 100 * MIB,
            run: 200 * MIB,
            expected: 0,
            budget: budget * MIB,
        };
        // 100 + 50 are there, 250 is a run.
        let fits = |budget, wanted| room(budget).side_by_side(50 * MIB, wanted);
        assert_eq!(fits(400, 8).expect("one"), 1);
        assert_eq!(fits(649, 8).expect("one"), 1);
        assert_eq!(fits(650, 8).expect("two"), 2);
        assert_eq!(fits(10_000, 3).expect("three"), 3);
        let refused = fits(399, 2).expect_err("none");
        let least = format!("{}MiB", 400 + MARGIN / MIB);
        assert!(refused.hint().is_some_and(|hint| hint.contains(&least)), "{refused:?}");
    }
}

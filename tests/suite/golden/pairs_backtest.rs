//! Family `07_pairs_backtest`: PZ-1, trade for trade.

use super::{case::Case, check::Verdict};
use crate::golden_pairs;

/// Rule, decider, ledger and measures against the published windows, trades, rows and summary.
pub(super) fn pairs_backtest(case: &Case) -> Verdict {
    match golden_pairs::run_case(case.value(), case.root()) {
        Ok(()) => Verdict::Passed { worst: 0.0 },
        Err(reason) => Verdict::Failed(vec![reason]),
    }
}

//! Family `pairs_backtest`: PZ-1, trade for trade.

use super::{case::Case, check::Verdict, families::checked};
use crate::golden_pairs;

/// Rule, decider, ledger and measures against the published windows, trades, rows and summary.
pub(super) fn pairs_backtest(case: &Case) -> Verdict {
    checked(|check| {
        if let Err(reason) = golden_pairs::run_case(case, check) {
            check.fail(reason);
        }
    })
}

//! Family `07_pairs_backtest`: PZ-1, trade for trade.

use super::{case::Case, check::Verdict};

/// Where the pairs strategy and the ledger are run against the published trades.
pub(super) fn pairs_backtest(_case: &Case) -> Verdict {
    Verdict::NotCovered
}

//! The jobs of the run by Sharpe ratio.

use crate::{
    report::html::{
        grid::{folded, grid},
        markup::Markup,
    },
    run::Account,
    store::Table,
};

/// Rows that are open at once.
const OPEN: usize = 15;

const COLUMNS: [(&str, &str); 11] = [
    ("rank", "rank"),
    ("strategy", "strategy"),
    ("symbols", "symbols"),
    ("horizon_days", "days"),
    ("sharpe", "sharpe"),
    ("total_return", "return"),
    ("benchmark_return", "benchmark"),
    ("excess_return", "excess"),
    ("max_drawdown", "drawdown"),
    ("trades", "trades"),
    ("job", "job"),
];

/// The best first, the others folded.
pub(super) fn leaderboard(account: &Account) -> Option<Markup> {
    let board = &account.leaderboard;
    if board.rows.is_empty() {
        return None;
    }
    let mut out = Markup::default();
    out.paragraph(
        "By Sharpe ratio over all horizons; undefined ratios rank last. A ratio of thirty days is mostly luck: \
         compare within a horizon.",
    );
    let part = |rows: &[Vec<_>]| Table { rows: rows.to_vec(), ..board.clone() };
    let (first, rest) = board.rows.split_at(OPEN.min(board.rows.len()));
    out.append(&grid("Leaderboard", &part(first), &COLUMNS));
    if !rest.is_empty() {
        let line = format!("Ranks {} to {}", OPEN + 1, board.rows.len());
        out.append(&folded(&line, &grid("The rest of the leaderboard", &part(rest), &COLUMNS)));
    }
    Some(out)
}

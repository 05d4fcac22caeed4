//! The closing summary of a backtest: what was found, how every job ended, what it cost.
//!
//! In order: the leaderboard with the number of jobs it was picked from, outcomes per strategy,
//! the score against the benchmark, memory, time, and what to ask next.

use std::{fmt::Write, path::Path};

use super::{
    cell::plain_text,
    number::{grouped, megabytes},
    outcomes::outcome_table,
    table::aligned,
};
use crate::{
    run::Summary,
    store::{Cell, Table},
};

/// What the closing summary is made from.
#[derive(Debug)]
pub struct Closing<'a> {
    /// What the run did.
    pub summary: &'a Summary,
    /// The first rows of query `leaderboard` for this run.
    pub leaderboard: &'a Table,
    /// Query `beats-benchmark` for this run.
    pub beats: &'a Table,
    /// The store.
    pub store: &'a Path,
    /// Commands to try next.
    pub next: &'a [String],
    /// The terminal's width; `None` where there is none.
    pub width: Option<u16>,
}

/// The summary as text, ending in a newline.
pub fn closing(parts: &Closing<'_>) -> String {
    [leaderboard(parts), outcomes(parts), benchmark(parts), costs(parts), next(parts)].join("\n")
}

/// Columns of the leaderboard shown, in order, under names short enough for a terminal of 100
/// columns; those the query lacks are left out.
const SHOWN: [(&str, &str); 10] = [
    ("rank", "rank"),
    ("strategy", "strategy"),
    ("horizon_days", "days"),
    ("symbols", "symbols"),
    ("total_return", "return"),
    ("sharpe", "sharpe"),
    ("max_drawdown", "drawdown"),
    ("benchmark_return", "benchmark"),
    ("excess_return", "excess"),
    ("trades", "trades"),
];

fn leaderboard(parts: &Closing<'_>) -> String {
    let tried = parts.summary.planned.saturating_sub(parts.summary.pending);
    let mut text = format!(
        "Leaderboard of run {}: the best {} of {} jobs, by Sharpe ratio\n",
        parts.summary.run_id,
        parts.leaderboard.rows.len(),
        grouped(tried),
    );
    text.push_str(&aligned(&picked(parts.leaderboard, &SHOWN), parts.width));
    if !parts.leaderboard.rows.is_empty() {
        let _ = writeln!(
            text,
            "The first row is the best of {} jobs tried: expect luck in it.",
            grouped(tried)
        );
    }
    let _ = writeln!(text, "Conventions: {}", plain_text(&parts.summary.conventions));
    text
}

fn outcomes(parts: &Closing<'_>) -> String {
    let summary = parts.summary;
    let mut text = String::from("Outcomes: every job is in exactly one column\n");
    text.push_str(&aligned(&outcome_table(&summary.outcomes), parts.width));
    let _ = write!(
        text,
        "planned {} = computed {} + already stored {}",
        grouped(summary.planned),
        grouped(summary.computed),
        grouped(summary.cached),
    );
    if summary.pending > 0 {
        let _ = write!(text, " + pending {}", grouped(summary.pending));
    }
    text.push('\n');
    if summary.left_out > 0 {
        let _ =
            writeln!(text, "left out by the sample: {} combinations", grouped(summary.left_out));
    }
    text
}

fn benchmark(parts: &Closing<'_>) -> String {
    format!(
        "Against the benchmark (the same symbols bought and held): done jobs that returned more\n{}",
        aligned(parts.beats, parts.width)
    )
}

fn costs(parts: &Closing<'_>) -> String {
    let (summary, memory) = (parts.summary, &parts.summary.memory);
    let mut text = format!(
        "Memory: initial {}, planned {}, peak {}, final {}, budget {}\n",
        megabytes(memory.initial_bytes),
        megabytes(memory.planned_bytes),
        megabytes(memory.peak_bytes),
        megabytes(memory.final_bytes),
        megabytes(memory.budget_bytes),
    );
    let _ = write!(text, "Time: {:.2} s", summary.wall_secs);
    if summary.computed > 0 && summary.wall_secs > 0.0 {
        let _ =
            write!(text, ", {:.0} jobs per second", summary.computed as f64 / summary.wall_secs);
    }
    let _ = writeln!(
        text,
        ", {} worker{}; {} combinations, {} pair fits",
        summary.workers,
        if summary.workers == 1 { "" } else { "s" },
        grouped(summary.combinations),
        grouped(summary.pair_fits),
    );
    for note in &summary.notes {
        let _ = writeln!(text, "Note: {}", plain_text(note));
    }
    if summary.differing > 0 {
        let _ = writeln!(
            text,
            "Drift: {} recomputed jobs differ from the stored ones.",
            grouped(summary.differing)
        );
    }
    text
}

fn next(parts: &Closing<'_>) -> String {
    let path = plain_text(&parts.store.display().to_string());
    let mut text = format!("Store: {path}\nNext:\n");
    for command in parts.next {
        let _ = writeln!(text, "  {}", plain_text(command));
    }
    text
}

/// The columns of `answer` listed in `names`, in that order and under their second names, as far
/// as it has them.
fn picked(answer: &Table, names: &[(&str, &str)]) -> Table {
    let found: Vec<(usize, &str)> = names
        .iter()
        .filter_map(|(name, shown)| {
            Some((answer.columns.iter().position(|column| column == name)?, *shown))
        })
        .collect();
    Table {
        columns: found.iter().map(|(_, shown)| (*shown).to_owned()).collect(),
        rows: answer
            .rows
            .iter()
            .map(|row| {
                found.iter().map(|(at, _)| row.get(*at).cloned().unwrap_or(Cell::Null)).collect()
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Closing, SHOWN, closing, picked};
    use crate::{
        domain::Outcome,
        run::{MemoryReport, Summary},
        store::{Cell, Table},
    };

    fn summary() -> Summary {
        Summary {
            run_id: 3,
            planned: 12,
            computed: 8,
            cached: 2,
            pending: 2,
            outcomes: vec![(
                "cointegration".into(),
                vec![(Outcome::Done, 6), (Outcome::NotCointegrated, 4)],
            )],
            combinations: 4,
            left_out: 9,
            workers: 2,
            notes: vec!["2 workers: more need --max-workers".into()],
            memory: MemoryReport {
                initial_bytes: 20_000_000,
                planned_bytes: 150_000_000,
                peak_bytes: 90_000_000,
                final_bytes: 60_000_000,
                budget_bytes: 1 << 30,
            },
            wall_secs: 2.0,
            pair_fits: 6,
            differing: 0,
            interrupted: true,
            conventions: "next-open fills, 10 + 5 bps, 8760 bars a year".into(),
        }
    }

    fn ranked() -> Table {
        let columns =
            ["rank", "strategy", "symbols", "total_return", "benchmark_return", "job_key"];
        let row = vec![
            Cell::Int(1),
            Cell::Text("cointegration".into()),
            Cell::Text("A,B".into()),
            Cell::Float(0.25),
            Cell::Float(0.125),
            Cell::Text("00ff".into()),
        ];
        Table { columns: columns.map(str::to_owned).to_vec(), rows: vec![row] }
    }

    #[test]
    fn it_says_how_many_were_tried_and_accounts_for_all_of_them() {
        let text = closing(&Closing {
            summary: &summary(),
            leaderboard: &ranked(),
            beats: &Table::default(),
            store: Path::new("x.duckdb"),
            next: &["barline query truth".to_owned()],
            width: None,
        });
        for line in [
            "Leaderboard of run 3: the best 1 of 10 jobs, by Sharpe ratio",
            "The first row is the best of 10 jobs tried: expect luck in it.",
            "planned 12 = computed 8 + already stored 2 + pending 2",
            "left out by the sample: 9 combinations",
            "Memory: initial 20.0 MB, planned 150.0 MB, peak 90.0 MB, final 60.0 MB, budget 1073.7 MB",
            "Time: 2.00 s, 4 jobs per second, 2 workers; 4 combinations, 6 pair fits",
            "Note: 2 workers: more need --max-workers",
            "Store: x.duckdb",
            "  barline query truth",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\nnot in\n{text}");
        }
        assert!(!text.contains("job_key"));
    }

    #[test]
    fn the_leaderboard_keeps_its_own_columns_under_short_names() {
        let shown = picked(&ranked(), &SHOWN);
        assert_eq!(shown.columns, ["rank", "strategy", "symbols", "return", "benchmark"]);
        assert_eq!(shown.rows[0][4], Cell::Float(0.125));
    }
}

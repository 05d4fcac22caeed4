//! The closing summary of a backtest: what was found, how every job ended, what it cost.
//!
//! In order: the best of each horizon with the number of jobs they were picked from, outcomes per
//! strategy, the score against the benchmark, memory, time, and what to ask next. Ratios of
//! different horizons are not ranked against each other: a year's Sharpe ratio in a month is luck.
//! Where the terminal is narrow, columns that can be missed are left out; lines break between
//! words. Remarks of the plan are not repeated: they were said when the run began.

use std::{fmt::Write, path::Path};

use super::{
    against_benchmark::by_horizon,
    cell::plain_text,
    fitted::{fitted, natural_width},
    number::{grouped, megabytes},
    outcomes::{outcome_table, turned},
    table::aligned,
    wrapped::wrapped,
};
use crate::{
    run::{MemoryReport, Summary},
    store::{Cell, Table},
};

/// What the closing summary is made from.
#[derive(Debug)]
pub struct Closing<'a> {
    /// What the run did.
    pub summary: &'a Summary,
    /// Query `best` for this run.
    pub best: &'a Table,
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

/// Columns of query `best` shown, in order, under names short enough for a terminal of 100
/// columns; those the query lacks are left out.
const SHOWN: [(&str, &str); 11] = [
    ("horizon_days", "days"),
    ("rank", "rank"),
    ("jobs_ranked", "of"),
    ("strategy", "strategy"),
    ("symbols", "symbols"),
    ("sharpe", "sharpe"),
    ("total_return", "return"),
    ("benchmark_return", "benchmark"),
    ("excess_return", "excess"),
    ("max_drawdown", "drawdown"),
    ("trades", "trades"),
];

/// What a narrow terminal does without, in the order in which it goes.
const EXPENDABLE: [&str; 6] = ["benchmark", "trades", "of", "drawdown", "rank", "excess"];

fn leaderboard(parts: &Closing<'_>) -> String {
    let tried = parts.summary.planned.saturating_sub(parts.summary.pending);
    let mut text = line(
        parts,
        &format!(
            "Leaderboard of run {}: the best of each horizon by Sharpe ratio, {} jobs tried",
            parts.summary.run_id,
            grouped(tried),
        ),
    );
    text.push_str(&fitted(&picked(parts.best, &SHOWN), parts.width, &EXPENDABLE));
    if !parts.best.rows.is_empty() {
        text.push_str(&line(parts, "The best of many tries are lucky too: expect luck in them."));
    }
    text + &line(parts, &format!("Conventions: {}", plain_text(&parts.summary.conventions)))
}

fn outcomes(parts: &Closing<'_>) -> String {
    let summary = parts.summary;
    let counts = outcome_table(&summary.outcomes);
    let is_wide = parts.width.is_some_and(|width| natural_width(&counts) > usize::from(width));
    let mut text = String::from("Outcomes: every job ended in exactly one\n");
    if is_wide {
        text.push_str(&aligned(&turned(&counts, "outcome"), parts.width));
    } else {
        text.push_str(&aligned(&counts, None));
    }
    let mut sum = format!(
        "planned {} = computed {} + already stored {}",
        grouped(summary.planned),
        grouped(summary.computed),
        grouped(summary.cached),
    );
    if summary.pending > 0 {
        let _ = write!(sum, " + pending {}", grouped(summary.pending));
    }
    text.push_str(&line(parts, &sum));
    if summary.left_out > 0 {
        let left_out = grouped(summary.left_out);
        text.push_str(&line(parts, &format!("left out by the sample: {left_out} combinations")));
    }
    text
}

fn benchmark(parts: &Closing<'_>) -> String {
    let title = "Against the benchmark: done jobs that returned more than holding the same symbols";
    line(parts, title) + &aligned(&by_horizon(parts.beats), parts.width)
}

/// `text` as a line of its own, broken where the terminal ends.
fn line(parts: &Closing<'_>, text: &str) -> String {
    wrapped(text, parts.width) + "\n"
}

fn costs(parts: &Closing<'_>) -> String {
    let summary = parts.summary;
    let memory = format!("Memory: {}", memory_line(&summary.memory));
    let beside = parts.summary.memory.beside();
    let beside =
        if beside.is_empty() { beside } else { line(parts, &format!("Memory beside: {beside}")) };
    let mut time = format!("Time: {:.2} s", summary.wall_secs);
    if summary.computed > 0 && summary.wall_secs > 0.0 {
        let _ =
            write!(time, ", {:.0} jobs per second", summary.computed as f64 / summary.wall_secs);
    }
    let _ = write!(
        time,
        ", {} worker{}; {} combinations, {} pair fits",
        summary.workers,
        if summary.workers == 1 { "" } else { "s" },
        grouped(summary.combinations),
        grouped(summary.pair_fits),
    );
    let mut text = line(parts, &memory) + &beside + &line(parts, &time);
    if summary.differing > 0 {
        let differing = grouped(summary.differing);
        let drift = format!("Drift: {differing} recomputed jobs differ from the stored ones.");
        text.push_str(&line(parts, &drift));
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
        ..Table::default()
    }
}

/// What was held at first, planned, measured and allowed.
pub fn memory_line(memory: &MemoryReport) -> String {
    format!(
        "initial {}, planned {}, peak {}, final {}, budget {}",
        megabytes(memory.initial_bytes),
        megabytes(memory.planned_bytes),
        megabytes(memory.peak_bytes),
        megabytes(memory.final_bytes),
        megabytes(memory.budget_bytes),
    )
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
                kernel_peak_bytes: Some(125_000_000),
                ..MemoryReport::default()
            },
            wall_secs: 2.0,
            pair_fits: 6,
            differing: 0,
            interrupted: true,
            conventions: "next-open fills, 10 + 5 bps, 8760 bars a year".into(),
        }
    }

    fn ranked() -> Table {
        let columns = [
            "horizon_days",
            "rank",
            "jobs_ranked",
            "strategy",
            "symbols",
            "total_return",
            "sharpe",
            "benchmark_return",
            "excess_return",
            "max_drawdown",
            "trades",
            "job",
        ];
        let row = vec![
            Cell::Int(730),
            Cell::Int(1),
            Cell::Int(9_999),
            Cell::Text("cointegration".into()),
            Cell::Text("SARABANDE,TOCCATA".into()),
            Cell::Float(1.25),
            Cell::Float(12.5),
            Cell::Float(0.125),
            Cell::Float(1.125),
            Cell::Float(-0.125),
            Cell::Int(1_234),
            Cell::Text("00ff".into()),
        ];
        Table { columns: columns.map(str::to_owned).to_vec(), rows: vec![row], ..Table::default() }
    }

    fn shown(width: Option<u16>) -> String {
        closing(&Closing {
            summary: &summary(),
            best: &ranked(),
            beats: &Table::default(),
            store: Path::new("x.duckdb"),
            next: &["barline query truth".to_owned()],
            width,
        })
    }

    #[test]
    fn it_says_how_many_were_tried_and_accounts_for_all_of_them() {
        let text = shown(None);
        for line in [
            "Leaderboard of run 3: the best of each horizon by Sharpe ratio, 10 jobs tried",
            "The best of many tries are lucky too: expect luck in them.",
            "planned 12 = computed 8 + already stored 2 + pending 2",
            "left out by the sample: 9 combinations",
            "Memory: initial 20.0 MB, planned 150.0 MB, peak 90.0 MB, final 60.0 MB, budget 1073.7 MB",
            "Memory beside: kernel 125.0 MB",
            "Time: 2.00 s, 4 jobs per second, 2 workers; 4 combinations, 6 pair fits",
            "Store: x.duckdb",
            "  barline query truth",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\nnot in\n{text}");
        }
        assert!(!text.contains("00ff"));
        assert!(!text.contains("--max-workers"), "a remark was said when the run began");
    }

    #[test]
    fn no_line_is_longer_than_the_terminal_and_a_row_stays_on_its_line() {
        for width in [60, 80, 100, 140] {
            let text = shown(Some(width));
            for line in text.lines() {
                assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
            }
            let row = text.lines().find(|line| line.contains("SARABANDE,TOCCATA"));
            let row = row.expect("symbols on one line");
            assert!(row.contains("cointegration") && row.contains("12.50"), "{row}");
        }
    }

    #[test]
    fn every_column_is_shown_where_there_is_room() {
        let header = |width| shown(width).lines().nth(1).unwrap_or_default().to_owned();
        let columns = SHOWN.map(|(_, name)| name);
        assert!(columns.iter().all(|name| header(Some(140)).contains(name)));
        let narrow = header(Some(80));
        assert!(narrow.contains("sharpe") && !narrow.contains("benchmark"), "{narrow}");
    }

    #[test]
    fn the_leaderboard_keeps_its_own_columns_under_short_names() {
        let shown = picked(&ranked(), &SHOWN);
        assert_eq!(shown.columns, SHOWN.map(|(_, name)| name));
        assert_eq!(shown.rows[0][7], Cell::Float(0.125));
    }
}

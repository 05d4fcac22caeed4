//! What was run, whether it is whole, and what it found, in a few lines.

use std::fmt::Write;

use crate::{
    report::{
        html::{chart::moment, grid::facts, markup::Markup},
        number::{fixed, grouped, megabytes, percent},
    },
    run::{Account, Source},
    store::{Cell, Table},
};

/// One line below the title.
pub(in crate::report::html) fn lead(account: &Account) -> String {
    let run = &account.run;
    format!(
        "{} of {} instruments in {} bars up to {}, {} at {}.",
        if account.is_screen() { "Tests of cointegration" } else { "Strategies" },
        grouped(count(run, "universe_size")),
        run.text(0, "interval"),
        time(run, "end_ts"),
        run.text(0, "status"),
        time(run, "finished_at"),
    )
}

/// Facts of the run, and what must be known before its numbers are believed.
pub(super) fn summary(account: &Account) -> Markup {
    let run = &account.run;
    let mut out = Markup::default();
    for warning in warnings(account) {
        out.element("p", &[("class", &"warning"), ("role", &"note")], warning);
    }
    let mut rows = vec![
        ("Run", format!("{} ({})", account.run_id(), run.text(0, "kind"))),
        ("Status", run.text(0, "status").to_owned()),
        ("Started", time(run, "started_at")),
        ("Time", seconds(run)),
        (
            "Engine",
            format!("Barline {} on {}", run.text(0, "engine_version"), run.text(0, "device")),
        ),
        ("Configuration", run.text(0, "configuration_hash").to_owned()),
    ];
    if account.is_screen() {
        let of = |name| grouped(count(&account.screen, name));
        rows.push(("Tests", format!("{} made, {} not possible", of("tests"), of("refused"))));
        rows.push(("Listed", of("listed")));
    } else {
        rows.push(("Jobs", jobs(run)));
        rows.push(("Best", best(account)));
    }
    let peak = megabytes(count(run, "measured_peak_bytes"));
    let budget = megabytes(count(run, "budget_bytes"));
    rows.push(("Memory", format!("peak {peak} of {budget} allowed")));
    out.append(&facts(&rows));
    if !account.is_screen() && !account.leaderboard.rows.is_empty() {
        out.paragraph(format_args!(
            "{} jobs were tried: the best of many tries are lucky too. Expect luck in them, and less of it over \
             longer horizons.",
            grouped(ended(run))
        ));
    }
    out
}

/// What makes the run less than whole, a line each.
fn warnings(account: &Account) -> Vec<String> {
    let run = &account.run;
    let mut warnings = Vec::new();
    let status = run.text(0, "status");
    if status != "finished" {
        warnings.push(format!("The run is {status}: what is here is not all of it."));
    }
    let pending = count(run, "planned_jobs").saturating_sub(ended(run));
    if pending > 0 && !account.is_screen() {
        warnings.push(format!(
            "{} planned jobs are missing; the same command goes on where it was stopped.",
            grouped(pending)
        ));
    }
    let failures = failures(&account.outcomes);
    if failures > 0 {
        warnings.push(format!(
            "{} jobs failed, and are computed again by the next run.",
            grouped(failures)
        ));
    }
    if account.stale > 0 {
        warnings.push(format!(
            "{} jobs are stale: bars or events imported since may change them.",
            grouped(account.stale)
        ));
    }
    if run.text(0, "configuration").contains("\"fill\":\"same-close\"") {
        warnings.push(
            "OPTIMISTIC fills: each decision trades at the very price it was made on, which no market gives."
                .to_owned(),
        );
    }
    for detail in &account.details {
        if detail.drawn.as_ref().is_ok_and(|drawn| drawn.source == Source::Different) {
            warnings.push(format!(
                "Job {} simulated again does not equal what is stored; this is a fault of ours.",
                detail.job.text(0, "job")
            ));
        }
    }
    warnings
}

fn failures(outcomes: &Table) -> u64 {
    let is_failure =
        |row: &usize| ["failed", "panicked", "timed_out"].contains(&outcomes.text(*row, "outcome"));
    let jobs = |row| u64::try_from(outcomes.whole(row, "jobs").unwrap_or(0)).unwrap_or(0);
    (0..outcomes.rows.len()).filter(is_failure).map(jobs).sum()
}

fn jobs(run: &Table) -> String {
    let of = |name| grouped(count(run, name));
    let pending = count(run, "planned_jobs").saturating_sub(ended(run));
    let mut text = format!(
        "planned {} = computed {} + already stored {}",
        of("planned_jobs"),
        of("computed"),
        of("cached")
    );
    if pending > 0 {
        let _ = write!(text, " + missing {}", grouped(pending));
    }
    if count(run, "left_out") > 0 {
        let _ = write!(text, "; {} combinations left out by the sample", of("left_out"));
    }
    text
}

fn best(account: &Account) -> String {
    let board = &account.leaderboard;
    let Some(sharpe) = board.number(0, "sharpe") else {
        return "no job has a Sharpe ratio".to_owned();
    };
    let shown = |name| {
        board.number(0, name).map_or("undefined".to_owned(), |v| format!("{} %", percent(v)))
    };
    format!(
        "{} on {}, {} days: Sharpe {}, return {}, the benchmark {}",
        board.text(0, "strategy"),
        few(board.text(0, "symbols")),
        board.whole(0, "horizon_days").unwrap_or(0),
        fixed(sharpe, 2),
        shown("total_return"),
        shown("benchmark_return"),
    )
}

/// Symbols as they fit into a line.
pub(super) fn few(symbols: &str) -> String {
    let all: Vec<&str> = symbols.split(',').collect();
    if all.len() <= 4 {
        symbols.replace(',', ", ")
    } else {
        format!("{}, .. ({})", all[..3].join(", "), all.len())
    }
}

/// Jobs that are there.
fn ended(run: &Table) -> u64 {
    count(run, "computed") + count(run, "cached")
}

pub(super) fn count(table: &Table, name: &str) -> u64 {
    table.whole(0, name).and_then(|value| u64::try_from(value).ok()).unwrap_or(0)
}

fn seconds(run: &Table) -> String {
    run.number(0, "wall_secs").map_or("not finished".to_owned(), |secs| {
        format!("{} s with {} workers", fixed(secs, 2), count(run, "workers"))
    })
}

fn time(table: &Table, name: &str) -> String {
    match table.cell(0, name) {
        Cell::Time(micros) => moment(*micros) + " UTC",
        _ => "no time".to_owned(),
    }
}

//! How the jobs ended: every job in exactly one outcome, each with its reason.

use std::collections::BTreeMap;

use crate::{
    domain::Outcome,
    report::{
        against_benchmark::by_horizon,
        html::{
            chart::{Chart, Key, Row, stacked_rows},
            grid::{folded, grid},
            markup::Markup,
        },
    },
    run::Account,
};

/// The class of an outcome's colour.
fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NoBars => "o-none",
        Outcome::InsufficientHistory => "o-short",
        Outcome::NonPositivePrice => "o-price",
        Outcome::SingularCovariance => "o-unfit",
        Outcome::NotCointegrated => "o-refused",
        Outcome::NoTrade => "o-idle",
        Outcome::Ruined => "o-lost",
        Outcome::MarginCall => "o-called",
        Outcome::Done => "o-done",
        Outcome::Failed => "o-failed",
        Outcome::Panicked => "o-panicked",
        Outcome::TimedOut => "o-timed",
    }
}

/// Outcomes by strategy, their reasons, and the score against the benchmark.
pub(super) fn outcomes(account: &Account) -> Option<Markup> {
    let answer = &account.outcomes;
    if answer.rows.is_empty() {
        return (!account.is_screen()).then(|| {
            let mut out = Markup::default();
            out.paragraph("No job of this run is stored.");
            out
        });
    }
    let mut counts: BTreeMap<&str, BTreeMap<Outcome, u64>> = BTreeMap::new();
    for row in 0..answer.rows.len() {
        let name = answer.text(row, "outcome");
        let Some(outcome) = Outcome::ALL.into_iter().find(|outcome| outcome.name() == name) else {
            continue;
        };
        let jobs = answer.whole(row, "jobs").and_then(|jobs| u64::try_from(jobs).ok()).unwrap_or(0);
        *counts.entry(answer.text(row, "strategy")).or_default().entry(outcome).or_default() +=
            jobs;
    }
    let seen: Vec<Outcome> = (Outcome::ALL.into_iter().rev())
        .filter(|outcome| counts.values().any(|own| own.contains_key(outcome)))
        .collect();
    let row = |(strategy, own): (&&str, &BTreeMap<Outcome, u64>)| Row {
        label: (*strategy).to_owned(),
        parts: (seen.iter())
            .filter_map(|outcome| {
                Some((outcome.name().to_owned(), class(*outcome), *own.get(outcome)?))
            })
            .collect(),
    };
    let rows: Vec<Row> = counts.iter().map(row).collect();
    let legend: Vec<(Key, &str)> =
        seen.iter().map(|outcome| (Key::Colour(class(*outcome)), outcome.name())).collect();
    let chart = Chart {
        name: "outcomes",
        title: "Jobs by outcome",
        meaning: "Every job ended in exactly one; the length of a bar is the number of jobs of its strategy.",
        legend: &legend,
        height: 0,
        room: "wide-labels",
    };
    let mut out = stacked_rows(&chart, &rows);
    out.literal("<ul class=\"meanings\">");
    for outcome in &seen {
        out.literal("<li>")
            .element("strong", &[], outcome.name())
            .text(": ")
            .text(outcome.meaning());
        out.literal("</li>");
    }
    out.literal("</ul>");
    if !account.reasons.rows.is_empty() {
        let columns = [
            ("outcome", "outcome"),
            ("strategy", "strategy"),
            ("horizon_days", "days"),
            ("jobs", "jobs"),
            ("example", "reason, as one job gave it"),
        ];
        let table = grid("Reasons", &account.reasons, &columns);
        out.append(&folded("Why jobs did not end as done", &table));
    }
    out.literal("<h3>Against the benchmark</h3>");
    out.paragraph("Done jobs that returned more than buying and holding the same symbols, out of those with a benchmark.");
    out.append(&grid("Against the benchmark", &by_horizon(&account.beats), &[]));
    Some(out)
}

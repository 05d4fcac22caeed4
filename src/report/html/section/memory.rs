//! Memory: what was allowed, planned and measured.

use crate::{
    report::{
        html::{
            chart::{Bar, Chart, Unit, bars},
            grid::{folded, grid},
            markup::Markup,
        },
        number::megabytes,
    },
    run::Account,
};

/// A budget that is larger than the plan by so much is cut off, so that the rest can be seen.
const CUT: f64 = 2.0;

/// Numbers of the run, and what was held from stage to stage.
pub(super) fn memory(account: &Account) -> Markup {
    let run = &account.run;
    let of = |name: &str| run.number(0, name);
    let most = [of("planned_peak_bytes"), of("measured_peak_bytes")]
        .into_iter()
        .flatten()
        .fold(0.0, f64::max);
    let bar = |label: &str, name: &str, class| {
        let value = of(name)?;
        let is_cut = name == "budget_bytes" && most > 0.0 && value > CUT * most;
        Some(Bar { label: label.to_owned(), from: 0.0, to: value, value, class, is_cut })
    };
    let shown: Vec<Bar> = [
        bar("budget", "budget_bytes", "budget"),
        bar("planned peak", "planned_peak_bytes", "planned"),
        bar("measured peak", "measured_peak_bytes", "measured"),
        bar("at first", "initial_bytes", "measured faint"),
        bar("at the end", "final_bytes", "measured faint"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let chart = Chart {
        name: "memory",
        title: "Memory planned against measured",
        meaning: "Planned before the run, each part a formula; measured as the highest sample of anonymous and shared \
                  memory of the process, without page cache. MB are 10^6 bytes.",
        legend: &[],
        height: 0,
        room: "wide-labels",
    };
    let mut out = bars(&chart, Unit::Bytes, &shown);
    if let (Some(planned), Some(measured)) =
        (run.whole(0, "planned_peak_bytes"), run.whole(0, "measured_peak_bytes"))
    {
        let within = if measured <= planned { "within" } else { "ABOVE" };
        let [planned, measured] =
            [planned, measured].map(|bytes| megabytes(u64::try_from(bytes).unwrap_or(0)));
        out.paragraph(format_args!(
            "The measured peak of {measured} is {within} the plan of {planned}."
        ));
    }
    if !account.memory.rows.is_empty() {
        let columns =
            [("stage", "stage"), ("elapsed_secs", "after, s"), ("held_bytes", "held_bytes")];
        let samples = grid("Memory samples", &account.memory, &columns);
        out.append(&folded("Samples, stage by stage", &samples));
    }
    out
}

//! The terms of a job as JSON, for its row.

use std::fmt::Write;

use crate::sim::{Costs, SimOptions};

/// Terms that are written whatever they are; the others where they are set.
const ALWAYS: usize = 3;

/// Parameters of the strategy, capital, costs, fill and limits with a fixed field order. Costs of zero and limits that
/// are not set are left out, but for the three that every job has.
pub(super) fn terms(parameters: &str, options: &SimOptions) -> String {
    let mut text = format!("{{\"strategy\":{parameters},\"capital\":{}", options.capital);
    let costs: &Costs = &options.costs;
    for (at, (name, cost)) in costs.named().into_iter().enumerate() {
        if at < ALWAYS || cost != 0.0 {
            let _ = write!(text, ",\"{name}\":{cost}");
        }
    }
    for (name, limit) in options.limits.named() {
        let _ = limit.map_or(Ok(()), |limit| write!(text, ",\"{name}\":{limit}"));
    }
    let _ = write!(
        text,
        ",\"fill\":\"{}\",\"max_stale_bars\":{}}}",
        options.fill, options.max_stale_bars
    );
    text
}

//! The terms of a job as JSON, for its row.

use std::fmt::Write;

use crate::sim::{Costs, Reentry, SimOptions};

/// Terms that are written whatever they are; the others where they are set.
const ALWAYS: usize = 3;

/// Parameters of the strategy, capital, costs, limits, rules and fill with a fixed field order. Costs
/// of zero and limits and rules that are not set are left out, but for the three costs that every job
/// has.
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
    let rules = options.rules;
    for (name, rule) in rules.named() {
        let _ = rule.map_or(Ok(()), |rule| write!(text, ",\"{name}\":{rule}"));
    }
    if rules.is_active() {
        let _ = match rules.reentry {
            Reentry::Bars(bars) => write!(text, ",\"reentry\":{bars}"),
            word => write!(text, ",\"reentry\":\"{word}\""),
        };
    }
    let _ = write!(
        text,
        ",\"fill\":\"{}\",\"max_stale_bars\":{}}}",
        options.fill, options.max_stale_bars
    );
    text
}

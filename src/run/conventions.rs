//! How a run was simulated, in one line for the person at the terminal.

use std::fmt::Write;

use super::selection::Selection;
use crate::{run::Request, sim::FillRule};

/// Fill rule, costs, limits, rules and annualization; what is off is not mentioned, but for
/// borrow.
pub(super) fn conventions(request: &Request, selection: &Selection) -> String {
    let annual = match request.periods_per_year {
        Some(periods) => format!("{periods} bars a year (--periods-per-year)"),
        None => "bars a year by calendar class".to_owned(),
    };
    let fill = match selection.fill {
        FillRule::SameClose => "SAME close, OPTIMISTIC (each fill has the price that decided it)",
        other => other.name(),
    };
    let costs = request.costs;
    let mut text = format!(
        "{} bars up to {}, decided at the close, filled at the {fill}; commission {} bps and slippage {} \
         bps per leg and side, borrow {} bps a year",
        selection.interval,
        selection.end,
        costs.commission_bps,
        costs.slippage_bps,
        costs.borrow_bps
    );
    let further = costs.named().into_iter().skip(3).filter(|(_, cost)| *cost != 0.0);
    let limits = request.limits.named().into_iter().chain(request.rules.named());
    for (name, value) in further.chain(limits.filter_map(|(name, limit)| Some((name, limit?)))) {
        let _ = write!(text, ", {} {value}", name.replace('_', " "));
    }
    if request.rules.is_active() {
        let _ = write!(text, ", reentry {}", request.rules.reentry);
    }
    if !request.instruments.is_empty() {
        let _ = write!(text, ", {} instruments on terms of their own", request.instruments.len());
    }
    let _ = write!(text, "; Sharpe with ddof 1 and risk-free rate 0, {annual}");
    text
}

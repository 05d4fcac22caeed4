//! What was asked of a run, as it is stored with it.

use super::prepared::Prepared;
use crate::{run::Request, strategy::Strategy};

/// What makes two runs the same question: everything but limits and threads.
pub(super) fn configuration(request: &Request, prepared: &Prepared) -> String {
    let Prepared { selection, strategies, windows, .. } = prepared;
    let symbols: Vec<_> = (selection.universe.instruments().iter())
        .map(|i| format!("{}:{}", i.market, i.symbol))
        .collect();
    let told = |s: &dyn Strategy| {
        let mut parameters: Vec<_> = windows.iter().map(|w| s.parameters_over(w)).collect();
        parameters.dedup();
        format!("{} {}", s.name(), parameters.join(" "))
    };
    let strategies: Vec<_> = strategies.iter().map(|s| told(s.as_ref())).collect();
    let mut configuration = serde_json::json!({
        "symbols": symbols,
        "interval": selection.interval.to_string(),
        "end": selection.end.to_string(),
        "horizons": request.horizons.iter().map(|h| h.days()).collect::<Vec<_>>(),
        "strategies": strategies,
        "sizes": request.sizes.to_string(),
        "multi_pair": request.multi_pair,
        "max_combinations": request.max_combinations,
        "ranks": request.ranks.as_ref().map(|r| format!("{}..{}", r.start, r.end)),
        "seed": request.seed,
        "capital": request.capital,
        "costs": request.costs,
        "limits": request.limits,
        "instruments": request.instruments,
        "fill": selection.fill.to_string(),
        "max_stale_bars": request.max_stale_bars,
        "periods_per_year": request.periods_per_year,
    });
    // Without rules it is what it was before there were any.
    if request.rules.is_active() {
        configuration["rules"] = serde_json::json!(request.rules);
    }
    if let Some(screen) = &prepared.screen {
        // Its content and not its number, which differs between stores.
        configuration["screened"] = serde_json::json!({
            "tests": screen.tests,
            "combinations": screen.combinations,
        });
    }
    configuration.to_string()
}

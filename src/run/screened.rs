//! Runs that take their combinations from a screen.
//!
//! A screen has looked at its window. What it lists may be tested on what follows, and on nothing it has
//! seen; and a result that was picked out of many tests says of how many.

use std::collections::BTreeSet;

use super::selection::{self, Selection};
use crate::{
    domain::HorizonWindow,
    error::{Error, Result},
    run::Request,
    store::{SeriesSummary, StoredScreen},
};

/// The symbols that a run of `screen` needs: those of the combinations all of whose symbols are asked
/// for.
///
/// # Errors
/// Usage, if there is none.
pub(super) fn symbols(screen: &StoredScreen, request: &Request) -> Result<Vec<String>> {
    let asked = |symbol: &str| {
        request.symbols.as_ref().is_none_or(|asked| asked.iter().any(|name| name == symbol))
    };
    let combinations = screen.combinations.iter().map(|symbols| symbols.split(','));
    let kept = combinations.filter(|symbols| symbols.clone().all(asked));
    let names: BTreeSet<&str> = kept.flatten().collect();
    if names.is_empty() {
        let of = if screen.combinations.is_empty() { "" } else { " of these symbols" };
        return Err(Error::usage(format!("screen {} listed nothing{of}", screen.run_id))
            .with_hint("screen with a larger --max-p, or with --top N"));
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// The combinations of `screen` that the universe holds, each increasing.
///
/// # Errors
/// Usage, for a symbol that is not in the store any more, or trades on several markets.
pub(super) fn assets(
    screen: Option<&StoredScreen>,
    selection: &Selection,
    series: &[SeriesSummary],
) -> Result<Vec<Vec<u16>>> {
    let mut listed = Vec::new();
    for symbols in screen.iter().flat_map(|screen| &screen.combinations) {
        let meant = symbols.split(',').map(|name| selection::meant(selection, series, name));
        let meant: Option<Vec<u16>> = meant.collect::<Result<Option<Vec<u16>>>>()?;
        listed.extend(meant.map(|mut assets| {
            assets.sort_unstable();
            assets
        }));
    }
    Ok(listed)
}

/// Refuses horizons that score what the screen has seen.
///
/// # Errors
/// Usage, naming the first horizon.
pub(super) fn require_before(screen: &StoredScreen, windows: &[HorizonWindow]) -> Result<()> {
    match windows.iter().find(|window| window.score_start < screen.window_end) {
        None => Ok(()),
        Some(window) => {
            let days = window.horizon.days();
            Err(Error::usage(format!(
                "the window of screen {} ends at {}, but {days} days are scored from {} on: what it \
                 listed was picked with a look at what would be scored",
                screen.run_id, screen.window_end, window.score_start
            ))
            .with_hint(format!("screen again with --horizon {days}, or leave that horizon out")))
        }
    }
}

/// What a run says of its screen.
pub(super) fn told(screen: &StoredScreen) -> String {
    let count = screen.combinations.len();
    let noun = if count == 1 { "combination" } else { "combinations" };
    format!("screen {} listed {count} {noun}, picked out of {} tests", screen.run_id, screen.tests)
}

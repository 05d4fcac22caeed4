//! A request with everything settled that a store decides.

use super::selection;
use crate::{
    domain::{CalendarClass, HorizonWindow, Interval, Timestamp, Universe, WarmupMultiplier},
    error::{Error, Result},
    run::Request,
    store::Store,
};

/// What a request means for a store, written down: asked of a store with fewer bars, the request
/// here means the same.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The request, with symbols, interval, end and fill rule named.
    pub request: Request,
    /// Its instruments in canonical order.
    pub universe: Universe,
    /// Calendar class of each.
    pub calendars: Vec<CalendarClass>,
    /// Length of a bar.
    pub interval: Interval,
    /// End of every horizon.
    pub end: Timestamp,
    /// Remarks on what was chosen.
    pub notes: Vec<String>,
}

impl Resolved {
    /// The window of the longest horizon, loaded with this multiplier.
    ///
    /// # Errors
    /// Usage, if there is no horizon.
    pub fn longest_window(&self, multiplier: WarmupMultiplier) -> Result<HorizonWindow> {
        let windows = self.request.horizons.iter().map(|h| h.window(self.end, multiplier));
        windows
            .min_by_key(|window| window.load_start)
            .ok_or_else(|| Error::usage("no horizon to run"))
    }
}

/// Settles universe, interval, end and fill rule of a request on the full history of a store.
///
/// # Errors
/// Usage for an unknown symbol or interval, or a store without bars.
pub fn resolve(store: &Store, request: &Request) -> Result<Resolved> {
    let selection = selection::select(&store.instruments()?, request)?;
    let names = selection.universe.instruments().iter();
    let names = names.map(|i| format!("{}:{}", i.market, i.symbol)).collect();
    Ok(Resolved {
        request: Request {
            symbols: Some(names),
            interval: Some(selection.interval),
            as_of: Some(selection.end),
            fill: Some(selection.fill),
            ..request.clone()
        },
        universe: selection.universe,
        calendars: selection.calendars,
        interval: selection.interval,
        end: selection.end,
        notes: selection.notes,
    })
}

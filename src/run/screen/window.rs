//! Which bars a screen sees.

use crate::{
    domain::{CalendarClass, Horizon, HorizonWindow, Interval, Timestamp, WarmupMultiplier},
    error::{Error, Result},
    run::{
        screen::request::ScreenRequest,
        selection::{self, Asked, Selection},
    },
    sim::FillRule,
    store::SeriesSummary,
    strategy::needed_of,
};

/// The window of a screen.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) selection: Selection,
    /// What is loaded: nothing of it is scored.
    pub(super) load: HorizonWindow,
    /// First moment of the window.
    pub(super) start: Timestamp,
    /// Its end, not included.
    pub(super) end: Timestamp,
    /// Fewest common bars.
    pub(super) min_rows: usize,
    /// Series of bars in the store.
    pub(super) series: usize,
    /// Bars of the store.
    pub(super) bars: u64,
}

impl Window {
    /// The window that `request` asks for.
    ///
    /// # Errors
    /// Usage, for an unknown symbol or interval, or no complete bar before the end.
    pub(super) fn of(series: &[SeriesSummary], request: &ScreenRequest) -> Result<Self> {
        let asked = Asked {
            symbols: request.symbols.as_deref(),
            interval: request.interval,
            as_of: request.as_of,
            // Nothing is filled.
            fill: Some(FillRule::NextClose),
        };
        let selection = selection::select(series, asked)?;
        request.check_half_lives(Some(selection.interval))?;
        let end = match request.horizon {
            Some(horizon) => selection.end.plus_micros(-horizon.micros()),
            None => selection.end,
        };
        let span = request.formation_micros;
        let start = end.plus_micros(-span);
        // The formation of a horizon ends with the last bar that opens before; a window that ends
        // with the bars, with the last one that is complete.
        let bars_end = match request.horizon {
            Some(_) => end,
            None => end.plus_micros(1 - selection.interval.micros()),
        };
        let horizon = Horizon::from_days(1);
        let horizon = horizon.ok_or_else(|| Error::internal("a day is no horizon"))?;
        let load = HorizonWindow {
            load_start: start,
            score_start: bars_end,
            end: bars_end,
            ..horizon.window(end, WarmupMultiplier::default())
        };
        let nominal = least_nominal(&selection.calendars, span, selection.interval);
        let bars = series.iter().map(|one| one.bars).sum();
        let min_rows = request.min_observations.unwrap_or_else(|| needed_of(nominal));
        Ok(Self { selection, load, start, end, min_rows, series: series.len(), bars })
    }
}

/// Bars that the window nominally holds of the sparsest market.
fn least_nominal(calendars: &[CalendarClass], span: i64, interval: Interval) -> f64 {
    let sparsest = calendars.iter().max().copied().unwrap_or(CalendarClass::Continuous);
    sparsest.nominal_bars(span, interval)
}

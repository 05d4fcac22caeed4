//! Which close is weighed at, and which bars its lookback holds.

use super::request::{LookbackLength, WeightsRequest};
use crate::{
    domain::{CalendarClass, Horizon, HorizonWindow, MICROS_PER_DAY, Timestamp, WarmupMultiplier},
    error::{Error, Result},
    run::selection::{self, Asked, Selection},
    sim::FillRule,
    store::{SeriesSummary, Store},
};

/// Fewest symbols that are weighed against each other.
const LEAST_SYMBOLS: usize = 2;

/// A close and its lookback.
#[derive(Debug, Clone)]
pub(super) struct Lookback {
    pub(super) selection: Selection,
    /// From the first bar of the lookback to the close of the last one.
    pub(super) window: HorizonWindow,
    /// Its length.
    pub(super) micros: i64,
    /// Rows from its begin to its end.
    pub(super) rows: usize,
}

impl Lookback {
    /// The lookback that `request` asks for.
    ///
    /// # Errors
    /// Usage, for an unknown symbol or interval, fewer than two symbols, a moment outside of the bars,
    /// or more bars than there are.
    pub(super) fn of(store: &Store, request: &WeightsRequest) -> Result<Self> {
        let series = store.instruments()?;
        let asked = Asked {
            symbols: request.symbols.as_deref(),
            interval: request.interval,
            as_of: request.as_of,
            // Nothing is filled.
            fill: Some(FillRule::NextClose),
        };
        let selection = selection::select(&series, asked)?;
        if selection.universe.len() < LEAST_SYMBOLS {
            let only = &selection.universe.instruments()[0].symbol;
            return Err(Error::usage(format!("{only} alone: weights are shared among symbols"))
                .with_hint("name two or more with --symbols, or import more"));
        }
        let spans = Spans::of(&series, &selection);
        spans.require_bars_until(&selection)?;
        let interval = selection.interval.micros();
        let to = selection.end.micros().saturating_sub(interval).saturating_add(1);
        let least = match request.lookback {
            LookbackLength::Bars(bars) => bars,
            LookbackLength::Days(_) => 1,
        };
        let axis = spans.rows_before(store, &selection, to, least)?;
        let last = *axis.last().ok_or_else(|| Error::internal("a bar that was there is gone"))?;
        let end = last + interval;
        let start = match request.lookback {
            #[allow(clippy::cast_possible_truncation, reason = "a span of days fits")]
            LookbackLength::Days(days) => end - (days * MICROS_PER_DAY as f64) as i64,
            LookbackLength::Bars(bars) => {
                let before = axis.len().checked_sub(bars);
                before.map(|at| axis[at]).ok_or_else(|| {
                    Error::usage(format!(
                        "--lookback-bars {bars}: there are {} bars up to {}",
                        axis.len(),
                        Timestamp(end)
                    ))
                    .with_hint("look back less far")
                })?
            }
        };
        let ids: Vec<u32> = selection.universe.instruments().iter().map(|one| one.id).collect();
        let rows = store.time_axis(selection.interval, &ids, start, end)?.len();
        let window = whole(Timestamp(start), Timestamp(end))?;
        Ok(Self { selection, window, micros: end - start, rows })
    }
}

/// A window without a scored part.
fn whole(start: Timestamp, end: Timestamp) -> Result<HorizonWindow> {
    let day = Horizon::from_days(1).ok_or_else(|| Error::internal("a day is no horizon"))?;
    let window = day.window(end, WarmupMultiplier::default());
    Ok(HorizonWindow { load_start: start, score_start: end, ..window })
}

/// From the first to the last bar of the symbols that are weighed.
struct Spans {
    first: Timestamp,
    last: Timestamp,
    ids: Vec<u32>,
}

impl Spans {
    fn of(series: &[SeriesSummary], selection: &Selection) -> Self {
        let ids: Vec<u32> = selection.universe.instruments().iter().map(|one| one.id).collect();
        let chosen = |one: &&SeriesSummary| {
            one.interval == selection.interval && ids.contains(&one.instrument.id)
        };
        let first = series.iter().filter(chosen).map(|one| one.first).min();
        let last = series.iter().filter(chosen).map(|one| one.last).max();
        Self { first: first.unwrap_or_default(), last: last.unwrap_or_default(), ids }
    }

    /// A moment so late that the next bar should have been there is outside of the bars.
    fn require_bars_until(&self, selection: &Selection) -> Result<()> {
        let interval = selection.interval.micros();
        let densest = selection.calendars.iter().min().copied();
        #[allow(clippy::cast_possible_truncation, reason = "a few days")]
        let closed = match densest.unwrap_or(CalendarClass::Continuous) {
            CalendarClass::Continuous => 0,
            CalendarClass::Weekdays | CalendarClass::Exchange => {
                (CalendarClass::LONGEST_CLOSURE_DAYS * MICROS_PER_DAY as f64) as i64
            }
        };
        let last_close = self.last.plus_micros(interval);
        if selection.end <= last_close.plus_micros(interval.saturating_add(closed)) {
            return Ok(());
        }
        Err(Error::usage(format!(
            "--as-of {} lies outside of the bars: the last one closed at {last_close}",
            selection.end
        ))
        .with_hint(format!("--as-of {last_close}, or leave it out")))
    }

    /// Opening times before `to`: at least so many, or all there are.
    fn rows_before(
        &self,
        store: &Store,
        selection: &Selection,
        to: i64,
        least: usize,
    ) -> Result<Vec<i64>> {
        let first = self.first.micros();
        let rows = i64::try_from(least).unwrap_or(i64::MAX).saturating_mul(2).saturating_add(16);
        let mut span = selection.interval.micros().saturating_mul(rows);
        loop {
            let from = to.saturating_sub(span).max(first);
            let axis = store.time_axis(selection.interval, &self.ids, from, to)?;
            if axis.len() >= least || from <= first {
                return Ok(axis);
            }
            span = span.saturating_mul(4);
        }
    }
}

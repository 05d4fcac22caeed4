//! Which instruments, which interval, which end: what a request means for this store.

use std::collections::BTreeMap;

use crate::{
    domain::{CalendarClass, Instrument, Interval, Timestamp, Universe, nearest},
    error::{Error, Result},
    run::Request,
    sim::{FillRule, InstrumentTerms},
    store::SeriesSummary,
};

/// The part of the store a run works on.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    /// Instruments in canonical order.
    pub(super) universe: Universe,
    /// Calendar class of each.
    pub(super) calendars: Vec<CalendarClass>,
    /// Length of their bars.
    pub(super) interval: Interval,
    /// Most bars that the store holds of one of them.
    pub(super) most_bars: u64,
    /// End of every horizon.
    pub(super) end: Timestamp,
    /// When decisions are filled.
    pub(super) fill: FillRule,
    /// Remarks for the person at the terminal.
    pub(super) notes: Vec<String>,
}

/// What is said of the one fill rule that sees what it trades on.
const SAME_CLOSE: &str = "OPTIMISTIC fills: with --fill same-close each decision trades at the very \
    price it was made on; no market gives that price, take next-open for results to act on";

/// What decides the selection of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Symbols to use; all of the store when `None`.
    pub(super) symbols: Option<&'a [String]>,
    /// Interval of the bars; the store's only one when `None`.
    pub(super) interval: Option<Interval>,
    /// End of every horizon; the last bar's close when `None`.
    pub(super) as_of: Option<Timestamp>,
    /// When a decision is filled; chosen from the bars when `None`.
    pub(super) fill: Option<FillRule>,
}

impl<'a> From<&'a Request> for Asked<'a> {
    fn from(request: &'a Request) -> Self {
        let Request { symbols, interval, as_of, fill, .. } = request;
        Self { symbols: symbols.as_deref(), interval: *interval, as_of: *as_of, fill: *fill }
    }
}

/// Settles universe, interval, end and fill rule.
pub(super) fn select<'a>(
    series: &[SeriesSummary],
    asked: impl Into<Asked<'a>>,
) -> Result<Selection> {
    let request = &asked.into();
    if series.is_empty() {
        return Err(Error::data("the store holds no bars").with_hint("import some first"));
    }
    let interval = choose_interval(series, request)?;
    let at_interval: Vec<_> = series.iter().filter(|s| s.interval == interval).collect();
    let chosen = match request.symbols {
        None => at_interval,
        Some(names) => {
            names.iter().map(|name| find(&at_interval, name)).collect::<Result<Vec<_>>>()?
        }
    };
    let universe = Universe::new(chosen.iter().map(|s| s.instrument.clone()).collect())?;
    let calendars = universe.instruments().iter().map(|i| calendar_of(&chosen, i)).collect();
    let last = chosen.iter().map(|s| s.last).max().unwrap_or_default();
    if let Some(as_of) = request.as_of {
        require_bars_before(&chosen, as_of, interval)?;
    }
    let mut notes = Vec::new();
    let last_close = last.plus_micros(interval.micros());
    if let Some(as_of) = request.as_of.filter(|as_of| *as_of > last_close) {
        notes.push(format!(
            "--as-of {as_of} lies after the last bar, which closed at {last_close}: horizons end \
             there all the same"
        ));
    }
    let fill = choose_fill(&chosen, request, &mut notes)?;
    let end = request.as_of.unwrap_or(last.plus_micros(interval.micros()));
    let most_bars = chosen.iter().map(|s| s.bars).max().unwrap_or(0);
    Ok(Selection { universe, calendars, interval, most_bars, end, fill, notes })
}

impl Selection {
    /// Of so many rows those in which an instrument has a bar, at most: markets that open at different
    /// hours have rows of their own.
    pub(super) fn own_rows(&self, rows: usize) -> usize {
        usize::try_from(self.most_bars).map_or(rows, |bars| rows.min(bars))
    }
}

/// At least one bar must be complete at `as_of`.
fn require_bars_before(
    chosen: &[&SeriesSummary],
    as_of: Timestamp,
    interval: Interval,
) -> Result<()> {
    let first = chosen.iter().map(|s| s.first).min().unwrap_or_default();
    if first.plus_micros(interval.micros()) <= as_of {
        return Ok(());
    }
    Err(Error::usage(format!("no bar is complete at --as-of {as_of}"))
        .with_hint(format!("the first bar of these symbols opens at {first}")))
}

fn choose_interval(series: &[SeriesSummary], request: &Asked<'_>) -> Result<Interval> {
    let mut intervals: Vec<_> = series.iter().map(|s| s.interval).collect();
    intervals.sort_unstable();
    intervals.dedup();
    let listed = || intervals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match request.interval {
        Some(asked) if intervals.contains(&asked) => Ok(asked),
        Some(asked) => Err(Error::usage(format!("the store holds no {asked} bars"))
            .with_hint(format!("its intervals: {}", listed()))),
        None if intervals.len() == 1 => Ok(intervals[0]),
        None => Err(Error::usage(format!("the store holds bars of {}", listed()))
            .with_hint("choose one with --interval")),
    }
}

/// The one series a name means: `SYMBOL` or `MARKET:SYMBOL`.
fn find<'a>(series: &[&'a SeriesSummary], name: &str) -> Result<&'a SeriesSummary> {
    let named: Vec<_> = series
        .iter()
        .filter(|s| {
            s.instrument.symbol == name
                || name
                    .split_once(':')
                    .is_some_and(|(m, n)| s.instrument.market == m && s.instrument.symbol == n)
        })
        .collect();
    match named[..] {
        [one] => Ok(one),
        [] => Err(unknown_symbol(series, name)),
        _ => {
            let markets: Vec<_> =
                named.iter().map(|s| format!("{}:{name}", s.instrument.market)).collect();
            Err(Error::usage(format!("symbol {name} trades on several markets"))
                .with_hint(format!("name one of {}", markets.join(", "))))
        }
    }
}

/// The place in the universe of what `name` means, `SYMBOL` or `MARKET:SYMBOL`; `None` for an
/// instrument of the store that the run leaves out.
///
/// # Errors
/// Usage, if the store has no such symbol, or several in the run.
pub(super) fn meant(
    selection: &Selection,
    series: &[SeriesSummary],
    name: &str,
) -> Result<Option<u16>> {
    let instruments = selection.universe.instruments();
    let means = |i: &Instrument| {
        i.symbol == name
            || name.split_once(':').is_some_and(|(m, s)| i.market == m && i.symbol == s)
    };
    let meant: Vec<usize> = (0..instruments.len()).filter(|&at| means(&instruments[at])).collect();
    match meant[..] {
        [at] => Ok(u16::try_from(at).ok()),
        [] if series.iter().any(|s| means(&s.instrument)) => Ok(None),
        [] => Err(unknown_symbol(&series.iter().collect::<Vec<_>>(), name)),
        [first, ..] => Err(Error::usage(format!("symbol {name} trades on several markets"))
            .with_hint(format!("name it as {}:{name}", instruments[first].market))),
    }
}

/// The terms of each instrument of `universe`, by the names they were given under.
///
/// # Errors
/// Usage, for a name that means no instrument of the run, or several, or one named twice.
pub(super) fn instrument_terms(
    universe: &Universe,
    named: &BTreeMap<String, InstrumentTerms>,
) -> Result<Vec<InstrumentTerms>> {
    let mut terms: Vec<Option<InstrumentTerms>> = vec![None; universe.len()];
    for (name, own) in named {
        let means = |i: &Instrument| {
            i.symbol == *name
                || name.split_once(':').is_some_and(|(m, s)| i.market == m && i.symbol == s)
        };
        let meant: Vec<usize> =
            (0..universe.len()).filter(|&at| means(&universe.instruments()[at])).collect();
        let refuse = |why: &str| Error::usage(format!("instrument {name}: {why}"));
        match meant[..] {
            [at] if terms[at].is_none() => terms[at] = Some(*own),
            [_] => return Err(refuse("its terms are given twice")),
            [] => {
                let error = refuse("it is not an instrument of this run");
                let symbols = universe.instruments().iter().map(|i| i.symbol.as_str());
                return Err(match nearest(name, symbols) {
                    Some(symbol) => error.with_hint(format!("did you mean {symbol}?")),
                    None => error,
                });
            }
            _ => {
                return Err(refuse("it trades on several markets")
                    .with_hint(format!("name it as MARKET:{name}")));
            }
        }
    }
    Ok(terms.into_iter().map(Option::unwrap_or_default).collect())
}

fn unknown_symbol(series: &[&SeriesSummary], name: &str) -> Error {
    let error = Error::usage(format!("symbol '{name}' is not in the store"));
    match nearest(name, series.iter().map(|s| s.instrument.symbol.as_str())) {
        Some(symbol) => error.with_hint(format!("did you mean {symbol}?")),
        None => error.with_hint("'barline query import-health' lists the symbols of the store"),
    }
}

fn calendar_of(chosen: &[&SeriesSummary], instrument: &Instrument) -> CalendarClass {
    chosen
        .iter()
        .find(|s| s.instrument == *instrument)
        .map_or(CalendarClass::Continuous, |s| s.calendar)
}

/// Next open where every instrument has opens, next close where one has none.
fn choose_fill(
    chosen: &[&SeriesSummary],
    request: &Asked<'_>,
    notes: &mut Vec<String>,
) -> Result<FillRule> {
    let close_only = chosen.iter().find(|s| !s.has_open);
    match (request.fill, close_only) {
        (Some(FillRule::NextOpen), Some(s)) => Err(Error::usage(format!(
            "{} has closes only: it cannot be filled at the open",
            s.instrument
        ))
        .with_hint("use --fill next-close")),
        (Some(fill), _) => {
            if fill == FillRule::SameClose {
                notes.push(SAME_CLOSE.to_owned());
            }
            Ok(fill)
        }
        (None, None) => Ok(FillRule::NextOpen),
        (None, Some(s)) => {
            notes.push(format!(
                "{} has closes only: decisions are filled at the next close",
                s.instrument
            ));
            Ok(FillRule::NextClose)
        }
    }
}

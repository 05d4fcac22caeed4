//! Longer bars made of stored ones, and stored beside them as an import of their own.

use super::{
    import_stages::{StoredBefore, import_stages},
    stage,
    stop::Stop,
};
use crate::{
    domain::{CalendarClass, Interval, Resampling},
    error::{Error, ErrorKind, Result},
    store::{ImportSource, ImportSummary, SeriesSummary, Store, source::Expected},
};

/// What is resampled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResampleRequest {
    /// Length of the stored bars.
    pub from: Interval,
    /// Length of the bars that are made.
    pub to: Interval,
    /// Only of this market.
    pub market: Option<String>,
    /// Only of these symbols.
    pub symbols: Option<Vec<String>>,
    /// Keep a last bar whose time is not over, as far as the stored bars go.
    pub keep_last: bool,
}

/// What was made of the series of one calendar class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResampleReport {
    /// Their calendar class.
    pub calendar: CalendarClass,
    /// Number of series.
    pub series: u64,
    /// Bars that were read.
    pub bars: u64,
    /// What became of the bars that were made.
    pub counts: ImportSummary,
    /// Made ones with fewer bars within than fit, the last of a series included if it was kept.
    pub partial: u64,
    /// Last ones that were left out.
    pub dropped: u64,
}

/// The predicted peak of a resampling, in bytes.
pub fn resample_bytes(bars: u64, before: StoredBefore, duckdb_limit: u64) -> u64 {
    let expected = Expected { rows: bars, decoded_bytes: 0 };
    stage::peak(&import_stages(expected, before, duckdb_limit))
}

/// The series that a request is about, in the order (market, symbol).
///
/// # Errors
/// Usage, if a symbol is not there, or nothing is.
pub fn resampled_series(store: &Store, request: &ResampleRequest) -> Result<Vec<SeriesSummary>> {
    let is_asked = |one: &SeriesSummary| {
        one.interval == request.from
            && request.market.as_ref().is_none_or(|market| *market == one.instrument.market)
    };
    let mut found = store.instruments()?;
    found.retain(is_asked);
    if let Some(symbols) = &request.symbols {
        for symbol in symbols {
            if !found.iter().any(|one| one.instrument.symbol == *symbol) {
                let from = request.from;
                return Err(Error::usage(format!("there are no {from} bars of {symbol}"))
                    .with_hint("'barline check' lists what there is"));
            }
        }
        found.retain(|one| symbols.contains(&one.instrument.symbol));
    }
    if found.is_empty() {
        return Err(Error::usage(format!("there are no {} bars", request.from))
            .with_hint("'barline check' lists what there is"));
    }
    Ok(found)
}

/// Makes the longer bars of `series` and stores them, an import per calendar class. Bars that are
/// there already are kept.
///
/// # Errors
/// Usage, for intervals that do not fit; interrupted, if asked to stop; whatever the store reports.
pub fn resample(
    store: &Store,
    request: &ResampleRequest,
    series: &[SeriesSummary],
    stop: &Stop,
) -> Result<Vec<ResampleReport>> {
    let resampling = Resampling::new(request.from, request.to)?;
    let mut calendars: Vec<CalendarClass> = series.iter().map(|one| one.calendar).collect();
    calendars.sort();
    calendars.dedup();
    let mut reports = Vec::new();
    for calendar in calendars {
        let of_it: Vec<_> = series.iter().filter(|one| one.calendar == calendar).collect();
        reports.push(of_calendar(store, request, resampling, (calendar, &of_it), stop)?);
    }
    Ok(reports)
}

fn of_calendar(
    store: &Store,
    request: &ResampleRequest,
    resampling: Resampling,
    (calendar, series): (CalendarClass, &[&SeriesSummary]),
    stop: &Stop,
) -> Result<ResampleReport> {
    let ResampleRequest { from, to, keep_last, .. } = request;
    let last = if *keep_last { "kept" } else { "left out" };
    let mut import = store.begin_import(ImportSource {
        name: format!("resample {from} {to}"),
        market: request.market.clone().unwrap_or_default(),
        interval: *to,
        calendar,
        detail: format!(
            "made of {from} bars; labelled by the open in UTC; open first, high highest, low lowest, \
             close last, volume sum; a last bar that is not over {last}"
        ),
        content: String::new(),
    })?;
    let counts = ImportSummary::default();
    let mut report =
        ResampleReport { calendar, series: 0, bars: 0, counts, partial: 0, dropped: 0 };
    for one in series {
        if stop.requested() {
            let what = "stopped: no longer bars were stored";
            return Err(Error::new(ErrorKind::Interrupted, what));
        }
        let id = import.instrument(&one.instrument.market, &one.instrument.symbol)?;
        let bars = import.bars_of(*from, id)?;
        let mut made = resampling.apply(&bars);
        if !keep_last && made.last().is_some_and(|last| !last.is_ended) {
            made.pop();
            report.dropped += 1;
        }
        report.series += 1;
        report.bars += bars.len() as u64;
        let is_partial = |one: &&crate::domain::Resampled| one.bars < resampling.bars_within();
        report.partial += made.iter().filter(is_partial).count() as u64;
        import.append(id, &made.iter().map(|one| one.bar).collect::<Vec<_>>())?;
    }
    report.counts = import.finish()?;
    Ok(report)
}

//! What `barline import` was asked to do: typed text becomes [`ImportTerms`].

use jiff::{fmt::temporal::DateTimeParser, tz::TimeZone};

use super::{
    import_args::ImportArgs,
    settings,
    typed_value::{count, optional},
};
use crate::{
    domain::EventKind,
    error::{Error, Result},
    report::Format,
    store::{
        import::{ImportTerms, Stamp},
        source::{Layout, RowKind, SourceColumn, SourceOptions},
    },
};

/// Market of symbols whose market nobody named.
const MARKET: &str = "default";

/// What `barline import` was asked to do.
#[derive(Debug)]
pub(super) struct ImportSettings {
    /// How files are understood.
    pub(super) terms: ImportTerms,
    /// True if the zone was said.
    pub(super) zone_given: bool,
    /// How the answer is written.
    pub(super) format: Format,
    /// Count only.
    pub(super) dry_run: bool,
}

/// The meaning of `args`.
///
/// # Errors
/// Usage, naming the flag and its value.
pub(super) fn import(args: &ImportArgs) -> Result<ImportSettings> {
    let rows = kind(args)?.map_or(RowKind::Bars, RowKind::Events);
    let named = |text: &str| columns(text, rows);
    let source = SourceOptions {
        columns: args.columns.as_deref().map_or(Ok(Vec::new()), named)?,
        layout: layout(args, rows)?,
        zone_given: args.timezone.is_some(),
        zone: args.timezone.as_deref().map_or(Ok(TimeZone::UTC), zone)?,
        symbol: args.symbol.as_deref().map(|text| name("--symbol", text)).transpose()?,
        rows,
    };
    let terms = ImportTerms {
        market: name("--market", args.market.as_deref().unwrap_or(MARKET))?,
        interval: optional("--interval", args.interval.as_deref())?,
        calendar: optional("--calendar", args.calendar.as_deref())?,
        stamp: args.stamp.as_deref().map_or(Ok(Stamp::Open), stamp)?,
        max_rejects: count("--max-rejects", args.max_rejects.as_deref(), 0, u64::MAX)?,
        on_conflict: optional("--on-conflict", args.on_conflict.as_deref())?.unwrap_or_default(),
        source,
    };
    Ok(ImportSettings {
        terms,
        zone_given: args.timezone.is_some(),
        format: settings::format(args.output.format.as_deref())?,
        dry_run: args.dry_run,
    })
}

/// The layout of the files, where one is said.
fn layout(args: &ImportArgs, rows: RowKind) -> Result<Option<Layout>> {
    let Some(text) = args.layout.as_deref().filter(|text| *text != "auto") else { return Ok(None) };
    let layout = optional("--layout", Some(text))?;
    if rows != RowKind::Bars {
        return Err(Error::usage("--layout is about bars; events are found by their column names"));
    }
    if layout.is_some_and(|layout| layout != Layout::Barline) && args.columns.is_some() {
        return Err(Error::usage(format!(
            "--layout {text} and --columns both say which column is which"
        ))
        .with_hint("give one of the two"));
    }
    Ok(layout)
}

/// What the files hold: bars, or events of a kind.
fn kind(args: &ImportArgs) -> Result<Option<EventKind>> {
    let Some(text) = args.kind.as_deref().filter(|text| *text != "bars") else { return Ok(None) };
    let kind: EventKind = text.parse().map_err(|_| {
        Error::usage(format!("--kind {text}: there is no such kind"))
            .with_hint("one of bars, splits, dividends, funding, borrow")
    })?;
    let of_bars = [
        ("--interval", args.interval.is_some()),
        ("--calendar", args.calendar.is_some()),
        ("--stamp", args.stamp.is_some()),
    ];
    match of_bars.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Error::usage(format!("{flag} is about bars, not about {kind}"))),
        None => Ok(Some(kind)),
    }
}

/// A name that can be part of a list and of `MARKET:SYMBOL`.
fn name(flag: &str, text: &str) -> Result<String> {
    let name = text.trim();
    let wrong = if name.is_empty() {
        "a name is empty"
    } else if name.contains(',') {
        "a name holds no comma"
    } else if flag == "--market" && name.contains(':') {
        "a market holds no colon"
    } else {
        return Ok(name.to_owned());
    };
    Err(Error::usage(format!("{flag} {text}: {wrong}")))
}

/// `ts=Date,close=Adj Close`; of events `ratio=Factor`.
fn columns(text: &str, rows: RowKind) -> Result<Vec<(SourceColumn, String)>> {
    let all = SourceColumn::all_in(rows);
    let refuse = |part: &str, why: &str| {
        Error::usage(format!("--columns {part}: {why}")).with_hint(format!(
            "give COLUMN=NAME, joined by commas; the columns are {}",
            all.iter().map(|column| column.name_in(rows)).collect::<Vec<_>>().join(", ")
        ))
    };
    let mut columns: Vec<(SourceColumn, String)> = Vec::new();
    for part in text.split(',') {
        let (of, name) = part.split_once('=').ok_or_else(|| refuse(part, "not COLUMN=NAME"))?;
        let known = all.iter().find(|column| column.name_in(rows) == of.trim());
        let column = *known.ok_or_else(|| refuse(part, "there is no such column"))?;
        if name.trim().is_empty() {
            return Err(refuse(part, "the name is empty"));
        }
        if columns.iter().any(|(earlier, _)| *earlier == column) {
            return Err(refuse(part, "the column is named twice"));
        }
        columns.push((column, name.trim().to_owned()));
    }
    columns.sort();
    Ok(columns)
}

/// A zone by its name in the time zone database, or a fixed offset.
fn zone(text: &str) -> Result<TimeZone> {
    let read = DateTimeParser::new().parse_time_zone(text.trim()).ok();
    let has_name = |zone: &TimeZone| zone.iana_name().is_some() || zone.to_fixed_offset().is_ok();
    read.filter(has_name).ok_or_else(|| {
        Error::usage(format!("--timezone {text}: there is no such zone"))
            .with_hint("such as UTC, America/New_York or +02:00")
    })
}

fn stamp(text: &str) -> Result<Stamp> {
    match text {
        "open" => Ok(Stamp::Open),
        "close" => Ok(Stamp::Close),
        _ => {
            Err(Error::usage(format!("--stamp {text}: a bar is stamped at its open or its close"))
                .with_hint("one of open, close"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ImportArgs, ImportSettings, Stamp, import};
    use crate::{error::Result, store::source::SourceColumn};

    fn meant(change: impl FnOnce(&mut ImportArgs)) -> Result<ImportSettings> {
        let mut args = ImportArgs::default();
        change(&mut args);
        import(&args)
    }

    #[allow(clippy::unnecessary_wraps, reason = "arguments are optional")]
    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_typed_is_what_is_meant() {
        let plain = meant(|_| ()).expect("settings").terms;
        assert_eq!((plain.market.as_str(), plain.stamp), ("default", Stamp::Open));
        let terms = meant(|args| {
            args.columns = text("close=Adj Close, ts = Date");
            args.timezone = text("-05:00");
            args.stamp = text("close");
            args.interval = text("1h");
        })
        .expect("settings")
        .terms;
        let named = |column, name: &str| (column, name.to_owned());
        let expected = [named(SourceColumn::Ts, "Date"), named(SourceColumn::Close, "Adj Close")];
        assert_eq!(terms.source.columns, expected);
        assert_eq!(terms.source.zone.to_fixed_offset().expect("fixed").seconds(), -18_000);
        assert_eq!(terms.stamp, Stamp::Close);
    }

    #[test]
    fn every_wrong_value_is_named_with_its_flag() {
        type Change = fn(&mut ImportArgs);
        let cases: [(&str, Change); 16] = [
            ("--layout binance: 'binance' is not a layout", |a| a.layout = text("binance")),
            ("--layout yahoo and --columns both say which column is which", |a| {
                a.layout = text("yahoo");
                a.columns = text("ts=Date");
            }),
            ("--layout is about bars; events are found by their column names", |a| {
                a.layout = text("yahoo");
                a.kind = text("splits");
            }),
            ("--on-conflict merge: 'merge' says nothing about conflicts", |a| {
                a.on_conflict = text("merge");
            }),
            ("--columns Date: not COLUMN=NAME", |a| a.columns = text("Date")),
            ("--columns price=x: there is no such column", |a| a.columns = text("price=x")),
            ("--columns ts=: the name is empty", |a| a.columns = text("ts=")),
            ("--columns ts=b: the column is named twice", |a| a.columns = text("ts=a,ts=b")),
            ("--timezone Mars/Base: there is no such zone", |a| a.timezone = text("Mars/Base")),
            ("--timezone EST5EDT,M3.2.0,M11.1.0: there is no such zone", |a| {
                a.timezone = text("EST5EDT,M3.2.0,M11.1.0");
            }),
            ("--stamp middle: a bar is stamped at its open or its close", |a| {
                a.stamp = text("middle");
            }),
            ("--interval 1y: '1y' is not an interval", |a| a.interval = text("1y")),
            ("--calendar daily: 'daily' is not a calendar class", |a| a.calendar = text("daily")),
            ("--market a:b: a market holds no colon", |a| a.market = text("a:b")),
            ("--symbol  : a name is empty", |a| a.symbol = text(" ")),
            ("--max-rejects -1: not a whole number from 0 to 18446744073709551615", |a| {
                a.max_rejects = text("-1");
            }),
        ];
        for (line, change) in cases {
            assert_eq!(meant(change).expect_err(line).to_string(), line);
        }
    }
}

//! The plan of each vendor's layout.

use super::{
    Layout,
    price_form::PriceForm,
    signs::{Volumes, day_in_name, volumes},
    stamp_form::{StampForm, Units, whole},
    text_plan::{Check, Head, Header, Series, SymbolOf, TextPlan, is_url},
    wide,
};
use crate::{
    error::{Error, Result},
    store::source::{SourceColumn as C, SourceOptions},
};

/// The plan of a text in `layout`.
///
/// # Errors
/// Data, if its head is not that layout's; Usage, if the layout leaves the zone open and none is
/// given.
pub(super) fn plan(layout: Layout, head: &Head<'_>, options: &SourceOptions) -> Result<TextPlan> {
    let made = match layout {
        Layout::BinanceSpot | Layout::BinanceUm | Layout::BinanceCm => binance(layout, head)?,
        Layout::Ccxt | Layout::Freqtrade => {
            by_place(layout, head, 6, 0, StampForm::Epoch(Units::MS))
        }
        Layout::Kraken => by_place(layout, head, 7, 0, StampForm::Epoch(Units::S)),
        Layout::Lean => lean(head, options)?,
        Layout::MetaTrader => meta_trader(head, options)?,
        Layout::StooqBulk => stooq_bulk(head, options)?,
        Layout::CryptoDataDownload => crypto_data_download(head)?,
        Layout::YfinanceDownload => wide::download(head)?,
        layout => named(layout, head)?,
    };
    let has = head.line(made.header.comments + made.header.lines).len();
    if has != 0 && has != made.width && made.header.lines == 0 {
        let what = format!("its first row has {has} fields, not {}", made.width);
        return Err(misfit(layout, head, &what));
    }
    Ok(made)
}

/// A text that is not in the layout it is said to be in.
fn misfit(layout: Layout, head: &Head<'_>, why: &str) -> Error {
    Error::data(format!("{} is not in the layout {layout}: {why}", head.file))
        .with_hint("leave --layout out to have it recognised, or name the columns with --columns")
}

fn no_zone(layout: Layout, head: &Head<'_>, whose: &str) -> Error {
    Error::usage(format!(
        "{}: the times of {layout} are in {whose} time zone, which the file does not say",
        head.file
    ))
    .with_hint("say it with --timezone, such as --timezone America/New_York or +02:00")
}

/// Moment, open, high, low, close and volume in the first six fields.
fn by_place(
    layout: Layout,
    head: &Head<'_>,
    width: usize,
    header: usize,
    stamp: StampForm,
) -> TextPlan {
    let places = [Some(0), None, Some(1), Some(2), Some(3), Some(4), Some(5)];
    TextPlan {
        layout,
        delimiter: head.delimiter,
        width,
        header: Header { comments: 0, lines: header },
        stamp,
        prices: PriceForm::Plain,
        check: Check::Nothing,
        series: vec![Series { symbol: SymbolOf::File, places }],
    }
}

/// Columns by their names: `found` says which name stands for which column, and the moment's form.
fn by_name(
    layout: Layout,
    head: &Head<'_>,
    header: Header,
    stamp: StampForm,
    found: &[(C, &str)],
) -> Result<TextPlan> {
    let names = head.names(header.comments + header.lines - 1);
    let mut places = [None; 7];
    for (column, name) in found {
        let place = names.iter().position(|have| have == name);
        let missing = || misfit(layout, head, &format!("it has no column '{name}'"));
        places[*column as usize] = Some(place.ok_or_else(missing)?);
    }
    let symbol = places[C::Symbol as usize].take().map_or(SymbolOf::File, SymbolOf::Field);
    Ok(TextPlan {
        width: names.len(),
        header,
        series: vec![Series { symbol, places }],
        ..by_place(layout, head, names.len(), 1, stamp)
    })
}

const ONE_LINE: Header = Header { comments: 0, lines: 1 };
const OHLCV: [(C, &str); 5] = [
    (C::Open, "open"),
    (C::High, "high"),
    (C::Low, "low"),
    (C::Close, "close"),
    (C::Volume, "volume"),
];

/// Layouts whose header says everything but the form of the moment.
fn named(layout: Layout, head: &Head<'_>) -> Result<TextPlan> {
    let names = head.names(0);
    let has = |name: &str| names.iter().any(|have| have == name);
    let ns = Units::NS;
    let (stamp, ts, symbol) = match layout {
        Layout::Alpaca => (StampForm::Zoned(None), "timestamp", Some("symbol")),
        Layout::Polygon => (StampForm::Epoch(ns), "window_start", Some("ticker")),
        Layout::Databento => {
            let symbol = if has("symbol") { "symbol" } else { "instrument_id" };
            (StampForm::Zoned(Some(ns)), "ts_event", Some(symbol))
        }
        Layout::Qlib => (StampForm::Session, "date", Some("symbol")),
        Layout::Yfinance if has("datetime") => (StampForm::Zoned(None), "datetime", None),
        Layout::Yfinance | Layout::Zipline => (StampForm::Session, "date", None),
        _ => (StampForm::Day, "date", None),
    };
    let mut found = vec![(C::Ts, ts)];
    found.extend(symbol.map(|name| (C::Symbol, name)));
    found.extend(OHLCV);
    let mut plan = by_name(layout, head, ONE_LINE, stamp, &found)?;
    if layout == Layout::Databento {
        plan.prices = PriceForm::Billionths;
        let place = names.iter().position(|name| name == "rtype");
        let missing = || misfit(layout, head, "it has no column 'rtype'");
        plan.check = Check::RecordType(place.ok_or_else(missing)?);
    }
    Ok(plan)
}

fn binance(layout: Layout, head: &Head<'_>) -> Result<TextPlan> {
    let header = usize::from(head.line(0).first().is_some_and(|first| whole(first).is_none()));
    if header == 1 && head.names(0).first().is_none_or(|name| name != "open_time") {
        return Err(misfit(layout, head, "its header does not begin with open_time"));
    }
    let in_contracts = match volumes(head, header) {
        Some(volumes) => volumes == Volumes::Contracts,
        None => layout == Layout::BinanceCm,
    };
    if in_contracts != (layout == Layout::BinanceCm) {
        let is = if in_contracts { "contracts" } else { "the base asset" };
        return Err(misfit(layout, head, &format!("its volumes are in {is}")));
    }
    let stamp = StampForm::Epoch(Units::MS.or(Units::US));
    let mut plan = by_place(layout, head, 12, header, stamp);
    plan.check = Check::Last(6);
    Ok(plan)
}

fn lean(head: &Head<'_>, options: &SourceOptions) -> Result<TextPlan> {
    let rows = || head.lines.iter().filter_map(|row| row.first());
    let is_dated = rows().next().is_some_and(|first| first.contains(' '));
    let is_daily = is_dated && rows().all(|first| first.ends_with(" 00:00"));
    let stamp = match day_in_name(head.name) {
        _ if is_dated => StampForm::DayAndMinute,
        Some(day) => StampForm::MillisOf(day),
        None => {
            let why = "its rows have a time of day, and its name no day, as in \
                       20131007_aapl_minute_trade.csv";
            return Err(misfit(Layout::Lean, head, why));
        }
    };
    if !is_daily && !options.zone_given {
        return Err(no_zone(Layout::Lean, head, "the exchange's"));
    }
    let mut plan = by_place(Layout::Lean, head, 6, 0, stamp);
    plan.prices = PriceForm::TenThousandths;
    Ok(plan)
}

fn meta_trader(head: &Head<'_>, options: &SourceOptions) -> Result<TextPlan> {
    if !options.zone_given {
        return Err(no_zone(Layout::MetaTrader, head, "the broker's"));
    }
    let names = head.names(0);
    if names.first().is_some_and(|name| name == "<date>") {
        let time = names.iter().position(|name| name == "<time>");
        let has_ticks = names.iter().any(|name| name == "<tickvol>");
        let found = [
            (C::Ts, "<date>"),
            (C::Open, "<open>"),
            (C::High, "<high>"),
            (C::Low, "<low>"),
            (C::Close, "<close>"),
            (C::Volume, if has_ticks { "<tickvol>" } else { "<vol>" }),
        ];
        return by_name(Layout::MetaTrader, head, ONE_LINE, StampForm::Dotted { time }, &found);
    }
    let width = head.line(0).len();
    let has_time = head.line(0).get(1).is_some_and(|cell| cell.contains(':'));
    let time = has_time.then_some(1);
    let mut plan = by_place(Layout::MetaTrader, head, width, 0, StampForm::Dotted { time });
    let from = if has_time { 2 } else { 1 };
    if width != from + 5 {
        let what = format!("its first row has {width} fields, not date, time, four prices, volume");
        return Err(misfit(Layout::MetaTrader, head, &what));
    }
    let after = |at: usize| Some(from + at);
    plan.series[0].places = [Some(0), None, after(0), after(1), after(2), after(3), after(4)];
    Ok(plan)
}

fn stooq_bulk(head: &Head<'_>, options: &SourceOptions) -> Result<TextPlan> {
    let layout = Layout::StooqBulk;
    let names = head.names(0);
    let time = names.iter().position(|name| name == "<time>");
    let time = time.ok_or_else(|| misfit(layout, head, "it has no column '<time>'"))?;
    let is_of_days =
        |row: &Vec<String>| row.get(time).is_none_or(|cell| cell.bytes().all(|byte| byte == b'0'));
    if !options.zone_given && !head.lines.iter().skip(1).all(is_of_days) {
        return Err(no_zone(layout, head, "a"));
    }
    let found = [
        (C::Ts, "<date>"),
        (C::Symbol, "<ticker>"),
        (C::Open, "<open>"),
        (C::High, "<high>"),
        (C::Low, "<low>"),
        (C::Close, "<close>"),
        (C::Volume, "<vol>"),
    ];
    by_name(layout, head, ONE_LINE, StampForm::Compact { time }, &found)
}

fn crypto_data_download(head: &Head<'_>) -> Result<TextPlan> {
    let layout = Layout::CryptoDataDownload;
    let comments = usize::from(head.line(0).first().is_some_and(|line| is_url(line)));
    let names = head.names(comments);
    let volume = names.iter().find(|name| name.starts_with("volume"));
    let volume = volume.ok_or_else(|| misfit(layout, head, "it has no column 'Volume ..'"))?;
    let mut found = vec![(C::Ts, "unix"), (C::Symbol, "symbol")];
    found.extend_from_slice(&OHLCV[..4]);
    found.push((C::Volume, volume));
    let header = Header { comments, lines: 1 };
    let stamp = StampForm::Epoch(Units::S.or(Units::MS));
    let mut plan = by_name(layout, head, header, stamp, &found)?;
    let date = names.iter().position(|name| name == "date");
    plan.check = date.map_or(Check::Nothing, Check::Text);
    Ok(plan)
}

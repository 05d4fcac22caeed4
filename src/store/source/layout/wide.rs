//! Lines with several symbols: a column of closes each, or the three header lines of yfinance.

use super::{
    Layout,
    price_form::PriceForm,
    signs::is_number,
    stamp_form::StampForm,
    text_plan::{Check, Head, Header, Series, SymbolOf, TextPlan},
};
use crate::{
    error::{Error, Result},
    store::source::{SourceColumn, row_rules},
};

/// Names of the first column of a panel; pandas writes none for an index without a name.
const MOMENTS: [&str; 7] = ["", "ts", "date", "datetime", "time", "timestamp", "index"];
/// Words that name a field and not a symbol: a table of one symbol is no panel.
const FIELDS: [&str; 34] = [
    "open",
    "high",
    "low",
    "close",
    "adj close",
    "adj_close",
    "adjclose",
    "volume",
    "vol",
    "price",
    "last",
    "settle",
    "settlement",
    "bid",
    "ask",
    "mid",
    "vwap",
    "average",
    "avg",
    "change",
    "change %",
    "amount",
    "turnover",
    "value",
    "trades",
    "count",
    "open interest",
    "openinterest",
    "open_interest",
    "return",
    "returns",
    "weight",
    "symbol",
    "ticker",
];

/// True if the head is that of a panel: a moment, then names that are no field, over numbers.
pub(super) fn is_wide(head: &Head<'_>) -> bool {
    let names = head.names(0);
    let row = head.line(1);
    names.len() >= 3
        && row.len() == names.len()
        && MOMENTS.contains(&names[0].as_str())
        && names[1..].iter().all(|name| !name.is_empty() && !FIELDS.contains(&name.as_str()))
        && row[1..].iter().all(|cell| cell.is_empty() || is_number(cell))
        && row[1..].iter().any(|cell| !cell.is_empty())
}

/// A column of closes per symbol.
///
/// # Errors
/// Data, if a name in the header is no symbol or stands there twice, or there is no symbol.
pub(super) fn closes(head: &Head<'_>) -> Result<TextPlan> {
    let names = head.line(0);
    let mut series = Vec::new();
    for (place, name) in names.iter().enumerate().skip(1) {
        let mut places = [None; 7];
        places[SourceColumn::Ts as usize] = Some(0);
        places[SourceColumn::Close as usize] = Some(place);
        series.push(Series { symbol: symbol(head, name)?, places });
    }
    if let Some(twice) = series.iter().enumerate().find_map(|(at, one)| {
        series[..at].iter().any(|before| before.symbol == one.symbol).then_some(at + 1)
    }) {
        let (file, name) = (head.file, &names[twice]);
        return Err(Error::data(format!("{file} has two columns named '{name}'")));
    }
    if series.is_empty() || names.iter().any(|name| is_number(name)) {
        return Err(Error::data(format!("{} has no columns named for symbols", head.file))
            .with_hint("a panel is a header ts,SYMBOL,SYMBOL,.. over lines of closes"));
    }
    let header = Header { comments: 0, lines: 1 };
    Ok(panel(Layout::Wide, head, header, StampForm::AnyButSmall, series))
}

/// What `download()` of yfinance writes: fields, tickers, and the name of the index.
///
/// # Errors
/// Data, if the three lines do not say that.
pub(super) fn download(head: &Head<'_>) -> Result<TextPlan> {
    let (fields, tickers, index) = (head.names(0), head.line(1), head.names(2));
    let stamp = match index.first().map(String::as_str) {
        Some("date") => StampForm::Session,
        Some("datetime") => StampForm::Zoned(None),
        _ => return Err(misfit(head, "its third line does not begin with Date or Datetime")),
    };
    if tickers.len() != fields.len() {
        return Err(misfit(head, "its second line has not as many fields as the first"));
    }
    let mut series: Vec<Series> = Vec::new();
    for (place, (field, ticker)) in fields.iter().zip(tickers).enumerate().skip(1) {
        let known = SourceColumn::ALL.iter().find(|column| column.name() == field);
        let Some(&column) = known else { continue };
        let symbol = symbol(head, ticker)?;
        let at = series.iter().position(|one| one.symbol == symbol).unwrap_or_else(|| {
            let mut places = [None; 7];
            places[SourceColumn::Ts as usize] = Some(0);
            series.push(Series { symbol, places });
            series.len() - 1
        });
        if series[at].places[column as usize].replace(place).is_some() {
            return Err(misfit(head, &format!("'{field}' of {ticker} stands there twice")));
        }
    }
    let has_close = |one: &Series| one.places[SourceColumn::Close as usize].is_some();
    if series.is_empty() || !series.iter().all(has_close) {
        return Err(misfit(head, "a ticker has no Close"));
    }
    let header = Header { comments: 0, lines: 3 };
    Ok(panel(Layout::YfinanceDownload, head, header, stamp, series))
}

fn misfit(head: &Head<'_>, why: &str) -> Error {
    Error::data(format!("{} is not in the layout yfinance-download: {why}", head.file))
        .with_hint("write it with download(..).to_csv(..), or reshape it to ts,symbol,open,..")
}

fn symbol(head: &Head<'_>, name: &str) -> Result<SymbolOf> {
    let checked = row_rules::symbol(name).map_err(|fault| {
        Error::data(format!(
            "{}: '{}' in the header: {}",
            head.file,
            name.escape_debug(),
            fault.reason
        ))
    })?;
    Ok(SymbolOf::Header(checked.to_owned()))
}

fn panel(
    layout: Layout,
    head: &Head<'_>,
    header: Header,
    stamp: StampForm,
    series: Vec<Series>,
) -> TextPlan {
    TextPlan {
        layout,
        delimiter: head.delimiter,
        width: head.line(0).len(),
        header,
        stamp,
        prices: PriceForm::Plain,
        check: Check::Nothing,
        series,
    }
}

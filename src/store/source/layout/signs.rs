//! The signs by which a layout is known: column names to the letter, or the form of the first row.
//!
//! A header that is none of a vendor's to the letter is read by the names of the house. What two
//! vendors write alike is told apart by what the values are, never by guess: where that cannot be,
//! the plainer of the two is told and `--layout` says the other.

use super::{Layout, stamp_form::whole, text_plan::Head};

/// The layout that the head shows; `None` for columns to be found by their names.
pub(super) fn recognise(head: &Head<'_>) -> Option<Layout> {
    let first = head.names(0).join(",");
    by_header(head, &first).or_else(|| by_first_row(head))
}

/// Names of Binance's columns that all its files share; two of the others differ between markets.
const BINANCE: &str = "open_time,open,high,low,close,volume,close_time,";

fn by_header(head: &Head<'_>, first: &str) -> Option<Layout> {
    let second = head.names(1).join(",");
    let is_download = head.names(0).first().is_some_and(|name| name == "price")
        && head.names(1).first().is_some_and(|name| name == "ticker");
    Some(match first {
        "date,open,high,low,close,adj close,volume" => Layout::Yahoo,
        "date,open,high,low,close,volume" if is_named_by_stooq(head) => Layout::Stooq,
        "symbol,timestamp,open,high,low,close,volume,trade_count,vwap" => Layout::Alpaca,
        "ticker,volume,open,close,high,low,window_start,transactions" => Layout::Polygon,
        "date,open,high,low,close,volume,dividend,split" => Layout::Zipline,
        _ if first.starts_with(BINANCE) => binance(head, 1),
        _ if first.starts_with("<ticker>,<per>,<date>,<time>,<open>") => Layout::StooqBulk,
        _ if ["<date>,<open>", "<date>,<time>,<open>"].iter().any(|s| first.starts_with(s)) => {
            Layout::MetaTrader
        }
        _ if first.starts_with(
            "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume",
        ) =>
        {
            Layout::Databento
        }
        _ if [first, &second].iter().any(|names| names.starts_with("unix,date,symbol,open,")) => {
            Layout::CryptoDataDownload
        }
        _ if is_download => Layout::YfinanceDownload,
        _ if has(first, &["open", "close", "dividends", "stock splits"]) => Layout::Yfinance,
        _ if has(first, &["date", "symbol", "open", "close", "high", "low", "factor"]) => {
            Layout::Qlib
        }
        _ => return None,
    })
}

/// A file as Stooq names it: its header is everybody's.
fn is_named_by_stooq(head: &Head<'_>) -> bool {
    head.line(0).first().is_some_and(|name| name == "Date")
        && ["_d.csv", "_w.csv", "_m.csv"].iter().any(|end| head.name.ends_with(end))
}

fn has(names: &str, wanted: &[&str]) -> bool {
    wanted.iter().all(|name| names.split(',').any(|have| have == *name))
}

fn by_first_row(head: &Head<'_>) -> Option<Layout> {
    let row = head.line(0);
    let first = row.first()?;
    let are_numbers =
        |from: usize| row.iter().skip(from).all(|cell| cell.is_empty() || is_number(cell));
    if is_dotted_day(first) && row.len() >= 6 {
        return Some(Layout::MetaTrader);
    }
    let is_day_and_minute = first
        .split_once(' ')
        .is_some_and(|(day, time)| day.len() == 8 && whole(day).is_some() && time.len() == 5);
    if row.len() == 6 && is_day_and_minute && are_numbers(1) {
        return Some(Layout::Lean);
    }
    let count = whole(first)?;
    if !are_numbers(1) {
        return None;
    }
    // Fewer digits are a day, 20240131, or a time of day.
    let is_epoch = count.unsigned_abs() > 99_999_999;
    match row.len() {
        12 if is_epoch => Some(binance(head, 0)),
        7 if is_epoch => Some(Layout::Kraken),
        6 if is_epoch => Some(Layout::Ccxt),
        6 if count < 86_400_000 && day_in_name(head.name).is_some() => Some(Layout::Lean),
        _ => None,
    }
}

pub(super) fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

fn is_dotted_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [4, 2, 2] && parts.iter().all(|part| whole(part).is_some())
}

/// The day in `20131007_aapl_minute_trade.csv` and `20131007_trade.zip`.
pub(super) fn day_in_name(name: &str) -> Option<jiff::civil::Date> {
    let base = name.rsplit(['/', '\\']).next()?;
    let (day, rest) = base.split_once('_')?;
    let is_trade = rest.contains("trade.");
    let count = (day.len() == 8 && is_trade).then(|| whole(day)).flatten()?;
    crate::store::source::moment::as_date(count)
}

/// Which of Binance's markets the rows from `from` on are of, by what their two volumes say.
fn binance(head: &Head<'_>, from: usize) -> Layout {
    let is_us = head.line(from).first().and_then(|first| whole(first));
    let is_us = is_us.is_some_and(|count| count >= 100_000_000_000_000);
    match volumes(head, from) {
        Some(Volumes::Contracts) => Layout::BinanceCm,
        // Microseconds are the spot market's since 2025; futures archives have a header.
        _ if is_us || from == 0 => Layout::BinanceSpot,
        _ => Layout::BinanceUm,
    }
}

/// What the sixth and the eighth column of klines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Volumes {
    /// The base asset, and its worth in the quote asset.
    BaseAndQuote,
    /// Contracts of 10 or 100 USD, and their worth in the base asset.
    Contracts,
}

/// What the volumes of the first traded row say; `None` where nothing was traded.
pub(super) fn volumes(head: &Head<'_>, from: usize) -> Option<Volumes> {
    let number = |row: &[String], at: usize| row.get(at).and_then(|cell| cell.parse::<f64>().ok());
    head.lines.iter().skip(from).find_map(|row| {
        let (high, low) = (number(row, 2)?, number(row, 3)?);
        let (volume, worth) = (number(row, 5)?, number(row, 7)?);
        if volume <= 0.0 || worth <= 0.0 || low <= 0.0 {
            return None;
        }
        // Rounding of both volumes is far below a thousandth.
        let within = |low: f64, high: f64| (low * 0.999..=high * 1.001).contains(&(worth / volume));
        if within(low, high) {
            Some(Volumes::BaseAndQuote)
        } else if [10.0, 100.0].iter().any(|face| within(face / high, face / low)) {
            Some(Volumes::Contracts)
        } else {
            None
        }
    })
}

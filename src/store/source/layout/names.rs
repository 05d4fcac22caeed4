//! The symbol in the name of a file, where its rows have none: what stands before interval and date.

use super::Layout;
use crate::domain::Interval;

/// The symbol in a file's name without its folder and endings.
pub(in crate::store::source) fn symbol_in(layout: Layout, name: &str) -> String {
    let stem = stem_of(name);
    match layout {
        Layout::BinanceSpot
        | Layout::BinanceUm
        | Layout::BinanceCm
        | Layout::Ccxt
        | Layout::Freqtrade => before_interval(stem),
        Layout::Kraken => match stem.rsplit_once('_') {
            Some((pair, minutes)) if is_digits(minutes) => pair.to_owned(),
            _ => stem.to_owned(),
        },
        Layout::Stooq => stooq(stem),
        Layout::MetaTrader => meta_trader(stem),
        Layout::Lean => lean(stem),
        _ => stem.to_owned(),
    }
}

/// The name without its folders, the ending of its packing and the ending of its format.
fn stem_of(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let is =
        |ending: &str, known: &[&str]| known.iter().any(|one| ending.eq_ignore_ascii_case(one));
    let unpacked = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && is(ending, &["gz", "zst", "zip"]) => stem,
        _ => name,
    };
    match unpacked.rsplit_once('.') {
        Some((stem, ending))
            if !stem.is_empty() && (unpacked == name || is(ending, &["csv", "txt", "json"])) =>
        {
            stem
        }
        _ => unpacked,
    }
}

/// `BTCUSDT` of `BTCUSDT-1m-2024-01`; Binance writes a month as `1mo` and `1M`.
fn before_interval(stem: &str) -> String {
    let mut parts = stem.split('-');
    let mut symbol = parts.next().unwrap_or(stem).to_owned();
    for part in parts {
        if part.parse::<Interval>().is_ok() || matches!(part, "1mo" | "1M") {
            return symbol;
        }
        symbol.push('-');
        symbol.push_str(part);
    }
    stem.to_owned()
}

/// `AAPL.US` of `aapl_us_d`.
fn stooq(stem: &str) -> String {
    let ticker = ["_d", "_w", "_m"].iter().find_map(|end| stem.strip_suffix(end));
    ticker.map_or_else(|| stem.to_owned(), |ticker| ticker.replace('_', ".").to_uppercase())
}

/// `EURUSD` of `EURUSD_H1_202401020000_202401312300`.
fn meta_trader(stem: &str) -> String {
    let is_period = |part: &str| {
        matches!(part, "Daily" | "Weekly" | "Monthly" | "MN1")
            || part.strip_prefix(['M', 'H', 'D', 'W']).is_some_and(is_digits)
    };
    let parts: Vec<&str> = stem.split('_').collect();
    match parts.iter().skip(1).position(|part| is_period(part)) {
        Some(at) => parts[..=at].join("_"),
        None => stem.to_owned(),
    }
}

/// `AAPL` of `aapl` and of `20131007_aapl_minute_trade`.
fn lean(stem: &str) -> String {
    let mut parts = stem.split('_');
    match (parts.next(), parts.next()) {
        (Some(day), Some(symbol)) if day.len() == 8 && is_digits(day) => symbol.to_uppercase(),
        _ => stem.to_uppercase(),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{Layout, symbol_in};

    #[test]
    fn names_give_their_symbols() {
        for (layout, name, symbol) in [
            (Layout::Barline, "a/BRK.B.csv", "BRK.B"),
            (Layout::Barline, "BRK.B.csv.gz", "BRK.B"),
            (Layout::Barline, "BRK.B.gz", "BRK.B"),
            (Layout::Barline, ".csv", ".csv"),
            (Layout::BinanceSpot, "BTCUSDT-1m-2024-01.csv", "BTCUSDT"),
            (Layout::BinanceCm, "BTCUSD_240628-1h-2024-01-02.zip", "BTCUSD_240628"),
            (Layout::BinanceCm, "BTCUSD_PERP-1mo-2024-01.csv", "BTCUSD_PERP"),
            (Layout::BinanceSpot, "BTCUSDT.csv", "BTCUSDT"),
            (Layout::Freqtrade, "BTC_USDT-1h.json", "BTC_USDT"),
            (Layout::Freqtrade, "BTC_USDT_USDT-1h-futures.feather", "BTC_USDT_USDT"),
            (Layout::Kraken, "XBTUSD_60.csv", "XBTUSD"),
            (Layout::Stooq, "aapl_us_d.csv", "AAPL.US"),
            (Layout::MetaTrader, "EURUSD_H1_202401020000_202401312300.csv", "EURUSD"),
            (Layout::MetaTrader, "GER30.csv", "GER30"),
            (Layout::Lean, "aapl.csv", "AAPL"),
            (Layout::Lean, "20131007_aapl_minute_trade.csv", "AAPL"),
            (Layout::Yahoo, "^GSPC.csv", "^GSPC"),
        ] {
            assert_eq!(symbol_in(layout, name), symbol, "{name}");
        }
    }
}

//! How a vendor lays out a file of bars: which column is which, in which unit, stamped how.
//!
//! 1. [`signs`] recognises a layout by what the first lines hold, never by a file's ending.
//! 2. [`TextPlan`] says where each field stands and in which form it is read.
//! 3. [`StampForm`] and [`PriceForm`] read the fields: a value in another unit or another form than
//!    the layout has is refused, never converted by guess.
//!
//! What is found is told and written into the ledger of the import; `--layout` says it instead.

mod names;
mod price_form;
mod signs;
mod stamp_form;
mod text_plan;
mod vendors;
mod wide;

use std::{fmt, str::FromStr};

use crate::{
    domain::CalendarClass,
    error::{Error, Result},
};

pub(super) use names::symbol_in;
pub(super) use text_plan::{Head, TextPlan};

/// A layout of bars in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// A header, or a schema, with names of the house in any order.
    Barline,
    /// Klines of Binance's spot market.
    BinanceSpot,
    /// Klines of Binance's USD-margined futures.
    BinanceUm,
    /// Klines of Binance's coin-margined futures.
    BinanceCm,
    /// Daily history of Yahoo Finance.
    Yahoo,
    /// `Ticker.history()` of yfinance, written as CSV.
    Yfinance,
    /// `download()` of yfinance, written as CSV: three header lines, several tickers.
    YfinanceDownload,
    /// One ticker of Stooq.
    Stooq,
    /// Bulk files of Stooq, and FINAM's of the same family.
    StooqBulk,
    /// Bars of Alpaca: CSV, or pages of its API.
    Alpaca,
    /// OHLCV records of Databento as CSV.
    Databento,
    /// What CCXT's `fetch_ohlcv` returns, as CSV or JSON.
    Ccxt,
    /// Candles of freqtrade: JSON, Feather, Parquet.
    Freqtrade,
    /// Flat files of Polygon, now Massive.
    Polygon,
    /// CryptoDataDownload.
    CryptoDataDownload,
    /// Kraken's OHLCVT archives.
    Kraken,
    /// Exports of MetaTrader 4 and 5.
    MetaTrader,
    /// Trade bars of LEAN.
    Lean,
    /// CSV of qlib.
    Qlib,
    /// A csvdir bundle of zipline.
    Zipline,
    /// A column of closes per symbol.
    Wide,
}

/// Name and conventions of each, in the order in which they are listed.
const FACTS: [(Layout, &str, &str); 21] = {
    use Layout as L;
    [
        (L::Barline, "barline", "columns found by their names"),
        (
            L::BinanceSpot,
            "binance-spot",
            "stamped at the open, epoch ms or us by each value; prices as traded; volume in the \
             base asset",
        ),
        (
            L::BinanceUm,
            "binance-um",
            "stamped at the open, epoch ms or us by each value; prices as traded; volume in the \
             base asset",
        ),
        (
            L::BinanceCm,
            "binance-cm",
            "stamped at the open, epoch ms or us by each value; prices as traded; volume in \
             contracts",
        ),
        (
            L::Yahoo,
            "yahoo",
            "days of the exchange; splits are in the prices, dividends only in Adj Close, which is \
             left aside",
        ),
        (
            L::Yfinance,
            "yfinance",
            "days of the exchange, or moments with their offset; adjusted as auto_adjust said; \
             dividends and splits are left aside",
        ),
        (
            L::YfinanceDownload,
            "yfinance-download",
            "days of the exchange, or moments with their offset; a record per ticker of a line; \
             adjusted as auto_adjust said",
        ),
        (L::Stooq, "stooq", "days of the exchange; splits are in the prices"),
        (
            L::StooqBulk,
            "stooq-bulk",
            "days of the exchange, or times in the zone given; splits are in the prices",
        ),
        (L::Alpaca, "alpaca", "stamped at the open, RFC 3339; adjusted as the request said"),
        (
            L::Databento,
            "databento",
            "stamped at the open, epoch ns or RFC 3339; whole prices count 1e-9; as traded",
        ),
        (L::Ccxt, "ccxt", "stamped at the open, epoch ms; the last candle may be incomplete"),
        (L::Freqtrade, "freqtrade", "stamped at the open, UTC"),
        (L::Polygon, "polygon", "stamped at the open, epoch ns; not adjusted"),
        (
            L::CryptoDataDownload,
            "cryptodatadownload",
            "stamped at the open, epoch s or ms by each value; volume in the base asset",
        ),
        (L::Kraken, "kraken", "stamped at the open, epoch s; intervals without trades are absent"),
        (
            L::MetaTrader,
            "metatrader",
            "stamped at the open, the broker's time in the zone given; volume in ticks",
        ),
        (
            L::Lean,
            "lean",
            "stamped at the open, the exchange's time; prices count 1/10000; not adjusted",
        ),
        (L::Qlib, "qlib", "days of the exchange; prices are adjusted, raw = price / factor"),
        (
            L::Zipline,
            "zipline",
            "session days; dividends and splits are left aside, prices are as the bundle has them",
        ),
        (L::Wide, "wide", "a record per symbol of a line; closes only"),
    ]
};

impl Layout {
    /// Every layout, the house's first.
    pub fn all() -> impl Iterator<Item = Self> {
        FACTS.iter().map(|(layout, ..)| *layout)
    }

    fn facts(self) -> (&'static str, &'static str) {
        FACTS
            .iter()
            .find(|(layout, ..)| *layout == self)
            .map_or(("barline", ""), |(_, name, says)| (name, says))
    }

    /// The name, as in `--layout`.
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// Its conventions in half a line: stamp, unit, adjustment of prices.
    pub fn conventions(self) -> &'static str {
        self.facts().1
    }

    /// When its markets make bars, where they all do alike: exchanges of coins never close.
    pub fn calendar(self) -> Option<CalendarClass> {
        let never_closes = matches!(
            self,
            Self::BinanceSpot
                | Self::BinanceUm
                | Self::BinanceCm
                | Self::Ccxt
                | Self::Freqtrade
                | Self::CryptoDataDownload
                | Self::Kraken
        );
        never_closes.then_some(CalendarClass::Continuous)
    }

    /// True if bars of this layout come with the moment of their open, whatever is said.
    pub(in crate::store) fn is_stamped_at_open(self) -> bool {
        !matches!(self, Self::Barline | Self::Wide)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::all().find(|layout| layout.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::all().map(Self::name).collect();
            Error::usage(format!("'{text}' is not a layout"))
                .with_hint(format!("one of auto, {}", names.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;

    #[test]
    fn names_and_layouts_are_one_to_one() {
        for layout in Layout::all() {
            assert_eq!(layout.name().parse::<Layout>().expect("a layout"), layout);
            assert!(!layout.conventions().is_empty());
        }
        let refusal = "binance".parse::<Layout>().expect_err("which market?");
        assert!(refusal.hint().is_some_and(|hint| hint.contains("binance-spot")));
    }
}

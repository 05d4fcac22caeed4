//! Names and places of archives, as Binance lays them out.

use std::{fmt, path::PathBuf, str::FromStr};

use jiff::{ToSpan, civil::Date};

use super::FetchRequest;
use crate::error::{Error, Result};

/// A market of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Market {
    /// Spot.
    Spot,
    /// Futures with margin in dollars.
    UsdM,
    /// Futures with margin in the coin.
    CoinM,
}

impl Market {
    const ALL: [Self; 3] = [Self::Spot, Self::UsdM, Self::CoinM];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::UsdM => "um",
            Self::CoinM => "cm",
        }
    }

    /// The layout of its files, as [`crate::store::source`] names it, and the name its symbols get in a store.
    pub fn layout(self) -> &'static str {
        match self {
            Self::Spot => "binance-spot",
            Self::UsdM => "binance-um",
            Self::CoinM => "binance-cm",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Spot => "data/spot",
            Self::UsdM => "data/futures/um",
            Self::CoinM => "data/futures/cm",
        }
    }
}

impl fmt::Display for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Market {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|market| market.name() == text).ok_or_else(|| {
            Error::usage("no market of Binance")
                .with_hint("one of spot, um (USD-M futures), cm (COIN-M futures)")
        })
    }
}

/// The bars of one symbol over a month or a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Archive {
    pub(super) symbol: String,
    /// Its first day.
    first: Date,
    is_month: bool,
}

impl Archive {
    /// The archives that hold `from` up to `to`, which is not included: whole months, and the days of others.
    pub(super) fn of(symbol: &str, from: Date, to: Date) -> Vec<Self> {
        let mut archives = Vec::new();
        let mut first = from;
        while first < to {
            let next = first.first_of_month().saturating_add(1.month());
            let is_month = first.day() == 1 && next <= to;
            archives.push(Self { symbol: symbol.to_owned(), first, is_month });
            first = if is_month { next } else { first.saturating_add(1.day()) };
        }
        archives
    }

    pub(super) fn is_month(&self) -> bool {
        self.is_month
    }

    /// By symbol as it was asked for first, then by time.
    pub(super) fn order(&self) -> (String, Date) {
        (self.symbol.clone(), self.first)
    }

    /// The archives of the days of a month.
    pub(super) fn days(&self, request: &FetchRequest) -> Vec<Self> {
        let next = self.first.first_of_month().saturating_add(1.month());
        let mut days = Self::of(&self.symbol, self.first, next.min(request.to));
        if let [month] = &days[..]
            && month.is_month
        {
            let day = |number: i8| Self {
                first: self.first.saturating_add(i64::from(number).days()),
                is_month: false,
                ..self.clone()
            };
            days = (0..self.first.days_in_month()).map(day).collect();
        }
        days
    }

    /// `2024-01` or `2024-01-31`.
    pub(super) fn period(&self) -> String {
        let day = self.first.to_string();
        if self.is_month { day[..7].to_owned() } else { day }
    }

    /// `BTCUSDT-1h-2024-01.zip`.
    pub(super) fn file(&self, request: &FetchRequest) -> String {
        format!("{}-{}-{}.zip", self.symbol, request.interval, self.period())
    }

    pub(super) fn url(&self, request: &FetchRequest) -> String {
        let kind = if self.is_month { "monthly" } else { "daily" };
        let (base, folder) = (request.base_url.trim_end_matches('/'), request.market.folder());
        let (symbol, interval) = (&self.symbol, &request.interval);
        format!("{base}/{folder}/{kind}/klines/{symbol}/{interval}/{}", self.file(request))
    }

    /// Where it is kept: by market, symbol and length, as at the exchange.
    pub(super) fn path(&self, request: &FetchRequest) -> PathBuf {
        let folder = request.folder.join(request.market.name()).join(&self.symbol);
        folder.join(&request.interval).join(self.file(request))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::Archive;

    fn periods(archives: &[Archive]) -> Vec<String> {
        archives.iter().map(Archive::period).collect()
    }

    #[test]
    fn whole_months_are_taken_whole_and_the_rest_by_days() {
        let archives = Archive::of("A", date(2023, 12, 30), date(2024, 3, 3));
        let expected =
            ["2023-12-30", "2023-12-31", "2024-01", "2024-02", "2024-03-01", "2024-03-02"];
        assert_eq!(periods(&archives), expected);
        assert!(Archive::of("A", date(2024, 1, 1), date(2024, 1, 1)).is_empty());
        let year = Archive::of("A", date(2024, 1, 1), date(2025, 1, 1));
        assert_eq!((year.len(), year[11].period().as_str()), (12, "2024-12"));
    }
}

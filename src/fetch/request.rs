//! What is to be fetched, and whether that can be meant.

use std::path::PathBuf;

use jiff::civil::Date;
use reqwest::Url;

use super::{Market, archive::Archive};
use crate::error::{Error, Result};

/// Bars that the exchange has archives of by months and by days.
const INTERVALS: [&str; 13] =
    ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"];
/// Most archives of one request: 100 symbols over 10 years by months and one month by days are 15,000.
const MOST_ARCHIVES: usize = 200_000;

/// Bars of symbols over days, and how they are loaded.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// Market of the symbols.
    pub market: Market,
    /// Symbols as the exchange writes them, `BTCUSDT`, `BTCUSD_PERP`.
    pub symbols: Vec<String>,
    /// Length of a bar as the exchange writes it: `1s` to `1d`.
    pub interval: String,
    /// First day, UTC.
    pub from: Date,
    /// The day after the last, UTC.
    pub to: Date,
    /// Where the archives stand: scheme, host and path in front of `data/`.
    pub base_url: String,
    /// Where they are kept.
    pub folder: PathBuf,
    /// Connections at once.
    pub connections: usize,
    /// How often an archive is asked for again after a fault.
    pub retries: u32,
}

impl FetchRequest {
    /// The archives that are asked for first: months, and days of months that are not asked for whole.
    pub(super) fn archives(&self) -> Result<Vec<Archive>> {
        self.check()?;
        let of = |symbol: &String| Archive::of(symbol, self.from, self.to);
        let archives: Vec<Archive> = self.symbols.iter().flat_map(of).collect();
        if archives.len() > MOST_ARCHIVES {
            let count = archives.len();
            return Err(Error::usage(format!("{count} archives are more than {MOST_ARCHIVES}"))
                .with_hint("ask for fewer symbols, or less time, in one command"));
        }
        Ok(archives)
    }

    fn check(&self) -> Result<()> {
        for symbol in &self.symbols {
            let is_symbol = (1..=40).contains(&symbol.len())
                && symbol.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            if !is_symbol {
                return Err(Error::usage(format!("--symbols {symbol}: no symbol of Binance"))
                    .with_hint("such as BTCUSDT (spot, um) or BTCUSD_PERP (cm)"));
            }
        }
        if !INTERVALS.contains(&self.interval.as_str()) {
            let line = format!("--interval {}: Binance has no daily archives of it", self.interval);
            return Err(Error::usage(line).with_hint(format!(
                "one of {}; 'barline resample' makes longer bars",
                INTERVALS.join(", ")
            )));
        }
        if self.from >= self.to {
            let line = format!("--from {} --to {}: no day lies between", self.from, self.to);
            return Err(Error::usage(line).with_hint("--to is not included"));
        }
        let url = Url::parse(&self.base_url)
            .map_err(|cause| Error::usage(format!("--base-url {}: {cause}", self.base_url)))?;
        if !["http", "https"].contains(&url.scheme()) || url.query().is_some() {
            return Err(Error::usage(format!("--base-url {}: not an address", self.base_url))
                .with_hint("http:// or https://, a host, and a path in front of data/"));
        }
        Ok(())
    }
}

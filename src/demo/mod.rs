//! The synthetic universe: sixteen symbols with known relations planted in them.
//!
//! A newcomer needs bars to test on before there are any, and a test of the pairs screen needs
//! bars whose truth is known. This floor makes both from one seed: hourly bars of the invented
//! market [`MARKET`], the same on every machine, and the list of what was planted.
//!
//! # The way of a bar
//! 1. `roster` says who is listed and by which recipe each log price moves.
//! 2. `stream` gives every purpose of every symbol its own random numbers, so that one symbol's
//!    draws never shift another's; `shock` turns them into shocks with clustered volatility.
//! 3. `path` adds shocks up: walks on a common market factor, and relations between walks.
//! 4. `candle` puts open, high, low and volume around the closes, rounded to 1e-6, so that noise
//!    in the last bit of a logarithm cannot reach a bar.
//! 5. `absence` takes away what the source never had: bars before a listing, after a delisting,
//!    and a few lost in between.
//! 6. `truth` lists what was planted and from which horizon its detection is promised.
//!
//! # Time
//! 1,120 days of 24 bars, the last one opening at 2024-12-31T23:00:00Z: enough for the formation
//! window of the 730-day horizon. No drift: nothing here rises for its own sake.
//!
//! # References
//! Blackman, Vigna (2021), *Scrambled linear pseudorandom number generators* (xoshiro256++).
//! Bollerslev (1986), *Generalized autoregressive conditional heteroskedasticity*.

mod absence;
mod candle;
mod path;
mod roster;
mod shock;
mod stream;
mod truth;

pub use truth::Planted;

use crate::domain::{Bar, CalendarClass, Interval, Timestamp};

/// The seed used where none is given.
pub const DEFAULT_SEED: u64 = 1;

/// The market the symbols are listed on.
pub const MARKET: &str = "demo";

/// Bars from the first to the last hour: 1,120 days.
const BARS: usize = 1_120 * 24;

/// End of the last bar, 2025-01-01T00:00:00Z.
const END: Timestamp = Timestamp(1_735_689_600_000_000);

/// The synthetic universe of one seed. Holds the market factor; bars are made when asked for, one
/// symbol at a time.
#[derive(Debug, Clone)]
pub struct Demo {
    seed: u64,
    market: Vec<f64>,
}

impl Demo {
    /// The universe of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, market: path::market(seed) }
    }

    /// Symbols in canonical order.
    pub fn symbols(&self) -> Vec<String> {
        roster::ROSTER.iter().map(|member| member.symbol.to_owned()).collect()
    }

    /// The bars of the symbol at `index` in [`Self::symbols`], in time order; none beyond the last
    /// symbol.
    pub fn bars(&self, index: usize) -> Vec<Bar> {
        let Some(member) = roster::ROSTER.get(index) else {
            return Vec::new();
        };
        let path = path::log_prices(self.seed, member, &self.market);
        let mut bars = candle::bars(self.seed, member, &path);
        let present = absence::present(self.seed, member);
        let mut rows = present.iter();
        bars.retain(|_| rows.next().copied().unwrap_or(false));
        bars
    }

    /// Number of its bars at most: one an hour of each symbol.
    pub fn most_bars(&self) -> usize {
        roster::ROSTER.len() * BARS
    }

    /// End of the last bar of every universe.
    pub fn end() -> Timestamp {
        END
    }

    /// Length of every bar.
    pub fn interval(&self) -> Interval {
        Interval::HOUR
    }

    /// When the market trades: always.
    pub fn calendar(&self) -> CalendarClass {
        CalendarClass::Continuous
    }

    /// What was planted, and from which horizon on its detection is promised.
    pub fn truth(&self) -> Vec<Planted> {
        truth::planted()
    }
}

/// Opening time of bar `row`.
#[allow(clippy::cast_possible_wrap, reason = "rows are far below 2^63")]
fn opening(row: usize) -> Timestamp {
    END.plus_micros(-((BARS - row) as i64) * Interval::HOUR.micros())
}

#[cfg(test)]
mod tests {
    use super::{BARS, DEFAULT_SEED, Demo, END, roster};
    use crate::domain::{Bar, Interval};

    /// Hash over symbols and bars in order: names, opening times, the bits of the five numbers.
    fn fingerprint(seed: u64) -> String {
        let demo = Demo::new(seed);
        let mut hasher = blake3::Hasher::new();
        for (index, symbol) in demo.symbols().iter().enumerate() {
            hasher.update(symbol.as_bytes());
            for bar in demo.bars(index) {
                hasher.update(&bar.ts.micros().to_le_bytes());
                for number in [bar.open, bar.high, bar.low, bar.close, bar.volume] {
                    hasher.update(&number.to_le_bytes());
                }
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    #[test]
    fn a_seed_gives_the_same_bars_on_every_machine() {
        assert_eq!(
            fingerprint(DEFAULT_SEED),
            "e4fccbc146f29647e9cf95e0fcfaf543f58ca7795ea0f2c301357f7914703287"
        );
        assert_eq!(
            fingerprint(2),
            "d45774f84d92962fde2cc17d7b30fce979950190bc77c3a0513cc90e32a6bea5"
        );
    }

    #[test]
    fn bars_are_consistent_and_in_order() {
        let demo = Demo::new(DEFAULT_SEED);
        for index in 0..demo.symbols().len() {
            let bars = demo.bars(index);
            for Bar { open, high, low, close, volume, .. } in bars.iter().copied() {
                assert!(low > 0.0 && low <= open.min(close) && high >= open.max(close));
                assert!(high < 1_000.0 && low > 1.0 && volume > 0.0, "{index}: {low}..{high}");
            }
            for pair in bars.windows(2) {
                assert!(pair[0].ts < pair[1].ts);
                let adjacent = pair[1].ts == pair[0].ts.plus_micros(Interval::HOUR.micros());
                let gap = (pair[1].open / pair[0].close - 1.0).abs();
                assert!(!adjacent || gap < 0.01, "{index}: open {gap} away from the close");
            }
        }
    }

    #[test]
    fn prices_carry_six_decimals() {
        let demo = Demo::new(DEFAULT_SEED);
        for bar in demo.bars(3) {
            for price in [bar.open, bar.high, bar.low, bar.close, bar.volume] {
                let text = format!("{price:.6}");
                assert_eq!(text.parse::<f64>().expect("a number").to_bits(), price.to_bits());
            }
        }
    }

    #[test]
    fn listings_bound_the_bars_and_few_are_missing() {
        let demo = Demo::new(DEFAULT_SEED);
        for (index, member) in roster::ROSTER.iter().enumerate() {
            let bars = demo.bars(index);
            let listed = member.listed.clone();
            assert_eq!(bars.first().map(|bar| bar.ts), Some(super::opening(listed.start)));
            assert_eq!(bars.last().map(|bar| bar.ts), Some(super::opening(listed.end - 1)));
            let missing = listed.len() - bars.len();
            assert_eq!(missing > 0, member.loses_bars, "{}", member.symbol);
            assert!(missing * 1_000 <= listed.len() * 3, "{}: {missing} missing", member.symbol);
        }
        assert_eq!(super::opening(BARS), END);
        assert_eq!(END.to_string(), "2025-01-01T00:00:00Z");
        assert!(demo.bars(roster::ROSTER.len()).is_empty());
    }
}

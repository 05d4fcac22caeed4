//! Who is listed, and by which recipe each log price moves.
//!
//! Names are musical terms; none is the ticker of anything. Their roles are mixed on purpose:
//! a strategy has to find them.
//!
//! # Sizes
//! Volatilities are those of liquid crypto pairs, 0.4 to 0.65 % an hour; spreads have standard
//! deviations of 0.8 to 2 %, so that a pair at 15 bps per leg and side can be worth trading.
//! The power to detect a pair depends on its half-life and on the number of bars, hardly on the
//! size of its spread. The size matters elsewhere: a large stationary part in a price makes
//! unit-root tests of *unrelated* pairs reject too often. With spreads of 1.2 to 2.4 % on walks of
//! 0.25 to 0.4 % an hour they did in 10 % instead of 5 % of the tests at the longer horizons, and
//! in up to 38 % inside the triple; with the sizes below the test keeps its size, at equal power.
//!
//! # References
//! Schwert (1989), *Tests for unit roots: a Monte Carlo investigation* (the over-rejection).

use std::ops::Range;

use super::BARS;

/// Volatility of the market factor per bar, log points.
pub(super) const MARKET_SD: f64 = 0.003;

/// One listed symbol.
#[derive(Debug)]
pub(super) struct Member {
    /// Its symbol.
    pub(super) symbol: &'static str,
    /// Price around which its path starts, quote currency.
    pub(super) start_price: f64,
    /// How its log price moves.
    pub(super) recipe: Recipe,
    /// Rows on which it is listed.
    pub(super) listed: Range<usize>,
    /// Whether its source lost bars.
    pub(super) loses_bars: bool,
    /// Typical traded value per bar, quote currency.
    pub(super) turnover: f64,
}

/// How a log price moves.
#[derive(Debug)]
pub(super) enum Recipe {
    /// `loading * market factor + random walk of its own`.
    Walk {
        /// Exposure to the market factor.
        loading: f64,
        /// Volatility of its own walk per bar, log points.
        own_sd: f64,
    },
    /// `sum(weight * ln leg) + spread`: cointegrated with its legs while the spread reverts.
    Relation {
        /// Walks it follows, with their weights.
        legs: &'static [(&'static str, f64)],
        /// Half-life of the spread, bars.
        half_life_bars: f64,
        /// Stationary standard deviation of the spread, log points.
        spread_sd: f64,
        /// Row from which the spread no longer reverts.
        broken_from: Option<usize>,
    },
}

const ALWAYS: Range<usize> = 0..BARS;

/// Row of the relation's break: half-way.
pub(super) const BREAK_ROW: usize = BARS / 2;
/// Days before the end at which the late one is listed.
pub(super) const LISTED_DAYS_BEFORE_END: usize = 400;
/// Days before the end at which the early one is delisted.
pub(super) const DELISTED_DAYS_BEFORE_END: usize = 60;

const fn walk(symbol: &'static str, start_price: f64, loading: f64, own_sd: f64) -> Member {
    Member {
        symbol,
        start_price,
        recipe: Recipe::Walk { loading, own_sd },
        listed: ALWAYS,
        loses_bars: false,
        turnover: 250_000.0,
    }
}

const fn relation(
    symbol: &'static str,
    start_price: f64,
    legs: &'static [(&'static str, f64)],
    half_life_bars: f64,
    spread_sd: f64,
    broken_from: Option<usize>,
) -> Member {
    Member {
        symbol,
        start_price,
        recipe: Recipe::Relation { legs, half_life_bars, spread_sd, broken_from },
        listed: ALWAYS,
        loses_bars: false,
        turnover: 120_000.0,
    }
}

const fn losing_bars(member: Member) -> Member {
    Member { loses_bars: true, ..member }
}

/// All members in canonical order (by symbol).
pub(super) static ROSTER: [Member; 16] = [
    losing_bars(relation("ADAGIO", 12.0, &[("MAZURKA", 0.6)], 36.0, 0.012, None)),
    relation("BOLERO", 45.0, &[("TOCCATA", 1.0)], 12.0, 0.008, None),
    relation("CADENZA", 60.0, &[("GAVOTTE", 0.6), ("SCHERZO", 0.8)], 24.0, 0.008, None),
    walk("DIVISI", 50.0, 0.0, 0.006),
    relation("FERMATA", 40.0, &[("VIVACE", 1.4)], 96.0, 0.02, None),
    walk("GAVOTTE", 30.0, 0.9, 0.005),
    relation("HEMIOLA", 25.0, &[("NOCTURNE", 0.8)], 24.0, 0.01, Some(BREAK_ROW)),
    losing_bars(walk("LEGATO", 80.0, 0.0, 0.0055)),
    walk("MAZURKA", 90.0, 1.1, 0.005),
    losing_bars(walk("NOCTURNE", 55.0, 0.8, 0.0045)),
    Member {
        listed: 0..BARS - DELISTED_DAYS_BEFORE_END * 24,
        ..losing_bars(walk("OSTINATO", 35.0, 1.2, 0.0045))
    },
    Member {
        listed: BARS - LISTED_DAYS_BEFORE_END * 24..BARS,
        ..walk("PRELUDE", 20.0, 1.0, 0.0045)
    },
    walk("RONDEAU", 65.0, 0.0, 0.005),
    losing_bars(walk("SCHERZO", 70.0, 1.0, 0.0045)),
    losing_bars(walk("TOCCATA", 28.0, 1.0, 0.004)),
    walk("VIVACE", 33.0, 0.7, 0.0035),
];

/// The member named `symbol`.
pub(super) fn member(symbol: &str) -> Option<&'static Member> {
    ROSTER.iter().find(|member| member.symbol == symbol)
}

#[cfg(test)]
mod tests {
    use super::{ROSTER, Recipe, member};

    #[test]
    fn members_stand_in_canonical_order_and_follow_walks_only() {
        assert!(ROSTER.windows(2).all(|pair| pair[0].symbol < pair[1].symbol));
        for entry in &ROSTER {
            let Recipe::Relation { legs, .. } = entry.recipe else { continue };
            assert!(!legs.is_empty(), "{} follows nobody", entry.symbol);
            for (leg, _) in legs {
                let leg = member(leg).expect("a leg on the roster");
                assert!(matches!(leg.recipe, Recipe::Walk { .. }), "{}", entry.symbol);
                assert!(entry.symbol < leg.symbol, "{} is the dependent leg", entry.symbol);
            }
        }
    }
}

//! Horizons and the windows they become: what is loaded, what is scored.

use std::{fmt, str::FromStr};

use super::{Timestamp, timestamp::MICROS_PER_DAY};
use crate::error::{Error, Result};

/// A scored window's length in days: `[end - days, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Horizon(u32);

/// Longest horizon accepted, in days (a century).
const MAX_DAYS: u32 = 36_525;

impl Horizon {
    /// A horizon of `days` days; `None` unless between 1 and a century.
    pub fn from_days(days: u32) -> Option<Self> {
        (1..=MAX_DAYS).contains(&days).then_some(Self(days))
    }

    /// Length in days.
    pub fn days(self) -> u32 {
        self.0
    }

    /// Length in microseconds.
    pub fn micros(self) -> i64 {
        i64::from(self.0) * MICROS_PER_DAY
    }

    /// The window that ends at `end`, with its warmup in front.
    pub fn window(self, end: Timestamp, multiplier: WarmupMultiplier) -> HorizonWindow {
        let score_start = end.plus_micros(-self.micros());
        HorizonWindow {
            horizon: self,
            load_start: score_start.plus_micros(-multiplier.warmup_micros(self)),
            score_start,
            end,
        }
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Horizon {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.trim().parse().ok().and_then(Self::from_days).ok_or_else(|| {
            Error::usage(format!("'{text}' is not a horizon"))
                .with_hint(format!("give whole days between 1 and {MAX_DAYS}, such as 30,90,180"))
        })
    }
}

/// How much is loaded, as a multiple of the horizon: 1.5 loads half a horizon of warmup before
/// the scored window. A loading bound: it never changes a result.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct WarmupMultiplier(f64);

impl WarmupMultiplier {
    /// A multiplier; `None` unless finite and between 1 and 100.
    pub fn new(value: f64) -> Option<Self> {
        (value.is_finite() && (1.0..=100.0).contains(&value)).then_some(Self(value))
    }

    /// The factor itself.
    pub fn value(self) -> f64 {
        self.0
    }

    /// Length of the warmup of `horizon` in microseconds, rounded up.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    fn warmup_micros(self, horizon: Horizon) -> i64 {
        ((self.0 - 1.0) * horizon.micros() as f64).ceil() as i64
    }
}

impl Default for WarmupMultiplier {
    fn default() -> Self {
        Self(1.5)
    }
}

impl FromStr for WarmupMultiplier {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().ok().and_then(Self::new).ok_or_else(|| {
            Error::usage(format!("'{text}' is not a warmup multiplier"))
                .with_hint("give a number between 1 and 100; 1.5 loads half a horizon of warmup")
        })
    }
}

/// What a horizon loads and scores: `[load_start, score_start)` is warmup, `[score_start, end)`
/// is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HorizonWindow {
    /// The horizon.
    pub horizon: Horizon,
    /// First moment loaded.
    pub load_start: Timestamp,
    /// First moment scored.
    pub score_start: Timestamp,
    /// End of both, not included.
    pub end: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{Horizon, Timestamp, WarmupMultiplier};

    #[test]
    fn the_warmup_lies_before_the_scored_window() {
        let end: Timestamp = "2024-01-31".parse().expect("a date");
        let window = Horizon::from_days(30).expect("days").window(end, WarmupMultiplier::default());
        assert_eq!(window.score_start, "2024-01-01".parse().expect("a date"));
        assert_eq!(window.load_start, "2023-12-17".parse().expect("a date"));
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in ["-30", "0", "1.5", "", "99999999"] {
            assert!(wrong.parse::<Horizon>().is_err(), "{wrong}");
        }
        for wrong in ["0.5", "NaN", "inf", "x"] {
            assert!(wrong.parse::<WarmupMultiplier>().is_err(), "{wrong}");
        }
    }
}

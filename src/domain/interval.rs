//! The length of a bar.

use std::{fmt, str::FromStr};

use crate::error::{Error, Result};

/// The length of a bar in microseconds, written as `1m`, `15m`, `1h`, `4h`, `1d` or `1w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval(i64);

const UNITS: [(char, i64); 5] = [
    ('w', 7 * 86_400_000_000),
    ('d', 86_400_000_000),
    ('h', 3_600_000_000),
    ('m', 60_000_000),
    ('s', 1_000_000),
];

impl Interval {
    /// One hour.
    pub const HOUR: Self = Self(3_600_000_000);
    /// One day.
    pub const DAY: Self = Self(86_400_000_000);

    /// An interval of `micros` microseconds; `None` unless positive.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (micros > 0).then_some(Self(micros))
    }

    /// Length in microseconds.
    pub fn micros(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (letter, micros) in UNITS {
            if self.0 % micros == 0 {
                return write!(f, "{}{letter}", self.0 / micros);
            }
        }
        write!(f, "{}us", self.0)
    }
}

impl FromStr for Interval {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = || {
            Error::usage(format!("'{text}' is not an interval"))
                .with_hint("give a count and a unit: 5m, 1h, 1d, 1w")
        };
        let (count, unit) = match text.char_indices().next_back() {
            Some((at, letter)) => (&text[..at], letter),
            None => return Err(refuse()),
        };
        let micros = UNITS.iter().find(|(letter, _)| *letter == unit).ok_or_else(refuse)?.1;
        let count: i64 = count.parse().map_err(|_| refuse())?;
        count.checked_mul(micros).and_then(Self::from_micros).ok_or_else(refuse)
    }
}

#[cfg(test)]
mod tests {
    use super::Interval;

    #[test]
    fn text_and_length_agree() {
        for text in ["1s", "5m", "1h", "4h", "1d", "1w"] {
            let interval: Interval = text.parse().expect("an interval");
            assert_eq!(interval.to_string(), text);
        }
        for wrong in ["", "h", "0h", "-1h", "1y", "1.5h", "9999999999999999w", "1é"] {
            assert!(wrong.parse::<Interval>().is_err(), "{wrong}");
        }
    }
}

//! A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.

use std::{fmt, str::FromStr};

use crate::error::{Error, Result};

/// A moment in UTC with microsecond resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// Microseconds in a day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;

impl Timestamp {
    /// Microseconds since the epoch.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Its year and month in UTC; `None` beyond the calendar.
    pub fn month(self) -> Option<(i16, i8)> {
        let zoned =
            jiff::Timestamp::from_microsecond(self.0).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
        Some((zoned.year(), zoned.month()))
    }

    /// The moment `days` earlier.
    #[must_use]
    pub fn minus_days(self, days: i64) -> Self {
        Self(self.0 - days * MICROS_PER_DAY)
    }

    /// The moment `micros` later.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self(self.0 + micros)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with a fraction only where there is one: `2024-03-01T00:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(ts) => write!(f, "{ts}"),
            Err(_) => write!(f, "{} us", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// Reads `2024-03-01`, `2024-03-01T12:00:00Z` or any RFC 3339 moment with its offset.
    fn from_str(text: &str) -> Result<Self> {
        if let Ok(ts) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(ts.as_microsecond()));
        }
        let day: jiff::civil::Date = text.parse().map_err(|_| {
            Error::usage(format!("'{text}' is not a moment"))
                .with_hint("give a date (2024-03-01) or a UTC time (2024-03-01T12:00:00Z)")
        })?;
        let zoned = day
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_err(|e| Error::usage(format!("'{text}' is out of range: {e}")))?;
        Ok(Self(zoned.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn reads_dates_and_moments_and_prints_them_back() {
        for (typed, printed) in [
            ("2024-03-01", "2024-03-01T00:00:00Z"),
            ("2024-03-01T12:00:00Z", "2024-03-01T12:00:00Z"),
            ("2024-03-01T12:00:00+02:00", "2024-03-01T10:00:00Z"),
        ] {
            let ts: Timestamp = typed.parse().expect("a moment");
            assert_eq!(ts.to_string(), printed);
        }
        assert!("yesterday".parse::<Timestamp>().is_err());
    }

    #[test]
    fn a_month_begins_with_its_first_moment_in_utc() {
        let month = |text: &str| text.parse::<Timestamp>().expect("a moment").month();
        assert_eq!(month("2024-02-29T23:59:59Z"), Some((2024, 2)));
        assert_eq!(month("2024-03-01T00:00:00Z"), Some((2024, 3)));
        assert_eq!(Timestamp(i64::MAX).month(), None);
    }
}

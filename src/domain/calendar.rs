//! When a market makes bars: the calendar class, and what follows for annualization.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::{Interval, timestamp::MICROS_PER_DAY};
use crate::error::{Error, Result};

/// How many days of a year, and how much of a day, a market trades; ordered from the densest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CalendarClass {
    /// Every day, all day (crypto): 365 days of 24 hours.
    Continuous,
    /// Weekdays, all day (foreign exchange): 260 days of 24 hours.
    Weekdays,
    /// Exchange days: 252 sessions of 6.5 hours.
    Exchange,
}

impl CalendarClass {
    /// Calendar days a market stays closed at most: a long weekend with a holiday on either side.
    pub const LONGEST_CLOSURE_DAYS: f64 = 5.0;

    /// The name used in flags, in the store and in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Continuous => "24/7",
            Self::Weekdays => "24/5",
            Self::Exchange => "exchange",
        }
    }

    /// Trading days in a year.
    pub fn days_per_year(self) -> f64 {
        match self {
            Self::Continuous => 365.0,
            Self::Weekdays => 260.0,
            Self::Exchange => 252.0,
        }
    }

    /// Bars in a year: what returns per bar are annualized with. A daily bar is a trading day; a
    /// longer one spans closed days too, so a year holds the same number of them in every class.
    pub fn periods_per_year(self, interval: Interval) -> f64 {
        let (day, bar) = (MICROS_PER_DAY as f64, interval.micros() as f64);
        let session = match self {
            Self::Exchange => day * 6.5 / 24.0,
            Self::Continuous | Self::Weekdays => day,
        };
        match interval.micros().cmp(&MICROS_PER_DAY) {
            Ordering::Less => self.days_per_year() * session / bar,
            Ordering::Equal => self.days_per_year(),
            Ordering::Greater => 365.0 * day / bar,
        }
    }

    /// Bars that a span of calendar time nominally holds: all of them for [`Self::Continuous`],
    /// the trading share of the year for the others.
    pub fn nominal_bars(self, span_micros: i64, interval: Interval) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "spans are far below 2^53 microseconds")]
        let days = span_micros as f64 / MICROS_PER_DAY as f64;
        days / 365.0 * self.periods_per_year(interval)
    }
}

impl fmt::Display for CalendarClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CalendarClass {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Self::Continuous, Self::Weekdays, Self::Exchange]
            .into_iter()
            .find(|class| class.name() == text)
            .ok_or_else(|| {
                Error::usage(format!("'{text}' is not a calendar class"))
                    .with_hint("one of 24/7, 24/5, exchange")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::{CalendarClass, Interval};

    #[test]
    fn a_year_holds_the_usual_number_of_bars() {
        let hourly = CalendarClass::Continuous.periods_per_year(Interval::HOUR);
        assert!((hourly - 8_760.0).abs() < 1e-9);
        let daily = CalendarClass::Exchange.periods_per_year(Interval::DAY);
        assert!((daily - 252.0).abs() < 1e-9);
        let weekly = CalendarClass::Exchange.periods_per_year("1w".parse().expect("an interval"));
        assert!((weekly - 365.0 / 7.0).abs() < 1e-9);
        let half_year =
            CalendarClass::Continuous.nominal_bars(365 * 43_200_000_000, Interval::HOUR);
        assert!((half_year - 4_380.0).abs() < 1e-9);
    }
}

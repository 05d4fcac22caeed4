//! Numbers and times of charts: exact for programs, rounded for people.

use std::fmt::{self, Display};

use crate::{domain::Timestamp, report::number};

/// A number as the shortest text that reads back as the same one; `undefined` where it is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report::html) struct Exact(pub(in crate::report::html) f64);

impl Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_finite() { write!(f, "{:?}", self.0) } else { f.write_str("undefined") }
    }
}

/// What the numbers of an axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::html) enum Unit {
    /// Quote currency.
    Money,
    /// Fractions, shown as percentages.
    Percent,
    /// Numbers without a unit.
    Ratio,
    /// Bytes, shown as MB of 10^6.
    Bytes,
}

impl Unit {
    /// A value as it is read.
    pub(in crate::report::html) fn shown(self, value: f64) -> String {
        if !value.is_finite() {
            return "undefined".to_owned();
        }
        match self {
            Self::Money | Self::Ratio => number::fixed(value, 2),
            Self::Percent => format!("{} %", number::percent(value)),
            Self::Bytes => format!("{} MB", number::fixed(value / 1e6, 1)),
        }
    }

    /// A value at an axis whose marks are `step` apart.
    pub(super) fn at_axis(self, value: f64, step: f64) -> String {
        let (value, step, end) = match self {
            Self::Percent => (100.0 * value, 100.0 * step, " %"),
            Self::Bytes => (value / 1e6, step / 1e6, " MB"),
            Self::Money | Self::Ratio => (value, step, ""),
        };
        let decimals = (0..6).find(|&digits| is_whole(step * 10_f64.powi(digits)));
        let decimals = usize::try_from(decimals.unwrap_or(6)).unwrap_or(0);
        format!("{}{end}", number::fixed(value, decimals))
    }
}

fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-6 * value.abs().max(1.0)
}

/// The day of a moment: `2024-03-01`.
pub(in crate::report::html) fn day(micros: i64) -> String {
    moment(micros).chars().take(10).collect()
}

/// A moment to the minute: `2024-03-01 12:00`.
pub(in crate::report::html) fn moment(micros: i64) -> String {
    Timestamp(micros).to_string().chars().take(16).collect::<String>().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::{Exact, Unit, day, moment};

    #[test]
    fn exact_numbers_read_back_and_undefined_ones_say_so() {
        for value in [0.1, -1e-300, 12_345.678_9, f64::MAX] {
            assert_eq!(
                Exact(value).to_string().parse::<f64>().map(f64::to_bits),
                Ok(value.to_bits())
            );
        }
        assert_eq!(Exact(f64::NAN).to_string(), "undefined");
    }

    #[test]
    fn an_axis_has_as_many_decimals_as_its_marks_need() {
        assert_eq!(Unit::Percent.at_axis(0.05, 0.05), "5 %");
        assert_eq!(Unit::Percent.at_axis(-0.025, 0.025), "-2.5 %");
        assert_eq!(Unit::Money.at_axis(10_500.0, 500.0), "10500");
        assert_eq!(Unit::Ratio.at_axis(0.0, 0.5), "0.0");
        assert_eq!(Unit::Bytes.at_axis(2e7, 2e7), "20 MB");
    }

    #[test]
    fn times_are_days_or_minutes() {
        assert_eq!((day(0).as_str(), moment(0).as_str()), ("1970-01-01", "1970-01-01 00:00"));
    }
}

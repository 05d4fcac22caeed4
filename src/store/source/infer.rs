//! What bars look like: the interval between them and the calendar they follow.
//!
//! The interval is the usual spacing of the bars (`spacing`). The calendar follows from the days
//! of the week and, for bars shorter than a day, from the hours of the day that are seen.

use std::collections::BTreeMap;

use super::{SymbolBars, spacing};
use crate::{
    domain::{CalendarClass, Interval},
    error::Result,
};

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Share of bars on a Saturday below which a market is closed on weekends. An open one has a
/// seventh there.
const CLOSED_SHARE: f64 = 0.03;
/// Share of a day's bars that a market must show to trade around the clock. Exchanges show up to
/// 16 of 24 hours, with extended sessions.
const ROUND_THE_CLOCK_SHARE: f64 = 0.75;

/// What the bars of a file look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inferred {
    /// Length of the bars.
    pub interval: Interval,
    /// When their market makes bars.
    pub calendar: CalendarClass,
}

/// Infers the interval, unless it is `given`, and the calendar class of bars that were settled.
///
/// # Errors
/// Data, if no symbol has two bars; if symbols differ in their interval, or one has bars of two
/// (both are named). The remedy is to say the interval, or to import them apart.
pub fn infer(symbols: &[SymbolBars], given: Option<Interval>) -> Result<Inferred> {
    let interval = match given {
        Some(interval) => interval,
        None => spacing::common_interval(symbols)?,
    };
    for one in symbols {
        spacing::require_one_interval(one, interval, given.is_some())?;
    }
    Ok(Inferred { interval, calendar: calendar_of(symbols, interval) })
}

fn calendar_of(symbols: &[SymbolBars], interval: Interval) -> CalendarClass {
    // A week or a month of bars looks the same on every market.
    if interval > Interval::DAY {
        return CalendarClass::Continuous;
    }
    let mut by_weekday = [0u64; 7];
    let mut by_time_of_day: BTreeMap<i64, u64> = BTreeMap::new();
    for bar in symbols.iter().flat_map(|one| &one.bars) {
        let ts = bar.ts.micros();
        // Day 0 of the epoch was a Thursday; day 2 a Saturday.
        let weekday = ts.div_euclid(MICROS_PER_DAY).rem_euclid(7);
        if let Some(count) = usize::try_from(weekday).ok().and_then(|at| by_weekday.get_mut(at)) {
            *count += 1;
        }
        *by_time_of_day.entry(ts.rem_euclid(MICROS_PER_DAY) / interval.micros()).or_default() += 1;
    }
    let bars: u64 = by_weekday.iter().sum();
    let share = |count: u64| count as f64 / bars as f64;
    let [_, _, saturday, sunday, ..] = by_weekday;
    if share(saturday) >= CLOSED_SHARE {
        return CalendarClass::Continuous;
    }
    if interval == Interval::DAY {
        // Foreign exchange opens on Sunday evening, which is a short bar of its own.
        let opens_on_sunday = share(sunday) >= CLOSED_SHARE;
        return if opens_on_sunday { CalendarClass::Weekdays } else { CalendarClass::Exchange };
    }
    let usual = |count: &&u64| share(**count) * (MICROS_PER_DAY / interval.micros()) as f64 >= 0.25;
    let seen = by_time_of_day.values().filter(usual).count();
    let nominal = MICROS_PER_DAY / interval.micros();
    if seen as f64 >= ROUND_THE_CLOCK_SHARE * nominal as f64 {
        CalendarClass::Weekdays
    } else {
        CalendarClass::Exchange
    }
}

#[cfg(test)]
mod tests {
    use super::{CalendarClass, Inferred, Interval, SymbolBars, infer};
    use crate::domain::{Bar, Timestamp};

    const HOUR: i64 = 3_600_000_000;
    const DAY: i64 = 24 * HOUR;
    /// 2024-01-01, a Monday.
    const MONDAY: i64 = 1_704_067_200_000_000;

    fn symbol(name: &str, times: impl Iterator<Item = i64>) -> SymbolBars {
        let bar =
            |ts| Bar { ts: Timestamp(ts), open: 1.0, high: 1.0, low: 1.0, close: 1.0, volume: 1.0 };
        SymbolBars { symbol: name.into(), bars: times.map(bar).collect(), was_unordered: false }
    }

    /// Hours from Monday 0:00 of `weeks` weeks for which `open(day of week, hour of day)`.
    fn hours(weeks: i64, open: impl Fn(i64, i64) -> bool) -> SymbolBars {
        let is_open = move |hour: &i64| open(hour / 24 % 7, hour % 24);
        symbol("A", (0..weeks * 168).filter(is_open).map(|hour| MONDAY + hour * HOUR))
    }

    fn inferred(symbol: SymbolBars) -> (String, CalendarClass) {
        let Inferred { interval, calendar } = infer(&[symbol], None).expect("bars of one interval");
        (interval.to_string(), calendar)
    }

    #[test]
    fn markets_are_known_by_their_hours() {
        let hourly = |class| ("1h".to_owned(), class);
        let fx = |day, hour| match day {
            5 => false,
            6 => hour >= 22,
            4 => hour < 22,
            _ => true,
        };
        assert_eq!(inferred(hours(3, |_, _| true)), hourly(CalendarClass::Continuous));
        assert_eq!(inferred(hours(9, fx)), hourly(CalendarClass::Weekdays));
        let exchange = |day, hour| day < 5 && (14..21).contains(&hour);
        assert_eq!(inferred(hours(9, exchange)), hourly(CalendarClass::Exchange));
    }

    #[test]
    fn days_are_known_by_their_weekends() {
        let daily = |open: fn(i64) -> bool| {
            let days = (0..200).filter(move |day| open(day % 7));
            inferred(symbol("A", days.map(|day| MONDAY + day * DAY)))
        };
        let class = |class| ("1d".to_owned(), class);
        assert_eq!(daily(|_| true), class(CalendarClass::Continuous));
        assert_eq!(daily(|day| day < 5), class(CalendarClass::Exchange));
        assert_eq!(daily(|day| day != 5), class(CalendarClass::Weekdays));
    }

    #[test]
    fn gaps_do_not_hide_the_interval() {
        let gappy = symbol("A", (0..500).filter(|at| at % 7 != 3).map(|at| MONDAY + at * 5 * HOUR));
        assert_eq!(inferred(gappy).0, "5h");
    }

    #[test]
    fn an_interval_that_is_given_is_not_inferred() {
        let lone = symbol("A", [MONDAY].into_iter());
        let inferred = infer(&[lone], Some(Interval::HOUR)).expect("one bar will do");
        assert_eq!(inferred.interval, Interval::HOUR);
    }
}

//! What bars look like: the interval between them and the calendar they follow.
//!
//! The interval of a symbol is its most common spacing (the shorter of equals): weekends,
//! holidays and missing bars are rarer than bars that follow each other. The calendar follows
//! from the days of the week and, for shorter bars, from the hours of the day that are seen.

use std::collections::BTreeMap;

use super::SymbolBars;
use crate::{
    domain::{Bar, CalendarClass, Interval},
    error::{Error, Result},
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

/// Infers the interval and the calendar class of bars that were settled.
///
/// # Errors
/// Data, if no symbol has two bars, or if symbols differ in their interval (two of them are
/// named); the remedy is to say the interval.
pub fn infer(symbols: &[SymbolBars]) -> Result<Inferred> {
    let spacings: Vec<(&str, Interval)> = symbols
        .iter()
        .filter_map(|one| Some((one.symbol.as_str(), usual_spacing(&one.bars)?)))
        .collect();
    let Some(&(first, interval)) = spacings.first() else {
        return Err(Error::data("the interval cannot be told: no symbol has two bars")
            .with_hint("say it with --interval, such as --interval 1h"));
    };
    if let Some((other, spacing)) = spacings.iter().find(|(_, spacing)| *spacing != interval) {
        return Err(Error::data(format!(
            "bars of different intervals in one file: {first} has {interval}, {other} has {spacing}"
        ))
        .with_hint("import them apart, or say the interval with --interval"));
    }
    Ok(Inferred { interval, calendar: calendar_of(symbols, interval) })
}

fn usual_spacing(bars: &[Bar]) -> Option<Interval> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for pair in bars.windows(2) {
        *counts.entry(pair[1].ts.micros() - pair[0].ts.micros()).or_default() += 1;
    }
    // The first of the largest counts: spacings come in increasing order.
    let mut usual: Option<(i64, u64)> = None;
    for (spacing, count) in counts {
        if usual.is_none_or(|(_, most)| count > most) {
            usual = Some((spacing, count));
        }
    }
    Interval::from_micros(usual?.0)
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
    use super::{Bar, CalendarClass, Inferred, Interval, SymbolBars, infer};
    use crate::domain::Timestamp;

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
        let Inferred { interval, calendar } = infer(&[symbol]).expect("bars of one interval");
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
    fn one_bar_or_two_intervals_are_refused_by_name() {
        let lone = infer(&[symbol("A", [MONDAY].into_iter())]).expect_err("one bar");
        assert!(lone.to_string().contains("two bars"), "{lone}");
        let hourly = symbol("A", (0..9).map(|at| MONDAY + at * HOUR));
        let daily = symbol("B", (0..9).map(|at| MONDAY + at * DAY));
        let mixed = infer(&[hourly, daily]).expect_err("two intervals").to_string();
        assert!(mixed.contains("A has 1h, B has 1d"), "{mixed}");
        assert_eq!(Interval::HOUR.to_string(), "1h");
    }
}

//! The time between bars: the interval of a file, and bars that do not keep to it.
//!
//! The interval of a symbol is its most common spacing (the shorter of equals): weekends, holidays
//! and missing bars are rarer than bars that follow each other. What a rare spacing cannot tell, a
//! run of equal ones does: gaps come in all lengths, but twenty equal ones in a row are bars of
//! another interval.

use std::collections::BTreeMap;

use super::SymbolBars;
use crate::{
    domain::{Bar, Interval},
    error::{Error, Result},
};

/// Fewest spacings that a symbol is judged by: fewer may well be all weekends.
const LEAST_SPACINGS: usize = 5;
/// Equal spacings in a row that are an interval.
const RUN_SPACINGS: i64 = 20;

/// The one interval of all symbols.
///
/// # Errors
/// Data, if no symbol has two bars, or if two symbols differ (they are named).
pub(super) fn common_interval(symbols: &[SymbolBars]) -> Result<Interval> {
    let spacings: Vec<(&SymbolBars, Interval)> =
        symbols.iter().filter_map(|one| Some((one, usual_spacing(&one.bars)?))).collect();
    let is_sure = |one: &SymbolBars| one.bars.len() > LEAST_SPACINGS;
    let mut sure = spacings.iter().filter(|(one, _)| is_sure(one));
    let Some(&(first, interval)) = sure.clone().next().or(spacings.first()) else {
        return Err(Error::data("the interval cannot be told: no symbol has two bars")
            .with_hint("say it with --interval, such as --interval 1h"));
    };
    match sure.find(|(_, spacing)| *spacing != interval) {
        None => Ok(interval),
        Some((other, spacing)) => Err(different(&format!(
            "{} has {interval}, {} has {spacing}",
            first.symbol, other.symbol
        ))),
    }
}

/// Refuses bars of a second interval. One that was `given` may be shorter than the spacing of the
/// bars (a market that trades seldom), never longer.
///
/// # Errors
/// Data, naming the symbol, both intervals and the first moment of the second.
pub(super) fn require_one_interval(
    one: &SymbolBars,
    interval: Interval,
    given: bool,
) -> Result<()> {
    let mut run = 0;
    let mut last = None;
    for pair in one.bars.windows(2) {
        let spacing = pair[1].ts.micros() - pair[0].ts.micros();
        run = if last == Some(spacing) { run + 1 } else { 1 };
        last = Some(spacing);
        let other = spacing < interval.micros() || (spacing > interval.micros() && !given);
        if run == RUN_SPACINGS && other {
            let from = pair[1].ts.plus_micros(-spacing * RUN_SPACINGS);
            let spacing = Interval::from_micros(spacing)
                .map_or_else(|| "none".to_owned(), |spacing| spacing.to_string());
            return Err(different(&format!(
                "{} has {interval}, and {spacing} from {from} on",
                one.symbol
            )));
        }
    }
    Ok(())
}

fn different(which: &str) -> Error {
    Error::data(format!("bars of different intervals in one file: {which}"))
        .with_hint("import them apart, or say the interval with --interval")
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

#[cfg(test)]
mod tests {
    use super::{Bar, Interval, SymbolBars, common_interval, require_one_interval};
    use crate::domain::Timestamp;

    const HOUR: i64 = 3_600_000_000;

    fn symbol(name: &str, times: impl IntoIterator<Item = i64>) -> SymbolBars {
        let bar =
            |ts| Bar { ts: Timestamp(ts), open: 1.0, high: 1.0, low: 1.0, close: 1.0, volume: 1.0 };
        let bars = times.into_iter().map(bar).collect();
        SymbolBars { symbol: name.into(), bars, was_unordered: false }
    }

    fn every(hours: i64, count: i64) -> impl Iterator<Item = i64> {
        (0..count).map(move |at| at * hours * HOUR)
    }

    #[test]
    fn one_bar_or_two_intervals_are_refused_by_name() {
        let lone = common_interval(&[symbol("A", [0])]).expect_err("one bar");
        assert!(lone.to_string().contains("two bars"), "{lone}");
        let mixed = common_interval(&[symbol("A", every(1, 9)), symbol("B", every(24, 9))]);
        let mixed = mixed.expect_err("two intervals").to_string();
        assert!(mixed.contains("A has 1h, B has 1d"), "{mixed}");
    }

    #[test]
    fn a_symbol_of_few_bars_decides_nothing() {
        let listed = [symbol("A", every(72, 3)), symbol("B", every(24, 9))];
        assert_eq!(common_interval(&listed).expect("daily"), Interval::DAY);
        assert_eq!(common_interval(&listed[..1]).expect("all there is").to_string(), "3d");
    }

    #[test]
    fn a_second_interval_within_a_symbol_is_found() {
        let day = 24 * HOUR;
        let hours = |from: i64, count: i64| (0..count).map(move |at| from + at * HOUR);
        let mixed = symbol("A", (0..100).map(|at| at * day).chain(hours(100 * day, 30)));
        let refusal = require_one_interval(&mixed, Interval::DAY, false).expect_err("mixed");
        assert!(
            refusal.to_string().ends_with("A has 1d, and 1h from 1970-04-11T00:00:00Z on"),
            "{refusal}"
        );
        let slow = symbol("A", hours(0, 100).chain((10..40).map(|at| at * day)));
        assert!(require_one_interval(&slow, Interval::HOUR, false).is_err());
        assert!(require_one_interval(&slow, Interval::HOUR, true).is_ok(), "said to be rare bars");
        assert!(require_one_interval(&slow, Interval::DAY, true).is_err(), "bars would overlap");
    }

    #[test]
    fn weekends_holidays_and_clock_changes_are_no_interval() {
        let weekdays = (0..700).filter(|day| day % 7 < 5).map(|day| day * 24 * HOUR);
        let moved = weekdays.map(|ts| if ts > 2_000 * HOUR { ts - HOUR } else { ts });
        require_one_interval(&symbol("A", moved), Interval::DAY, false).expect("daily bars");
    }
}

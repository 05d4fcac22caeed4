//! The bars of one horizon: a shared panel, and which of its rows are warmup and which are scored.

use std::ops::Range;

use super::{Alignment, CovarianceBooks, LogCloses};
use crate::compute::Cuda;
use crate::domain::{
    CalendarClass, Field, HorizonWindow, Interval, MICROS_PER_DAY, Panel, Presence,
};

/// Fewest bars a fit or a covariance is made on.
pub(super) const LEAST_BARS: usize = 60;
/// Share of the nominal number of bars that must be there.
const LEAST_SHARE: f64 = 0.9;

/// How much more calendar time than nominal a lookback may take, for the bars that are missing.
const LOOKBACK_SLACK: f64 = 1.25;

/// Where the running indicators of an instrument start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookback {
    /// Panel row of the first bar, or of the scored window where there is none.
    pub first_row: usize,
    /// Bars found, at most as many as asked for.
    pub given: usize,
}

/// What every job of one horizon shares.
#[derive(Debug)]
pub struct HorizonBars<'a> {
    /// Bars of the universe, loaded for the longest horizon.
    pub panel: &'a Panel,
    /// Which rows hold a bar.
    pub presence: &'a Presence,
    /// Logarithms of the closes.
    pub logs: &'a LogCloses<'a>,
    /// Covariances over trailing windows, made when first asked for.
    pub covariances: CovarianceBooks,
    /// Length of a bar.
    pub interval: Interval,
    /// When each instrument's market makes bars, in the order of the universe.
    pub calendars: &'a [CalendarClass],
    /// What is loaded and scored.
    pub window: HorizonWindow,
    /// Bars of its own market that an instrument may miss before it counts as delisted.
    pub max_stale_bars: u32,
    /// The device that batches of windows go to, if there is one.
    pub device: Option<&'a Cuda>,
}

/// Fewest bars a window must hold that nominally holds `nominal_bars`: nine tenths of them, and 60.
///
/// ```
/// use barline::strategy::needed_of;
/// assert_eq!((needed_of(20.0), needed_of(1_000.0)), (60, 900));
/// ```
pub fn needed_of(nominal_bars: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar count")]
    let needed = (LEAST_SHARE * nominal_bars).ceil() as usize;
    needed.max(LEAST_BARS)
}

impl HorizonBars<'_> {
    /// The scored rows of the panel: bars that open in the scored window and are complete at its
    /// end.
    pub fn scored_rows(&self) -> Range<usize> {
        let last_open = self.window.end.micros() - self.interval.micros();
        self.rows_between(self.window.score_start.micros(), last_open + 1)
    }

    /// The rows of the `micros` microseconds before the scored window.
    pub fn history_rows(&self, micros: i64) -> Range<usize> {
        let score_start = self.window.score_start.micros();
        self.rows_between(score_start - micros, score_start)
    }

    /// The rows that open in `[from, to)`, microseconds UTC.
    pub fn rows_between(&self, from: i64, to: i64) -> Range<usize> {
        let from = from.max(self.window.load_start.micros());
        self.panel.row_at(from)..self.panel.row_at(to)
    }

    /// When all of `assets` make bars together: the sparsest of their calendar classes.
    pub fn common_calendar(&self, assets: &[u16]) -> CalendarClass {
        self.classes(assets).into_iter().max().unwrap_or(CalendarClass::Continuous)
    }

    /// When the axis of a job has bars: the densest calendar class of `assets`, or the second
    /// densest where a row needs two of them.
    pub fn axis_calendar(&self, assets: &[u16], alignment: Alignment) -> CalendarClass {
        let mut classes = self.classes(assets);
        classes.sort_unstable();
        let at = (alignment.least_members() - 1).min(classes.len().saturating_sub(1));
        classes.get(at).copied().unwrap_or(CalendarClass::Continuous)
    }

    fn classes(&self, assets: &[u16]) -> Vec<CalendarClass> {
        assets.iter().map(|&asset| self.calendars[usize::from(asset)]).collect()
    }

    /// Bars common to `assets` that a span of calendar time nominally holds.
    pub fn nominal_bars(&self, assets: &[u16], micros: i64) -> f64 {
        self.common_calendar(assets).nominal_bars(micros, self.interval)
    }

    /// Fewest bars common to `assets` that a span of calendar time must hold to be fitted on: nine
    /// tenths of the nominal number, and 60.
    pub fn needed_bars(&self, assets: &[u16], micros: i64) -> usize {
        needed_of(self.nominal_bars(assets, micros))
    }

    /// True if the warmup that was loaded covers the `micros` before the scored window.
    pub fn covers(&self, micros: i64) -> bool {
        self.window.load_start.micros() <= self.window.score_start.micros() - micros
    }

    /// True if the instrument has a close and a value for each of `fields` in a row.
    pub fn has(&self, asset: u16, row: usize, fields: &[Field]) -> bool {
        let column = |field| self.panel.column(usize::from(asset), field);
        !column(Field::Close)[row].is_nan()
            && fields.iter().all(|&field| !column(field)[row].is_nan())
    }

    /// The last `lookback_bars` bars of an instrument before the scored window that have all of
    /// `fields`, within [`Self::lookback_micros`].
    pub fn lookback(&self, asset: u16, lookback_bars: usize, fields: &[Field]) -> Lookback {
        let rows = self.history_rows(self.lookback_micros(asset, lookback_bars));
        let mut found = Lookback { first_row: rows.end, given: 0 };
        for row in rows.rev() {
            if found.given == lookback_bars {
                break;
            }
            if self.has(asset, row, fields) {
                found = Lookback { first_row: row, given: found.given + 1 };
            }
        }
        found
    }

    /// Calendar time in which an instrument must show its lookback: what so many bars of its
    /// market nominally take, a quarter more for missing ones, and the longest closure of a market
    /// that closes.
    pub fn lookback_micros(&self, asset: u16, lookback_bars: usize) -> i64 {
        if lookback_bars == 0 {
            return 0;
        }
        let calendar = self.calendars[usize::from(asset)];
        let nominal = lookback_bars as f64 * 365.0 / calendar.periods_per_year(self.interval);
        let closed = match calendar {
            CalendarClass::Continuous => 0.0,
            CalendarClass::Weekdays | CalendarClass::Exchange => {
                CalendarClass::LONGEST_CLOSURE_DAYS
            }
        };
        let days = LOOKBACK_SLACK * nominal + closed;
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        let micros = (days * MICROS_PER_DAY as f64).ceil() as i64;
        micros
    }

    /// True if the warmup that was loaded covers the lookback of an instrument.
    pub fn covers_lookback(&self, asset: u16, lookback_bars: usize) -> bool {
        self.covers(self.lookback_micros(asset, lookback_bars))
    }

    /// Symbols of a combination, joined by commas.
    pub fn symbols(&self, assets: &[u16]) -> String {
        let names: Vec<_> = assets.iter().map(|&asset| self.symbol(asset)).collect();
        names.join(",")
    }

    /// Symbol of one instrument.
    pub fn symbol(&self, asset: u16) -> &str {
        &self.panel.universe().instruments()[usize::from(asset)].symbol
    }
}

#[cfg(test)]
mod tests {
    use super::{CovarianceBooks, HorizonBars, LogCloses};
    use crate::domain::{
        CalendarClass, Horizon, Instrument, Interval, Panel, Presence, Timestamp, Universe,
        WarmupMultiplier,
    };

    #[test]
    fn a_bar_is_scored_if_it_lies_in_the_window_whole() {
        let hour = Interval::HOUR.micros();
        let instrument = Instrument { market: "m".into(), symbol: "S".into(), id: 0 };
        let universe = Universe::new(vec![instrument]).expect("a universe");
        let panel = Panel::empty(universe, (0..240).map(|row| row * hour).collect());
        let half_more = WarmupMultiplier::new(1.5).expect("a multiplier");
        let two_days = Horizon::from_days(2).expect("days");
        // Half a bar cuts off the bar at the end that is not complete, and the one at the
        // beginning that opened before.
        for (end, scored) in [(200 * hour, 152..200), (200 * hour + hour / 2, 153..200)] {
            let bars = HorizonBars {
                presence: &Presence::of(&panel),
                logs: &LogCloses::of(&panel),
                covariances: CovarianceBooks::default(),
                interval: Interval::HOUR,
                calendars: &[CalendarClass::Continuous],
                window: two_days.window(Timestamp(end), half_more),
                max_stale_bars: 24,
                device: None,
                panel: &panel,
            };
            assert_eq!(bars.scored_rows(), scored);
            assert_eq!(bars.history_rows(hour), scored.start - 1..scored.start);
        }
    }
}

//! Whether decisions know the bar they trade in: what the first bar after their fills brings them.
//!
//! Changing the future does not show a bar that bears the time of its end, a weight that a file
//! gives one bar too early, or a close that is bought at after it was seen: nothing later is read.
//! But whoever has seen the bar it trades in gets its direction right nearly every time, or wrong
//! nearly every time, and who has not does so by chance.
//!
//! # Formula
//! A fill of signed quantity `q` at price `p`, decided at equity `E`, would have had the price `p'`
//! one bar of its symbol later; both are prices of the bars, without costs. What one bar of delay
//! would have cost is `q (p' - p) / E`; `m_t` is its sum over all fills of a strategy in bar `t`, in
//! one symbol or in all. The share of the first bar is
//!
//! ```text
//! share = sum(m) / sum(|m|)                 in -1..1
//! ```
//!
//! On a price without drift its expected value is 0 whatever is decided on earlier bars, since each
//! `m_t` is then as often positive as negative; a decision right about the next bar in a share `h` of
//! the moves, by size, has `2h - 1`. A share beyond one half, three moves of four known in advance,
//! is no forecast. Signs that are positive with probability 3/4, whatever the sizes, have the mean
//! `sum(|m|) / 2` and the variance `3/4 sum(m^2)`, so
//!
//! ```text
//! errors = (|sum(m)| - sum(|m|) / 2) / sqrt(3/4 sum(m^2))
//! ```
//!
//! is how many standard errors the share lies beyond one half, and 3 or more are an alarm. Of moves
//! of equal size 27 can prove it, so fewer bars, `sum(|m|)^2 / sum(m^2) < 27`, are no test. By chance
//! alone the alarm has the probability `2^-26` there, and less with more bars.

use std::collections::BTreeMap;

use super::{
    rows::{Detail, FORCED, JobRows, Row, Rows},
    world::{Series, World},
};
use crate::{
    domain::{Bar, EventKind, Timestamp},
    sim::FillRule,
    store::Cell,
};

/// The share of the first bar that forecasts may have.
const HONEST_SHARE: f64 = 0.5;
/// Standard errors beyond it that are an alarm.
const ALARM_ERRORS: f64 = 3.0;
/// Bars of equal moves that are needed to see it.
const FEWEST_BARS: f64 = 27.0;

/// What one bar of delay would have cost, by bar.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct FirstBar {
    moves: BTreeMap<Timestamp, f64>,
    /// The fill that would have lost or gained most.
    largest: Option<Moved>,
}

/// A fill, and what one bar later it would have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moved {
    pub(super) ts: Timestamp,
    pub(super) filled: f64,
    pub(super) later: f64,
    share: f64,
}

impl FirstBar {
    fn add(&mut self, moved: Moved) {
        *self.moves.entry(moved.ts).or_default() += moved.share;
        if self.largest.is_none_or(|largest| moved.share.abs() > largest.share.abs()) {
            self.largest = Some(moved);
        }
    }

    /// `sum(m), sum(|m|), sum(m^2)`.
    fn sums(&self) -> (f64, f64, f64) {
        self.moves
            .values()
            .fold((0.0, 0.0, 0.0), |sums, m| (sums.0 + m, sums.1 + m.abs(), sums.2 + m * m))
    }

    /// Bars in which something was filled and the price moved.
    pub(super) fn bars(&self) -> usize {
        self.moves.values().filter(|m| **m != 0.0).count()
    }

    /// Share of the first bar; `None` where nothing moved.
    pub(super) fn share(&self) -> Option<f64> {
        let (sum, size, _) = self.sums();
        (size > 0.0).then(|| sum / size)
    }

    /// True if there are bars enough to tell.
    pub(super) fn is_tested(&self) -> bool {
        let (_, size, squares) = self.sums();
        squares > 0.0 && size * size / squares >= FEWEST_BARS * (1.0 - 1e-9)
    }

    /// True if the bar that is traded in was known.
    pub(super) fn is_known(&self) -> bool {
        let (sum, size, squares) = self.sums();
        let variance = (1.0 - HONEST_SHARE * HONEST_SHARE) * squares;
        self.is_tested() && sum.abs() - HONEST_SHARE * size >= ALARM_ERRORS * variance.sqrt()
    }

    pub(super) fn largest(&self) -> Option<Moved> {
        self.largest
    }
}

/// The first bars of a strategy: of all its symbols together, and of each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct FirstBars {
    pub(super) all: FirstBar,
    pub(super) by_symbol: BTreeMap<String, FirstBar>,
}

/// The first bars of every strategy of a run.
pub(super) fn first_bars(
    rows: &Rows,
    world: &World,
    fill: FillRule,
) -> BTreeMap<String, FirstBars> {
    let mut of_strategies: BTreeMap<String, FirstBars> = BTreeMap::new();
    for (name, job) in &rows.jobs {
        let of = of_strategies.entry(name.strategy.clone()).or_default();
        for row in job.of(Detail::Fill) {
            if let Some((symbol, moved)) = moved(job, row, world, fill) {
                of.all.add(moved);
                of.by_symbol.entry(symbol.to_owned()).or_default().add(moved);
            }
        }
    }
    of_strategies
}

/// What a fill would have lost one bar later; `None` where a rule or an end made it, there is no
/// later bar, or a split lies between them.
fn moved<'r>(
    job: &JobRows,
    (ts, cells): &'r Row,
    world: &World,
    fill: FillRule,
) -> Option<(&'r str, Moved)> {
    let [Cell::Time(decided), Cell::Text(symbol), Cell::Float(quantity), Cell::Text(reason), ..] =
        cells.as_slice()
    else {
        return None;
    };
    if FORCED.contains(&reason.as_str()) {
        return None;
    }
    let series = world.series_of(symbol)?;
    let at = series.bars.binary_search_by_key(ts, |bar| bar.ts).ok()?;
    let (here, next) = (series.bars.get(at)?, series.bars.get(at + 1)?);
    let (filled, later) = (price(here, fill), price(next, fill));
    let equity = job.equity_at(Timestamp(*decided)).filter(|equity| *equity > 0.0)?;
    let share = quantity * (later - filled) / equity;
    let split = has_split(series, here.ts, next.ts);
    (share.is_finite() && !split).then_some((symbol, Moved { ts: *ts, filled, later, share }))
}

/// The price of a bar at which a decision before it is filled.
fn price(bar: &Bar, fill: FillRule) -> f64 {
    match fill {
        FillRule::NextOpen if !bar.open.is_nan() => bar.open,
        FillRule::NextOpen | FillRule::NextClose | FillRule::SameClose => bar.close,
    }
}

fn has_split(series: &Series, after: Timestamp, until: Timestamp) -> bool {
    let splits = series.events.of(EventKind::Split);
    splits.iter().any(|(ts, _)| *ts > after.micros() && *ts <= until.micros())
}

#[cfg(test)]
mod tests {
    use rand_xoshiro::{
        Xoshiro256PlusPlus,
        rand_core::{Rng, SeedableRng},
    };

    use super::{FirstBar, Moved};
    use crate::domain::Timestamp;

    fn of(moves: impl IntoIterator<Item = f64>) -> FirstBar {
        let mut first = FirstBar::default();
        for (ts, share) in (0..).zip(moves) {
            first.add(Moved { ts: Timestamp(ts), filled: 1.0, later: 1.0 + share, share });
        }
        first
    }

    #[test]
    fn the_share_is_what_is_gained_of_what_moves() {
        let first = of([0.02, -0.01, 0.0, 0.01]);
        assert_eq!((first.bars(), first.share()), (3, Some(0.5)));
        assert!(!first.is_tested());
        assert_eq!(of([]).share(), None);
        assert_eq!(of([0.0]).share(), None);
        assert_eq!(of([0.01, -0.03]).largest().map(|moved| moved.ts), Some(Timestamp(1)));
    }

    #[test]
    fn fills_of_one_bar_are_one_move() {
        let mut first = of([0.02]);
        first.add(Moved { ts: Timestamp(0), filled: 1.0, later: 1.0, share: -0.02 });
        assert_eq!((first.bars(), first.share()), (0, None));
    }

    #[test]
    fn as_many_equal_moves_as_it_says_can_prove_it() {
        // (n - n/2) / sqrt(3n/4) = 3 at n = 27.
        assert!(of([0.01; 27]).is_known());
        assert!(of([-0.01; 27]).is_known());
        assert!(!of([0.01; 26]).is_tested() && !of([0.01; 26]).is_known());
    }

    #[test]
    fn a_good_forecast_is_no_alarm_and_a_bar_that_was_seen_is() {
        // Moves with fat tails; right in 50 %, 65 % (a bounce that is known exactly) or 95 % of them.
        let mut dice = Xoshiro256PlusPlus::seed_from_u64(11);
        let mut unit = || (dice.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
        let mut alarms = |right: f64, bars: usize| {
            (0..4_000)
                .filter(|_| {
                    let moves = (0..bars).map(|_| {
                        let size = 0.01 * unit() / (0.02 + unit());
                        if unit() < right { size } else { -size }
                    });
                    of(moves.collect::<Vec<_>>()).is_known()
                })
                .count()
        };
        for bars in [30, 100, 400] {
            assert_eq!((alarms(0.5, bars), alarms(0.65, bars)), (0, 0), "{bars} bars");
        }
        assert!(alarms(0.95, 400) > 3_900, "a leak that is missed");
    }
}

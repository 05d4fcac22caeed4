//! The rows of the panel that are a job's bars, and how long a leg may be silent on them.
//!
//! A row is a bar of a job where enough members have a bar: one for portfolios, two for pairs. Pairs
//! whose legs are delisted would so end with the last common bar, at prices nobody could know were
//! the last; where a leg stays silent for longer than it may, the rows in which the others still
//! trade follow, until it is closed and the other leg has left.

use crate::{
    domain::CalendarClass,
    strategy::{Alignment, HorizonBars},
};

/// Rows after the one that closes a silent leg: the other leg leaves in it.
const ROWS_TO_LEAVE: usize = 1;

/// Per leg, rows of a job without a bar after which it counts as delisted: `max_stale_bars` bars of
/// its own market. On an axis as dense as its own calendar these are as many rows; where another
/// leg trades while its market is closed, there are more rows to a bar, and at least as many as the
/// longest closure holds: a night or a holiday is no delisting.
pub(super) fn stale_rows(bars: &HorizonBars<'_>, assets: &[u16]) -> Vec<u32> {
    let pace = |calendar: CalendarClass| calendar.periods_per_year(bars.interval);
    let axis = pace(bars.axis_calendar(assets, Alignment::Union));
    let rows = |&asset: &u16| {
        let own = pace(bars.calendars[usize::from(asset)]);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let rows = (f64::from(bars.max_stale_bars) * axis / own).ceil() as u32;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let closure = (CalendarClass::LONGEST_CLOSURE_DAYS * axis / 365.0).ceil() as u32;
        let rows = if own < axis { rows.max(closure) } else { rows };
        rows.max(bars.max_stale_bars)
    };
    assets.iter().map(rows).collect()
}

/// The scored rows that are bars of a job, into `rows`; `stale_rows` as [`stale_rows`] gives them.
pub(super) fn job_rows(
    bars: &HorizonBars<'_>,
    assets: &[u16],
    alignment: Alignment,
    stale_rows: &[u32],
    rows: &mut Vec<u32>,
) {
    let scored = bars.scored_rows();
    let least = alignment.least_members().min(assets.len());
    rows.clear();
    bars.presence.rows_with(assets, least, &scored, rows);
    let (Some(&last), true) = (rows.last(), least > 1) else { return };
    let mut after = Vec::new();
    bars.presence.rows_with(assets, 1, &(last as usize + 1..scored.end), &mut after);
    let patience = stale_rows.iter().max().map_or(0, |&rows| rows as usize);
    if after.len() > patience {
        after.truncate(patience + 1 + ROWS_TO_LEAVE);
        rows.append(&mut after);
    }
}

#[cfg(test)]
mod tests {
    use super::{job_rows, stale_rows};
    use crate::{
        domain::{
            CalendarClass, Field, Horizon, Instrument, Interval, Panel, Presence, Timestamp,
            Universe, WarmupMultiplier,
        },
        strategy::{Alignment, CovarianceBooks, HorizonBars, LogCloses},
    };

    const CALENDARS: [CalendarClass; 2] = [CalendarClass::Continuous, CalendarClass::Exchange];

    /// 240 hourly rows of two instruments, the second without bars from row `silent` on.
    fn with_bars<T>(silent: usize, ask: impl FnOnce(&HorizonBars<'_>) -> T) -> T {
        let instrument = |id: u32| Instrument { market: "m".into(), symbol: format!("S{id}"), id };
        let universe = Universe::new(vec![instrument(0), instrument(1)]).expect("a universe");
        let hour = Interval::HOUR.micros();
        let mut panel = Panel::empty(universe, (0..240).map(|row| row * hour).collect());
        panel.column_mut(0, Field::Close).fill(1.0);
        panel.column_mut(1, Field::Close)[..silent].fill(1.0);
        let horizon = Horizon::from_days(10).expect("days");
        let one = WarmupMultiplier::new(1.0).expect("a multiplier");
        ask(&HorizonBars {
            presence: &Presence::of(&panel),
            logs: &LogCloses::of(&panel),
            covariances: CovarianceBooks::default(),
            interval: Interval::HOUR,
            calendars: &CALENDARS,
            window: horizon.window(Timestamp(240 * hour), one),
            max_stale_bars: 5,
            device: None,
            panel: &panel,
        })
    }

    #[test]
    fn a_leg_is_given_bars_of_its_own_market() {
        let both = with_bars(240, |bars| stale_rows(bars, &[0, 1]));
        // 8,760 hours a year hold 1,638 exchange hours: 5 bars are 26.7 rows, and the longest
        // closure is 120 of them.
        assert_eq!(both, [5, 120]);
        assert_eq!(with_bars(240, |bars| stale_rows(bars, &[1])), [5]);
    }

    #[test]
    fn a_pair_outlives_a_delisted_leg_for_as_long_as_it_takes_to_leave() {
        let rows = |silent: usize, alignment| {
            with_bars(silent, |bars| {
                let mut rows = Vec::new();
                job_rows(bars, &[0, 1], alignment, &[5, 5], &mut rows);
                rows.len()
            })
        };
        assert_eq!(rows(100, Alignment::Common), 100 + 5 + 2);
        assert_eq!(rows(234, Alignment::Common), 240, "closed in the last row");
        assert_eq!(rows(235, Alignment::Common), 235, "only late");
        assert_eq!(rows(100, Alignment::Union), 240);
    }
}

//! From target weights to tickets, and the rhythm of rebalancing.

use crate::{
    domain::{CalendarClass, Interval},
    sim::{Account, Tickets, Wake},
    strategy::{Alignment, HorizonBars},
};

/// Reason written on every fill of a rebalance.
pub(super) const REBALANCE: &str = "rebalance";

/// When a portfolio is due: every so many bars, and at the first bar of a member that had none
/// before (listed later, or its market closed when the window began). While such a member is
/// awaited, every bar is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rhythm {
    every: usize,
    /// Bars until the next rebalance that is due by itself.
    left: usize,
    /// Members that had a bar so far.
    seen: usize,
}

impl Rhythm {
    pub(super) fn new(every: usize) -> Self {
        Self { every, left: 0, seen: 0 }
    }

    /// True if the portfolio is to be rebalanced at this bar.
    pub(super) fn is_due(&mut self, account: &Account<'_>) -> bool {
        let seen = account.marks.iter().filter(|mark| !mark.is_nan()).count();
        let due = self.left == 0 || seen > self.seen;
        self.seen = seen;
        if due {
            self.left = self.every;
        }
        due
    }

    /// When to look again.
    pub(super) fn wake(&mut self, account: &Account<'_>) -> Wake {
        let bars = if self.seen < account.marks.len() { 1 } else { self.left };
        self.left -= bars;
        Wake::AfterBars(bars)
    }
}

/// Bars between rebalances of a combination: as asked, or one week of the bars of its axis.
pub(super) fn rebalance_bars(
    asked: Option<usize>,
    bars: &HorizonBars<'_>,
    assets: &[u16],
) -> usize {
    let calendar = bars.axis_calendar(assets, Alignment::Union);
    asked.unwrap_or_else(|| week_of_bars(calendar, bars.interval)).max(1)
}

/// One week of bars, the default distance between rebalances: 168 hourly bars of a continuous
/// market, 5 daily bars of an exchange. At least 1.
fn week_of_bars(calendar: CalendarClass, interval: Interval) -> usize {
    let week = calendar.periods_per_year(interval) * 7.0 / 365.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small, positive")]
    let bars = week.round().max(1.0) as usize;
    bars
}

/// Tickets that bring every leg to its weight: `quantity = weight * equity / close`, both of the
/// decision bar, less what is held. A leg that never had a bar has no close and gets no ticket:
/// its share stays in cash.
pub(super) fn tickets_to_weights(
    weights: &[f64],
    account: &Account<'_>,
    group: u32,
    tickets: &mut Tickets,
) {
    for (leg, &weight) in weights.iter().enumerate() {
        tickets.weight(leg, weight);
        let close = account.marks[leg];
        if close.is_nan() {
            continue;
        }
        let change = weight * account.equity / close - account.quantities[leg];
        if change != 0.0 {
            tickets.each(leg, change, group, REBALANCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::week_of_bars;
    use crate::domain::{CalendarClass, Interval};

    #[test]
    fn a_week_has_as_many_bars_as_its_market_trades() {
        assert_eq!(week_of_bars(CalendarClass::Continuous, Interval::HOUR), 168);
        assert_eq!(week_of_bars(CalendarClass::Exchange, Interval::DAY), 5);
        assert_eq!(week_of_bars(CalendarClass::Weekdays, Interval::HOUR), 120);
        let month = "30d".parse().expect("an interval");
        assert_eq!(week_of_bars(CalendarClass::Continuous, month), 1);
    }
}

//! The state of a job's rules between two rows.

use std::collections::BTreeSet;

use super::{
    MAX_DRAWDOWN, Rules, STOP_LOSS, TAKE_PROFIT, TIME_STOP, drawdown::CircuitBreaker,
    group_book::GroupBook, reentry::Doors, stop_loss::StopLoss, take_profit::TakeProfit,
    time_stop::TimeStop,
};
use crate::sim::{FillRule, SimOptions, ticket::Order};

/// The rules of a job and what they know of it.
#[derive(Debug)]
pub(in crate::sim) struct Watch {
    pub(super) stop: Option<StopLoss>,
    pub(super) target: Option<TakeProfit>,
    time: Option<TimeStop>,
    pub(super) breaker: Option<CircuitBreaker>,
    pub(super) doors: Doors,
    /// Trade groups that are held.
    pub(super) groups: GroupBook,
    /// Legs whose position a rule has written a ticket to close.
    pub(super) closing_legs: BTreeSet<u16>,
    /// Groups that were not let in or that a rule has closed: whatever follows of them is dropped.
    pub(super) refused: BTreeSet<u32>,
    /// Legs whose bar was judged in the present row.
    pub(super) judged: BTreeSet<u16>,
    /// True if a ticket of the present close fills at it.
    at_once: bool,
    /// True if something was filled after the rules were judged: the next close is looked at, even
    /// if nothing is held.
    pub(super) looks_again: bool,
}

/// What the rules look at of a unit at a close.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) is_stopped: bool,
    pub(super) is_on_target: bool,
    /// Job row of its first fill.
    pub(super) opened: usize,
}

impl Watch {
    /// The rules of a job; `None` if it has none.
    pub(in crate::sim) fn new(options: &SimOptions) -> Option<Self> {
        let Rules { stop_loss, take_profit, time_stop_bars, max_drawdown, reentry } = options.rules;
        options.rules.is_active().then(|| Self {
            stop: stop_loss.map(StopLoss),
            target: take_profit.map(TakeProfit),
            time: time_stop_bars.map(TimeStop),
            breaker: max_drawdown.map(|share| CircuitBreaker::new(share, options.capital)),
            doors: Doors::new(reentry),
            groups: GroupBook::default(),
            closing_legs: BTreeSet::new(),
            refused: BTreeSet::new(),
            judged: BTreeSet::new(),
            at_once: options.fill == FillRule::SameClose,
            looks_again: false,
        })
    }

    /// True if every close must be looked at, even if no position is held.
    pub(in crate::sim) fn is_awake(&self) -> bool {
        !self.groups.is_empty() || self.is_breaking() || self.looks_again
    }

    /// True while the drawdown rule is closing everything.
    pub(super) fn is_breaking(&self) -> bool {
        self.breaker.as_ref().is_some_and(CircuitBreaker::is_open)
    }

    /// Books an order that is due, at its raw price.
    pub(in crate::sim) fn book(&mut self, order: &Order, raw: f64, job_row: usize) {
        if let super::Unit::Group(group) = order.unit {
            self.groups.fill(group, order, raw, job_row);
        }
    }

    /// The first rule that closes a unit at the close of `job_row`.
    pub(super) fn verdict(&self, standing: &Standing, job_row: usize) -> Option<&'static str> {
        let is_old = |time: TimeStop| time.is_due(standing.opened, job_row, self.at_once);
        if self.is_breaking() {
            Some(MAX_DRAWDOWN)
        } else if standing.is_stopped {
            Some(STOP_LOSS)
        } else if self.time.is_some_and(is_old) {
            Some(TIME_STOP)
        } else {
            standing.is_on_target.then_some(TAKE_PROFIT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rules, Standing, Watch};
    use crate::sim::{Costs, FillRule, KeepDetail, Limits, Reentry, SimOptions};

    #[test]
    fn the_first_of_several_reasons_counts() {
        let rules = Rules {
            stop_loss: Some(0.1),
            take_profit: Some(0.1),
            time_stop_bars: Some(2),
            max_drawdown: Some(0.5),
            reentry: Reentry::Signal,
        };
        let (costs, limits, keep) = (Costs::NONE, Limits::default(), KeepDetail::default());
        let fill = FillRule::NextOpen;
        let options =
            SimOptions { capital: 100.0, costs, limits, rules, fill, max_stale_bars: 1, keep };
        let mut watch = Watch::new(&options).expect("rules");
        let standing =
            |is_stopped, is_on_target, opened| Standing { is_stopped, is_on_target, opened };
        let all = standing(true, true, 0);
        assert_eq!(watch.verdict(&all, 5), Some("stop_loss"));
        assert_eq!(watch.verdict(&standing(false, true, 0), 5), Some("time_stop"));
        assert_eq!(watch.verdict(&standing(false, true, 5), 5), Some("take_profit"));
        assert_eq!(watch.verdict(&standing(false, false, 5), 5), None);
        assert!(watch.breaker.as_mut().is_some_and(|breaker| breaker.trips(50.0)));
        assert_eq!(watch.verdict(&all, 5), Some("max_drawdown"));
        let none = SimOptions { rules: Rules::default(), ..options };
        assert!(Watch::new(&none).is_none());
    }
}

//! The spreads of one combination on one ledger: signals become tickets.
//!
//! A [`Spread`], a pair or a basket, has its script: signals found beforehand by a rule on the
//! spread's own rows. The events of all spreads are merged in order of row, then spread; the decider
//! sleeps in between. A spread's share of equity is fixed at the close before each of its trading
//! windows, and its entries there spend it. Quantities stay constant until the exit.

use super::{
    PairSignal, RefitMark, Signal,
    agenda::{Act, Agenda, Happening},
    position::Position,
};
use crate::{
    domain::PanelView,
    sim::{Account, Decider, Tickets, Unit, Wake},
};

/// A spread whose script is known: when it is entered and left, and in which quantities.
pub trait Spread {
    /// Legs of the combination and their signed quantities.
    type Legs: AsRef<[(usize, f64)]> + std::fmt::Debug;

    /// Its signals, in order, on panel rows.
    fn signals(&self) -> &[PairSignal];

    /// Where its share of equity is fixed, in order of windows. Window 0 needs none: it trades on
    /// capital.
    fn refits(&self) -> &[RefitMark];

    /// True if a leg of the combination is one of its own.
    fn holds(&self, leg: usize) -> bool;

    /// Quantities of an entry at the closes of its decision row; `None` without a fit.
    fn quantities(&self, entry: &Entry, account: &Account<'_>) -> Option<Self::Legs>;
}

/// An entry that is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Trading window.
    pub window: usize,
    /// Hedge ratio known at the decision.
    pub beta: f64,
    /// +1 long the spread, -1 short.
    pub side: f64,
    /// The spread's share of equity.
    pub share: f64,
}

/// A spread while the job runs.
#[derive(Debug)]
struct Traded<S: Spread> {
    spread: S,
    /// Share of equity; `None` until the first refit mark: the capital's.
    share: Option<f64>,
    position: Position<S::Legs>,
}

/// Trades the spreads of one combination by their scripts.
#[derive(Debug)]
pub struct SpreadDecider<S: Spread> {
    spreads: Vec<Traded<S>>,
    agenda: Agenda,
    /// Entries so far: the number of the next trade group.
    entries: u32,
}

impl<S: Spread> SpreadDecider<S> {
    /// A decider for all spreads of a combination, those that never trade included: each holds its
    /// share of equity, traded or in cash.
    pub(in crate::strategy) fn of(spreads: Vec<S>) -> Self {
        let agenda = Agenda::of(spreads.iter().map(|spread| (spread.signals(), spread.refits())));
        let start = |spread| Traded { spread, share: None, position: Position::default() };
        Self { spreads: spreads.into_iter().map(start).collect(), agenda, entries: 0 }
    }

    /// The row of the next happening, as long as there is a spread that something can happen to.
    fn wake(&self) -> Wake {
        let alive = self.spreads.iter().any(|traded| traded.position.is_alive());
        if alive { self.agenda.wake() } else { Wake::Never }
    }

    fn act(&mut self, happening: Happening, account: &Account<'_>, tickets: &mut Tickets) {
        let count = self.spreads.len() as f64;
        let traded = &mut self.spreads[happening.spread];
        if !traded.position.is_alive() {
            return;
        }
        let Act::Signal(index) = happening.act else {
            traded.share = Some(account.equity / count);
            return;
        };
        let found = traded.spread.signals()[index];
        let side = match found.signal {
            Signal::Exit { reason } => {
                return traded.position.leave(reason.name(), account, tickets);
            }
            Signal::Enter { side } => f64::from(side),
        };
        if !traded.position.arms(&found) {
            return;
        }
        let share = traded.share.unwrap_or(account.capital / count);
        let entry = Entry { window: found.window, beta: found.beta, side, share };
        if let Some(legs) = traded.spread.quantities(&entry, account) {
            traded.position.enter(self.entries, legs, account, tickets);
            self.entries += 1;
        }
    }
}

impl<S: Spread> Decider for SpreadDecider<S> {
    fn first_wake(&self) -> Wake {
        self.wake()
    }

    fn decide(
        &mut self,
        view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        let row = view.ts().len() - 1;
        while let Some(happening) = self.agenda.take_due(row) {
            self.act(happening, account, tickets);
        }
        self.wake()
    }

    fn delisted(&mut self, leg: usize, tickets: &mut Tickets) {
        for traded in self.spreads.iter_mut().filter(|traded| traded.spread.holds(leg)) {
            traded.position.lose(leg, tickets);
        }
    }

    fn closed(&mut self, unit: Unit, row: usize) {
        let Unit::Group(group) = unit else { return };
        for traded in &mut self.spreads {
            traded.position.closed(group, row);
        }
    }
}

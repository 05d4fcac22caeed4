//! The pairs of one combination on one ledger: signals become tickets.
//!
//! Every pair has its script: signals found beforehand by the rule on the pair's own rows. The
//! events of all pairs are merged in order of row, then pair; the decider sleeps in between. A
//! pair's share of equity is fixed at the close before each of its trading windows, and an entry
//! spends half of it per leg.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::rule::{PairSignal, Signal, SpreadModel};
use crate::{
    domain::PanelView,
    sim::{Account, Decider, Tickets, Wake},
};

/// The close at which a pair's share of equity is fixed for one of its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefitMark {
    /// Panel row of the last bar before the window's first row.
    pub row: usize,
    /// The window.
    pub window: usize,
}

/// The fit a pair trades on in one of its windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowFit {
    /// The spread.
    pub model: SpreadModel,
    /// True if the second leg is the dependent one.
    pub flipped: bool,
}

/// What the rule says about one pair, on panel rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PairScript {
    /// Signals in order; their rows are panel rows.
    pub signals: Vec<PairSignal>,
    /// Where shares are fixed, in order of windows. Window 0 needs none: it trades on capital.
    pub refits: Vec<RefitMark>,
    /// The fit of every window; `None` where the pair was not accepted.
    pub fits: Vec<Option<WindowFit>>,
}

/// A pair of a combination.
#[derive(Debug, Clone)]
pub struct PairLegs {
    /// First leg: the dependent one, unless a window's fit is flipped.
    pub first: usize,
    /// Second leg.
    pub second: usize,
    /// Its script.
    pub script: Arc<PairScript>,
}

/// Notional of the dependent leg at an entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LegNotional {
    /// This much money, whatever the equity.
    Fixed(f64),
    /// Half the pair's share of equity, times the leverage.
    ShareOfEquity {
        /// Gross notional of both legs (at hedge ratio 1) over the pair's share.
        gross_leverage: f64,
    },
}

/// Notional of the other leg at an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HedgeSizing {
    /// Hedge ratio times that of the dependent leg.
    Beta,
    /// Equal to that of the dependent leg, in the direction of the hedge ratio.
    Dollar,
}

/// What quantities a pair may trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lots {
    /// Any.
    Fractional,
    /// Whole units, truncated toward zero.
    Whole,
}

/// How large an entry is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairSizing {
    /// Notional of the dependent leg.
    pub notional: LegNotional,
    /// Notional of the other leg.
    pub hedge: HedgeSizing,
    /// Quantities.
    pub lots: Lots,
}

impl Default for PairSizing {
    /// A share of equity at gross leverage 1, hedged by the hedge ratio, fractional quantities.
    fn default() -> Self {
        let notional = LegNotional::ShareOfEquity { gross_leverage: 1.0 };
        Self { notional, hedge: HedgeSizing::Beta, lots: Lots::Fractional }
    }
}

impl PairSizing {
    /// Signed quantities of an entry at the closes of its decision row:
    /// `side N / y` and `-side beta N / x` (or `-side sign(beta) N / x`).
    fn quantities(&self, notional: f64, side: f64, beta: f64, y: f64, x: f64) -> (f64, f64) {
        let ratio = match self.hedge {
            HedgeSizing::Beta => beta,
            HedgeSizing::Dollar if beta == 0.0 => 0.0,
            HedgeSizing::Dollar => beta.signum(),
        };
        let (leg_y, leg_x) = (side * notional / y, -side * ratio * notional / x);
        match self.lots {
            Lots::Fractional => (leg_y, leg_x),
            Lots::Whole => (leg_y.trunc(), leg_x.trunc()),
        }
    }
}

/// A position a pair has ordered.
#[derive(Debug, Clone, Copy)]
struct Ordered {
    group: u32,
    quantity_first: f64,
    quantity_second: f64,
    /// True once its exit has been ordered too.
    leaving: bool,
}

/// A pair while the job runs.
#[derive(Debug)]
struct Pair {
    legs: PairLegs,
    /// Share of equity; `None` until the first refit mark: the capital's.
    share: Option<f64>,
    ordered: Option<Ordered>,
    /// False once a leg has been delisted.
    alive: bool,
}

/// Something a pair does at the close of a row, in the order of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Happening {
    row: usize,
    pair: usize,
    act: Act,
}

/// Index of a signal, or a refit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Signal(usize),
    Refit,
}

/// Trades the pairs of one combination by their scripts.
#[derive(Debug)]
pub struct PairsDecider {
    pairs: Vec<Pair>,
    sizing: PairSizing,
    /// Everything that happens, in order.
    agenda: Vec<Happening>,
    /// Position in the agenda.
    next: usize,
    /// Entries so far: the number of the next trade group.
    entries: u32,
}

impl PairsDecider {
    /// A decider for all pairs of a combination, those that never trade included: each holds its
    /// share of equity, traded or in cash.
    pub fn new(pairs: Vec<PairLegs>, sizing: PairSizing) -> Self {
        let mut agenda = Vec::new();
        for (pair, legs) in pairs.iter().enumerate() {
            agenda.extend(agenda_of(pair, &legs.script));
        }
        agenda.sort_unstable();
        let start = |legs| Pair { legs, share: None, ordered: None, alive: true };
        Self { pairs: pairs.into_iter().map(start).collect(), sizing, agenda, next: 0, entries: 0 }
    }

    /// The row of the next happening.
    fn wake(&self) -> Wake {
        self.agenda.get(self.next).map_or(Wake::Never, |happening| Wake::AtRow(happening.row))
    }

    fn act(&mut self, happening: Happening, account: &Account<'_>, tickets: &mut Tickets) {
        let count = self.pairs.len() as f64;
        let pair = &mut self.pairs[happening.pair];
        if !pair.alive {
            return;
        }
        match happening.act {
            Act::Refit => pair.share = Some(account.equity / count),
            Act::Signal(index) => {
                let found = pair.legs.script.signals[index];
                match found.signal {
                    Signal::Enter { side } => {
                        self.enter(happening.pair, &found, side, account, tickets);
                    }
                    Signal::Exit { reason } => pair.leave(reason.name(), account, tickets),
                }
            }
        }
    }

    fn enter(
        &mut self,
        pair: usize,
        found: &PairSignal,
        side: i8,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) {
        let count = self.pairs.len() as f64;
        let pair = &mut self.pairs[pair];
        let Some(&Some(fit)) = pair.legs.script.fits.get(found.window) else { return };
        let notional = match self.sizing.notional {
            LegNotional::Fixed(money) => money,
            LegNotional::ShareOfEquity { gross_leverage } => {
                gross_leverage * pair.share.unwrap_or(account.capital / count) / 2.0
            }
        };
        let PairLegs { first, second, .. } = pair.legs;
        let (leg_y, leg_x) = if fit.flipped { (second, first) } else { (first, second) };
        let (y, x) = (account.marks[leg_y], account.marks[leg_x]);
        let quantities = self.sizing.quantities(notional, f64::from(side), fit.model.beta, y, x);
        let (quantity_first, quantity_second) =
            if fit.flipped { (quantities.1, quantities.0) } else { quantities };
        let group = self.entries;
        self.entries += 1;
        pair.ordered = Some(Ordered { group, quantity_first, quantity_second, leaving: false });
        pair.order(group, quantity_first, quantity_second, "enter", tickets);
        pair.record(quantity_first, quantity_second, account, tickets);
    }
}

impl Pair {
    fn order(&self, group: u32, first: f64, second: f64, reason: &'static str, tickets: &mut Tickets) {
        let legs = [(self.legs.first, first), (self.legs.second, second)];
        tickets.together(&legs, group, reason);
    }

    /// Orders the exit of what has been entered. An entry that still waits is met by its exit in
    /// the same row, since both wait for the same legs.
    fn leave(&mut self, reason: &'static str, account: &Account<'_>, tickets: &mut Tickets) {
        if let Some(ordered) = self.ordered.as_mut().filter(|ordered| !ordered.leaving) {
            ordered.leaving = true;
            let Ordered { group, quantity_first, quantity_second, .. } = *ordered;
            self.order(group, -quantity_first, -quantity_second, reason, tickets);
            self.record(0.0, 0.0, account, tickets);
        }
    }

    /// Records the pair's own target weights; legs that pairs share have a record for each.
    fn record(&self, first: f64, second: f64, account: &Account<'_>, tickets: &mut Tickets) {
        for (leg, quantity) in [(self.legs.first, first), (self.legs.second, second)] {
            tickets.weight(leg, quantity * account.marks[leg] / account.equity);
        }
    }

    /// One leg is gone: orders the exit of the other one, if it is held.
    fn lose(&mut self, leg: usize, tickets: &mut Tickets) {
        self.alive = false;
        let Some(ordered) = self.ordered.take() else { return };
        // Nothing is held before the entry fills, nor after the exit does.
        let waiting = tickets.pending_in(ordered.group);
        let held = if ordered.leaving { waiting == 1 } else { waiting == 0 };
        if held {
            let (other, quantity) = if leg == self.legs.first {
                (self.legs.second, ordered.quantity_second)
            } else {
                (self.legs.first, ordered.quantity_first)
            };
            tickets.together(&[(other, -quantity)], ordered.group, "delisted");
        }
    }
}

impl Decider for PairsDecider {
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
        while let Some(&happening) = self.agenda.get(self.next).filter(|next| next.row <= row) {
            self.next += 1;
            self.act(happening, account, tickets);
        }
        self.wake()
    }

    fn delisted(&mut self, leg: usize, tickets: &mut Tickets) {
        for pair in &mut self.pairs {
            if pair.alive && (pair.legs.first == leg || pair.legs.second == leg) {
                pair.lose(leg, tickets);
            }
        }
    }
}

/// A pair's happenings. A refit matters only for a window with an entry in it.
fn agenda_of(pair: usize, script: &PairScript) -> impl Iterator<Item = Happening> {
    let enters = |window| {
        let entry = |found: &&PairSignal| matches!(found.signal, Signal::Enter { .. });
        script.signals.iter().filter(entry).any(|found| found.window == window)
    };
    let refits = script.refits.iter().filter(move |mark| mark.window > 0 && enters(mark.window));
    let refits = refits.map(move |mark| Happening { row: mark.row, pair, act: Act::Refit });
    let signals = script.signals.iter().enumerate();
    let signals =
        signals.map(move |(at, found)| Happening { row: found.row, pair, act: Act::Signal(at) });
    signals.chain(refits)
}

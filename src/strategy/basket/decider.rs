//! One basket on one ledger: signals become tickets.
//!
//! The equity that is traded is fixed at the close before each trading window; an entry spends it,
//! times the gross leverage, over all legs by their weights. Quantities stay constant until the
//! exit.

use super::script::BasketScript;
use crate::{
    domain::PanelView,
    sim::{Account, Decider, Tickets, Unit, Wake},
    strategy::pairs::Signal,
};

/// A position that has been ordered.
#[derive(Debug, Clone)]
struct Ordered {
    group: u32,
    quantities: Vec<f64>,
    /// True once its exit has been ordered too.
    leaving: bool,
}

/// Something that happens at the close of a row, in the order of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Happening {
    row: usize,
    act: Act,
}

/// Index of a signal, or a refit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Signal(usize),
    Refit,
}

/// Trades one basket by its script.
#[derive(Debug)]
pub struct BasketDecider {
    script: BasketScript,
    gross_leverage: f64,
    /// Everything that happens, in order.
    agenda: Vec<Happening>,
    /// Position in the agenda.
    next: usize,
    /// Equity that is traded; `None` until the first refit mark: the capital.
    traded: Option<f64>,
    ordered: Option<Ordered>,
    /// Entries so far: the number of the next trade group.
    entries: u32,
    /// Panel row in which a rule closed its position, until the spread has been back since.
    disarmed: Option<usize>,
    /// False once a leg has been delisted.
    alive: bool,
}

impl BasketDecider {
    /// A decider for the legs whose weights the script's fits hold, in this order.
    pub fn new(script: BasketScript, gross_leverage: f64) -> Self {
        let signals = script.signals.iter().enumerate();
        let signals = signals.map(|(at, found)| Happening { row: found.row, act: Act::Signal(at) });
        let refits = script.refits.iter().filter(|mark| mark.window > 0);
        let refits = refits.map(|mark| Happening { row: mark.row, act: Act::Refit });
        let mut agenda: Vec<_> = signals.chain(refits).collect();
        agenda.sort_unstable();
        Self {
            script,
            gross_leverage,
            agenda,
            next: 0,
            traded: None,
            ordered: None,
            entries: 0,
            disarmed: None,
            alive: true,
        }
    }

    /// The row of the next happening.
    fn wake(&self) -> Wake {
        let next = self.agenda.get(self.next).filter(|_| self.alive);
        next.map_or(Wake::Never, |happening| Wake::AtRow(happening.row))
    }

    fn act(&mut self, act: Act, account: &Account<'_>, tickets: &mut Tickets) {
        let Act::Signal(index) = act else {
            self.traded = Some(account.equity);
            return;
        };
        let found = self.script.signals[index];
        let armed = self.disarmed.is_none_or(|closed| found.calm.is_some_and(|row| row >= closed));
        match found.signal {
            Signal::Enter { .. } if !armed => {}
            Signal::Enter { side } => self.enter(found.window, f64::from(side), account, tickets),
            Signal::Exit { reason } => self.leave(reason.name(), account, tickets),
        }
    }

    /// Orders `side N w_i / p_i` of every leg at the closes of the decision row.
    fn enter(&mut self, window: usize, side: f64, account: &Account<'_>, tickets: &mut Tickets) {
        let Some(Some(fit)) = self.script.fits.get(window) else { return };
        let notional = self.gross_leverage * self.traded.unwrap_or(account.capital);
        let legs = fit.weights.iter().zip(account.marks);
        let quantities: Vec<f64> =
            legs.map(|(weight, close)| side * weight * notional / close).collect();
        let group = self.entries;
        self.entries += 1;
        self.disarmed = None;
        order(&quantities, 1.0, group, "enter", tickets);
        record(&quantities, account, tickets);
        self.ordered = Some(Ordered { group, quantities, leaving: false });
    }

    /// Orders the exit of what has been entered. An entry that still waits is met by its exit in
    /// the same row, since both wait for the same legs.
    fn leave(&mut self, reason: &'static str, account: &Account<'_>, tickets: &mut Tickets) {
        let Some(ordered) = self.ordered.as_mut().filter(|ordered| !ordered.leaving) else {
            return;
        };
        ordered.leaving = true;
        order(&ordered.quantities, -1.0, ordered.group, reason, tickets);
        record(&vec![0.0; ordered.quantities.len()], account, tickets);
    }
}

/// One ticket for all legs that trade at all, in the given direction.
fn order(
    quantities: &[f64],
    direction: f64,
    group: u32,
    reason: &'static str,
    tickets: &mut Tickets,
) {
    let traded = quantities.iter().enumerate().filter(|(_, quantity)| **quantity != 0.0);
    let legs: Vec<_> = traded.map(|(leg, quantity)| (leg, direction * quantity)).collect();
    tickets.together(&legs, group, reason);
}

/// Records the target weights of quantities.
fn record(quantities: &[f64], account: &Account<'_>, tickets: &mut Tickets) {
    for (leg, quantity) in quantities.iter().enumerate() {
        tickets.weight(leg, quantity * account.marks[leg] / account.equity);
    }
}

impl Decider for BasketDecider {
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
            if self.alive {
                self.act(happening.act, account, tickets);
            }
        }
        self.wake()
    }

    /// The basket ends with its first leg: each other one leaves in its own next bar, so that it
    /// waits for nobody who may be gone too.
    fn delisted(&mut self, leg: usize, tickets: &mut Tickets) {
        if !std::mem::replace(&mut self.alive, false) {
            return;
        }
        let Some(Ordered { group, quantities, leaving }) = self.ordered.take() else { return };
        // Nothing is held before the entry fills, nor after the exit does.
        let waiting = tickets.pending_in(group);
        let held = if leaving { waiting == 1 } else { waiting == 0 };
        for (other, quantity) in quantities.iter().enumerate() {
            if held && other != leg && *quantity != 0.0 {
                tickets.together(&[(other, -quantity)], group, "delisted");
            }
        }
    }

    /// A basket that a rule has closed is disarmed as after a stop of its own.
    fn closed(&mut self, unit: Unit, row: usize) {
        if self.ordered.as_ref().is_some_and(|ordered| unit == Unit::Group(ordered.group)) {
            (self.ordered, self.disarmed) = (None, Some(row));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BasketDecider, BasketScript, Signal};
    use crate::{
        domain::{Field, Instrument, Panel, Universe},
        sim::{
            Costs, Fill, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions,
            Simulation, simulate,
        },
        strategy::{
            basket::BasketFit,
            pairs::{ExitReason, PairSignal, RefitMark},
        },
    };

    fn fit(weights: [f64; 3]) -> BasketFit {
        BasketFit { weights: weights.to_vec(), mean: 0.0, sd: 1.0 }
    }

    fn enter(row: usize, window: usize, side: i8) -> PairSignal {
        PairSignal { row, window, z: 0.0, beta: 1.0, signal: Signal::Enter { side }, calm: None }
    }

    fn exit(row: usize, window: usize) -> PairSignal {
        let signal = Signal::Exit { reason: ExitReason::Exit };
        PairSignal { row, window, z: 0.0, beta: 1.0, signal, calm: None }
    }

    fn script(signals: Vec<PairSignal>) -> BasketScript {
        let fits = vec![Some(fit([0.5, -0.25, -0.25])), Some(fit([0.5, 0.5, 0.0]))];
        BasketScript { signals, refits: Vec::new(), fits }
    }

    fn play(closes: &[Vec<f64>; 3], script: &BasketScript) -> Simulation {
        let instrument =
            |id: u32| Instrument { market: String::new(), symbol: format!("A{id}"), id };
        let universe = Universe::new((0..3).map(instrument).collect()).expect("legs");
        let rows: Vec<u32> = (0..).take(closes[0].len()).collect();
        let mut panel = Panel::empty(universe, rows.iter().copied().map(i64::from).collect());
        for (asset, closes) in closes.iter().enumerate() {
            panel.column_mut(asset, Field::Close).copy_from_slice(closes);
            panel.column_mut(asset, Field::Open).copy_from_slice(closes);
        }
        let market = Market {
            panel: &panel,
            assets: &[0, 1, 2],
            rows: &rows,
            stale_rows: &[],
            particulars: &[],
        };
        let options = SimOptions {
            capital: 1_000.0,
            costs: Costs::NONE,
            limits: Limits::default(),
            rules: Rules::default(),
            fill: FillRule::NextClose,
            max_stale_bars: 1,
            keep: KeepDetail { fills: true, equity: false, weights: true },
        };
        let mut decider = BasketDecider::new(script.clone(), 1.0);
        simulate(&market, &mut decider, &options, &mut Scratch::default())
    }

    fn told(fill: &Fill) -> (u32, u16, f64, &'static str) {
        (fill.row, fill.leg, fill.quantity, fill.reason)
    }

    fn fills(simulation: &Simulation) -> Vec<(u32, u16, f64, &'static str)> {
        simulation.fills.iter().map(told).collect()
    }

    #[test]
    fn an_entry_spends_the_capital_by_weights_and_an_exit_undoes_it() {
        let script = script(vec![enter(1, 0, -1), exit(3, 0)]);
        let found = play(&[vec![10.0; 6], vec![20.0; 6], vec![25.0; 6]], &script);
        let expected = [
            (2, 0, -50.0, "enter"),
            (2, 1, 12.5, "enter"),
            (2, 2, 10.0, "enter"),
            (4, 0, 50.0, "exit"),
            (4, 1, -12.5, "exit"),
            (4, 2, -10.0, "exit"),
        ];
        assert_eq!(fills(&found), expected);
        let weights: Vec<_> = found.weights.iter().map(|w| (w.row, w.leg, w.weight)).collect();
        let expected =
            [(1, 0, -0.5), (1, 1, 0.25), (1, 2, 0.25), (3, 0, 0.0), (3, 1, 0.0), (3, 2, 0.0)];
        assert_eq!(weights, expected);
    }

    #[test]
    fn a_later_window_trades_on_the_equity_at_its_refit_and_a_zero_weight_not_at_all() {
        let mut script = script(vec![enter(0, 0, 1), exit(2, 0), enter(4, 1, 1)]);
        script.refits = vec![RefitMark { row: 3, window: 1 }];
        // 50 units bought at 10 and sold at 14: equity 1,200.
        let first = vec![10.0, 10.0, 12.0, 14.0, 14.0, 14.0, 14.0];
        let found = play(&[first, vec![20.0; 7], vec![25.0; 7]], &script);
        let second = 600.0 / 14.0;
        assert_eq!(fills(&found)[6..8], [(5, 0, second, "enter"), (5, 1, 30.0, "enter")]);
        assert!(found.fills[8..].iter().all(|fill| fill.reason == "end_of_data"));
    }

    #[test]
    fn the_other_legs_of_a_delisted_one_leave_and_the_basket_stops() {
        let script = script(vec![enter(0, 0, 1), exit(8, 0), enter(9, 0, 1)]);
        let (mut second, mut third) = (vec![20.0; 12], vec![25.0; 12]);
        second[2..].fill(f64::NAN);
        let found = play(&[vec![10.0; 12], second.clone(), third.clone()], &script);
        let expected =
            [(3, 1, 12.5, "delisted"), (4, 0, -50.0, "delisted"), (4, 2, 10.0, "delisted")];
        assert_eq!(fills(&found)[3..], expected);
        // Two legs that end together take nobody's exit with them.
        third[2..].fill(f64::NAN);
        let found = play(&[vec![10.0; 12], second, third], &script);
        let expected =
            [(3, 1, 12.5, "delisted"), (3, 2, 10.0, "delisted"), (4, 0, -50.0, "delisted")];
        assert_eq!(fills(&found)[3..], expected);
    }

    #[test]
    fn an_entry_that_never_filled_is_not_left_and_an_exit_that_never_filled_is_made_up_for() {
        let mut third = vec![25.0; 8];
        third[1..].fill(f64::NAN);
        let waits = script(vec![enter(0, 0, 1)]);
        let found = play(&[vec![10.0; 8], vec![20.0; 8], third.clone()], &waits);
        assert_eq!(fills(&found), []);
        third[1] = 25.0;
        let leaves = script(vec![enter(0, 0, 1), exit(1, 0)]);
        let found = play(&[vec![10.0; 8], vec![20.0; 8], third], &leaves);
        let expected =
            [(3, 2, 10.0, "delisted"), (4, 0, -50.0, "delisted"), (4, 1, 12.5, "delisted")];
        assert_eq!(fills(&found)[3..], expected);
    }
}

//! The pairs of one combination on one ledger: signals become tickets.
//!
//! Every pair has its script: signals found beforehand by the rule on the pair's own rows. The
//! events of all pairs are merged in order of row, then pair; the decider sleeps in between. A
//! pair's share of equity is fixed at the close before each of its trading windows, and an entry
//! spends half of it per leg.

use super::{
    rule::{PairSignal, Signal},
    script::{PairLegs, PairScript},
    sizing::{LegNotional, PairSizing},
};
use crate::{
    domain::PanelView,
    sim::{Account, Decider, Tickets, Unit, Wake},
};

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
    /// Panel row in which a rule closed its position, until the spread has been back since.
    disarmed: Option<usize>,
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
        let start = |legs| Pair { legs, share: None, ordered: None, disarmed: None, alive: true };
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
        if !pair.arms(found) {
            return;
        }
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
        let quantities = self.sizing.quantities(notional, f64::from(side), found.beta, y, x);
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
    /// False for an entry that the rule would not give had it been stopped when a rule of the job
    /// closed the pair: the spread has not been back since. What the script tells of later rows is
    /// what it would be then.
    fn arms(&mut self, found: &PairSignal) -> bool {
        let armed = self.disarmed.is_none_or(|closed| found.calm.is_some_and(|row| row >= closed));
        if armed {
            self.disarmed = None;
        }
        armed
    }

    fn order(
        &self,
        group: u32,
        first: f64,
        second: f64,
        reason: &'static str,
        tickets: &mut Tickets,
    ) {
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

    /// A pair that a rule has closed is disarmed as after a stop of its own.
    fn closed(&mut self, unit: Unit, row: usize) {
        let Unit::Group(group) = unit else { return };
        let is_of = |pair: &&mut Pair| pair.ordered.is_some_and(|ordered| ordered.group == group);
        if let Some(pair) = self.pairs.iter_mut().find(is_of) {
            (pair.ordered, pair.disarmed) = (None, Some(row));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{PairLegs, PairScript, PairSignal, PairSizing, PairsDecider, Signal};
    use crate::{
        domain::{Field, Instrument, Panel, Universe},
        sim::{
            Costs, Fill, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions,
            Simulation, simulate,
        },
        strategy::pairs::{ExitReason, RefitMark, SpreadModel, WindowFit},
    };

    const MODEL: SpreadModel = SpreadModel { alpha: 0.0, beta: 0.5, mean: 0.0, sd: 1.0 };

    /// Closes per leg; opens equal closes.
    fn panel(closes: &[Vec<f64>]) -> Panel {
        let instrument = |at: usize| {
            let id = u32::try_from(at).expect("small");
            Instrument { market: String::new(), symbol: format!("A{at}"), id }
        };
        let universe = Universe::new((0..closes.len()).map(instrument).collect()).expect("legs");
        let mut panel = Panel::empty(universe, (0..).take(closes[0].len()).collect());
        for (asset, closes) in closes.iter().enumerate() {
            panel.column_mut(asset, Field::Close).copy_from_slice(closes);
            panel.column_mut(asset, Field::Open).copy_from_slice(closes);
        }
        panel
    }

    fn enter(row: usize, window: usize, side: i8) -> PairSignal {
        let signal = Signal::Enter { side };
        PairSignal { row, window, z: 0.0, beta: MODEL.beta, signal, calm: None }
    }

    fn exit(row: usize, window: usize) -> PairSignal {
        let signal = Signal::Exit { reason: ExitReason::Exit };
        PairSignal { row, window, z: 0.0, beta: MODEL.beta, signal, calm: None }
    }

    fn script(signals: Vec<PairSignal>) -> PairScript {
        let fit = WindowFit { model: MODEL, flipped: false };
        PairScript { signals, fits: vec![Some(fit); 2], ..PairScript::default() }
    }

    fn legs(first: usize, second: usize, script: &PairScript) -> PairLegs {
        PairLegs { first, second, script: Arc::new(script.clone()) }
    }

    fn play(closes: &[Vec<f64>], pairs: &[PairLegs]) -> Simulation {
        play_by(closes, pairs, Rules::default())
    }

    fn play_by(closes: &[Vec<f64>], pairs: &[PairLegs], rules: Rules) -> Simulation {
        let panel = panel(closes);
        let assets: Vec<u16> = (0..).take(closes.len()).collect();
        let rows: Vec<u32> = (0..).take(closes[0].len()).collect();
        let market = Market {
            panel: &panel,
            assets: &assets,
            rows: &rows,
            stale_rows: &[],
            particulars: &[],
        };
        let options = SimOptions {
            capital: 1_000.0,
            costs: Costs::NONE,
            limits: Limits::default(),
            rules,
            fill: FillRule::NextClose,
            max_stale_bars: 1,
            keep: KeepDetail { fills: true, equity: false, weights: true },
        };
        let mut decider = PairsDecider::new(pairs.to_vec(), PairSizing::default());
        simulate(&market, &mut decider, &options, &mut Scratch::default())
    }

    fn told(fill: &Fill) -> (u32, u16, f64, &'static str) {
        (fill.row, fill.leg, fill.quantity, fill.reason)
    }

    #[test]
    fn an_entry_spends_half_its_share_per_leg() {
        let mut script = script(vec![enter(1, 0, 1), exit(3, 0)]);
        script.fits = vec![Some(WindowFit { model: MODEL, flipped: true })];
        let pairs = [legs(0, 1, &script)];
        let simulation = play(&[vec![10.0; 6], vec![20.0; 6]], &pairs);
        let fills: Vec<_> = simulation.fills.iter().map(told).collect();
        let expected = [
            (2, 0, -25.0, "enter"),
            (2, 1, 25.0, "enter"),
            (4, 0, 25.0, "exit"),
            (4, 1, -25.0, "exit"),
        ];
        assert_eq!(fills, expected);
        let weights: Vec<_> = simulation.weights.iter().map(|w| (w.row, w.leg, w.weight)).collect();
        assert_eq!(weights, [(1, 0, -0.25), (1, 1, 0.5), (3, 0, 0.0), (3, 1, 0.0)]);
    }

    #[test]
    fn an_entry_is_hedged_by_the_ratio_of_its_decision() {
        let signals = vec![PairSignal { beta: 2.0 * MODEL.beta, ..enter(1, 0, 1) }];
        let simulation = play(&[vec![10.0; 5], vec![20.0; 5]], &[legs(0, 1, &script(signals))]);
        let fills: Vec<_> = simulation.fills.iter().take(2).map(told).collect();
        assert_eq!(fills, [(2, 0, 50.0, "enter"), (2, 1, -25.0, "enter")]);
    }

    #[test]
    fn a_window_trades_on_one_share_whatever_is_won_in_it() {
        let script = script(vec![enter(0, 0, 1), exit(2, 0), enter(4, 0, 1)]);
        let y = vec![10.0, 10.0, 12.0, 14.0, 14.0, 14.0, 14.0];
        let simulation = play(&[y, vec![20.0; 7]], &[legs(0, 1, &script)]);
        assert_eq!(told(&simulation.fills[0]), (1, 0, 50.0, "enter"));
        assert_eq!(told(&simulation.fills[4]), (5, 0, 500.0 / 14.0, "enter"));
    }

    #[test]
    fn a_later_window_trades_on_the_equity_at_its_refit() {
        let mut script = script(vec![enter(0, 0, 1), exit(2, 0), enter(4, 1, -1)]);
        script.refits = vec![RefitMark { row: 3, window: 1 }];
        let idle = PairScript::default();
        let pairs = [legs(0, 1, &script), legs(0, 1, &idle)];
        // 25 units bought at 10 and sold at 14: equity 1,100; half of it for each pair.
        let y = vec![10.0, 10.0, 12.0, 14.0, 14.0, 14.0, 14.0];
        let simulation = play(&[y, vec![20.0; 7]], &pairs);
        assert_eq!(told(&simulation.fills[0]), (1, 0, 25.0, "enter"));
        let quantity = -550.0 / 2.0 / 14.0;
        assert_eq!(told(&simulation.fills[4]), (5, 0, quantity, "enter"));
        let groups: Vec<u32> = simulation.trades.iter().map(|trade| trade.trade_group).collect();
        assert_eq!(groups, [0, 0, 1, 1]);
    }

    #[test]
    fn pairs_that_share_a_leg_are_netted() {
        let long = script(vec![enter(1, 0, 1)]);
        let short = script(vec![enter(1, 0, -1)]);
        let pairs = [legs(0, 1, &long), legs(0, 2, &short)];
        let simulation = play(&[vec![10.0; 5], vec![20.0; 5], vec![25.0; 5]], &pairs);
        let fills: Vec<_> = simulation.fills.iter().take(2).map(told).collect();
        assert_eq!(fills, [(2, 1, -6.25, "enter"), (2, 2, 5.0, "enter")]);
    }

    #[test]
    fn the_other_leg_of_a_delisted_one_leaves_and_the_pair_stops() {
        let script = script(vec![enter(0, 0, 1), exit(8, 0), enter(9, 0, 1)]);
        let pairs = [legs(0, 1, &script)];
        let mut x = vec![20.0; 12];
        x[2..6].fill(f64::NAN);
        let simulation = play(&[vec![10.0; 12], x], &pairs);
        let fills: Vec<_> = simulation.fills.iter().map(told).collect();
        let expected = [
            (1, 0, 50.0, "enter"),
            (1, 1, -12.5, "enter"),
            (3, 1, 12.5, "delisted"),
            (4, 0, -50.0, "delisted"),
        ];
        assert_eq!(fills, expected);
    }

    #[test]
    fn a_pair_that_a_rule_closed_waits_until_the_spread_has_been_back() {
        // Held for two bars; its own exit of row 5 comes too late and does nothing.
        let rules = Rules { time_stop_bars: Some(2), ..Rules::default() };
        for (calm, again) in [(None, false), (Some(2), false), (Some(3), true), (Some(5), true)] {
            let next = PairSignal { calm, ..enter(6, 0, -1) };
            let script = script(vec![enter(0, 0, 1), exit(5, 0), next, exit(7, 0)]);
            let simulation =
                play_by(&[vec![10.0; 12], vec![20.0; 12]], &[legs(0, 1, &script)], rules);
            let fills: Vec<_> = simulation.fills.iter().map(told).collect();
            assert_eq!(fills[2..4], [(3, 0, -50.0, "time_stop"), (3, 1, 12.5, "time_stop")]);
            let second: Vec<_> = fills[4..].iter().map(|fill| (fill.0, fill.3)).collect();
            let expected = [(7, "enter"), (7, "enter"), (8, "exit"), (8, "exit")];
            assert_eq!(second, if again { &expected[..] } else { &[] }, "calm in row {calm:?}");
        }
    }

    #[test]
    fn an_exit_that_never_filled_is_made_up_for() {
        let script = script(vec![enter(0, 0, 1), exit(1, 0)]);
        let pairs = [legs(0, 1, &script)];
        let mut x = vec![20.0; 8];
        x[2..].fill(f64::NAN);
        let simulation = play(&[vec![10.0; 8], x], &pairs);
        let last: Vec<_> = simulation.fills[2..].iter().map(told).collect();
        assert_eq!(last, [(3, 1, 12.5, "delisted"), (4, 0, -50.0, "delisted")]);
    }

    #[test]
    fn an_entry_that_never_filled_is_not_left() {
        let held = script(vec![enter(0, 0, 1)]);
        let waits = script(vec![enter(1, 0, 1)]);
        let pairs = [legs(0, 1, &held), legs(2, 1, &waits)];
        let mut x = vec![20.0; 8];
        x[2..].fill(f64::NAN);
        let simulation = play(&[vec![10.0; 8], x, vec![10.0; 8]], &pairs);
        assert!(simulation.fills.iter().all(|fill| fill.leg != 2), "{:?}", simulation.fills);
        assert_eq!(simulation.fills.len(), 4);
    }
}

//! The pairs of one combination on one ledger: an entry spends half of its pair's share per leg.

use super::{
    PairLegs, PairSignal, RefitMark,
    sizing::{LegNotional, PairSizing},
    spread_decider::{Entry, Spread, SpreadDecider},
};
use crate::sim::Account;

/// A pair and how large its entries are.
#[derive(Debug)]
pub struct SizedPair {
    legs: PairLegs,
    sizing: PairSizing,
}

/// Trades the pairs of one combination by their scripts.
pub type PairsDecider = SpreadDecider<SizedPair>;

impl PairsDecider {
    /// A decider for all pairs of a combination.
    pub fn new(pairs: Vec<PairLegs>, sizing: PairSizing) -> Self {
        Self::of(pairs.into_iter().map(|legs| SizedPair { legs, sizing }).collect())
    }
}

impl Spread for SizedPair {
    type Legs = [(usize, f64); 2];

    fn signals(&self) -> &[PairSignal] {
        &self.legs.script.signals
    }

    fn refits(&self) -> &[RefitMark] {
        &self.legs.script.refits
    }

    fn holds(&self, leg: usize) -> bool {
        leg == self.legs.first || leg == self.legs.second
    }

    fn quantities(&self, entry: &Entry, account: &Account<'_>) -> Option<Self::Legs> {
        let fit = (*self.legs.script.fits.get(entry.window)?)?;
        let notional = match self.sizing.notional {
            LegNotional::Fixed(money) => money,
            LegNotional::ShareOfEquity { gross_leverage } => gross_leverage * entry.share / 2.0,
        };
        let PairLegs { first, second, .. } = self.legs;
        let (y, x) = if fit.flipped { (second, first) } else { (first, second) };
        let closes = (account.marks[y], account.marks[x]);
        let Entry { side, beta, .. } = *entry;
        let quantities = self.sizing.quantities(notional, side, beta, closes.0, closes.1);
        let (of_first, of_second) =
            if fit.flipped { (quantities.1, quantities.0) } else { quantities };
        Some([(first, of_first), (second, of_second)])
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{PairLegs, PairSignal, PairSizing, PairsDecider, RefitMark};
    use crate::{
        sim::{Rules, Simulation},
        strategy::{
            pairs::{ExitReason, PairScript, Signal, SpreadModel, WindowFit},
            stage::{self, told},
        },
    };

    const MODEL: SpreadModel = SpreadModel { alpha: 0.0, beta: 0.5, mean: 0.0, sd: 1.0 };

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
        let mut decider = PairsDecider::new(pairs.to_vec(), PairSizing::default());
        stage::play(closes, &mut decider, rules)
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

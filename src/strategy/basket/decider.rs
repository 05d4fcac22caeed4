//! One basket on one ledger: an entry spends its equity, times the leverage, by the fit's weights.

use super::script::BasketScript;
use crate::{
    sim::Account,
    strategy::pairs::{Entry, PairSignal, RefitMark, Spread, SpreadDecider},
};

/// A basket and how large its entries are.
#[derive(Debug)]
pub struct SizedBasket {
    script: BasketScript,
    gross_leverage: f64,
}

/// Trades one basket by its script.
pub type BasketDecider = SpreadDecider<SizedBasket>;

impl BasketDecider {
    /// A decider for the legs whose weights the script's fits hold, in this order.
    pub fn new(script: BasketScript, gross_leverage: f64) -> Self {
        Self::of(vec![SizedBasket { script, gross_leverage }])
    }
}

impl Spread for SizedBasket {
    type Legs = Vec<(usize, f64)>;

    fn signals(&self) -> &[PairSignal] {
        &self.script.signals
    }

    fn refits(&self) -> &[RefitMark] {
        &self.script.refits
    }

    fn holds(&self, _leg: usize) -> bool {
        true
    }

    /// `side N w_i / p_i` of every leg.
    fn quantities(&self, entry: &Entry, account: &Account<'_>) -> Option<Self::Legs> {
        let fit = self.script.fits.get(entry.window)?.as_ref()?;
        let notional = self.gross_leverage * entry.share;
        let legs = fit.weights.iter().zip(account.marks).enumerate();
        Some(
            legs.map(|(leg, (weight, close))| (leg, entry.side * weight * notional / close))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{BasketDecider, BasketScript, PairSignal, RefitMark};
    use crate::{
        sim::{Rules, Simulation},
        strategy::{
            basket::BasketFit,
            pairs::{ExitReason, Signal},
            stage::{self, told},
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
        let mut decider = BasketDecider::new(script.clone(), 1.0);
        stage::play(closes, &mut decider, Rules::default())
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

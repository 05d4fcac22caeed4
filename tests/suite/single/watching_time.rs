//! What watching takes: a decider's time beyond that of a replay of its decisions.

use std::time::Instant;

use barline::{
    domain::PanelView,
    sim::{
        Account, Decider, KeepDetail, Scratch, SimOptions, TargetWeight, Tickets, Wake, simulate,
    },
};

use super::{OPTIONS, names, strategy, wandering, with_market};

/// Wakes at every bar and takes positions that were decided before: what their simulation takes.
struct Replay<'a>(&'a [TargetWeight]);

impl Decider for Replay<'_> {
    fn first_wake(&self) -> Wake {
        Wake::AfterBars(0)
    }

    fn decide(
        &mut self,
        view: &PanelView<'_>,
        account: &Account<'_>,
        tickets: &mut Tickets,
    ) -> Wake {
        if let [next, rest @ ..] = self.0
            && next.row as usize + 1 == view.ts().len()
        {
            let quantity = next.weight * account.equity / account.marks[0];
            tickets.each(0, quantity - account.quantities[0], 0, "replay");
            self.0 = rest;
        }
        Wake::AfterBars(1)
    }
}

/// Best of seven, in milliseconds.
fn best_millis(mut work: impl FnMut()) -> f64 {
    let once = |_| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64() * 1e3
    };
    (0..7).map(once).fold(f64::INFINITY, f64::min)
}

#[test]
#[ignore = "measures time: cargo test --release watching_takes -- --ignored --nocapture"]
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn what_watching_takes() {
    let (start, scored) = (240, 26_280);
    let bars = wandering(1, start + scored);
    for name in names() {
        let strategy = strategy(name, "both");
        let (own, replayed, tickets) = with_market(&bars, start, (0, 1), |market, horizon| {
            let session = strategy.session(horizon);
            let mut scratch = Scratch::default();
            let decider = || session.decider(market.assets).expect("a decider");
            let decided = simulate(market, decider().as_mut(), &OPTIONS, &mut scratch);
            let options = SimOptions { keep: KeepDetail::default(), ..OPTIONS };
            let mut simulated = |decider: &mut dyn Decider| {
                let simulation = simulate(market, decider, &options, &mut scratch);
                assert_eq!(simulation.equity, decided.equity);
                scratch.recycle(simulation);
            };
            let replayed = best_millis(|| simulated(&mut Replay(&decided.weights)));
            (best_millis(|| simulated(decider().as_mut())), replayed, decided.tickets)
        });
        println!(
            "{name}: {own:.2} ms with {tickets} tickets, {:.2} ms beyond its replay",
            own - replayed
        );
    }
}

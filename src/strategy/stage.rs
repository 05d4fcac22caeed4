//! A stage for tests of deciders: closes become a market, a decider plays on it.

use crate::{
    domain::{Field, Instrument, Panel, Universe},
    sim::{
        Costs, Decider, Fill, FillRule, KeepDetail, Limits, Market, Rules, Scratch, SimOptions,
        Simulation, simulate,
    },
};

/// A column of closes per leg; opens equal closes.
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

/// Plays a decider with a capital of 1,000, without costs, filled at the next close; a leg without
/// a bar in two rows on end is delisted.
pub(super) fn play(closes: &[Vec<f64>], decider: &mut dyn Decider, rules: Rules) -> Simulation {
    let assets: Vec<u16> = (0..).take(closes.len()).collect();
    let rows: Vec<u32> = (0..).take(closes[0].len()).collect();
    let market = Market {
        panel: &panel(closes),
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
    simulate(&market, decider, &options, &mut Scratch::default())
}

/// Row, leg, quantity and reason of a fill.
pub(super) fn told(fill: &Fill) -> (u32, u16, f64, &'static str) {
    (fill.row, fill.leg, fill.quantity, fill.reason)
}

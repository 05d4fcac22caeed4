//! What a rule holds after its symbol was closed as delisted: nothing.

use barline::sim::{Market, Scratch, simulate};

use super::{Bars, CLOSE, OPTIONS, strategy, with_market};

/// Rising bars, none of them in `gap`.
fn rising(rows: usize, gap: std::ops::Range<usize>) -> Bars {
    let mut bars: Bars = Default::default();
    let mut close = 100.0;
    for row in 0..rows {
        let open = close;
        close *= 1.002;
        let all = [open, close * 1.001, open * 0.999, close, 1_000.0];
        for (column, value) in bars.iter_mut().zip(all) {
            column.push(if gap.contains(&row) { f64::NAN } else { value });
        }
    }
    bars
}

#[test]
fn a_symbol_that_comes_back_is_entered_again() {
    // Long from its first scored bar on, before the gap and after it: what was closed in the gap is
    // not held, so the same stance is a new decision.
    let (start, rows) = (240, 480);
    let gap = 300..300 + 2 * OPTIONS.max_stale_bars as usize;
    let bars = rising(rows, gap.clone());
    for name in ["sma-crossover", "supertrend", "triple-ema"] {
        let strategy = strategy(name, "both");
        let simulation = with_market(&bars, start, (0, 1), |market, horizon| {
            let axis: Vec<u32> =
                (start..rows).map(|row| u32::try_from(row).expect("few")).collect();
            let market = Market { rows: &axis, ..*market };
            let session = strategy.session(horizon);
            let mut decider = session.decider(market.assets).expect("a decider");
            simulate(&market, decider.as_mut(), &OPTIONS, &mut Scratch::default())
        });
        let fills: Vec<_> = simulation.fills.iter().map(|fill| (fill.reason, fill.row)).collect();
        let [entered, delisted, again, ended] = fills[..] else { panic!("{name}: {fills:?}") };
        assert_eq!([entered.0, delisted.0, again.0], ["enter", "delisted", "enter"], "{name}");
        assert_eq!(ended, ("end_of_data", u32::try_from(rows - 1).expect("few")), "{name}");
        assert!(gap.contains(&(delisted.1 as usize)) && gap.end <= again.1 as usize, "{fills:?}");
        assert!(bars[CLOSE][again.1 as usize] > bars[CLOSE][entered.1 as usize], "{name}");
    }
}

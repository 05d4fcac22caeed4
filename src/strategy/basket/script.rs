//! When one basket is entered and left, on panel rows, without quantities.
//!
//! Its rows are the [`CommonRows`] of all its members.

use std::ops::Range;

use super::{
    BasketFit, BasketParameters,
    fit::{Rejection, fit},
};
use crate::{
    domain::deadline,
    strategy::{
        HorizonBars,
        pairs::{
            CommonRows, PairSignal, RefitMark, SpreadModel, SpreadParameters, TradingWindow,
            signals_of,
        },
    },
};

/// What the rule says about one basket, on panel rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BasketScript {
    /// Signals in order: side +1 is long the members of positive weight.
    pub signals: Vec<PairSignal>,
    /// Where the equity that is traded is fixed, in order of windows. Window 0 needs none: it
    /// trades on capital.
    pub refits: Vec<RefitMark>,
    /// The fit of every window; `None` where no relation was accepted.
    pub fits: Vec<Option<BasketFit>>,
}

/// The script of a combination, and why its windows have no fit.
pub(super) struct Fitted {
    pub(super) script: BasketScript,
    pub(super) rejections: Vec<Rejection>,
}

/// Fits every window of a combination and scans the rule over them.
pub(super) fn make(
    bars: &HorizonBars<'_>,
    assets: &[u16],
    parameters: &BasketParameters,
) -> Fitted {
    let refits = parameters.refits();
    let formation = refits.formation_micros(&bars.window);
    let rows = CommonRows::of(bars, assets, formation);
    let needed = bars.needed_bars(assets, formation);
    let ranges = rows.trading_ranges(refits.bars_between(bars, assets));
    let (mut fits, mut rejections) = (Vec::with_capacity(ranges.len()), Vec::new());
    for (refit, range) in ranges.iter().enumerate() {
        deadline::look();
        let span = rows.formation(bars, refit, range, formation).rows;
        let logs: Vec<&[f64]> = rows.logs.iter().map(|column| &column[span.clone()]).collect();
        fits.push(fit(&logs, needed, parameters).map_err(|why| rejections.push(why)).ok());
    }
    Fitted { script: script(&rows, ranges, fits, parameters), rejections }
}

/// Scans the rule over all windows and names what it finds by panel rows.
fn script(
    rows: &CommonRows,
    ranges: Vec<Range<usize>>,
    fits: Vec<Option<BasketFit>>,
    parameters: &BasketParameters,
) -> BasketScript {
    let refits = rows.refit_marks(ranges.iter());
    let mut spread = vec![f64::NAN; rows.ts.len()];
    for (range, fit) in ranges.iter().zip(&fits) {
        let Some(fit) = fit else { continue };
        for row in range.clone() {
            spread[row] = fit.spread(rows.logs.iter().map(|column| column[row]));
        }
    }
    // The spread stands for the dependent leg: z = (s - 0 - 0 * 0 - mean) / sd.
    let model = |fit: &BasketFit| SpreadModel { alpha: 0.0, beta: 0.0, mean: fit.mean, sd: fit.sd };
    let windows: Vec<_> = (ranges.into_iter().zip(&fits))
        .map(|(rows, fit)| TradingWindow { rows, model: fit.as_ref().map(model) })
        .collect();
    let z = |row: usize, model: &SpreadModel| model.z(spread[row], 0.0);
    let signals = signals_of(&windows, &parameters.rule(), &|row| rows.rows_after(row), z);
    BasketScript { signals: rows.on_panel(signals), refits, fits }
}

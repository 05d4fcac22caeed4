//! When one basket is entered and left, on panel rows, without quantities.
//!
//! A basket's rows are the bars common to all its members. Trading windows start at the first row
//! of the scored window and every `refit_bars` rows after; the formation window of each is the
//! calendar span before its first row.

use std::ops::Range;

use super::{
    BasketFit, BasketParameters,
    fit::{Rejection, fit},
};
use crate::{
    domain::deadline,
    strategy::{
        HorizonBars,
        pairs::{PairSignal, RefitMark, SpreadModel, TradingWindow, signals_of},
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
    let formation = parameters.formation_micros(&bars.window);
    let rows = BasketRows::of(bars, assets, formation);
    let needed = bars.needed_bars(assets, formation);
    let ranges = rows.trading_ranges(refit_bars(bars, assets, parameters));
    let (mut fits, mut rejections) = (Vec::with_capacity(ranges.len()), Vec::new());
    for (refit, range) in ranges.iter().enumerate() {
        deadline::look();
        let score_start = bars.window.score_start.micros();
        let end = if refit == 0 { score_start } else { rows.ts[range.start] };
        let span = rows.between(end - formation, end);
        let logs: Vec<&[f64]> = rows.logs.iter().map(|column| &column[span.clone()]).collect();
        fits.push(fit(&logs, needed, parameters).map_err(|why| rejections.push(why)).ok());
    }
    Fitted { script: rows.script(ranges, fits, parameters), rejections }
}

/// As asked, or half of the bars that the formation window nominally holds in common.
fn refit_bars(bars: &HorizonBars<'_>, assets: &[u16], parameters: &BasketParameters) -> usize {
    let nominal = bars.nominal_bars(assets, parameters.formation_micros(&bars.window));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar count")]
    let half = (nominal / 2.0).round().max(1.0) as usize;
    parameters.refit_bars.map_or(half, |bars| bars as usize)
}

/// The bars common to all members from the start of the formation window to the end.
struct BasketRows {
    /// Log closes of each member.
    logs: Vec<Vec<f64>>,
    /// Opening times.
    ts: Vec<i64>,
    /// Panel rows.
    panel_rows: Vec<u32>,
    /// First row of the scored window.
    scored_from: usize,
    /// Panel rows of the scored window in which any member has a bar.
    any: Vec<u32>,
}

impl BasketRows {
    fn of(bars: &HorizonBars<'_>, assets: &[u16], formation_micros: i64) -> Self {
        let scored = bars.scored_rows();
        let from = bars.history_rows(formation_micros).start;
        let (mut panel_rows, mut any) = (Vec::new(), Vec::new());
        bars.presence.rows_with(assets, 2, &(from..scored.end), &mut panel_rows);
        bars.presence.rows_with(assets, 1, &scored, &mut any);
        let columns: Vec<&[f64]> = assets.iter().map(|&asset| bars.logs.column(asset)).collect();
        panel_rows.retain(|&row| columns.iter().all(|column| !column[row as usize].is_nan()));
        let gather = |column: &&[f64]| {
            panel_rows.iter().map(|&row| column[row as usize]).collect::<Vec<_>>()
        };
        Self {
            logs: columns.iter().map(gather).collect(),
            ts: panel_rows.iter().map(|&row| bars.panel.ts()[row as usize]).collect(),
            scored_from: panel_rows.partition_point(|&row| (row as usize) < scored.start),
            panel_rows,
            any,
        }
    }

    fn between(&self, from: i64, to: i64) -> Range<usize> {
        self.ts.partition_point(|&ts| ts < from)..self.ts.partition_point(|&ts| ts < to)
    }

    /// The rows each fit trades: from the first scored row on, `refit_bars` at a time.
    fn trading_ranges(&self, refit_bars: usize) -> Vec<Range<usize>> {
        let (end, step) = (self.ts.len(), refit_bars.max(1));
        let starts = (self.scored_from..end).step_by(step);
        starts.map(|start| start..end.min(start + step)).collect()
    }

    /// How many bars are left after row `row`, without a look at which of them are common.
    fn rows_after(&self, row: usize) -> usize {
        let panel_row = self.panel_rows[row];
        self.any.len() - self.any.partition_point(|&other| other <= panel_row)
    }

    /// Scans the rule over all windows and names what it finds by panel rows.
    fn script(
        &self,
        ranges: Vec<Range<usize>>,
        fits: Vec<Option<BasketFit>>,
        parameters: &BasketParameters,
    ) -> BasketScript {
        let refits = (ranges.iter().enumerate())
            .filter_map(|(window, range)| {
                let row = *self.panel_rows.get(range.start.checked_sub(1)?)? as usize;
                Some(RefitMark { row, window })
            })
            .collect();
        let mut spread = vec![f64::NAN; self.ts.len()];
        for (range, fit) in ranges.iter().zip(&fits) {
            let Some(fit) = fit else { continue };
            for row in range.clone() {
                spread[row] = fit.spread(self.logs.iter().map(|column| column[row]));
            }
        }
        // The spread stands for the dependent leg: z = (s - 0 - 0 * 0 - mean) / sd.
        let model =
            |fit: &BasketFit| SpreadModel { alpha: 0.0, beta: 0.0, mean: fit.mean, sd: fit.sd };
        let windows: Vec<_> = (ranges.into_iter().zip(&fits))
            .map(|(rows, fit)| TradingWindow { rows, model: fit.as_ref().map(model) })
            .collect();
        let rows_after = |row: usize| self.rows_after(row);
        let z = |row: usize, model: &SpreadModel| model.z(spread[row], 0.0);
        let mut signals = signals_of(&windows, &parameters.rule(), &rows_after, z);
        for signal in &mut signals {
            signal.row = self.panel_rows[signal.row] as usize;
            signal.calm = signal.calm.map(|row| self.panel_rows[row] as usize);
        }
        BasketScript { signals, refits, fits }
    }
}

//! The rows of a spread: the bars common to all its legs, from the start of its history to the end.
//!
//! Trading windows start at the first row of the scored window and every `refit_bars` rows after; the
//! formation window of each is the calendar span before its first row.

use std::ops::Range;

use super::{PairSignal, RefitMark};
use crate::strategy::HorizonBars;

/// The bars common to some legs from the start of the formation window to the end.
pub(in crate::strategy) struct CommonRows {
    /// Log closes of each leg.
    pub(in crate::strategy) logs: Vec<Vec<f64>>,
    /// Opening times.
    pub(in crate::strategy) ts: Vec<i64>,
    /// Panel rows.
    panel_rows: Vec<u32>,
    /// First row of the scored window.
    scored_from: usize,
    /// Panel rows of the scored window in which any leg has a bar.
    any: Vec<u32>,
}

/// A formation window.
pub(in crate::strategy) struct FormationSpan {
    /// First moment of the window and the moment it ends, microseconds UTC.
    pub(in crate::strategy) micros: (i64, i64),
    /// Its rows.
    pub(in crate::strategy) rows: Range<usize>,
}

impl CommonRows {
    pub(in crate::strategy) fn of(
        bars: &HorizonBars<'_>,
        assets: &[u16],
        formation_micros: i64,
    ) -> Self {
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

    /// The rows each fit trades: from the first scored row on, `refit_bars` at a time.
    pub(in crate::strategy) fn trading_ranges(&self, refit_bars: usize) -> Vec<Range<usize>> {
        let (end, step) = (self.ts.len(), refit_bars.max(1));
        let starts = (self.scored_from..end).step_by(step);
        starts.map(|start| start..end.min(start + step)).collect()
    }

    /// The formation window of the trading window `trading`, number `refit`. That of the first one
    /// ends with the history, whether or not a row opens there.
    pub(in crate::strategy) fn formation(
        &self,
        bars: &HorizonBars<'_>,
        refit: usize,
        trading: &Range<usize>,
        formation_micros: i64,
    ) -> FormationSpan {
        let score_start = bars.window.score_start.micros();
        let end = if refit == 0 { score_start } else { self.ts[trading.start] };
        let start = end - formation_micros;
        let row_at = |micros| self.ts.partition_point(|&ts| ts < micros);
        FormationSpan { micros: (start, end), rows: row_at(start)..row_at(end) }
    }

    /// Panel rows of some of the rows.
    pub(super) fn panel_rows(&self, rows: &Range<usize>) -> &[u32] {
        &self.panel_rows[rows.clone()]
    }

    /// Rows of the scored window after row `row` in which any leg has a bar: how many bars the
    /// spread has left, without a look at which of them are common.
    pub(in crate::strategy) fn rows_after(&self, row: usize) -> usize {
        let panel_row = self.panel_rows[row];
        self.any.len() - self.any.partition_point(|&other| other <= panel_row)
    }

    /// The last close before each of the trading windows that has one.
    pub(in crate::strategy) fn refit_marks<'r>(
        &self,
        trading: impl Iterator<Item = &'r Range<usize>>,
    ) -> Vec<RefitMark> {
        let mark = |(window, range): (usize, &Range<usize>)| {
            let row = *self.panel_rows.get(range.start.checked_sub(1)?)? as usize;
            Some(RefitMark { row, window })
        };
        trading.enumerate().filter_map(mark).collect()
    }

    /// The same signals, named by panel rows.
    pub(in crate::strategy) fn on_panel(&self, mut signals: Vec<PairSignal>) -> Vec<PairSignal> {
        let on_panel = |row: usize| self.panel_rows[row] as usize;
        for signal in &mut signals {
            signal.row = on_panel(signal.row);
            signal.calm = signal.calm.map(on_panel);
        }
        signals
    }
}

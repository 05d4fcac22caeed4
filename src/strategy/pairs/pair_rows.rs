//! The rows of a pair: the bars common to both legs, from the start of its history to the end.

use std::ops::Range;

use crate::strategy::HorizonBars;

/// The bars common to two legs from the start of the formation window to the end.
pub(in crate::strategy) struct PairRows {
    /// Log closes of each leg.
    pub(in crate::strategy) logs: [Vec<f64>; 2],
    /// Opening times.
    pub(in crate::strategy) ts: Vec<i64>,
    /// Panel rows.
    pub(super) panel_rows: Vec<u32>,
    /// First row of the scored window.
    scored_from: usize,
    /// Panel rows of the scored window in which either leg has a bar.
    either: Vec<u32>,
}

impl PairRows {
    pub(super) fn of(
        bars: &HorizonBars<'_>,
        first: u16,
        second: u16,
        formation_micros: i64,
    ) -> Self {
        let scored = bars.scored_rows();
        let from = bars.history_rows(formation_micros).start;
        let pair = [first, second];
        let (mut panel_rows, mut either) = (Vec::new(), Vec::new());
        bars.presence.rows_with(&pair, 2, &(from..scored.end), &mut panel_rows);
        bars.presence.rows_with(&pair, 1, &scored, &mut either);
        let columns = pair.map(|asset| bars.logs.column(asset));
        let gather =
            |column: &[f64]| panel_rows.iter().map(|&row| column[row as usize]).collect::<Vec<_>>();
        Self {
            logs: columns.map(gather),
            ts: panel_rows.iter().map(|&row| bars.panel.ts()[row as usize]).collect(),
            scored_from: panel_rows.partition_point(|&row| (row as usize) < scored.start),
            panel_rows,
            either,
        }
    }

    /// The rows that open in `[from, to)`.
    pub(super) fn between(&self, from: i64, to: i64) -> Range<usize> {
        self.ts.partition_point(|&ts| ts < from)..self.ts.partition_point(|&ts| ts < to)
    }

    /// Rows of the scored window after row `row` in which either leg has a bar: how many bars the
    /// pair has left, without a look at which of them are common.
    pub(in crate::strategy) fn rows_after(&self, row: usize) -> usize {
        let panel_row = self.panel_rows[row];
        self.either.len() - self.either.partition_point(|&other| other <= panel_row)
    }

    /// The rows each fit trades: from the first scored row on, `refit_bars` at a time.
    pub(super) fn trading_ranges(&self, refit_bars: usize) -> Vec<Range<usize>> {
        let end = self.ts.len();
        (self.scored_from..end)
            .step_by(refit_bars.max(1))
            .map(|start| start..end.min(start + refit_bars.max(1)))
            .collect()
    }
}

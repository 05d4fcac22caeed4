//! The rule on cumulative mispricing indices: when to enter, when to leave, and why.
//!
//! At the close of pair row `t`, with `u` and `v` the pseudo-observations of the legs' returns and `h`
//! the conditional of their copula, each leg's index moves by how far it stands from the middle of
//! what the other leg says: `M_1 += h(u | v) - 1/2`, `M_2 += h(v | u) - 1/2`. An index is 0 before the
//! first row of a trading window, and both are 0 again after every exit.
//!
//! The index further from 0 governs (the first on a tie). Its leg is dear above 0 and cheap below;
//! `side` +1 buys the first leg against the second, -1 the reverse. After any order of row `t - 1` has
//! been filled:
//! - flat: enter against the governing index where `|M| >= entry`. Not on the last row of a window,
//!   and only if two more rows follow.
//! - in position: the index that was entered on decides. Stop if it has gone on, `|M| >= stop` on the
//!   side of the entry; else exit if it is back at 0 or beyond; else leave if this is the last row of
//!   the window. Needs one more row to fill.
//!
//! `entry + 1/2 <= stop`: no single row leads from no entry to a stop. A row without an index (no `h`)
//! changes nothing.
//!
//! # References
//! W. Xie, R. Q. Liew, Y. Wu, X. Zou (2016), Pairs trading with copulas, Journal of Trading 11(3),
//! 41-52: entry at 0.6, exit at 0, stop at 2, indices 0 after each trade. There both indices are
//! watched and which of them decides on a tie is left open.

use std::ops::Range;

use crate::strategy::pairs::{ExitReason, PairSignal, Signal};

/// Thresholds on the mispricing indices; `0 < entry <= stop - 1/2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexRule {
    /// Enter at this distance from 0 or beyond it.
    pub entry: f64,
    /// Give up at this distance or beyond it.
    pub stop: f64,
}

impl Default for IndexRule {
    /// 0.6 and 2.0.
    fn default() -> Self {
        Self { entry: 0.6, stop: 2.0 }
    }
}

/// The rule between two rows of a trading window.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// `[M_1, M_2]`.
    index: [f64; 2],
    /// Position and the index it was entered on.
    held: Option<(i8, usize)>,
}

/// The signals of one trading window: `conditionals(row)` is `[h(u | v), h(v | u)]`, `rows_after(row)`
/// how many rows the pair has left.
pub(super) fn signals_of(
    window: usize,
    rows: Range<usize>,
    rule: &IndexRule,
    rows_after: &dyn Fn(usize) -> usize,
    conditionals: impl Fn(usize) -> Option<[f64; 2]>,
) -> Vec<PairSignal> {
    let mut found = Vec::new();
    let mut state = State::default();
    let end = rows.end;
    for row in rows {
        let last = row + 1 == end;
        if let Some(given) = conditionals(row) {
            state.add(given);
        }
        if let Some((signal, index)) = state.next(rule, last, rows_after(row)) {
            found.push(PairSignal { row, window, z: index, beta: 1.0, signal, calm: Some(row) });
        }
    }
    found
}

impl State {
    fn add(&mut self, conditionals: [f64; 2]) {
        for (index, conditional) in self.index.iter_mut().zip(conditionals) {
            *index += conditional - 0.5;
        }
    }

    /// What is ordered at the close of a row, and the index that says so.
    fn next(&mut self, rule: &IndexRule, last: bool, rows_left: usize) -> Option<(Signal, f64)> {
        let Some((side, leg)) = self.held else {
            let leg = usize::from(self.index[1].abs() > self.index[0].abs());
            let index = self.index[leg];
            if index.abs() < rule.entry || last || rows_left < 2 {
                return None;
            }
            let side = if (index > 0.0) == (leg == 0) { -1 } else { 1 };
            self.held = Some((side, leg));
            return Some((Signal::Enter { side }, index));
        };
        let index = self.index[leg];
        // The index's distance from 0, positive on the side of the entry.
        let away = if (side < 0) == (leg == 0) { index } else { -index };
        let reason = if away >= rule.stop {
            ExitReason::Stop
        } else if away <= 0.0 {
            ExitReason::Exit
        } else if last {
            ExitReason::WindowEnd
        } else {
            return None;
        };
        if rows_left < 1 {
            return None;
        }
        *self = Self::default();
        Some((Signal::Exit { reason }, index))
    }
}

#[cfg(test)]
mod tests {
    use super::{IndexRule, signals_of};
    use crate::strategy::pairs::Signal;

    /// Row and signal for conditionals of one window.
    fn scan(h: &[[f64; 2]]) -> Vec<(usize, String)> {
        let after = |row: usize| h.len() - 1 - row;
        let given = |row: usize| h[row][0].is_finite().then_some(h[row]);
        let found = signals_of(0, 0..h.len(), &IndexRule::default(), &after, given);
        let name = |signal| match signal {
            Signal::Enter { side } => format!("{side:+}"),
            Signal::Exit { reason } => reason.name().to_owned(),
        };
        found.iter().map(|found| (found.row, name(found.signal))).collect()
    }

    fn at(row: usize, name: &str) -> (usize, String) {
        (row, name.to_owned())
    }

    #[test]
    fn a_dear_first_leg_is_sold_until_its_index_is_back() {
        // Indices of the first leg: 0.4, 0.8, 0.6, 0.1, -0.2; then anew: -0.3, -0.7, -0.3, 0.1.
        let first = [0.9, 0.9, 0.3, 0.0, 0.2, 0.2, 0.1, 0.9, 0.9, 0.5, 0.5];
        let h = first.map(|h| [h, 0.5]);
        let expected = [at(1, "-1"), at(4, "exit"), at(6, "+1"), at(8, "exit")];
        assert_eq!(scan(&h), expected);
        let mirrored = first.map(|h| [0.5, h]);
        let expected = [at(1, "+1"), at(4, "exit"), at(6, "-1"), at(8, "exit")];
        assert_eq!(scan(&mirrored), expected);
    }

    #[test]
    fn an_index_that_goes_on_is_stopped_and_starts_anew() {
        // 0.5, 1.0, 1.5, 2.0; then from zero: 0.5, 1.0 and the window ends.
        let h = [[1.0, 0.5]; 9];
        let expected = [at(1, "-1"), at(3, "stop"), at(5, "-1"), at(7, "stop")];
        assert_eq!(scan(&h), expected);
        assert_eq!(scan(&h[..6]), [at(1, "-1"), at(3, "stop")], "no entry in the last row");
    }

    #[test]
    fn the_index_that_was_entered_on_decides() {
        // The second leg's index goes further later; the first leg's is back at row 3.
        let h = [[0.9, 0.5], [0.8, 0.5], [0.1, 0.0], [0.1, 0.0], [0.5, 0.5], [0.5, 0.5]];
        assert_eq!(scan(&h), [at(1, "-1"), at(3, "exit")]);
    }

    #[test]
    fn the_window_ends_positions_and_rows_without_an_index_change_nothing() {
        let gap = [f64::NAN, f64::NAN];
        let h = [[0.9, 0.5], gap, [0.9, 0.5], gap, [0.5, 0.5], [0.5, 0.5]];
        assert_eq!(scan(&h), [at(2, "-1")], "no row left to fill the exit");
        let after = |_| 9;
        let given = |row: usize| h[row][0].is_finite().then_some(h[row]);
        let found = signals_of(3, 0..6, &IndexRule::default(), &after, given);
        assert_eq!((found.len(), found[1].row, found[1].window), (2, 5, 3));
        assert!((found[0].z - 0.8).abs() < 1e-12, "{found:?}");
    }
}

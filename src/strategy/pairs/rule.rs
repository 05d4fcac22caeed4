//! The z-score rule of a pair (PZ-1): when to enter, when to leave, and why.
//!
//! The rule sees the pair's own rows: those in which both legs have a bar. At the close of row
//! `t`, after any order of row `t - 1` has been filled, with `p` the position held then:
//!
//! - flat: if not armed and `|z| <= exit`, arm. If armed and `entry <= |z| < stop`, enter against
//!   the spread: side `-sign(z)`. Not on the last row of a trading window, and only if two more
//!   rows follow: one to fill the entry, one to leave again.
//! - in position: stop if `p z <= -stop`, and disarm; else exit if `p z >= -exit`; else leave if
//!   this is the last row of the window. Needs one more row to fill.
//!
//! The rule starts armed, and arming carries over from window to window. Comparisons are exactly
//! as written.

use std::ops::Range;

use super::ZRule;

/// The spread of a pair as fitted on its formation window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadModel {
    /// Intercept of `ln y` on `ln x`.
    pub alpha: f64,
    /// Hedge ratio: slope of `ln y` on `ln x`.
    pub beta: f64,
    /// Mean of the residuals of the formation window.
    pub mean: f64,
    /// Their standard deviation (ddof 1).
    pub sd: f64,
}

/// A run of rows that trade on one fit.
#[derive(Debug, Clone, PartialEq)]
pub struct TradingWindow {
    /// Pair rows.
    pub rows: Range<usize>,
    /// The fit; `None` where the pair was not accepted: no entries.
    pub model: Option<SpreadModel>,
}

/// Why a position is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitReason {
    /// The spread moved to the stop against the position.
    Stop,
    /// The spread came back.
    Exit,
    /// The trading window ended.
    WindowEnd,
}

impl ExitReason {
    /// The name stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Exit => "exit",
            Self::WindowEnd => "window_end",
        }
    }
}

/// What the rule says at the close of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Enter: side +1 is long `y` and short `x`, -1 the reverse.
    Enter {
        /// +1 long the spread, -1 short.
        side: i8,
    },
    /// Leave the whole position.
    Exit {
        /// Why.
        reason: ExitReason,
    },
}

/// A signal and where it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairSignal {
    /// Row of the axis the rule was scanned on.
    pub row: usize,
    /// Index of its trading window.
    pub window: usize,
    /// z-score at that row.
    pub z: f64,
    /// Hedge ratio known at that row.
    pub beta: f64,
    /// What to do.
    pub signal: Signal,
    /// The last row up to this one in which the spread was within `exit` of its mean: a pair that
    /// was closed from outside since then is not armed.
    pub calm: Option<usize>,
}

impl SpreadModel {
    /// The spread of a formation window by least squares of `log_y` on `log_x` with intercept,
    /// centred and in two passes; sums are made in four interleaved parts. `None` below three
    /// rows, where `log_x` does not vary, or where a value is not finite.
    pub fn fit(log_y: &[f64], log_x: &[f64]) -> Option<Self> {
        let rows = log_y.len();
        if rows < 3 || log_x.len() != rows {
            return None;
        }
        let n = rows as f64;
        let [sum_y, sum_x] = sums(log_y, log_x, |y, x| [y, x]);
        let (mean_y, mean_x) = (sum_y / n, sum_x / n);
        let [cross, square] = sums(log_y, log_x, |y, x| {
            let x = x - mean_x;
            [(y - mean_y) * x, x * x]
        });
        let beta = cross / square;
        let alpha = mean_y - beta * mean_x;
        let [sum] = sums(log_y, log_x, |y, x| [y - alpha - beta * x]);
        let mean = sum / n;
        let [squares] = sums(log_y, log_x, |y, x| {
            let centred = y - alpha - beta * x - mean;
            [centred * centred]
        });
        let sd = (squares / (n - 1.0)).sqrt();
        let fitted = Self { alpha, beta, mean, sd };
        (beta.is_finite() && sd.is_finite()).then_some(fitted)
    }

    /// Distance of the spread from its mean in standard deviations:
    /// `(ln y - alpha - beta ln x - mean) / sd`, evaluated in that order.
    #[inline]
    pub fn z(&self, log_y: f64, log_x: f64) -> f64 {
        (log_y - self.alpha - self.beta * log_x - self.mean) / self.sd
    }
}

/// Parts of a sum: rows `i`, `i + 4`, .. belong to one part, and the parts are added in pairs. A
/// fixed order that does not wait for every addition before the next.
const PARTS: usize = 4;

/// Sums of the numbers that `of` makes of every row, each in [`PARTS`] parts.
fn sums<const N: usize>(y: &[f64], x: &[f64], of: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    let mut parts = [[0.0; PARTS]; N];
    let (y_groups, y_rest) = y.as_chunks::<PARTS>();
    let (x_groups, x_rest) = x.as_chunks::<PARTS>();
    for (y, x) in y_groups.iter().zip(x_groups) {
        for part in 0..PARTS {
            let numbers = of(y[part], x[part]);
            for sum in 0..N {
                parts[sum][part] += numbers[sum];
            }
        }
    }
    for (part, (&y, &x)) in y_rest.iter().zip(x_rest).enumerate() {
        let numbers = of(y, x);
        for sum in 0..N {
            parts[sum][part] += numbers[sum];
        }
    }
    parts.map(|part| (part[0] + part[1]) + (part[2] + part[3]))
}

/// Every signal of a pair over its trading windows.
///
/// `log_y` and `log_x` are the log closes of the pair's rows; `windows` are runs of these rows in
/// increasing order; `rows_after(t)` says how many rows the pair has left after row `t`.
pub fn signals(
    log_y: &[f64],
    log_x: &[f64],
    windows: &[TradingWindow],
    rule: &ZRule,
    rows_after: &dyn Fn(usize) -> usize,
) -> Vec<PairSignal> {
    signals_of(windows, rule, rows_after, |row, model| model.z(log_y[row], log_x[row]))
}

/// The same for a z-score of any origin: `z(row, model)` is asked once per row, in order. NaN
/// gives no signal. The signals' hedge ratio is the model's.
pub fn signals_of(
    windows: &[TradingWindow],
    rule: &ZRule,
    rows_after: &dyn Fn(usize) -> usize,
    mut z: impl FnMut(usize, &SpreadModel) -> f64,
) -> Vec<PairSignal> {
    let mut found = Vec::new();
    let mut state = State { position: 0, armed: true, calm: None };
    for (window, trading) in windows.iter().enumerate() {
        let Some(model) = &trading.model else { continue };
        for row in trading.rows.clone() {
            let z = z(row, model);
            let last = row + 1 == trading.rows.end;
            if let Some(signal) = state.next(row, z, rule, last)
                && state.take(signal, rows_after(row))
            {
                let (beta, calm) = (model.beta, state.calm);
                found.push(PairSignal { row, window, z, beta, signal, calm });
            }
        }
    }
    found
}

/// The rule between two rows.
#[derive(Debug, Clone, Copy)]
struct State {
    /// Position after the orders so far have been filled.
    position: i8,
    armed: bool,
    /// The last row within `exit` of the mean; while a position is held there is none, for it leaves.
    calm: Option<usize>,
}

impl State {
    /// What the rule wants at the close of a row; `last` is true in the last row of a window.
    #[inline]
    fn next(&mut self, row: usize, z: f64, rule: &ZRule, last: bool) -> Option<Signal> {
        if self.position == 0 {
            if z.abs() <= rule.exit {
                (self.armed, self.calm) = (true, Some(row));
            }
            let stretched = rule.entry <= z.abs() && z.abs() < rule.stop;
            let side = if z > 0.0 { -1 } else { 1 };
            return (self.armed && stretched && !last).then_some(Signal::Enter { side });
        }
        let toward = f64::from(self.position) * z;
        let reason = if toward <= -rule.stop {
            self.armed = false;
            ExitReason::Stop
        } else if toward >= -rule.exit {
            if z.abs() <= rule.exit {
                self.calm = Some(row);
            }
            ExitReason::Exit
        } else if last {
            ExitReason::WindowEnd
        } else {
            return None;
        };
        Some(Signal::Exit { reason })
    }

    /// Orders a signal if enough rows are left to fill it.
    fn take(&mut self, signal: Signal, rows_left: usize) -> bool {
        let (position, needed) = match signal {
            Signal::Enter { side } => (side, 2),
            Signal::Exit { .. } => (0, 1),
        };
        if rows_left >= needed {
            self.position = position;
        }
        rows_left >= needed
    }
}

#[cfg(test)]
mod tests {
    use super::{
        ExitReason, PairSignal, Signal, SpreadModel, State, TradingWindow, ZRule, signals_of,
    };

    const MODEL: SpreadModel = SpreadModel { alpha: 0.0, beta: 1.0, mean: 0.0, sd: 1.0 };

    /// Row and signal (side, or the reason's name) for z-scores cut into windows of given ends.
    fn scan(z: &[f64], ends: &[usize]) -> Vec<(usize, String)> {
        let mut start = 0;
        let mut windows = Vec::new();
        for &end in ends {
            windows.push(TradingWindow { rows: start..end, model: Some(MODEL) });
            start = end;
        }
        let after = |row: usize| z.len() - 1 - row;
        let found = signals_of(&windows, &ZRule::default(), &after, |row, _| z[row]);
        found.iter().map(name).collect()
    }

    fn name(found: &PairSignal) -> (usize, String) {
        let name = match found.signal {
            Signal::Enter { side } => format!("{side:+}"),
            Signal::Exit { reason } => reason.name().to_owned(),
        };
        (found.row, name)
    }

    fn at(row: usize, name: &str) -> (usize, String) {
        (row, name.to_owned())
    }

    #[test]
    fn enters_against_the_spread_and_leaves_when_it_returns() {
        let z = [0.0, 2.0, 1.0, 0.5, -2.5, -1.0, 0.1, 0.0, 0.0];
        let expected = [at(1, "-1"), at(3, "exit"), at(4, "+1"), at(6, "exit")];
        assert_eq!(scan(&z, &[9]), expected);
    }

    #[test]
    fn a_stop_disarms_until_the_spread_has_been_back() {
        let z = [3.0, 4.0, 3.0, 3.0, 0.4, 3.0, 0.0, 0.0, 0.0];
        let expected = [at(0, "-1"), at(1, "stop"), at(5, "-1"), at(6, "exit")];
        assert_eq!(scan(&z, &[9]), expected);
        let across = scan(&z, &[3, 9]);
        assert_eq!(across, expected, "arming carries over");
    }

    #[test]
    fn a_window_ends_its_positions_and_takes_no_entry_in_its_last_row() {
        let z = [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0];
        let expected = [at(0, "-1"), at(1, "window_end"), at(2, "-1"), at(3, "window_end")];
        assert_eq!(scan(&z, &[2, 4, 5]), expected);
    }

    #[test]
    fn orders_need_rows_to_fill_in() {
        assert_eq!(scan(&[3.0, 3.0, 0.0], &[3]), [at(0, "-1")], "no row left to fill the exit");
        assert_eq!(scan(&[0.0, 3.0, 3.0], &[3]), [], "no row left to leave again");
    }

    #[test]
    fn no_entry_at_or_beyond_the_stop_and_none_without_a_fit() {
        assert_eq!(scan(&[4.0, f64::NAN, -5.0, 0.0, 0.0], &[5]), []);
        let window = TradingWindow { rows: 0..5, model: None };
        let found = signals_of(&[window], &ZRule::default(), &|_| 9, |_, _| 3.0);
        assert_eq!(found, []);
    }

    /// Rows of the entries after row `closed`, in which something from outside made the pair flat:
    /// by the rule itself, flat and disarmed from that row on.
    fn entries_of_a_stopped_pair(z: &[f64], closed: usize) -> Vec<usize> {
        let mut state = State { position: 0, armed: false, calm: None };
        let after = |row: usize| z.len() - 1 - row;
        let mut entries = Vec::new();
        for (row, &z) in z.iter().enumerate().skip(closed) {
            let last = after(row) == 0;
            if let Some(signal) = state.next(row, z, &ZRule::default(), last)
                && state.take(signal, after(row))
                && matches!(signal, Signal::Enter { .. })
            {
                entries.push(row);
            }
        }
        entries
    }

    #[test]
    fn the_calm_row_tells_what_a_pair_closed_from_outside_would_do() {
        let mut seed = 1_u64;
        let mut differing = 0;
        for _ in 0..2_000 {
            let z: Vec<f64> = (0..40)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    ((seed >> 33) % 1_000) as f64 / 100.0 - 5.0
                })
                .collect();
            let window = TradingWindow { rows: 0..40, model: Some(MODEL) };
            let after = |row: usize| 39 - row;
            let found = signals_of(&[window], &ZRule::default(), &after, |row, _| z[row]);
            let is_entry = |found: &&PairSignal| matches!(found.signal, Signal::Enter { .. });
            let Some(first) = found.iter().find(is_entry) else { continue };
            // Closed two rows after its entry was ordered, unless it has left by itself until then.
            let closed = first.row + 2;
            if found.iter().any(|other| other.row > first.row && other.row < closed) {
                continue;
            }
            let later = found.iter().filter(is_entry).filter(|entry| entry.row >= closed);
            let unfiltered = later.clone().count();
            let armed = later.skip_while(|entry| entry.calm.is_none_or(|row| row < closed));
            let armed: Vec<usize> = armed.map(|entry| entry.row).collect();
            assert_eq!(armed, entries_of_a_stopped_pair(&z, closed), "{z:?}");
            differing += u32::from(armed.len() != unfiltered);
        }
        assert!(differing > 20, "{differing} cases in which it matters");
    }

    #[test]
    fn exit_reasons_have_the_names_of_the_trade_table() {
        let reasons = [ExitReason::Stop, ExitReason::Exit, ExitReason::WindowEnd];
        assert_eq!(reasons.map(ExitReason::name), ["stop", "exit", "window_end"]);
    }
}

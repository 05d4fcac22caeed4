//! The bare z-score rule on a spread: what it would have made, without a ledger.
//!
//! A quick look at many pairs before any of them is simulated. The spread is
//! `s_t = ln y_t - ln x_t`; over the last `window` rows, with running sums that start in row 0 and
//! are centred on `s_0`,
//!
//! `m = sum / window`, `v = sum of squares / window - m^2`, `z_t = (s_t - m) / sqrt(v)`, and 0
//! where `v <= 1e-18`.
//!
//! Flat: want `-1` if `z > entry`, `+1` if `z < -entry`. In position: want 0 once `z > -exit`
//! (long) or `z < exit` (short). What is wanted at the close of row `t` is held from the close of
//! row `t + 1` on; profit is `position * (s_t - s_{t-1})` less `2 * cost` per unit of position
//! changed. Units: log price, so that profits add up.
//!
//! # Reference
//! Gatev, Goetzmann and Rouwenhorst (2006), "Pairs trading: performance of a relative-value
//! arbitrage rule", Review of Financial Studies 19(3), with a rolling instead of a formation
//! window.

/// Below this variance a spread does not move and has no z-score.
const LEAST_VARIANCE: f64 = 1e-18;

/// Terms of the rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZScoreTerms {
    /// Rows of the rolling window.
    pub window: usize,
    /// Enter beyond this distance, standard deviations.
    pub entry: f64,
    /// Leave within this distance, standard deviations.
    pub exit: f64,
    /// Cost of a leg as a share of its notional.
    pub cost: f64,
}

/// What the rule would have made of one spread.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ZScoreRun {
    /// Profit in log price, after costs.
    pub profit: f64,
    /// Position changes.
    pub changes: u64,
    /// Deepest fall of the profit from its highest value, positive.
    pub drawdown: f64,
}

/// The rule on one pair of log price columns of one length; what the longer one has more is not
/// looked at. A row in which a price is not a number leaves every later row without a z-score, and
/// the pair without a profit (NaN).
///
/// ```
/// use barline::stats::{ZScoreTerms, zscore_rule};
///
/// // A spread of 0 and 1 in turn jumps to 5, and comes back: one short round trip.
/// let y = [0.0, 1.0, 0.0, 1.0, 5.0, 5.0, 0.5, 0.5, 0.5];
/// let terms = ZScoreTerms { window: 4, entry: 1.5, exit: 0.5, cost: 0.01 };
/// let run = zscore_rule(&y, &[0.0; 9], &terms);
/// assert_eq!(run.changes, 2);
/// assert!((run.profit - (4.5 - 0.04)).abs() < 1e-12);
/// ```
pub fn zscore_rule(log_y: &[f64], log_x: &[f64], terms: &ZScoreTerms) -> ZScoreRun {
    let origin = log_y.first().zip(log_x.first()).map_or(0.0, |(y, x)| y - x);
    let spread: Vec<f64> = log_y.iter().zip(log_x).map(|(y, x)| y - x - origin).collect();
    let window = terms.window.max(1);
    let share = 1.0 / window as f64;
    let (mut sum, mut squares, mut position, mut wanted) = (0.0, 0.0, 0.0, 0.0);
    let (mut run, mut peak, mut before) = (ZScoreRun::default(), 0.0, 0.0);
    for (row, &now) in spread.iter().enumerate() {
        let change = f64::abs(wanted - position);
        run.profit = run.profit + position * (now - before) - 2.0 * terms.cost * change;
        run.changes += u64::from(change > 0.0);
        position = wanted;
        peak = if run.profit > peak { run.profit } else { peak };
        let fall = peak - run.profit;
        run.drawdown = if fall > run.drawdown { fall } else { run.drawdown };
        before = now;
        sum += now;
        squares += now * now;
        if row >= window {
            let old = spread[row - window];
            sum -= old;
            squares -= old * old;
        }
        if row + 1 >= window {
            let mean = sum * share;
            let variance = squares * share - mean * mean;
            let sd = if variance > LEAST_VARIANCE { variance.sqrt() } else { f64::INFINITY };
            wanted = terms.wanted(wanted, (now - mean) / sd);
        }
    }
    run
}

impl ZScoreTerms {
    /// The position wanted at z-score `z` while `held` is wanted.
    fn wanted(&self, held: f64, z: f64) -> f64 {
        let leaves = (held > 0.0 && z > -self.exit) || (held < 0.0 && z < self.exit);
        if held != 0.0 {
            return if leaves { 0.0 } else { held };
        }
        let enters_long = z < -self.entry;
        let enters_short = z > self.entry;
        f64::from(i8::from(enters_long) - i8::from(enters_short))
    }
}

#[cfg(test)]
mod tests {
    use super::{ZScoreRun, ZScoreTerms, zscore_rule};

    const TERMS: ZScoreTerms = ZScoreTerms { window: 4, entry: 1.2, exit: 0.5, cost: 0.0 };

    #[test]
    fn short_still_and_unpriced_spreads_make_nothing() {
        let still = [1.0; 50];
        let mut holes = still;
        holes[3] = f64::NAN;
        for (y, x) in [(&still[..0], &still[..0]), (&still[..3], &still[..3]), (&still, &still)] {
            assert_eq!(zscore_rule(y, x, &TERMS), ZScoreRun::default());
        }
        assert_eq!(zscore_rule(&holes, &still, &TERMS).changes, 0);
        let infinite = [f64::INFINITY; 9];
        assert_eq!(zscore_rule(&infinite, &still, &TERMS).changes, 0);
    }

    #[test]
    fn what_is_wanted_is_held_one_row_later_and_pays_two_legs() {
        // z is -1.73 in row 5 and stays beyond the exit until row 7.
        let y = [0.0, 1.0, 0.0, 1.0, 0.0, -9.0, -9.0, 4.0, 4.0, 4.0];
        let run = zscore_rule(&y, &[0.0; 10], &TERMS);
        assert_eq!((run.profit, run.changes, run.drawdown), (13.0, 2, 0.0));
        let dear = zscore_rule(&y, &[0.0; 10], &ZScoreTerms { cost: 0.25, ..TERMS });
        assert_eq!((dear.profit, dear.drawdown), (12.0, 0.5));
    }

    #[test]
    fn a_constant_added_to_both_logs_changes_nothing() {
        let y: Vec<f64> = (0..64_i32).map(|row| f64::from(row * row % 17)).collect();
        let x: Vec<f64> = (0..64_i32).map(|row| f64::from(row % 5)).collect();
        let up = |column: &[f64]| column.iter().map(|value| value + 1024.0).collect::<Vec<_>>();
        let run = zscore_rule(&y, &x, &TERMS);
        assert!(run.changes > 4);
        assert_eq!(run, zscore_rule(&up(&y), &up(&x), &TERMS));
    }
}

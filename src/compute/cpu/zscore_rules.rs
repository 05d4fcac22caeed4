//! The z-score rule on many pairs, a few of them in lock-step.
//!
//! One pair alone waits for itself: every row needs the row before it. Pairs side by side do not
//! wait for each other, and share vector registers. Every pair is computed operation for operation
//! as [`zscore_rule`] does it, without fused operations, so its bits depend neither on its
//! neighbours nor on the width of the registers.

#![allow(clippy::inline_always, reason = "what is not inlined keeps the narrow registers")]

use pulp::{Arch, WithSimd};

use crate::stats::{ZScoreRun, ZScoreTerms, zscore_rule};

/// Pairs that go together: the width of a 256-bit register. More of them spill.
const LANES: usize = 4;
/// As in [`zscore_rule`].
const LEAST_VARIANCE: f64 = 1e-18;

type Lanes = [f64; LANES];
/// Log closes of both legs, per pair.
type Columns<'a> = [(&'a [f64], &'a [f64]); LANES];

/// [`zscore_rule`] on every pair of log price columns. Memory: `window * 4` numbers, whatever the
/// number of pairs. Pairs whose columns are not of one length with their neighbours' are computed
/// alone.
pub fn zscore_rules(pairs: &[(&[f64], &[f64])], terms: &ZScoreTerms) -> Vec<ZScoreRun> {
    let processor = Arch::new();
    let mut ring = vec![[0.0; LANES]; terms.window.max(1)];
    let mut runs = Vec::with_capacity(pairs.len());
    for group in pairs.chunks(LANES) {
        let rows = group[0].0.len();
        let equal = group.iter().all(|(y, x)| y.len() == rows && x.len() == rows);
        match <&Columns<'_>>::try_from(group) {
            Ok(columns) if equal => {
                runs.extend(processor.dispatch(LockStep { columns, rows, terms, ring: &mut ring }));
            }
            _ => runs.extend(group.iter().map(|(y, x)| zscore_rule(y, x, terms))),
        }
    }
    runs
}

/// Four pairs of `rows` rows; `ring` has room for the window's spreads.
struct LockStep<'a> {
    columns: &'a Columns<'a>,
    rows: usize,
    terms: &'a ZScoreTerms,
    ring: &'a mut [Lanes],
}

impl WithSimd for LockStep<'_> {
    type Output = [ZScoreRun; LANES];

    /// The processor's widest registers are used by the compiler, not named here.
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Self::Output {
        lock_step(self.columns, self.rows, self.terms, self.ring)
    }
}

/// One operation in every lane.
#[inline(always)]
fn each(operation: impl Fn(usize) -> f64) -> Lanes {
    let mut out = [0.0; LANES];
    for (lane, out) in out.iter_mut().enumerate() {
        *out = operation(lane);
    }
    out
}

#[inline(always)]
fn pick(condition: bool, yes: f64, no: f64) -> f64 {
    if condition { yes } else { no }
}

/// Row by row, every pair in its lane.
#[inline(always)]
fn lock_step(
    columns: &Columns<'_>,
    rows: usize,
    terms: &ZScoreTerms,
    ring: &mut [Lanes],
) -> [ZScoreRun; LANES] {
    let columns = columns.map(|(y, x)| (&y[..rows], &x[..rows]));
    let spread = |row: usize| each(|l| columns[l].0[row] - columns[l].1[row]);
    let (window, zero) = (ring.len(), [0.0; LANES]);
    let origin = if rows > 0 { spread(0) } else { zero };
    let share = 1.0 / window as f64;
    let ZScoreTerms { entry, exit, cost, .. } = *terms;
    let (mut sum, mut squares, mut before, mut position, mut wanted) =
        (zero, zero, zero, zero, zero);
    let (mut profit, mut peak, mut drawdown, mut changes) = (zero, zero, zero, zero);
    let mut slot = 0;
    for row in 0..rows {
        let raw = spread(row);
        let now = each(|l| raw[l] - origin[l]);
        let change = each(|l| (wanted[l] - position[l]).abs());
        profit = each(|l| profit[l] + position[l] * (now[l] - before[l]) - 2.0 * cost * change[l]);
        changes = each(|l| changes[l] + pick(change[l] > 0.0, 1.0, 0.0));
        position = wanted;
        peak = each(|l| pick(profit[l] > peak[l], profit[l], peak[l]));
        let fall = each(|l| peak[l] - profit[l]);
        drawdown = each(|l| pick(fall[l] > drawdown[l], fall[l], drawdown[l]));
        before = now;
        sum = each(|l| sum[l] + now[l]);
        squares = each(|l| squares[l] + now[l] * now[l]);
        if row >= window {
            let old = ring[slot];
            sum = each(|l| sum[l] - old[l]);
            squares = each(|l| squares[l] - old[l] * old[l]);
        }
        ring[slot] = now;
        slot = if slot + 1 == window { 0 } else { slot + 1 };
        if row + 1 >= window {
            let mean = each(|l| sum[l] * share);
            let variance = each(|l| squares[l] * share - mean[l] * mean[l]);
            let moving = |l: usize| pick(variance[l] > LEAST_VARIANCE, variance[l], f64::INFINITY);
            let sd = each(|l| moving(l).sqrt());
            let z = each(|l| (now[l] - mean[l]) / sd[l]);
            let enters = each(|l| pick(z[l] < -entry, 1.0, 0.0) - pick(z[l] > entry, 1.0, 0.0));
            let long = each(|l| pick(z[l] > -exit, 0.0, 1.0));
            let short = each(|l| pick(z[l] < exit, 0.0, -1.0));
            let kept = each(|l| pick(wanted[l] > 0.0, long[l], short[l]));
            wanted = each(|l| pick(wanted[l] == 0.0, enters[l], kept[l]));
        }
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    std::array::from_fn(|l| ZScoreRun {
        profit: profit[l],
        changes: changes[l] as u64,
        drawdown: drawdown[l],
    })
}

#[cfg(test)]
mod tests {
    use pulp::Arch;

    use super::{Columns, LANES, LockStep, lock_step, zscore_rules};
    use crate::stats::{ZScoreRun, ZScoreTerms, zscore_rule};

    const TERMS: ZScoreTerms = ZScoreTerms { window: 20, entry: 1.5, exit: 0.5, cost: 5e-4 };

    /// A mean-reverting spread around a walk, from a counter.
    fn pair(seed: u64, rows: usize) -> (Vec<f64>, Vec<f64>) {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        let (mut walk, mut spread) = (4.0, 0.0);
        (0..rows)
            .map(|_| {
                walk += 0.01 * draw();
                spread = 0.9 * spread + 0.02 * draw();
                (walk + spread, walk)
            })
            .unzip()
    }

    fn bits(run: &ZScoreRun) -> (u64, u64, u64) {
        (run.profit.to_bits(), run.changes, run.drawdown.to_bits())
    }

    #[test]
    fn lock_step_is_the_rule_bit_for_bit() {
        let mut columns: Vec<_> = (1..12).map(|seed| pair(seed, 700)).collect();
        columns[5] = pair(6, 400);
        columns[9].0[300] = f64::NAN;
        let pairs: Vec<(&[f64], &[f64])> =
            columns.iter().map(|(y, x)| (y.as_slice(), x.as_slice())).collect();
        let runs = zscore_rules(&pairs, &TERMS);
        for (run, (y, x)) in runs.iter().zip(&columns) {
            assert_eq!(bits(run), bits(&zscore_rule(y, x, &TERMS)));
        }
        assert!(runs[..9].iter().all(|run| run.changes > 10), "{runs:?}");
        assert_eq!(zscore_rules(&[], &TERMS), []);
    }

    #[test]
    fn wider_registers_change_no_bit() {
        let columns: Vec<_> = (20..20 + LANES as u64).map(|seed| pair(seed, 900)).collect();
        let lanes: Columns<'_> =
            std::array::from_fn(|l| (columns[l].0.as_slice(), columns[l].1.as_slice()));
        let mut ring = vec![[0.0; LANES]; TERMS.window];
        let narrow = lock_step(&lanes, 900, &TERMS, &mut ring).map(|run| bits(&run));
        let widest = LockStep { columns: &lanes, rows: 900, terms: &TERMS, ring: &mut ring };
        assert_eq!(Arch::new().dispatch(widest).map(|run| bits(&run)), narrow);
    }
}

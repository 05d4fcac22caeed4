//! Residual regressions from moments alone, eight pairs at a time.
//!
//! # Formula
//! With `q(V) = V_yy - 2 b V_xy + b^2 V_xx` the square of the residual `e = y - b x` in a plane `V`,
//! `G_k = sum d_t d_{t-k} = (q(V_k) - [q(V_0) - head] - [q(V_0) - tail]) / 2`, where head and tail are
//! the squares of the first and last `k` differences. The lag moments `P_ac = sum d_{t-a} d_{t-c}`
//! of a sample that starts at `q + 1` follow along their diagonals,
//! `P_{a+1,c+1} = P_ac + d_{q-a} d_{q-c} - d_{n-1-a} d_{n-1-c}`, and those with the level
//! telescope: `sum e_{t-1} d_t = (e_{n-1}^2 - e_q^2 - P_00) / 2`.
//!
//! # Error
//! Every moment is a difference of squares of the two series, so it carries their rounding times
//! `kappa`: how much larger the squares of the series are than those of the residual. The error
//! given with a statistic is that, and what the plain path itself rounds at the size of the prices
//! (`grain`), carried through the regression with [`SAFETY`]; it is a bound in
//! practice, not a proof, and the tests hold the kernel to it.
//!
//! # References
//! Engle & Granger (1987); Golub & Van Loan, Matrix Computations, 4th ed., section 4.2 (Cholesky).

use super::{planes::Planes, series::Series};
use crate::compute::cpu::{
    lane_matrix::{Factors, Leg},
    simd::{LANES, Lanes},
};

/// Roundings that one operation on a moment is taken to cost.
pub(super) const SAFETY: f64 = 64.0;
/// Roundings of its numbers that the plain path's residual is taken to carry.
pub(super) const GRAINS: f64 = 8.0;
/// Above this the two series are collinear or nearly so, and the plain path has to look.
pub(super) const LARGEST_KAPPA: f64 = 5e5;

/// A statistic of eight pairs, its error and its lag order.
#[derive(Clone, Copy)]
pub(super) struct Ratios {
    pub(super) statistic: Lanes,
    pub(super) error: Lanes,
}

/// One leg of eight pairs and the series it stands among.
pub(super) struct Of<'a, L>(pub(super) &'a Series, pub(super) L);

impl<L: Leg> Of<'_, L> {
    #[inline(always)]
    pub(super) fn inverse(&self) -> Lanes {
        self.1.read(self.0.inverses())
    }
    #[inline(always)]
    pub(super) fn length(&self) -> Lanes {
        self.1.read(self.0.lengths())
    }
    #[inline(always)]
    pub(super) fn slope(&self) -> Lanes {
        self.1.read(self.0.slopes())
    }
    #[inline(always)]
    pub(super) fn own(&self, k: usize) -> Lanes {
        self.1.read(self.0.own(k))
    }
    #[inline(always)]
    pub(super) fn size(&self) -> Lanes {
        self.1.read(self.0.sizes())
    }
    #[inline(always)]
    pub(super) fn floor(&self) -> Lanes {
        self.1.read(self.0.floors())
    }
    #[inline(always)]
    pub(super) fn head(&self, s: usize) -> Lanes {
        self.1.read(self.0.head(s))
    }
    #[inline(always)]
    pub(super) fn tail(&self, s: usize) -> Lanes {
        self.1.read(self.0.tail(s))
    }
}

/// The residuals of eight pairs, as moments and ends.
pub(super) struct Residual {
    rows: usize,
    kappa: Lanes,
    /// The series' size over that of the residual's moves.
    grain: Lanes,
    squares: Lanes,
    /// Squares that are too small to tell.
    floor: Lanes,
    /// `G_k`.
    lagged: Vec<Lanes>,
    /// `e_s` and `e_{n-1-s}`.
    head: Vec<Lanes>,
    tail: Vec<Lanes>,
    /// `d_{s+1}` and `d_{n-1-s}`.
    head_moves: Vec<Lanes>,
    tail_moves: Vec<Lanes>,
    /// The head's moves of a sample, the last one first.
    reversed: Vec<Lanes>,
    /// The bordered moments and then their factor.
    matrix: Factors,
}

impl Residual {
    /// Room for lags up to `lags` of series of `rows` rows.
    pub(super) fn new(rows: usize, lags: usize) -> Self {
        let ends = || vec![Lanes::ZERO; lags + 1];
        Self {
            rows,
            kappa: Lanes::ZERO,
            grain: Lanes::ZERO,
            squares: Lanes::ZERO,
            floor: Lanes::ZERO,
            lagged: ends(),
            head: ends(),
            tail: ends(),
            head_moves: ends(),
            tail_moves: ends(),
            reversed: ends(),
            matrix: Factors::new(lags + 2),
        }
    }

    /// The residuals of `y` on `x`, whose cells stand in `planes` from `at` on.
    #[inline(always)]
    pub(super) fn regress(
        &mut self,
        y: &Of<'_, impl Leg>,
        x: &Of<'_, impl Leg>,
        lags: usize,
        (planes, at): (&Planes, usize),
    ) {
        let (yy, xx, xy) = (y.own(0), x.own(0), planes.read(0, at));
        let b = xy / xx;
        self.squares = yy - b * xy;
        self.floor = y.floor();
        let two = Lanes::splat(2.0);
        let square = |yy: Lanes, xx: Lanes, xy: Lanes| yy - b * (two * xy - b * xx);
        let (v_yy, v_xx) = (y.own(1), x.own(1));
        let moves = square(v_yy, v_xx, planes.read(1, at));
        let (per_square, per_move) = (Lanes::splat(1.0) / self.squares, Lanes::splat(1.0) / moves);
        let slope = (yy * v_xx * per_move / xx).sqrt();
        self.kappa = yy * per_square + (v_yy + b * b * v_xx) * per_move + slope;
        self.grain =
            (y.size() + b.abs() * x.size()) * (Lanes::splat(self.rows as f64) * per_move).sqrt();
        self.lagged[0] = moves;
        for s in 0..=lags {
            self.head[s] = y.head(s) - b * x.head(s);
            self.tail[s] = y.tail(s) - b * x.tail(s);
        }
        let half = Lanes::splat(0.5);
        let mut ends = Lanes::ZERO;
        for k in 1..=lags {
            self.head_moves[k - 1] = self.head[k] - self.head[k - 1];
            self.tail_moves[k - 1] = self.tail[k - 1] - self.tail[k];
            ends = ends + self.head_moves[k - 1].squared() + self.tail_moves[k - 1].squared();
            let sums = square(y.own(k + 1), x.own(k + 1), planes.read(k + 1, at));
            self.lagged[k] = half * (sums - two * moves + ends);
        }
    }

    /// Lag moments of the sample that starts at `lag + 1`. Lags stand side by side with the target after
    /// them; the level stands first or between the two.
    #[inline(always)]
    fn moments(&mut self, lag: usize, level_first: bool) {
        let Self { matrix, head, tail, head_moves, tail_moves, lagged, reversed, .. } = self;
        let (from, level) = if level_first { (1, 0) } else { (0, lag) };
        let (target, width, half) = (lag + 1, matrix.width, Lanes::splat(0.5));
        for (turned, moved) in reversed.iter_mut().zip(head_moves[..lag].iter().rev()) {
            *turned = *moved;
        }
        // P_0k, along the target's row.
        for k in 0..=lag {
            let mut product = lagged[k];
            for (late, early) in head_moves[k..lag].iter().zip(&head_moves[..lag - k]) {
                product = product.less(*late, *early);
            }
            let column = if k == 0 { target } else { from + k - 1 };
            matrix.cells[target * width + column] = product;
        }
        let along = half
            * (tail[0].squared() - head[lag].squared() - matrix.cells[target * width + target]);
        matrix.cells[target * width + level] = along;
        // Row by row, each from the one before it.
        for c in 1..=lag {
            let (first, last) = (reversed[c - 1], tail_moves[c - 1]);
            let (above, here) = matrix.cells.split_at_mut((from + c - 1) * width);
            let (row, below) = here.split_at_mut(width);
            let row = &mut row[from..from + c];
            // P_{0,c-1}: the target's own square for the first lag.
            let column = if c == 1 { target } else { from + c - 2 };
            let start = below[(target - from - c) * width + column];
            row[0] = start.plus(reversed[0], first).less(tail_moves[0], last);
            let mut sum = row[0];
            if c > 1 {
                let before = &above[(from + c - 2) * width + from..][..c - 1];
                let ends = reversed[1..c].iter().zip(&tail_moves[1..c]);
                for ((cell, before), (early, late)) in row[1..].iter_mut().zip(before).zip(ends) {
                    *cell = before.plus(*early, first).less(*late, last);
                    sum = sum + *cell;
                }
            }
            let own = row[c - 1];
            let along = half * (tail[c].squared() - head[lag - c].squared() - own) + sum;
            matrix.set(from + c - 1, level, along);
        }
        let mut squares = self.squares.less(tail[0], tail[0]);
        for start in &head[..lag] {
            squares = squares.less(*start, *start);
        }
        matrix.cells[level * width + level] = squares;
    }

    /// What one rounding of a series becomes in a moment of the residuals; infinite where rounding has
    /// taken a square below zero.
    #[inline(always)]
    fn rounding(&self, least: Lanes) -> Lanes {
        let roundings = Lanes::splat(SAFETY) * self.kappa + Lanes::splat(GRAINS) * self.grain;
        let rounding = Lanes::splat(0.5 * f64::EPSILON) * roundings / least;
        let square = least.min(self.squares).min(self.lagged[0]);
        square.pick(Lanes::ZERO, |a, b| a > b, rounding, Lanes::splat(f64::INFINITY))
    }

    /// The t-ratio of the level with `lag` lags on the sample that `lag` allows.
    #[inline(always)]
    pub(super) fn statistic(&mut self, lag: usize) -> Ratios {
        self.moments(lag, false);
        let target = lag + 1;
        let moves = self.matrix.get(target, target);
        let least = self.matrix.factor(lag + 2, lag + 1);
        let left = self.matrix.left(target, target, 0..target, moves);
        let freedom = (self.rows - 1 - lag) - (lag + 1);
        let scale = (Lanes::splat(freedom as f64) / left).sqrt();
        let per_level = self.matrix.inverses[lag].sqrt();
        let statistic = self.matrix.get(target, lag) * per_level * scale;
        let ends = self.tail[0].squared() + self.head[lag].squared() + moves;
        let spread = statistic.abs() * moves / left + scale * per_level * ends;
        let error = self.rounding(least) * spread;
        let bound = Lanes::splat(LARGEST_KAPPA);
        let endless = Lanes::splat(f64::INFINITY);
        // False for a NaN too.
        let error = self.kappa.pick(bound, |a, b| a < b, error, endless);
        let error = error.pick(Lanes::splat(1.0), |a, b| a < b, error, endless);
        let error = self.squares.pick(self.floor, |a, b| a > b, error, endless);
        Ratios { statistic, error }
    }

    /// Lag orders by `rule` on the sample of the largest; infinity instead of a zero error where two
    /// orders are too near to tell.
    #[inline(always)]
    pub(super) fn search(&mut self, lags: usize, rule: &Choice<'_>) -> (Lanes, Lanes) {
        self.moments(lags, true);
        let target = lags + 1;
        let moves = self.matrix.get(target, target);
        let least = self.matrix.factor(lags + 2, lags + 1);
        let mut left = self.matrix.left(target, target, 0..target, moves);
        let near = self.rounding(least) * moves / left;
        let mut chosen = Lanes::ZERO;
        let (zero, endless) = (Lanes::ZERO, Lanes::splat(f64::INFINITY));
        let mut doubt = zero;
        match rule {
            Choice::Penalty(factors) => {
                let (mut best, mut second) = (endless, endless);
                for (lag, factor) in factors.iter().enumerate().take(lags + 1).rev() {
                    let value = left * Lanes::splat(*factor);
                    let beaten = value.pick(best, |a, b| a <= b, best, value);
                    second = beaten.min(second);
                    let this = Lanes::splat(lag as f64);
                    chosen = value.pick(best, |a, b| a <= b, this, chosen);
                    best = value.min(best);
                    left = left + self.matrix.square(target, lag);
                }
                let margin = (second - best) / best - near - near;
                doubt = margin.pick(zero, |a, b| a > b, doubt, endless);
            }
            Choice::Significance(bounds) => {
                let mut open = Lanes::splat(1.0);
                for (lag, bound) in bounds.iter().enumerate().take(lags + 1).skip(1).rev() {
                    let ratio = self.matrix.square(target, lag) / (left * Lanes::splat(*bound));
                    let one = Lanes::splat(1.0);
                    let away = (ratio - one).abs() - (near + near) * (ratio + one);
                    let unsure = away.pick(zero, |a, b| a > b, zero, endless);
                    doubt = open.pick(zero, |a, b| a > b, doubt + unsure, doubt);
                    let hit = ratio.pick(one, |a, b| a >= b, open, zero);
                    chosen = hit.pick(zero, |a, b| a > b, Lanes::splat(lag as f64), chosen);
                    open = open - hit;
                    left = left + self.matrix.square(target, lag);
                }
            }
        }
        (chosen, doubt)
    }
}

/// How a lag order is chosen among nested regressions.
pub(super) enum Choice<'a> {
    /// The smallest sum of squares times the factor of its order, `exp(penalty / rows)`: the smallest
    /// criterion, without a logarithm.
    Penalty(&'a [f64]),
    /// The largest order whose last square is at least its bound times the sum of squares left.
    Significance(&'a [f64]),
}

/// Numbers of a lane, for callers that read lane by lane.
pub(super) const WIDTH: usize = LANES;

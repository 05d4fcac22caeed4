//! Moments of eight systems of series and what is left of them.
//!
//! # Formula
//! Over the whole sample only `C_k(a, b) = sum da_t db_{t-k}`, `H(a, b) = sum a_{t-1} db_t` and `E(a, b) = sum a_t b_t`
//! are multiplied; `sum da_t b_{t-1}` is what is left of `sum (a_t b_t - a_{t-1} b_{t-1})`, and the moments of the
//! regressions' own sample follow by taking the ends away and by
//! `a_{t-1} = a_{t-1-j} + da_{t-1} + ... + da_{t-j}`. Deterministic terms are taken out by their
//! orthogonal components.
//!
//! With the triangle of `[lagged differences | dx_t | x_{t-1}]`, `S_k0 S_00^-1 S_0k = B B'`, where `B`
//! is the block of the levels beside the differences, and `S_kk` is what the lagged differences leave of
//! the levels.

use super::series::Series;
use crate::compute::cpu::{
    lane_matrix::{Factors, Leg},
    simd::Lanes,
};

/// Roundings that one operation on a moment is taken to cost.
const SAFETY: f64 = 64.0;

/// Roundings of its numbers that the plain path's moments are taken to carry.
const GRAINS: f64 = 8.0;

/// One series of each of eight systems.
pub(super) struct Member<'a, L>(pub(super) &'a Series, pub(super) L);

impl<L: Leg> Member<'_, L> {
    /// How far the rounding of the series reaches into its moves.
    #[inline(always)]
    pub(super) fn grain(&self) -> Lanes {
        self.1.read(self.0.grains())
    }
    #[inline(always)]
    fn head(&self, s: usize) -> Lanes {
        self.1.read(self.0.head(s))
    }
    #[inline(always)]
    fn tail(&self, s: usize) -> Lanes {
        self.1.read(self.0.tail(s))
    }
    /// Difference `s` of the series, counted from one.
    #[inline(always)]
    fn early(&self, s: usize) -> Lanes {
        self.head(s) - self.head(s - 1)
    }
    /// Difference `s` before the last.
    #[inline(always)]
    fn late(&self, s: usize) -> Lanes {
        self.tail(s) - self.tail(s + 1)
    }
}

/// Cells of the planes of a pair `(a, b)`; see [`Plane`].
pub(super) trait Cross {
    fn read(&self, plane: Plane) -> Lanes;
}

/// A product over all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plane {
    /// `sum a_t b_t`.
    Levels,
    /// `sum a_{t-1} db_t`.
    LevelMove,
    /// `sum da_t db_{t-k}`.
    Later(usize),
    /// `sum da_{t-k} db_t`, `k >= 1`.
    Earlier(usize),
}

impl Plane {
    /// Planes for `lags` lags.
    pub(super) const fn count(lags: usize) -> usize {
        3 + 2 * lags
    }

    pub(super) const fn index(self) -> usize {
        match self {
            Self::Levels => 0,
            Self::LevelMove => 1,
            Self::Later(0) => 2,
            Self::Later(k) => 1 + 2 * k,
            Self::Earlier(k) => 2 + 2 * k,
        }
    }
}

/// Eight systems of `size` series, as the triangle of `[lagged differences | differences | levels]`.
pub(super) struct System {
    size: usize,
    lags: usize,
    matrix: Factors,
}

/// The levels' part of a factored system: what the lagged differences leave of them, and what the
/// differences explain of that.
pub(super) struct Levels {
    pub(super) left: Lanes,
    pub(super) explained: Lanes,
}

impl System {
    pub(super) fn new(size: usize, lags: usize) -> Self {
        Self { size, lags, matrix: Factors::new(size * (lags + 2)) }
    }

    /// Row of variable `u` of series `at`; variables are the differences `0..=lags` back, then the
    /// level.
    #[inline(always)]
    fn row(&self, u: usize, at: usize) -> usize {
        let block = if u == self.lags + 1 {
            self.lags + 1
        } else if u == 0 {
            self.lags
        } else {
            u - 1
        };
        block * self.size + at
    }

    /// The moments of series `at` with itself.
    #[inline(always)]
    pub(super) fn own(&mut self, at: usize, lags: usize, member: &Member<'_, impl Leg>) {
        for u in 0..lags + 2 {
            for v in u..lags + 2 {
                let value = member.1.read(member.0.own(u, v));
                self.matrix.set(self.row(u, at), self.row(v, at), value);
            }
        }
    }

    /// The moments of series `i` and `j`.
    #[inline(always)]
    pub(super) fn cross(
        &mut self,
        [i, j]: [usize; 2],
        lags: usize,
        a: &Member<'_, impl Leg>,
        b: &Member<'_, impl Leg>,
        cross: &impl Cross,
    ) {
        let along = |u: usize, v: usize| {
            let mut sum = Lanes::ZERO;
            for term in 0..a.0.terms {
                sum = sum + a.1.read(a.0.along(term, u)) * b.1.read(b.0.along(term, v));
            }
            sum
        };
        let level = lags + 1;
        // Raw moments of the differences, kept for the levels' sums: [a back][b back].
        for k in 0..=lags {
            let mut later = cross.read(Plane::Later(k));
            let mut earlier = if k == 0 { later } else { cross.read(Plane::Earlier(k)) };
            for s in k + 1..=lags {
                later = later - a.early(s) * b.early(s - k);
                earlier = earlier - a.early(s - k) * b.early(s);
            }
            for s in 0..=lags - k {
                self.matrix.set(self.row(s, i), self.row(s + k, j), later);
                self.matrix.set(self.row(s + k, i), self.row(s, j), earlier);
                if s < lags - k {
                    let (near, far) = (lags - s, lags - s - k);
                    later = later + a.early(near) * b.early(far) - a.late(s) * b.late(s + k);
                    earlier = earlier + a.early(far) * b.early(near) - a.late(s + k) * b.late(s);
                }
            }
        }
        let level_move = cross.read(Plane::LevelMove);
        // What the products `a_t b_t` grow by from the first row to the last is one or the other.
        let move_level = a.tail(0) * b.tail(0)
            - a.head(0) * b.head(0)
            - level_move
            - cross.read(Plane::Later(0));
        for back in 0..=lags {
            let (mut forward, mut turned) = (level_move, move_level);
            for s in 1..=lags - back {
                forward = forward - a.head(s - 1) * b.early(s);
                turned = turned - a.early(s) * b.head(s - 1);
            }
            for s in 1..=back {
                forward = forward - a.tail(s) * b.late(s - 1);
                turned = turned - a.late(s - 1) * b.tail(s);
            }
            for s in 1..=back {
                forward = forward + self.matrix.either(self.row(s, i), self.row(back, j));
                turned = turned + self.matrix.either(self.row(back, i), self.row(s, j));
            }
            self.matrix.set(self.row(level, i), self.row(back, j), forward - along(level, back));
            self.matrix.set(self.row(back, i), self.row(level, j), turned - along(back, level));
        }
        let mut levels = cross.read(Plane::Levels) - a.tail(0) * b.tail(0);
        for s in 0..lags {
            levels = levels - a.head(s) * b.head(s);
        }
        self.matrix.set(self.row(level, i), self.row(level, j), levels - along(level, level));
        for u in 0..=lags {
            for v in 0..=lags {
                let raw = self.matrix.either(self.row(u, i), self.row(v, j));
                self.matrix.set(self.row(u, i), self.row(v, j), raw - along(u, v));
            }
        }
    }

    /// Factors what stands before the levels. Answers the least share of a column's square that
    /// those before it leave.
    #[inline(always)]
    pub(super) fn factor(&mut self, size: usize, lags: usize) -> Lanes {
        self.matrix.factor(size * (lags + 2), size * (lags + 1))
    }

    /// Of a factored system, cell `(i, j)`, `j <= i`, of the levels.
    #[inline(always)]
    pub(super) fn levels(&self, i: usize, j: usize, size: usize, lags: usize) -> Levels {
        let (first, from) = (size * (lags + 1), size * lags);
        let raw = self.matrix.get(first + i, first + j);
        let left = self.matrix.left(first + i, first + j, 0..from, raw);
        let after = self.matrix.left(first + i, first + j, from..first, Lanes::ZERO);
        Levels { left, explained: Lanes::ZERO - after }
    }

    /// Square of level `i` before anything is taken out of it but deterministic terms.
    #[inline(always)]
    pub(super) fn level_square(&self, i: usize, size: usize, lags: usize) -> Lanes {
        let row = size * (lags + 1) + i;
        self.matrix.get(row, row)
    }

    /// Rounding of the moments as it reaches the eigenvalues, given the shares of [`Self::factor`] and
    /// of the levels.
    #[inline(always)]
    pub(super) fn rounding(least: Lanes, grain: Lanes) -> Lanes {
        let roundings = Lanes::splat(SAFETY) + Lanes::splat(GRAINS) * grain;
        Lanes::splat(0.5 * f64::EPSILON) * roundings / least
    }
}

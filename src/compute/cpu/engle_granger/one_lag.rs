//! The residual regression with one lag in closed form, eight pairs at a time.
//!
//! # Formula
//! With `A = sum d_{t-1}^2`, `B = sum e_{t-1} d_{t-1}`, `C = sum e_{t-1}^2`, `p = sum d_t d_{t-1}`, `q = sum e_{t-1} d_t` and
//! `R = sum d_t^2` over the sample of one lag, `c = A C - B^2`, `s = A q - B p`, `r = A R - p^2`, the t-ratio of the
//! level is `s sqrt(freedom) / sqrt(c r - s^2)`: one division and one root, where the factor of
//! [`residual`](super::residual) takes a dozen. The moments and the error are those of that module.

use super::residual::{GRAINS, LARGEST_KAPPA, Of, Ratios, SAFETY};
use crate::compute::cpu::{lane_matrix::Leg, simd::Lanes};

/// What eight legs bring.
#[derive(Clone, Copy)]
pub(super) struct Side {
    squares: Lanes,
    /// One over the squares.
    inverse: Lanes,
    moves: Lanes,
    /// Squares of the sums of neighbouring differences.
    sums: Lanes,
    head: [Lanes; 2],
    tail: [Lanes; 2],
    size: Lanes,
    /// Squares of residuals that are too small to tell.
    floor: Lanes,
    /// Root of the moves over the squares.
    slope: Lanes,
    /// Root of the squares.
    length: Lanes,
}

impl Side {
    #[inline(always)]
    pub(super) fn read(of: &Of<'_, impl Leg>) -> Self {
        Self {
            squares: of.own(0),
            inverse: of.inverse(),
            moves: of.own(1),
            sums: of.own(2),
            head: [of.head(0), of.head(1)],
            tail: [of.tail(0), of.tail(1)],
            size: of.size(),
            floor: of.floor(),
            slope: of.slope(),
            length: of.length(),
        }
    }
}

/// What all pairs of a sample share.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// Root of the degrees of freedom.
    freedom: f64,
    /// Root of the rows.
    rows: f64,
}

impl Sample {
    /// Series of `rows` rows.
    pub(super) fn new(rows: usize) -> Self {
        Self { freedom: (rows.saturating_sub(4) as f64).sqrt(), rows: (rows as f64).sqrt() }
    }

    /// The statistic of `y` on `x`; `cross` are the pairs' cells in planes 0, 1 and 2.
    #[inline(always)]
    pub(super) fn test(self, y: &Side, x: &Side, cross: &[Lanes; 3]) -> Ratios {
        let b = cross[0] * x.inverse;
        let square = |yy: Lanes, xx: Lanes, xy: Lanes| yy.less(b, (xy + xy).less(b, xx));
        let squares = y.squares.less(b, cross[0]);
        let moves = square(y.moves, x.moves, cross[1]);
        let sums = square(y.sums, x.sums, cross[2]);
        let (e0, e1) = (y.head[0].less(b, x.head[0]), y.head[1].less(b, x.head[1]));
        let (t0, t1) = (y.tail[0].less(b, x.tail[0]), y.tail[1].less(b, x.tail[1]));
        let (first, last) = ((e1 - e0).squared(), (t0 - t1).squared());
        let half = Lanes::splat(0.5);
        // The letters of the module.
        let (own, before) = (moves - first, moves - last);
        let lagged = half * (sums - (moves + moves) + (first + last));
        let (s0, s1, f0, f1) = (t0.squared(), t1.squared(), e0.squared(), e1.squared());
        let along = half * (s0 - f1 - own);
        let turned = half * (s1 - f0 + before);
        let level = squares - s0 - f0;
        let c = (before * level).less(turned, turned);
        let s = (before * along).less(turned, lagged);
        let r = (before * own).less(lagged, lagged);
        let one = Lanes::splat(1.0);
        let scale = one / (c * r).less(s, s).sqrt();
        let freedom = Lanes::splat(self.freedom);
        let statistic = s * freedom * scale;
        // One division for the three that the error takes.
        let (squares_moves, moves_c) = (squares * moves, moves * c);
        let inverse = one / (squares_moves * c);
        let (per_square, per_move) = (moves_c * inverse, squares * c * inverse);
        let share = before * level * (squares_moves * inverse);
        let per_root = per_move.sqrt();
        let kappa = y.squares * per_square
            + (y.moves + b.squared() * x.moves) * per_move
            + y.length * x.slope * per_root;
        let grain = (y.size + b.abs() * x.size) * per_root * Lanes::splat(self.rows);
        let spread =
            before * scale * (statistic.abs() * own * c * scale + freedom * (s0 + f1 + own));
        let roundings = Lanes::splat(SAFETY) * kappa + Lanes::splat(GRAINS) * grain;
        let error = Lanes::splat(0.5 * f64::EPSILON) * roundings * share * spread;
        let endless = Lanes::splat(f64::INFINITY);
        // False for a NaN too.
        let error = kappa.pick(Lanes::splat(LARGEST_KAPPA), |a, b| a < b, error, endless);
        let error = error.pick(one, |a, b| a < b, error, endless);
        // What rounding has taken below zero is no sum of squares.
        let least = squares.min(moves).min(c.min(r)).min(before);
        let error = least.pick(Lanes::ZERO, |a, b| a > b, error, endless);
        let error = squares.pick(y.floor, |a, b| a > b, error, endless);
        Ratios { statistic, error }
    }
}

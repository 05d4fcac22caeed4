//! The products of one tile of pairs.
//!
//! Plane 0 holds the products of the levels, plane `k + 1` those of the sums `dx_t + dx_{t-k}` of
//! differences `k` apart (of the differences themselves for `k = 0`). Every moment that a residual
//! regression needs follows from these, because they are symmetric in the pair: `k + 2` planes serve
//! both directions of all lags up to `k`.

use super::series::Series;
use crate::compute::cpu::{
    product::{Cells, DEPTH, EDGE, Panels, Side, add_products, add_squares, padded},
    simd::{Kernel, Lanes, widest},
};

/// Some of the series: a side of a tile.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) series: &'a Series,
    pub(super) from: usize,
    pub(super) count: usize,
}

impl<'a> Block<'a> {
    pub(super) fn new(series: &'a Series, block: usize) -> Self {
        let from = block * EDGE;
        Self { series, from, count: EDGE.min(series.assets.len() - from) }
    }

    fn levels(&self) -> Side<'a> {
        self.series.levels.side(self.from, self.count)
    }
}

/// The planes of a tile and the rows they are made of. Memory: `lags + 2` planes of a number for each
/// column of the left side and of the right one, both padded.
#[derive(Default)]
pub(in crate::compute) struct Planes {
    cells: Vec<f64>,
    /// Numbers of a row of a plane, and of the plane.
    stride: usize,
    size: usize,
    sums: [Panels; 2],
}

impl Planes {
    /// The cell of left column `i` and right column `j`.
    #[inline(always)]
    pub(super) fn cell(&self, i: usize, j: usize) -> usize {
        i * self.stride + j
    }

    /// Eight neighbours of plane `k`, from cell `at` on.
    #[inline(always)]
    pub(super) fn read(&self, k: usize, at: usize) -> Lanes {
        Lanes::load(&self.cells, k * self.size + at)
    }

    /// Computes the planes of `left` and `right`, or of `left` with itself.
    pub(super) fn fill(&mut self, left: Block<'_>, right: Option<Block<'_>>, lags: usize) {
        let stride = padded(right.unwrap_or(left).count);
        let size = padded(left.count) * stride;
        (self.stride, self.size) = (stride, size);
        let Self { cells, sums, .. } = self;
        cells.resize((lags + 2) * size, 0.0);
        let mut planes = cells.chunks_exact_mut(size);
        let rows = left.series.rows;
        if let Some(values) = planes.next() {
            add(
                &mut Cells { values, stride },
                [Some(left), right].map(|b| b.map(|b| b.levels())),
                rows,
                true,
            );
        }
        for (lag, values) in planes.enumerate() {
            let mut cells = Cells { values, stride };
            let length = (left.series.rows - 1).saturating_sub(lag);
            for from in (0..length).step_by(DEPTH) {
                let depth = DEPTH.min(length - from);
                let mut sides = [None, None];
                for ((block, sums), side) in
                    [Some(left), right].iter().zip(sums.iter_mut()).zip(&mut sides)
                {
                    if let Some(block) = block {
                        sums.shape(block.count, DEPTH);
                        widest(AddUp { levels: block.levels(), lag, from, depth, sums });
                        *side = Some(sums.side(0, block.count));
                    }
                }
                add(&mut cells, sides, depth, from == 0);
            }
        }
    }
}

fn add(cells: &mut Cells<'_>, sides: [Option<Side<'_>>; 2], rows: usize, fresh: bool) {
    match sides {
        [Some(left), Some(right)] => add_products(cells, left, right, rows, fresh),
        [Some(both), None] | [None, Some(both)] => add_squares(cells, both, rows, fresh),
        [None, None] => {}
    }
}

/// Rows `from..from + depth` of the sums of differences `lag` apart, of every series of the block.
struct AddUp<'a> {
    levels: Side<'a>,
    lag: usize,
    from: usize,
    depth: usize,
    sums: &'a mut Panels,
}

impl Kernel for AddUp<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { levels, lag, from, depth, sums } = self;
        for panel in 0..levels.panels() {
            let level = levels.rows(panel, from, depth + lag + 1);
            let (early, late) = (&level[..=depth], &level[lag..]);
            let target = &mut sums.panel_mut(panel)[..depth];
            if lag == 0 {
                for ((sum, now), before) in target.iter_mut().zip(&early[1..]).zip(early) {
                    *sum = *now - *before;
                }
            } else {
                let pairs = early[1..].iter().zip(early).zip(late[1..].iter().zip(late));
                for (sum, ((b1, b0), (a1, a0))) in target.iter_mut().zip(pairs) {
                    *sum = (*a1 - *a0) + (*b1 - *b0);
                }
            }
        }
    }
}

//! Products of columns: the one place where matrices are multiplied.
//!
//! Columns stand eight abreast, as [`Panels`]. A cell is added up over [`DEPTH`] rows at a time, in their
//! order, by fused products and sums, and what it comes to is added to the cell. Its bits depend on
//! its two columns alone: not on the tile it stands in, on its place there, on who else is in the
//! universe, or on the width of this processor's registers.
//!
//! The sums of eight left and 24 right columns stay in registers where these are wide. A general
//! library would copy both sides first: the panels are what it would copy them to.
//!
//! # References
//! Goto & van de Geijn (2008), ACM Transactions on Mathematical Software 34(3), 12; Van Zee & van de
//! Geijn (2015), ibid. 41(3), 14.

mod panels;

pub(super) use panels::{Panels, Side};

use super::simd::{Kernel, LANES, Lanes, Wide, add_block, widest};

/// Assets on a side of a tile.
pub(super) const EDGE: usize = 256;
/// Rows that are added up at a time.
pub(super) const DEPTH: usize = 128;
/// Right panels of a block: with eight left columns 24 sums, three rows of the right side and a number
/// of the left one.
const PANELS: usize = 3;
/// Left columns of a block where registers are narrow.
const NARROW: usize = LANES / 2;

/// `assets` rounded up to whole panels.
pub(super) fn padded(assets: usize) -> usize {
    assets.next_multiple_of(LANES)
}

/// Where products go: cell `(i, j)` of left column `i` and right column `j` stands at `i * stride + j`.
pub(super) struct Cells<'a> {
    pub(super) values: &'a mut [f64],
    pub(super) stride: usize,
}

/// Adds `sum_t left_i[t] right_j[t]` over `rows` rows to every cell, or, where `fresh`, sets it.
pub(super) fn add_products(
    cells: &mut Cells<'_>,
    left: Side<'_>,
    right: Side<'_>,
    rows: usize,
    fresh: bool,
) {
    multiply(&mut Product { cells, left, right, triangle: false }, rows, fresh);
}

/// As [`add_products`] for columns with themselves; of the cells `j < i` some are written and some are
/// not.
pub(super) fn add_squares(cells: &mut Cells<'_>, side: Side<'_>, rows: usize, fresh: bool) {
    multiply(&mut Product { cells, left: side, right: side, triangle: true }, rows, fresh);
}

fn multiply(product: &mut Product<'_, '_>, rows: usize, fresh: bool) {
    for from in (0..rows).step_by(DEPTH) {
        let span = Span { from, depth: DEPTH.min(rows - from), fresh: fresh && from == 0 };
        match Wide::new() {
            Some(wide) => product.blocks(wide, span),
            None => widest(Narrow(product, span)),
        }
    }
}

/// Left columns by right columns.
struct Product<'a, 'b> {
    cells: &'a mut Cells<'b>,
    left: Side<'a>,
    right: Side<'a>,
    /// Cells below the diagonal are not asked for.
    triangle: bool,
}

/// Rows that are added up together.
#[derive(Clone, Copy)]
struct Span {
    from: usize,
    depth: usize,
    /// The cells are set, not added to.
    fresh: bool,
}

impl Product<'_, '_> {
    /// Left panels that have cells to fill with the right ones before `end`.
    #[inline(always)]
    fn lefts(&self, end: usize) -> usize {
        if self.triangle { end.min(self.left.panels()) } else { self.left.panels() }
    }

    /// For registers that hold a whole block.
    fn blocks(&mut self, wide: Wide, span: Span) {
        let panels = self.right.panels();
        for panel in (0..panels).step_by(PANELS) {
            let count = PANELS.min(panels - panel);
            for left in 0..self.lefts(panel + count) {
                match count {
                    1 => self.block::<1>(wide, span, left, panel),
                    2 => self.block::<2>(wide, span, left, panel),
                    _ => self.block::<PANELS>(wide, span, left, panel),
                }
            }
        }
    }

    #[inline(always)]
    fn block<const COUNT: usize>(&mut self, wide: Wide, span: Span, left: usize, panel: usize) {
        let Span { from, depth, fresh } = span;
        let rows = self.left.rows(left, from, depth);
        let right = self.right;
        let rights = std::array::from_fn(|k| right.rows(panel + k, from, depth));
        let stride = self.cells.stride;
        add_block::<COUNT>(wide, rows, rights, (self.cells(left * LANES, panel), stride), fresh);
    }

    /// The cells of left column `i` from right panel `panel` on.
    #[inline(always)]
    fn cells(&mut self, i: usize, panel: usize) -> &mut [f64] {
        &mut self.cells.values[i * self.cells.stride + panel * LANES..]
    }
}

/// For registers that hold less than a block of the wide form.
struct Narrow<'a, 'b, 'c>(&'c mut Product<'a, 'b>, Span);

impl Kernel for Narrow<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self(product, span) = self;
        for panel in 0..product.right.panels() {
            let right = product.right.rows(panel, span.from, span.depth);
            for left in 0..product.lefts(panel + 1) {
                for half in 0..LANES / NARROW {
                    let rows = product.left.rows(left, span.from, span.depth);
                    let mut sums = [Lanes::ZERO; NARROW];
                    for (left, right) in rows.iter().zip(right) {
                        for (i, sum) in sums.iter_mut().enumerate() {
                            *sum = sum.plus(*right, Lanes::splat(left.0[half * NARROW + i]));
                        }
                    }
                    for (i, sum) in sums.into_iter().enumerate() {
                        let cells = product.cells(left * LANES + half * NARROW + i, panel);
                        for (cell, sum) in cells.iter_mut().zip(sum.0) {
                            *cell = if span.fresh { sum } else { *cell + sum };
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(columns: usize, rows: usize) -> Panels {
        let mut panels = Panels::zeros(columns, rows);
        for column in 0..columns {
            let at = |row: usize| (column * rows + row) * (column * rows + row) % 7_919;
            let values: Vec<f64> = (0..rows).map(|row| libm::sin(at(row) as f64)).collect();
            panels.set(column, &values);
        }
        panels
    }

    /// All cells of a product, in rows of [`EDGE`].
    fn product(left: Side<'_>, right: Side<'_>, rows: usize) -> Vec<f64> {
        let mut out = vec![f64::NAN; EDGE * EDGE];
        add_products(&mut Cells { values: &mut out, stride: EDGE }, left, right, rows, true);
        out
    }

    #[test]
    fn a_cell_does_not_depend_on_its_tile() {
        let rows = 700;
        let values = wave(512, rows);
        let cell = |left: (usize, usize), right: (usize, usize), at: (usize, usize)| {
            let side = |(from, columns)| values.side(from, columns);
            product(side(left), side(right), rows)[at.0 * EDGE + at.1].to_bits()
        };
        for (a, b) in [(3, 40), (60, 61), (5, 5), (63, 17)] {
            let alone = cell((0, 64), (0, 64), (a, b));
            assert_eq!(alone, cell((0, 256), (0, 256), (a, b)));
            assert_eq!(alone, cell((0, 64), (0, 192), (a, b)));
            assert_eq!(alone, cell((0, 128), (0, 128), (b, a)), "left and right change places");
            assert_eq!(alone, cell((a / 8 * 8, 8), (b / 8 * 8, 8), (a % 8, b % 8)));
            let mut out = vec![f64::NAN; EDGE * EDGE];
            let mut cells = Cells { values: &mut out, stride: EDGE };
            add_squares(&mut cells, values.side(0, 256), rows, true);
            assert_eq!(alone, out[a.min(b) * EDGE + a.max(b)].to_bits(), "one triangle");
        }
        let other = cell((64, 192), (200, 256), (20, 100));
        assert_eq!(other, cell((80, 64), (296, 64), (4, 4)));
    }

    #[test]
    fn narrow_registers_change_no_bit() {
        for (columns, rows) in [(8, 1), (24, 129), (80, 300)] {
            let values = wave(columns, rows);
            let side = values.side(0, columns);
            for triangle in [false, true] {
                let mut found = [vec![1.0; EDGE * columns], vec![1.0; EDGE * columns]];
                for (out, narrow) in found.iter_mut().zip([true, false]) {
                    let mut cells = Cells { values: out, stride: EDGE };
                    let cells = &mut cells;
                    let mut product = Product { cells, left: side, right: side, triangle };
                    if narrow {
                        for from in (0..rows).step_by(DEPTH) {
                            let depth = DEPTH.min(rows - from);
                            Narrow(&mut product, Span { from, depth, fresh: from == 0 }).run();
                        }
                    } else {
                        multiply(&mut product, rows, true);
                    }
                }
                for i in 0..columns {
                    for j in if triangle { i } else { 0 }..columns {
                        let [narrow, wide] = [0, 1].map(|k: usize| found[k][i * EDGE + j]);
                        assert_eq!(narrow.to_bits(), wide.to_bits(), "{i} {j}");
                    }
                }
            }
        }
    }

    #[test]
    fn products_are_sums_over_rows() {
        let rows = 300;
        let values = wave(64, rows);
        let side = values.side(0, 64);
        let mut out = vec![0.0; 64 * 64];
        let mut cells = Cells { values: &mut out, stride: 64 };
        add_products(&mut cells, side, side, rows, true);
        add_squares(&mut cells, side, rows, false);
        let column = |i: usize| -> Vec<f64> {
            side.rows(i / LANES, 0, rows).iter().map(|row| row.0[i % LANES]).collect()
        };
        for (i, j) in [(0, 0), (2, 5), (40, 63)] {
            let expected = 2.0 * crate::stats::dot(&column(i), &column(j));
            assert!((out[i * 64 + j] - expected).abs() < 1e-11, "{i} {j}");
        }
        let later = product(side.later(7), side, rows - 7)[3 * EDGE + 50];
        let expected = crate::stats::dot(&column(3)[7..], &column(50)[..rows - 7]);
        assert!((later - expected).abs() < 1e-11, "{later} {expected}");
    }
}

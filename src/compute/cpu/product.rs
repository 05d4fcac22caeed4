//! Products of columns: the one place where matrices are multiplied.
//!
//! A cell is added up over [`DEPTH`] rows at a time, in order, inside one block of the product. Its
//! bits depend on its two columns alone: not on the tile it stands in, on its place there, or on
//! who else is in the universe. Tiles are padded to whole steps of [`STEP`] assets, because a product of
//! another shape may be added up in another order.

use faer::{
    Accum, MatMut, MatRef, Par,
    linalg::matmul::{
        matmul,
        triangular::{self, BlockStructure},
    },
};

/// Assets on a side of a tile.
pub(super) const EDGE: usize = 256;
/// Rows that are added up at a time.
pub(super) const DEPTH: usize = 128;
/// Tiles have sides of whole steps.
pub(super) const STEP: usize = 64;

/// `assets` rounded up to whole steps.
pub(super) fn padded(assets: usize) -> usize {
    assets.next_multiple_of(STEP)
}

/// One side of a product: some columns, each `stride` numbers after the other.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) values: &'a [f64],
    pub(super) columns: usize,
    pub(super) stride: usize,
}

impl<'a> Side<'a> {
    /// `rows` of every column, as `columns x rows`.
    fn rows(self, from: usize, rows: usize) -> MatRef<'a, f64> {
        let values = &self.values[from..];
        MatRef::from_row_major_slice_with_stride(values, self.columns, rows, self.stride)
    }
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
    for from in (0..rows).step_by(DEPTH) {
        let depth = DEPTH.min(rows - from);
        let accumulate = if fresh && from == 0 { Accum::Replace } else { Accum::Add };
        let target = target(cells, left.columns, right.columns);
        let (a, b) = (right.rows(from, depth), left.rows(from, depth).transpose());
        matmul(target, accumulate, a, b, 1.0, Par::Seq);
    }
}

/// As [`add_products`] for columns with themselves; only cells `j >= i` are written.
pub(super) fn add_squares(cells: &mut Cells<'_>, side: Side<'_>, rows: usize, fresh: bool) {
    for from in (0..rows).step_by(DEPTH) {
        let depth = DEPTH.min(rows - from);
        let accumulate = if fresh && from == 0 { Accum::Replace } else { Accum::Add };
        triangular::matmul(
            target(cells, side.columns, side.columns),
            BlockStructure::TriangularLower,
            accumulate,
            side.rows(from, depth),
            BlockStructure::Rectangular,
            side.rows(from, depth).transpose(),
            BlockStructure::Rectangular,
            1.0,
            Par::Seq,
        );
    }
}

/// The cells as faer stores matrices: right columns down, left columns across.
fn target<'a>(cells: &'a mut Cells<'_>, left: usize, right: usize) -> MatMut<'a, f64> {
    MatMut::from_column_major_slice_with_stride_mut(cells.values, right, left, cells.stride)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(columns: usize, rows: usize) -> Vec<f64> {
        (0..columns * rows).map(|at| libm::sin((at * at % 7_919) as f64)).collect()
    }

    #[test]
    fn a_cell_does_not_depend_on_its_tile() {
        let rows = 700;
        let values = wave(512, rows);
        let side = |from: usize, columns: usize| Side {
            values: &values[from * rows..],
            columns,
            stride: rows,
        };
        let cell = |left: (usize, usize), right: (usize, usize), at: (usize, usize)| {
            let mut out = vec![f64::NAN; EDGE * EDGE];
            let mut cells = Cells { values: &mut out, stride: EDGE };
            add_products(&mut cells, side(left.0, left.1), side(right.0, right.1), rows, true);
            out[at.0 * EDGE + at.1].to_bits()
        };
        for (a, b) in [(3, 40), (60, 61), (5, 5), (63, 17)] {
            let alone = cell((0, 64), (0, 64), (a, b));
            assert_eq!(alone, cell((0, 256), (0, 256), (a, b)));
            assert_eq!(alone, cell((0, 64), (0, 192), (a, b)));
            assert_eq!(alone, cell((0, 128), (0, 128), (b, a)), "left and right change places");
            let mut out = vec![f64::NAN; EDGE * EDGE];
            let mut cells = Cells { values: &mut out, stride: EDGE };
            add_squares(&mut cells, side(0, 256), rows, true);
            assert_eq!(alone, out[a.min(b) * EDGE + a.max(b)].to_bits(), "one triangle");
        }
        let other = cell((64, 192), (200, 256), (20, 100));
        assert_eq!(other, cell((84, 64), (300, 64), (0, 0)));
    }

    #[test]
    fn products_are_sums_over_rows() {
        let rows = 300;
        let values = wave(64, rows);
        let side = Side { values: &values, columns: 64, stride: rows };
        let mut out = vec![0.0; 64 * 64];
        let mut cells = Cells { values: &mut out, stride: 64 };
        add_products(&mut cells, side, side, rows, true);
        add_squares(&mut cells, side, rows, false);
        for (i, j) in [(0, 0), (2, 5), (40, 63)] {
            let expected = 2.0
                * crate::stats::dot(
                    &values[i * rows..(i + 1) * rows],
                    &values[j * rows..(j + 1) * rows],
                );
            assert!((out[i * 64 + j] - expected).abs() < 1e-11, "{i} {j}");
        }
    }
}

//! Columns as products read them.

use super::padded;
use crate::compute::cpu::simd::{LANES, Lanes};

/// Columns eight abreast: panel after panel of eight columns, in each row after row. Columns are
/// padded by zeros to whole panels.
#[derive(Debug, Default)]
pub(in crate::compute::cpu) struct Panels {
    values: Vec<Lanes>,
    rows: usize,
}

impl Panels {
    /// Zeros.
    pub(in crate::compute::cpu) fn zeros(columns: usize, rows: usize) -> Self {
        Self { values: vec![Lanes::ZERO; padded(columns) / LANES * rows], rows }
    }

    /// As [`Panels::zeros`], in the memory that is there.
    pub(in crate::compute::cpu) fn clear(&mut self, columns: usize, rows: usize) {
        self.values.clear();
        self.values.resize(padded(columns) / LANES * rows, Lanes::ZERO);
        self.rows = rows;
    }

    /// Writes the first rows of a column.
    pub(in crate::compute::cpu) fn set(&mut self, column: usize, values: &[f64]) {
        let panel = &mut self.values[column / LANES * self.rows..][..self.rows];
        for (row, value) in panel.iter_mut().zip(values) {
            row.0[column % LANES] = *value;
        }
    }

    /// Room for as many, with what was there before if that was as large.
    pub(in crate::compute::cpu) fn shape(&mut self, columns: usize, rows: usize) {
        if (self.values.len(), self.rows) != (padded(columns) / LANES * rows, rows) {
            self.clear(columns, rows);
        }
    }

    /// The rows of a panel.
    pub(in crate::compute::cpu) fn panel_mut(&mut self, panel: usize) -> &mut [Lanes] {
        &mut self.values[panel * self.rows..][..self.rows]
    }

    /// `columns` columns from `from` on, where a panel begins.
    pub(in crate::compute::cpu) fn side(&self, from: usize, columns: usize) -> Side<'_> {
        let values = &self.values[from / LANES * self.rows..];
        Side { values, panels: padded(columns) / LANES, stride: self.rows }
    }
}

/// One side of a product: some columns.
#[derive(Clone, Copy)]
pub(in crate::compute::cpu) struct Side<'a> {
    values: &'a [Lanes],
    panels: usize,
    stride: usize,
}

impl<'a> Side<'a> {
    /// Panels of eight columns.
    #[inline(always)]
    pub(in crate::compute::cpu) fn panels(self) -> usize {
        self.panels
    }

    /// The same columns without their first rows.
    pub(in crate::compute::cpu) fn later(self, rows: usize) -> Self {
        Self { values: &self.values[rows..], ..self }
    }

    /// Rows of a panel.
    #[inline(always)]
    pub(in crate::compute::cpu) fn rows(
        self,
        panel: usize,
        from: usize,
        rows: usize,
    ) -> &'a [Lanes] {
        &self.values[panel * self.stride + from..][..rows]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_where_they_are_set() {
        let rows = 21;
        let values: Vec<f64> = (0..11 * rows).map(|at| at as f64).collect();
        let mut panels = Panels::zeros(11, rows);
        for (column, values) in values.chunks(rows).enumerate() {
            panels.set(column, values);
        }
        let bits = |panel, row| panels.side(0, 11).rows(panel, row, 1)[0].0.map(f64::to_bits);
        let expected = |column: usize, row| ((column * rows + row) as f64).to_bits();
        for row in 0..rows {
            assert_eq!(bits(0, row), [0, 1, 2, 3, 4, 5, 6, 7].map(|lane| expected(lane, row)));
            assert_eq!(bits(1, row)[..3], [8, 9, 10].map(|lane| expected(lane, row)));
            assert_eq!(bits(1, row)[3..], [0; 5]);
        }
        let side = panels.side(8, 3);
        assert_eq!(side.panels(), 1);
        assert_eq!(side.later(2).rows(0, 1, 1)[0].0[0].to_bits(), expected(8, 3));
        panels.shape(9, rows);
        assert_eq!(panels.side(0, 9).rows(0, 0, 1)[0].0[1].to_bits(), expected(1, 0));
        panels.shape(9, 4);
        assert_eq!(panels.side(0, 9).rows(1, 3, 1)[0].0.map(f64::to_bits), [0; 8]);
    }
}

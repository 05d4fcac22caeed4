//! Bars of a universe as dense columns, and the part of them a decision may see.

use std::ops::Range;

use super::{Field, Fields, Universe};

/// The bars of a universe in `[first row, last row]`, one `f64` column per instrument and field.
///
/// Rows are the union of the instruments' bar openings, in increasing order. A cell is NaN where
/// the instrument has no bar (every field NaN) or its source gives no such value. Which fields
/// there are is settled when it is made.
/// Shape: `instruments x fields` columns of `rows` values, each column contiguous.
#[derive(Debug)]
pub struct Panel {
    universe: Universe,
    fields: Fields,
    ts: Vec<i64>,
    values: Vec<f64>,
}

impl Panel {
    /// A panel of opens and closes without prices, on the given rows (opening times in
    /// microseconds, increasing).
    pub fn empty(universe: Universe, ts: Vec<i64>) -> Self {
        Self::with_fields(universe, ts, Fields::OPEN_CLOSE)
    }

    /// The same with these fields.
    pub fn with_fields(universe: Universe, ts: Vec<i64>, fields: Fields) -> Self {
        debug_assert!(ts.windows(2).all(|pair| pair[0] < pair[1]));
        let values = vec![f64::NAN; universe.len() * fields.count() * ts.len()];
        Self { universe, fields, ts, values }
    }

    /// Bytes a panel of this shape takes.
    pub fn bytes_for(instruments: usize, rows: usize, fields: Fields) -> u64 {
        (instruments * fields.count() * rows * size_of::<f64>() + rows * size_of::<i64>()) as u64
    }

    /// The fields it holds.
    pub fn fields(&self) -> Fields {
        self.fields
    }

    /// The universe its columns belong to.
    pub fn universe(&self) -> &Universe {
        &self.universe
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.ts.len()
    }

    /// Opening time of every row, microseconds UTC, increasing.
    pub fn ts(&self) -> &[i64] {
        &self.ts
    }

    /// The first row that opens at or after `micros`; the number of rows if there is none.
    pub fn row_at(&self, micros: i64) -> usize {
        self.ts.partition_point(|&ts| ts < micros)
    }

    /// One column: `rows` values.
    ///
    /// # Panics
    /// If the panel does not hold the field: whoever reads it has not declared it.
    pub fn column(&self, asset: usize, field: Field) -> &[f64] {
        &self.values[self.range(asset, field)]
    }

    /// The same column, writable: used while the panel is filled.
    pub fn column_mut(&mut self, asset: usize, field: Field) -> &mut [f64] {
        let range = self.range(asset, field);
        &mut self.values[range]
    }

    fn range(&self, asset: usize, field: Field) -> Range<usize> {
        assert!(self.fields.holds(field), "{} was not loaded", field.name());
        let column = asset * self.fields.count() + self.fields.position(field);
        let at = column * self.ts.len();
        at..at + self.ts.len()
    }

    /// What a decision at the close of `row` may see of the instruments `assets`.
    pub fn view<'a>(&'a self, assets: &'a [u16], row: usize) -> PanelView<'a> {
        PanelView { panel: self, assets, rows: row + 1 }
    }
}

/// The bars of a combination up to and including the decision bar. There is no way from a view to
/// a later bar.
#[derive(Debug, Clone, Copy)]
pub struct PanelView<'a> {
    panel: &'a Panel,
    assets: &'a [u16],
    rows: usize,
}

impl<'a> PanelView<'a> {
    /// Number of instruments.
    pub fn assets(&self) -> usize {
        self.assets.len()
    }

    /// Index of a leg's instrument in the universe.
    pub fn asset(&self, leg: usize) -> u16 {
        self.assets[leg]
    }

    /// Opening times of the visible rows.
    pub fn ts(&self) -> &'a [i64] {
        &self.panel.ts[..self.rows]
    }

    /// A leg's visible values; NaN where it has no bar.
    ///
    /// # Panics
    /// If the strategy has not declared the field.
    pub fn column(&self, leg: usize, field: Field) -> &'a [f64] {
        &self.panel.column(usize::from(self.assets[leg]), field)[..self.rows]
    }
}

//! Bars of a universe as dense columns, and the part of them a decision may see.

use std::{ops::Range, sync::Arc};

use super::Universe;

/// Values that stand elsewhere, such as in a mapped file: read-only, shared, always the same.
pub type SharedValues = Arc<dyn AsRef<[f64]> + Send + Sync>;

/// Where the values of a panel stand. No result depends on it.
#[derive(Clone)]
enum Values {
    Own(Vec<f64>),
    Shared(SharedValues),
}

impl Values {
    fn all(&self) -> &[f64] {
        match self {
            Self::Own(values) => values,
            Self::Shared(values) => (**values).as_ref(),
        }
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if matches!(self, Self::Own(_)) { "Own" } else { "Shared" };
        f.debug_struct(kind).field("len", &self.all().len()).finish()
    }
}

/// A column of bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// First price of the bar.
    Open,
    /// Last price of the bar.
    Close,
    /// Highest price of the bar.
    High,
    /// Lowest price of the bar.
    Low,
    /// Volume of the bar, units of the instrument.
    Volume,
}

impl Field {
    /// Every column, in the order of a panel.
    pub const ALL: [Self; 5] = [Self::Open, Self::Close, Self::High, Self::Low, Self::Volume];

    /// Columns that every panel holds.
    pub const ALWAYS: [Self; 2] = [Self::Open, Self::Close];

    /// The column's name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::High => "high",
            Self::Low => "low",
            Self::Volume => "volume",
        }
    }
}

/// The bars of a universe in `[first row, last row]`, one `f64` column per instrument and field.
///
/// Rows are the union of the instruments' bar openings, in increasing order. A cell is NaN where
/// the instrument has no bar (every field NaN) or its source gives no such value. Opens and closes
/// are always held, the other fields where they were asked for: one that was not is NaN throughout.
/// Shape: `instruments x fields` columns of `rows` values, each column contiguous, and one column of
/// NaN where a field is absent.
#[derive(Debug, Clone)]
pub struct Panel {
    universe: Universe,
    ts: Vec<i64>,
    /// Fields held, in the order of [`Field::ALL`].
    fields: Vec<Field>,
    values: Values,
}

impl Panel {
    /// A panel of opens and closes without prices on the given rows (opening times in
    /// microseconds, increasing).
    pub fn empty(universe: Universe, ts: Vec<i64>) -> Self {
        Self::with_fields(universe, ts, &Field::ALWAYS)
    }

    /// A panel without values that holds `fields`, opens and closes included in any case.
    pub fn with_fields(universe: Universe, ts: Vec<i64>, fields: &[Field]) -> Self {
        debug_assert!(ts.windows(2).all(|pair| pair[0] < pair[1]));
        let fields = Self::held(fields);
        let values = vec![f64::NAN; Self::columns(universe.len(), &fields) * ts.len()];
        Self { universe, ts, fields, values: Values::Own(values) }
    }

    /// The panel whose values stand in `values`, in the order of [`Self::values`]; `None` if there
    /// are not as many as its shape has.
    pub fn of_shared(
        universe: Universe,
        ts: Vec<i64>,
        fields: &[Field],
        values: SharedValues,
    ) -> Option<Self> {
        let fields = Self::held(fields);
        let held = (*values).as_ref().len() == Self::columns(universe.len(), &fields) * ts.len();
        held.then_some(Self { universe, ts, fields, values: Values::Shared(values) })
    }

    /// All values, column after column: the fields of the first instrument, then those of the
    /// next, and a column of NaN if a field is absent.
    pub fn values(&self) -> &[f64] {
        self.values.all()
    }

    /// Columns of a panel that holds `fields`.
    fn columns(instruments: usize, fields: &[Field]) -> usize {
        instruments * fields.len() + usize::from(fields.len() < Field::ALL.len())
    }

    /// The fields a panel holds that was asked for `fields`, in the order of [`Field::ALL`].
    fn held(fields: &[Field]) -> Vec<Field> {
        let is_held = |field: &Field| Field::ALWAYS.contains(field) || fields.contains(field);
        Field::ALL.into_iter().filter(is_held).collect()
    }

    /// Bytes a panel of this shape takes that holds `fields`.
    pub fn bytes_for(instruments: usize, rows: usize, fields: &[Field]) -> u64 {
        let columns = instruments * Self::held(fields).len() + 1;
        (columns * rows * size_of::<f64>() + rows * size_of::<i64>()) as u64
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

    /// The same bars, `micros` later.
    #[must_use]
    pub fn shifted(&self, micros: i64) -> Self {
        let ts = self.ts.iter().map(|ts| ts + micros).collect();
        Self { ts, ..self.clone() }
    }

    /// The fields it holds, in the order of [`Field::ALL`].
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// One column: `rows` values; NaN throughout for a field it does not hold.
    pub fn column(&self, asset: usize, field: Field) -> &[f64] {
        &self.values.all()[self.range(asset, field)]
    }

    /// The same column, writable: used while the panel is filled. Empty for a field it does not
    /// hold. Values that stand elsewhere are copied first.
    pub fn column_mut(&mut self, asset: usize, field: Field) -> &mut [f64] {
        let range = if self.fields.contains(&field) { self.range(asset, field) } else { 0..0 };
        if let Values::Shared(values) = &self.values {
            self.values = Values::Own((**values).as_ref().to_vec());
        }
        match &mut self.values {
            Values::Own(values) => &mut values[range],
            Values::Shared(_) => &mut [],
        }
    }

    fn range(&self, asset: usize, field: Field) -> Range<usize> {
        let held = self.fields.len();
        // The first two are always there and stand first; this is asked for every price.
        let place = match field {
            Field::Open => Some(0),
            Field::Close => Some(1),
            other => self.fields.iter().position(|held| *held == other),
        };
        let column = place.map_or(self.universe.len() * held, |place| asset * held + place);
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
    pub fn column(&self, leg: usize, field: Field) -> &'a [f64] {
        &self.panel.column(usize::from(self.assets[leg]), field)[..self.rows]
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Panel};
    use crate::domain::{Instrument, Universe};

    #[test]
    fn a_field_that_was_not_asked_for_is_nan_throughout() {
        let instrument = |id: u32| Instrument { market: "m".into(), symbol: format!("S{id}"), id };
        let universe = Universe::new(vec![instrument(0), instrument(1)]).expect("a universe");
        let mut panel = Panel::with_fields(universe, vec![1, 2, 3], &[Field::Volume]);
        assert_eq!(panel.fields(), [Field::Open, Field::Close, Field::Volume]);
        for asset in 0..2 {
            for (at, &field) in Field::ALL.iter().enumerate() {
                panel.column_mut(asset, field).fill((10 * asset + at) as f64);
            }
        }
        for asset in 0..2 {
            for (at, &field) in Field::ALL.iter().enumerate() {
                let column = panel.column(asset, field);
                let held = panel.fields().contains(&field);
                let value = ((10 * asset + at) as f64).to_bits();
                let right = |x: &f64| if held { x.to_bits() == value } else { x.is_nan() };
                assert!(
                    column.len() == 3 && column.iter().all(right),
                    "{asset} {field:?} {column:?}"
                );
            }
        }
        let of_two = Panel::bytes_for(2, 3, &[]);
        assert_eq!(Panel::bytes_for(2, 3, &[Field::Volume, Field::Low]) - of_two, 2 * 2 * 3 * 8);
    }
}

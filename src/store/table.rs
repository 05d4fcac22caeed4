//! The answer to a query: typed columns, rows in order.

use std::io;

/// A value of an answer. Undefined numbers arrive as [`Cell::Null`]; NaN is never stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A real number.
    Float(f64),
    /// Text.
    Text(String),
    /// A moment in UTC, microseconds since the epoch.
    Time(i64),
}

/// What the cells of a column are, where they are not [`Cell::Null`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// True or false.
    Bool,
    /// Whole numbers; one that is longer than 64 bits is [`Cell::Text`].
    Int,
    /// Real numbers.
    Float,
    /// Text.
    Text,
    /// Moments.
    Time,
}

impl CellKind {
    /// The kind of a cell; `None` where it has no value.
    pub fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => None,
            Cell::Bool(_) => Some(Self::Bool),
            Cell::Int(_) => Some(Self::Int),
            Cell::Float(_) => Some(Self::Float),
            Cell::Text(_) => Some(Self::Text),
            Cell::Time(_) => Some(Self::Time),
        }
    }

    /// The kind that holds values of both: real numbers hold whole ones, text holds everything.
    #[must_use]
    pub fn widest(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            _ => Self::Text,
        }
    }
}

/// Rows in order, wherever they stand.
pub trait Rows {
    /// Column names, in order.
    fn columns(&self) -> &[String];

    /// What each column holds: as declared, unless a cell says otherwise (a whole number longer than
    /// 64 bits is text); text where nothing says anything.
    fn kinds(&self) -> Vec<CellKind>;

    /// Hands every row to `take`, in order; the first error ends it.
    ///
    /// # Errors
    /// That of `take`, or of reading rows that stand in a file.
    fn each(&self, take: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()>;
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Column names, in order.
    pub columns: Vec<String>,
    /// What each column holds, as the statement declares it, so that a column without values has
    /// a type too; empty for an answer that was not made by a statement.
    pub kinds: Vec<CellKind>,
    /// Rows; each has a cell per column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Where the column called `name` stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The cell of a row in the column called `name`; no value where there is none.
    pub fn cell(&self, row: usize, name: &str) -> &Cell {
        let found = self.position(name).and_then(|at| self.rows.get(row)?.get(at));
        found.unwrap_or(&Cell::Null)
    }

    /// The number that such a cell holds.
    pub fn number(&self, row: usize, name: &str) -> Option<f64> {
        match self.cell(row, name) {
            Cell::Int(value) => Some(*value as f64),
            Cell::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole number that such a cell holds.
    pub fn whole(&self, row: usize, name: &str) -> Option<i64> {
        match self.cell(row, name) {
            Cell::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The text that such a cell holds; empty where it holds none.
    pub fn text(&self, row: usize, name: &str) -> &str {
        match self.cell(row, name) {
            Cell::Text(text) => text,
            _ => "",
        }
    }
}

impl Rows for Table {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn kinds(&self) -> Vec<CellKind> {
        let of = |at: usize| {
            let seen = self.rows.iter().filter_map(|row| CellKind::of(row.get(at)?));
            seen.chain(self.kinds.get(at).copied()).reduce(CellKind::widest)
        };
        (0..self.columns.len()).map(|at| of(at).unwrap_or(CellKind::Text)).collect()
    }

    fn each(&self, take: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        self.rows.iter().try_for_each(|row| take(row))
    }
}

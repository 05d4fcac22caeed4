//! The answer to a query: typed columns, rows in order.

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
}

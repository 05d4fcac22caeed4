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

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Column names, in order.
    pub columns: Vec<String>,
    /// Rows; each has a cell per column.
    pub rows: Vec<Vec<Cell>>,
}

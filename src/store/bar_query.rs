//! A request for bars: columns, interval, instruments, a span of time and simple comparisons.
//!
//! It says what to fetch, not how: `bar_sql` turns it into one statement. Rows come in the order
//! (instrument_id, ts).

use crate::domain::Interval;

/// A column of a bar, or of the instrument it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BarColumn {
    /// Number of the instrument in this store, `UInt32`.
    InstrumentId,
    /// Market, text; read by a join.
    Market,
    /// Symbol, text; read by a join.
    Symbol,
    /// Opening time, microseconds in UTC.
    Ts,
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Volume.
    Volume,
}

impl BarColumn {
    /// Every column, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::InstrumentId,
        Self::Market,
        Self::Symbol,
        Self::Ts,
        Self::Open,
        Self::High,
        Self::Low,
        Self::Close,
        Self::Volume,
    ];

    /// The name in the store and in a frame.
    pub fn name(self) -> &'static str {
        match self {
            Self::InstrumentId => "instrument_id",
            Self::Market => "market",
            Self::Symbol => "symbol",
            Self::Ts => "ts",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
        }
    }

    /// The column of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// True for the columns of the instrument, which need a join.
    pub(super) fn is_of_instrument(self) -> bool {
        matches!(self, Self::Market | Self::Symbol)
    }
}

/// How a column is compared with a literal. A missing value satisfies no comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

impl Compare {
    /// The operator in SQL.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "<>",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A real number; NaN compares as DuckDB does, above everything.
    Float(f64),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// A moment, microseconds in UTC.
    Time(i64),
}

/// `column op literal`.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Left side.
    pub column: BarColumn,
    /// Operator.
    pub op: Compare,
    /// Right side.
    pub literal: Literal,
}

/// Which bars to fetch. All conditions must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct BarQuery {
    /// Columns in the order wanted; must not be empty.
    pub columns: Vec<BarColumn>,
    /// Length of the bars.
    pub interval: Interval,
    /// Only these instruments; all when `None`, none when empty.
    pub instruments: Option<Vec<u32>>,
    /// Only these symbols, on any market; all when `None`, none when empty.
    pub symbols: Option<Vec<String>>,
    /// First moment, included, microseconds.
    pub from: Option<i64>,
    /// End, not included, microseconds.
    pub to: Option<i64>,
    /// Further conditions.
    pub comparisons: Vec<Comparison>,
    /// At most this many rows.
    pub limit: Option<usize>,
}

impl BarQuery {
    /// All bars of `interval`, these columns.
    pub fn new(interval: Interval, columns: Vec<BarColumn>) -> Self {
        Self {
            columns,
            interval,
            instruments: None,
            symbols: None,
            from: None,
            to: None,
            comparisons: Vec::new(),
            limit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BarColumn;

    #[test]
    fn names_lead_back_to_their_columns() {
        for column in BarColumn::ALL {
            assert_eq!(BarColumn::from_name(column.name()), Some(column));
        }
        assert_eq!(BarColumn::from_name("rowid"), None);
    }
}

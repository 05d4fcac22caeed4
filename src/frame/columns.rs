//! The columns of a frame of bars: their names and types.

use polars::prelude::{DataType, Field, Schema, TimeUnit};

use crate::store::BarColumn;

/// Every column, in the order of the frame.
pub(super) const ALL: [BarColumn; 9] = [
    BarColumn::InstrumentId,
    BarColumn::Market,
    BarColumn::Symbol,
    BarColumn::Ts,
    BarColumn::Open,
    BarColumn::High,
    BarColumn::Low,
    BarColumn::Close,
    BarColumn::Volume,
];

/// The column's name in a frame.
pub(super) fn name(column: BarColumn) -> &'static str {
    match column {
        BarColumn::InstrumentId => "instrument_id",
        BarColumn::Market => "market",
        BarColumn::Symbol => "symbol",
        BarColumn::Ts => "ts",
        BarColumn::Open => "open",
        BarColumn::High => "high",
        BarColumn::Low => "low",
        BarColumn::Close => "close",
        BarColumn::Volume => "volume",
    }
}

/// The column of this name; `None` if bars have no such column.
pub(super) fn named(wanted: &str) -> Option<BarColumn> {
    ALL.into_iter().find(|&column| name(column) == wanted)
}

/// The column's type in a frame.
fn dtype(column: BarColumn) -> DataType {
    match column {
        BarColumn::InstrumentId => DataType::UInt32,
        BarColumn::Market | BarColumn::Symbol => DataType::String,
        BarColumn::Ts => DataType::Datetime(TimeUnit::Microseconds, None),
        BarColumn::Open
        | BarColumn::High
        | BarColumn::Low
        | BarColumn::Close
        | BarColumn::Volume => DataType::Float64,
    }
}

/// The schema of a frame with these columns.
pub(super) fn schema(columns: &[BarColumn]) -> Schema {
    columns.iter().map(|&column| Field::new(name(column).into(), dtype(column))).collect()
}

#[cfg(test)]
mod tests {
    use super::{ALL, name, named};

    #[test]
    fn names_and_columns_agree() {
        assert!(ALL.into_iter().all(|column| named(name(column)) == Some(column)));
        assert_eq!(named("Close"), None);
    }
}

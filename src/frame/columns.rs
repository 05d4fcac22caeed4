//! The types of the columns of bars in a frame.

use polars::prelude::{DataType, Field, Schema, TimeUnit};

use crate::store::BarColumn;

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
    columns.iter().map(|&column| Field::new(column.name().into(), dtype(column))).collect()
}

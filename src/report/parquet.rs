//! Answers as one Parquet file: typed columns, full precision, undefined values null.
//!
//! Whole numbers are Int64, real ones Float64, text is String, moments are UTC timestamps in
//! microseconds. The type of a column is the one its statement declares, so an answer without rows
//! has the same schema as one with rows; an answer that was not made by a statement takes its types
//! from its cells. Equal answers give equal bytes.

use std::io;

use polars::prelude::{
    Column, DataFrame, Int64Chunked, IntoColumn, IntoSeries, NamedFrom, ParquetWriter,
    PolarsResult, TimeUnit, TimeZone,
};

use super::column_names::distinct;
use crate::store::{Cell, CellKind, Table};

/// Version of the Polars that writes the files.
pub const POLARS_VERSION: &str = polars::VERSION;

/// Writes `answer` as a Parquet file.
///
/// The file is made in memory first: its writer would hide from us whether `out` was closed by a
/// reader who had enough, which is no error.
pub(super) fn write(answer: &Table, out: &mut dyn io::Write) -> io::Result<()> {
    let bytes = encoded(answer).map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn encoded(answer: &Table) -> PolarsResult<Vec<u8>> {
    let columns = distinct(&answer.columns)
        .iter()
        .enumerate()
        .map(|(at, name)| column(answer, at, name))
        .collect();
    let mut frame = DataFrame::new(answer.rows.len(), columns)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).set_parallel(false).finish(&mut frame)?;
    Ok(bytes)
}

fn column(answer: &Table, at: usize, name: &str) -> Column {
    let cells = || answer.rows.iter().filter_map(move |row| row.get(at));
    match kind(answer, at) {
        CellKind::Bool => Column::new(name.into(), cells().map(truth).collect::<Vec<_>>()),
        CellKind::Int => Column::new(name.into(), cells().map(whole).collect::<Vec<_>>()),
        CellKind::Float => Column::new(name.into(), cells().map(real).collect::<Vec<_>>()),
        CellKind::Text => Column::new(name.into(), cells().map(text).collect::<Vec<_>>()),
        CellKind::Time => Int64Chunked::new(name.into(), cells().map(whole).collect::<Vec<_>>())
            .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
            .into_series()
            .into_column(),
    }
}

/// What column `at` holds: as declared, unless a cell says otherwise (a whole number longer than
/// 64 bits is text); text where nothing says anything.
fn kind(answer: &Table, at: usize) -> CellKind {
    let declared = answer.kinds.get(at).copied();
    let seen = answer.rows.iter().filter_map(|row| row.get(at)).filter_map(of_cell);
    seen.chain(declared).reduce(widest).unwrap_or(CellKind::Text)
}

fn of_cell(cell: &Cell) -> Option<CellKind> {
    match cell {
        Cell::Null => None,
        Cell::Bool(_) => Some(CellKind::Bool),
        Cell::Int(_) => Some(CellKind::Int),
        Cell::Float(_) => Some(CellKind::Float),
        Cell::Text(_) => Some(CellKind::Text),
        Cell::Time(_) => Some(CellKind::Time),
    }
}

/// The kind that holds values of both: real numbers hold whole ones, text holds everything.
fn widest(one: CellKind, other: CellKind) -> CellKind {
    match (one, other) {
        (one, other) if one == other => one,
        (CellKind::Int, CellKind::Float) | (CellKind::Float, CellKind::Int) => CellKind::Float,
        _ => CellKind::Text,
    }
}

fn truth(cell: &Cell) -> Option<bool> {
    if let Cell::Bool(yes) = cell { Some(*yes) } else { None }
}

fn whole(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(value) | Cell::Time(value) => Some(*value),
        _ => None,
    }
}

fn real(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Float(value) => Some(*value),
        Cell::Int(value) => Some(*value as f64),
        _ => None,
    }
}

fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Bool(yes) => Some(yes.to_string()),
        Cell::Int(value) => Some(value.to_string()),
        Cell::Float(value) => Some(format!("{value:?}")),
        Cell::Text(text) => Some(text.clone()),
        Cell::Time(micros) => Some(crate::domain::Timestamp(*micros).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use polars::prelude::{
        AnyValue, DataFrame, DataType, ParquetReader, SerReader, TimeUnit, TimeZone,
    };

    use super::write;
    use crate::store::{Cell, CellKind, Table};

    fn read_back(answer: &Table) -> DataFrame {
        let mut bytes = Vec::new();
        write(answer, &mut bytes).expect("memory takes everything");
        ParquetReader::new(Cursor::new(bytes)).finish().expect("a Parquet file")
    }

    fn answer(rows: Vec<Vec<Cell>>) -> Table {
        Table {
            columns: ["yes", "count", "x", "x", "at", "empty"].map(str::to_owned).to_vec(),
            kinds: vec![
                CellKind::Bool,
                CellKind::Int,
                CellKind::Float,
                CellKind::Text,
                CellKind::Time,
                CellKind::Float,
            ],
            rows,
        }
    }

    fn types(frame: &DataFrame) -> Vec<DataType> {
        frame.columns().iter().map(|column| column.dtype().clone()).collect()
    }

    #[test]
    fn types_and_values_come_back_and_undefined_is_null() {
        let row = vec![
            Cell::Bool(true),
            Cell::Int(i64::MAX),
            Cell::Float(0.1),
            Cell::Text("ä,\"b\"".into()),
            Cell::Time(1_700_000_000_000_001),
            Cell::Null,
        ];
        let frame = read_back(&answer(vec![row, vec![Cell::Null; 6]]));
        let utc = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        assert_eq!(
            types(&frame),
            [
                DataType::Boolean,
                DataType::Int64,
                DataType::Float64,
                DataType::String,
                utc,
                DataType::Float64
            ]
        );
        let names: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
        assert_eq!(names, ["yes", "count", "x", "x_2", "at", "empty"]);
        let value = |at: usize, row: usize| frame.columns()[at].get(row).expect("a value");
        assert_eq!(value(1, 0), AnyValue::Int64(i64::MAX));
        assert_eq!(value(2, 0), AnyValue::Float64(0.1));
        assert_eq!(value(3, 0).get_str(), Some("ä,\"b\""));
        assert!(matches!(value(4, 0), AnyValue::Datetime(1_700_000_000_000_001, ..)));
        assert!((0..6).all(|at| value(at, 1).is_null()));
    }

    #[test]
    fn an_answer_without_rows_keeps_its_schema_and_one_without_kinds_takes_that_of_its_cells() {
        let empty = read_back(&answer(vec![]));
        assert_eq!(empty.height(), 0);
        assert_eq!(types(&empty)[5], DataType::Float64);
        let untyped = Table {
            columns: vec!["mixed".into(), "long".into(), "nothing".into()],
            rows: vec![
                vec![Cell::Int(1), Cell::Int(1), Cell::Null],
                vec![Cell::Float(0.5), Cell::Text("18446744073709551616".into()), Cell::Null],
            ],
            ..Table::default()
        };
        let read = read_back(&untyped);
        assert_eq!(types(&read), [DataType::Float64, DataType::String, DataType::String]);
    }
}

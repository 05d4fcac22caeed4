//! Answers as one Parquet file: typed columns, full precision, undefined values null.
//!
//! Whole numbers are Int64, real ones Float64, text is String, moments are UTC timestamps in
//! microseconds. The type of a column is the one its statement declares, so an answer without rows
//! has the same schema as one with rows; an answer that was not made by a statement takes its types
//! from its cells. Equal answers give equal bytes.

use std::{cell::Cell as Slot, io};

use polars::prelude::{
    Column, DataFrame, Int64Chunked, IntoColumn, IntoSeries, NamedFrom, ParquetWriter,
    PolarsResult, TimeUnit, TimeZone,
};

use super::column_names::distinct;
use crate::store::{Cell, CellKind, Rows};

/// Version of the Polars that writes the files.
pub const POLARS_VERSION: &str = polars::VERSION;

/// A row group ends after so many rows, or cells and bytes of text, whichever is first: it is held
/// while it is written.
const GROUP_ROWS: usize = 65_536;
const GROUP_BYTES: usize = 8 << 20;

/// Writes `answer` as a Parquet file, a row group at a time.
pub(super) fn write(answer: &dyn Rows, out: &mut dyn io::Write) -> io::Result<()> {
    let refused = Slot::new(None);
    let told = Told { out, refused: &refused };
    let written = encode(answer, told);
    match refused.take() {
        Some(error) => Err(error),
        None => written.map_err(io::Error::other),
    }
}

/// An output whose refusal is kept: Polars would hide whether it was closed by a reader who had
/// enough, which is no error.
struct Told<'a> {
    out: &'a mut dyn io::Write,
    refused: &'a Slot<Option<io::Error>>,
}

impl Told<'_> {
    fn kept<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.refused.set(Some(error));
            kind.into()
        })
    }
}

impl io::Write for Told<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.kept(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.kept(flushed)
    }
}

fn encode(answer: &dyn Rows, out: Told<'_>) -> PolarsResult<()> {
    let mut group = Group::of(answer);
    let schema = group.frame()?.schema().clone();
    let mut writer = ParquetWriter::new(out).set_parallel(false).batched(&schema)?;
    let mut groups = 0;
    answer.each(&mut |row| {
        group.push(row);
        if group.is_full() {
            writer
                .write_batch(&group.frame().map_err(io::Error::other)?)
                .map_err(io::Error::other)?;
            group.clear();
            groups += 1;
        }
        Ok(())
    })?;
    if groups == 0 || group.rows > 0 {
        writer.write_batch(&group.frame()?)?;
    }
    writer.finish()?;
    Ok(())
}

/// Rows that become a row group.
struct Group {
    names: Vec<String>,
    kinds: Vec<CellKind>,
    /// A column each.
    cells: Vec<Vec<Cell>>,
    rows: usize,
    bytes: usize,
}

impl Group {
    fn of(answer: &dyn Rows) -> Self {
        let names = distinct(answer.columns());
        let cells = names.iter().map(|_| Vec::new()).collect();
        Self { names, kinds: answer.kinds(), cells, rows: 0, bytes: 0 }
    }

    fn push(&mut self, row: &[Cell]) {
        self.rows += 1;
        for (column, cell) in self.cells.iter_mut().zip(row) {
            let text = if let Cell::Text(text) = cell { text.len() } else { 0 };
            self.bytes += size_of::<Cell>() + text;
            column.push(cell.clone());
        }
    }

    fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES
    }

    fn clear(&mut self) {
        self.cells.iter_mut().for_each(Vec::clear);
        (self.rows, self.bytes) = (0, 0);
    }

    fn frame(&self) -> PolarsResult<DataFrame> {
        let columns = self.names.iter().zip(&self.kinds).zip(&self.cells);
        let columns = columns.map(|((name, &kind), cells)| column(name, kind, cells)).collect();
        DataFrame::new(self.rows, columns)
    }
}

fn column(name: &str, kind: CellKind, cells: &[Cell]) -> Column {
    let cells = cells.iter();
    match kind {
        CellKind::Bool => Column::new(name.into(), cells.map(truth).collect::<Vec<_>>()),
        CellKind::Int => Column::new(name.into(), cells.map(whole).collect::<Vec<_>>()),
        CellKind::Float => Column::new(name.into(), cells.map(real).collect::<Vec<_>>()),
        CellKind::Text => Column::new(name.into(), cells.map(text).collect::<Vec<_>>()),
        CellKind::Time => Int64Chunked::new(name.into(), cells.map(whole).collect::<Vec<_>>())
            .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
            .into_series()
            .into_column(),
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

    use super::{GROUP_ROWS, write};
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

    /// An output whose reader is gone.
    struct Closed;

    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
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
    fn row_groups_follow_one_another_and_an_output_that_closes_is_told_apart() {
        let count = i64::try_from(GROUP_ROWS).expect("small") + 7;
        let rows = (0..count).map(|at| vec![Cell::Int(at)]).collect();
        let long = Table { columns: vec!["n".into()], rows, ..Table::default() };
        let read = read_back(&long);
        assert_eq!(read.height(), GROUP_ROWS + 7);
        let value = read.columns()[0].get(GROUP_ROWS + 6).expect("a value");
        assert_eq!(value, AnyValue::Int64(count - 1));
        let error = write(&long, &mut Closed).expect_err("closed");
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
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

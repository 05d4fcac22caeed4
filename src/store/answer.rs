//! Answers: a statement's rows, as a [`Table`] or as an [`Answer`] that may be larger than memory.
//!
//! Rows are streamed and turned into cells batch by batch. Types that have no cell of their own
//! (lists, intervals, dates, decimals with a fraction) become text; NaN becomes NULL.

use duckdb::{
    Connection,
    arrow::{
        array::{Array, ArrayRef, AsArray},
        datatypes::{
            DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
            Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
            TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
            UInt64Type,
        },
        util::display::array_value_to_string,
    },
    params_from_iter,
    types::Value,
};

use super::{Answer, Cell, CellKind, Table, failure::Doing};
use crate::error::{Error, ErrorKind, Result};

/// Most rows an answer to a question of the user's may have: one of ours has as many as are stored.
pub(super) const MAX_ROWS: usize = 1_000_000;

/// The name under which a statement's parameters are known, in the order they are bound.
pub(super) type Binding<'a> = dyn Fn(&str) -> Option<Value> + 'a;

/// Where the rows of a statement go.
pub(super) trait Sink {
    /// Told once, before any row.
    fn begin(&mut self, columns: Vec<String>, kinds: Vec<CellKind>);
    /// The next row.
    fn row(&mut self, row: Vec<Cell>) -> Result<()>;
}

/// A question: its text, with the values of its parameters.
pub(super) struct Question<'a> {
    pub(super) sql: &'a str,
    pub(super) binding: &'a Binding<'a>,
    pub(super) doing: Doing,
    /// Most rows it may have.
    pub(super) most_rows: usize,
}

/// A table whose rows may take so many bytes.
pub(super) struct Bounded {
    pub(super) table: Table,
    left: u64,
    limit: u64,
}

impl Bounded {
    pub(super) fn new(limit: u64) -> Self {
        Self { table: Table::default(), left: limit, limit }
    }
}

impl Sink for Bounded {
    fn begin(&mut self, columns: Vec<String>, kinds: Vec<CellKind>) {
        self.table = Table { columns, kinds, rows: Vec::new() };
    }

    fn row(&mut self, row: Vec<Cell>) -> Result<()> {
        let left = self.left.checked_sub(row_bytes(&row));
        self.left = left.ok_or_else(|| too_large(self.limit))?;
        self.table.rows.push(row);
        Ok(())
    }
}

impl Sink for Answer {
    /// A question that is asked in pieces has the columns of the first.
    fn begin(&mut self, columns: Vec<String>, kinds: Vec<CellKind>) {
        if self.is_empty() {
            self.describe(columns, kinds);
        }
    }

    fn row(&mut self, row: Vec<Cell>) -> Result<()> {
        self.push(&row)
    }
}

/// Runs a question; its rows go to `sink`.
pub(super) fn answer(
    connection: &Connection,
    question: &Question<'_>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let Question { sql, binding, doing, most_rows } = *question;
    let mut statement = connection.prepare(sql).map_err(|e| doing.failed(&e))?;
    let mut values = Vec::new();
    for at in 1..=statement.parameter_count() {
        let name = statement.parameter_name(at).map_err(|e| doing.failed(&e))?;
        let value = binding(&name)
            .ok_or_else(|| Error::usage(format!("the statement has a parameter '{name}'")))?;
        values.push(value);
    }
    let stream = statement.stream_arrow(params_from_iter(values)).map_err(|e| doing.failed(&e))?;
    let schema = stream.get_schema();
    sink.begin(
        schema.fields().iter().map(|field| field.name().clone()).collect(),
        schema.fields().iter().map(|field| kind(field.data_type())).collect(),
    );
    let mut rows = 0;
    for batch in stream {
        let batch = batch.map_err(|e| doing.failed(&e))?;
        rows += batch.num_rows();
        if rows > most_rows {
            return Err(Error::usage(format!("the answer has more than {most_rows} rows"))
                .with_hint("add a LIMIT, or ask for less"));
        }
        for at in 0..batch.num_rows() {
            let row = batch.columns().iter().map(|column| cell(column, at));
            sink.row(row.collect::<Result<_>>()?)?;
        }
    }
    Ok(())
}

/// Bytes that a row takes in a table.
pub(super) fn row_bytes(row: &[Cell]) -> u64 {
    let texts = row.iter().map(|cell| match cell {
        Cell::Text(text) => text.capacity(),
        _ => 0,
    });
    (size_of::<Vec<Cell>>() + size_of_val(row) + texts.sum::<usize>()) as u64
}

fn too_large(limit_bytes: u64) -> Error {
    let share = limit_bytes as f64 / 1e6;
    let line = format!("the answer is larger than {share:.0} MB, its share of the memory budget");
    Error::new(ErrorKind::Budget, line).with_hint("add a LIMIT, or raise --memory-budget")
}

/// What [`cell`] makes of a column of this type.
fn kind(declared: &DataType) -> CellKind {
    match declared {
        DataType::Boolean => CellKind::Bool,
        DataType::Float32 | DataType::Float64 => CellKind::Float,
        DataType::Timestamp(..) => CellKind::Time,
        whole if whole.is_integer() => CellKind::Int,
        DataType::Decimal128(_, 0) => CellKind::Int,
        _ => CellKind::Text,
    }
}

fn cell(column: &ArrayRef, at: usize) -> Result<Cell> {
    if column.is_null(at) {
        return Ok(Cell::Null);
    }
    Ok(match column.data_type() {
        DataType::Null => Cell::Null,
        DataType::Boolean => Cell::Bool(column.as_boolean().value(at)),
        DataType::Int8 => Cell::Int(column.as_primitive::<Int8Type>().value(at).into()),
        DataType::Int16 => Cell::Int(column.as_primitive::<Int16Type>().value(at).into()),
        DataType::Int32 => Cell::Int(column.as_primitive::<Int32Type>().value(at).into()),
        DataType::Int64 => Cell::Int(column.as_primitive::<Int64Type>().value(at)),
        DataType::UInt8 => Cell::Int(column.as_primitive::<UInt8Type>().value(at).into()),
        DataType::UInt16 => Cell::Int(column.as_primitive::<UInt16Type>().value(at).into()),
        DataType::UInt32 => Cell::Int(column.as_primitive::<UInt32Type>().value(at).into()),
        DataType::UInt64 => whole(column.as_primitive::<UInt64Type>().value(at)),
        DataType::Decimal128(_, 0) => whole(column.as_primitive::<Decimal128Type>().value(at)),
        DataType::Float32 => real(column.as_primitive::<Float32Type>().value(at).into()),
        DataType::Float64 => real(column.as_primitive::<Float64Type>().value(at)),
        DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(at).to_owned()),
        DataType::Timestamp(unit, _) => Cell::Time(micros(column, *unit, at)),
        _ => Cell::Text(
            array_value_to_string(column, at)
                .map_err(|e| Error::store(format!("a value cannot be shown: {e}")))?,
        ),
    })
}

/// A whole number, as text where it is longer than 64 bits.
fn whole<T: TryInto<i64> + ToString + Copy>(value: T) -> Cell {
    value.try_into().map_or_else(|_| Cell::Text(value.to_string()), Cell::Int)
}

fn real(value: f64) -> Cell {
    if value.is_nan() { Cell::Null } else { Cell::Float(value) }
}

fn micros(column: &ArrayRef, unit: TimeUnit, at: usize) -> i64 {
    match unit {
        TimeUnit::Second => {
            column.as_primitive::<TimestampSecondType>().value(at).saturating_mul(1_000_000)
        }
        TimeUnit::Millisecond => {
            column.as_primitive::<TimestampMillisecondType>().value(at).saturating_mul(1_000)
        }
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().value(at),
        TimeUnit::Nanosecond => {
            column.as_primitive::<TimestampNanosecondType>().value(at).div_euclid(1_000)
        }
    }
}

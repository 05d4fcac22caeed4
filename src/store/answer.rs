//! Answers: a statement's rows as a [`Table`].
//!
//! Rows are streamed and turned into cells column by column. Types that have no cell of their own
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

use super::{Cell, CellKind, Table, failure::Doing};
use crate::error::{Error, ErrorKind, Result};

/// Most rows an answer may have.
pub(super) const MAX_ROWS: usize = 1_000_000;

/// The name under which a statement's parameters are known, in the order they are bound.
pub(super) type Binding<'a> = dyn Fn(&str) -> Option<Value> + 'a;

/// Runs `sql` with its named parameters bound by `binding`; its rows may take `limit_bytes`.
pub(super) fn answer(
    connection: &Connection,
    sql: &str,
    binding: &Binding<'_>,
    doing: Doing,
    limit_bytes: u64,
) -> Result<Table> {
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
    let mut table = Table {
        columns: schema.fields().iter().map(|field| field.name().clone()).collect(),
        kinds: schema.fields().iter().map(|field| kind(field.data_type())).collect(),
        rows: Vec::new(),
    };
    let mut bytes = 0;
    for batch in stream {
        let batch = batch.map_err(|e| doing.failed(&e))?;
        if table.rows.len() + batch.num_rows() > MAX_ROWS {
            return Err(Error::usage(format!("the answer has more than {MAX_ROWS} rows"))
                .with_hint("add a LIMIT, or ask for less"));
        }
        let known = table.rows.len();
        extend(&mut table, batch.columns(), batch.num_rows())?;
        bytes += table.rows[known..].iter().map(|row| row_bytes(row)).sum::<u64>();
        if bytes > limit_bytes {
            return Err(too_large(limit_bytes));
        }
    }
    Ok(table)
}

/// Bytes that a row takes.
fn row_bytes(row: &[Cell]) -> u64 {
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

fn extend(table: &mut Table, columns: &[ArrayRef], rows: usize) -> Result<()> {
    let start = table.rows.len();
    table.rows.extend((0..rows).map(|_| Vec::with_capacity(columns.len())));
    for column in columns {
        for (at, row) in table.rows[start..].iter_mut().enumerate() {
            row.push(cell(column, at)?);
        }
    }
    Ok(())
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

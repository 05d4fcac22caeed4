//! Columns of a Parquet file in the types of a bar.
//!
//! Moments come as date-times of any unit, dates, text or whole numbers; prices and volumes as
//! numbers of any width; symbols as text. Anything else is refused with the column's name.

use jiff::tz::TimeZone;
use polars::prelude::{Column, DataFrame, DataType, Float64Chunked, StringChunked, TimeUnit};

use super::{
    SourceColumn,
    intake::Row,
    moment::{self, Moment},
    parquet_source::{damaged, guarded},
    raw_bars::{Fault, RejectReason},
    row_rules,
};
use crate::{
    domain::{Bar, Timestamp},
    error::{Error, Result},
};

/// The columns of one row group, each in the type of a bar.
pub(super) struct TypedColumns {
    moments: Vec<Result<Moment, RejectReason>>,
    symbols: Option<StringChunked>,
    open: Option<Float64Chunked>,
    high: Option<Float64Chunked>,
    low: Option<Float64Chunked>,
    close: Option<Float64Chunked>,
    volume: Option<Float64Chunked>,
}

impl TypedColumns {
    /// The columns of `frame`, found by `name_of`; times without a zone are local to `zone`.
    ///
    /// # Errors
    /// Data, if a column is of a type that bars cannot have, or damaged.
    pub(super) fn of<'a>(
        frame: &DataFrame,
        name_of: impl Fn(SourceColumn) -> Option<&'a str>,
        zone: &TimeZone,
        file: &str,
    ) -> Result<Self> {
        let column = |of| {
            let Some(name) = name_of(of) else { return Ok(None) };
            let column = guarded(file, || frame.column(name).cloned())?;
            // The decoder takes the height of a damaged frame on trust.
            if column.as_materialized_series().chunk_lengths().sum::<usize>() != frame.height() {
                return Err(damaged(file, &format!("column '{name}' lacks rows")));
            }
            Ok(Some(column))
        };
        let numbers = |of| match column(of)? {
            Some(column) => numbers(of, &column, file).map(Some),
            None => Ok(None),
        };
        let moments = match column(SourceColumn::Ts)? {
            Some(column) => moments(&column, zone, file)?,
            None => Vec::new(),
        };
        let symbols = match column(SourceColumn::Symbol)? {
            Some(column) => Some(symbols(&column, file)?),
            None => None,
        };
        Ok(Self {
            moments,
            symbols,
            open: numbers(SourceColumn::Open)?,
            high: numbers(SourceColumn::High)?,
            low: numbers(SourceColumn::Low)?,
            close: numbers(SourceColumn::Close)?,
            volume: numbers(SourceColumn::Volume)?,
        })
    }

    /// The row at `at`, below the height of the frame.
    pub(super) fn row<'a>(&'a self, at: usize, only_symbol: &'a str) -> Result<Row<'a>, Fault> {
        let moment = self.moments.get(at).copied().unwrap_or(Err(RejectReason::Missing));
        let moment = moment.map_err(|reason| Fault::at(SourceColumn::Ts, reason))?;
        let symbol = match &self.symbols {
            Some(symbols) => symbols.get(at).unwrap_or_default(),
            None => only_symbol,
        };
        let is_null = |values: &Option<Float64Chunked>| {
            values.as_ref().is_none_or(|values| values.get(at).is_none())
        };
        let is_close_alone = [&self.open, &self.high, &self.low].into_iter().all(is_null);
        let number = |of, values: &Option<Float64Chunked>| match values {
            Some(_) if is_close_alone && row_rules::BESIDE_CLOSE.contains(&of) => Ok(f64::NAN),
            // Zero is added so that -0.0 and 0.0 are one volume.
            Some(values) => row_rules::given(of, values.get(at).unwrap_or(f64::NAN) + 0.0),
            None => Ok(f64::NAN),
        };
        let bar = Bar {
            ts: Timestamp(moment.micros),
            open: number(SourceColumn::Open, &self.open)?,
            high: number(SourceColumn::High, &self.high)?,
            low: number(SourceColumn::Low, &self.low)?,
            close: number(SourceColumn::Close, &self.close)?,
            volume: number(SourceColumn::Volume, &self.volume)?,
        };
        let symbol = row_rules::symbol(symbol)?;
        Ok(Row { symbol, bar, without_zone: moment.without_zone })
    }

    /// The row written out for the person who looks for it: moment, symbol, prices, volume.
    pub(super) fn raw(&self, at: usize) -> String {
        let ts = match self.moments.get(at) {
            Some(Ok(moment)) => Timestamp(moment.micros).to_string(),
            _ => "?".to_owned(),
        };
        let mut parts = vec![ts];
        parts.extend(self.symbols.as_ref().map(|all| all.get(at).unwrap_or("null").to_owned()));
        for values in [&self.open, &self.high, &self.low, &self.close, &self.volume] {
            let shown = |values: &Float64Chunked| {
                values.get(at).map_or_else(|| "null".to_owned(), |value| value.to_string())
            };
            parts.extend(values.as_ref().map(shown));
        }
        parts.join(",")
    }
}

fn numbers(of: SourceColumn, column: &Column, file: &str) -> Result<Float64Chunked> {
    if !column.dtype().is_primitive_numeric() {
        return Err(wrong_type(of, column, "numbers", file));
    }
    guarded(file, || column.cast(&DataType::Float64)?.f64().cloned())
}

fn symbols(column: &Column, file: &str) -> Result<StringChunked> {
    if !matches!(column.dtype(), DataType::String | DataType::Categorical(..)) {
        return Err(wrong_type(SourceColumn::Symbol, column, "text", file));
    }
    guarded(file, || column.cast(&DataType::String)?.str().cloned())
}

type Moments = Vec<Result<Moment, RejectReason>>;

/// Moments in UTC; a null is a missing value. Times without a zone are local to `zone`.
fn moments(column: &Column, zone: &TimeZone, file: &str) -> Result<Moments> {
    let missing = Err(RejectReason::Missing);
    guarded(file, || {
        Ok(Some(match column.dtype() {
            DataType::Datetime(unit, tz) => {
                let (unit, local) = (*unit, tz.is_none());
                let read = |count| match (in_micros(count, unit), local) {
                    (None, _) => Err(RejectReason::YearOutOfRange),
                    (Some(micros), false) => Moment::at(micros, false),
                    (Some(micros), true) => from_local_micros(micros, zone),
                };
                column.datetime()?.physical().iter().map(|at| at.map_or(missing, read)).collect()
            }
            DataType::Date => {
                let read = |day: i32| from_local_micros(i64::from(day) * 86_400_000_000, zone);
                column.date()?.physical().iter().map(|at| at.map_or(missing, read)).collect()
            }
            DataType::String => {
                let read = |text: &str| moment::read(text.trim(), zone);
                column.str()?.iter().map(|at| at.map_or(missing, read)).collect()
            }
            dtype if dtype.is_integer() => {
                let counts = column.cast(&DataType::Int64)?;
                let read = |count| moment::from_whole(count, zone);
                counts.i64()?.iter().map(|at| at.map_or(missing, read)).collect()
            }
            _ => return Ok(None),
        }))
    })?
    .ok_or_else(|| {
        wrong_type(SourceColumn::Ts, column, "moments, dates, text or whole numbers", file)
    })
}

fn in_micros(count: i64, unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Nanoseconds => Some(count.div_euclid(1_000)),
        TimeUnit::Microseconds => Some(count),
        TimeUnit::Milliseconds => count.checked_mul(1_000),
    }
}

/// A local time given as microseconds since a local epoch.
fn from_local_micros(micros: i64, zone: &TimeZone) -> Result<Moment, RejectReason> {
    if *zone == TimeZone::UTC {
        return Moment::at(micros, true);
    }
    let utc = jiff::Timestamp::from_microsecond(micros);
    let utc = utc.map_err(|_| RejectReason::YearOutOfRange)?;
    moment::from_local(utc.to_zoned(TimeZone::UTC).datetime(), zone)
}

fn wrong_type(of: SourceColumn, column: &Column, wanted: &str, file: &str) -> Error {
    Error::data(format!(
        "{file}: column '{}' holds {}, not {wanted}",
        column.name(),
        column.dtype()
    ))
    .with_hint(format!("name another column with --columns {of}=NAME"))
}

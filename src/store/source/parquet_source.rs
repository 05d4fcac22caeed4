//! Parquet: only the columns of bars, one row group at a time.
//!
//! The footer is looked at before anything is decoded: a file that is cut short, that claims more
//! rows than it could hold or whose columns are of the wrong type is refused in one line. A panic
//! of the decoder is caught and told as damage.
//!
//! # What is not guarded
//! The decoder trusts the run lengths inside a page: a page body whose bits were flipped can ask
//! for more memory than there is, which ends the process before anything was stored.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use jiff::{civil::DateTime, tz::TimeZone};
use polars::prelude::{
    Column, DataFrame, DataType, Float64Chunked, ParallelStrategy, ParquetReader, PolarsResult,
    SerReader, TimeUnit,
};

use super::{
    SourceColumn, SourceOptions,
    column_map::ColumnMap,
    intake::{Intake, Row},
    moment::{self, Moment},
    raw_bars::{Fault, RejectReason},
    reading::only_symbol,
    row_rules,
};
use crate::{
    domain::{Bar, Timestamp},
    error::{Error, Result},
};

const MAGIC: &[u8; 4] = b"PAR1";
/// Largest footer accepted; a footer describes columns and row groups, not rows.
const MAX_FOOTER_BYTES: u64 = 64 << 20;
/// Most rows and bytes of one row group, which is decoded as a whole.
const MAX_GROUP_ROWS: usize = 64 << 20;
const MAX_GROUP_BYTES: usize = 2 << 30;

/// Reads `path` into `intake`; the columns found.
pub(super) fn read(
    path: &Path,
    options: &SourceOptions,
    intake: &mut Intake<'_>,
) -> Result<ColumnMap> {
    let file = intake.file();
    check_ends(path, file)?;
    let plan = Plan::of(path, options, file)?;
    let only_symbol = only_symbol(path, options);
    let mut first_row = 0;
    for &rows in &plan.group_rows {
        let frame = guarded(file, || plan.group(path, first_row, rows))?;
        if frame.height() != rows {
            return Err(damaged(file, "a row group holds fewer rows than it says"));
        }
        let columns = Columns::of(&frame, &plan, options, file)?;
        for at in 0..rows {
            let row = columns.row(at, &only_symbol);
            intake.take((first_row + at + 1) as u64, row, || columns.raw(at).into_bytes())?;
        }
        first_row += rows;
    }
    Ok(plan.map)
}

/// Both ends of a Parquet file carry its mark, and the footer it announces lies between them.
fn check_ends(path: &Path, file: &str) -> Result<()> {
    let mut input = File::open(path).map_err(|e| Error::io("open", path, &e))?;
    let bytes = input.metadata().map_err(|e| Error::io("read", path, &e))?.len();
    let whole = "is not a whole Parquet file (was it cut short?)";
    if bytes < 12 {
        return Err(Error::data(format!("{file} {whole}")));
    }
    let mut tail = [0; 8];
    input
        .seek(SeekFrom::End(-8))
        .and_then(|_| input.read_exact(&mut tail))
        .map_err(|e| Error::io("read", path, &e))?;
    let [a, b, c, d, mark @ ..] = tail;
    let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
    if mark != *MAGIC || footer > bytes - 12 {
        return Err(Error::data(format!("{file} {whole}")));
    }
    if footer > MAX_FOOTER_BYTES {
        return Err(damaged(file, &format!("its footer claims {footer} bytes")));
    }
    Ok(())
}

/// What the footer says: where the columns stand, how many rows each row group has.
struct Plan {
    map: ColumnMap,
    names: Vec<String>,
    group_rows: Vec<usize>,
}

impl Plan {
    fn of(path: &Path, options: &SourceOptions, file: &str) -> Result<Self> {
        let (names, groups) = guarded(file, || {
            let mut reader = ParquetReader::new(File::open(path)?);
            let names: Vec<String> =
                reader.schema()?.iter_names().map(ToString::to_string).collect();
            let groups: Vec<(usize, usize)> = reader
                .get_metadata()?
                .row_groups
                .iter()
                .map(|group| (group.num_rows(), group.total_byte_size()))
                .collect();
            Ok((names, groups))
        })?;
        for &(rows, bytes) in &groups {
            if rows > MAX_GROUP_ROWS || bytes > MAX_GROUP_BYTES {
                return Err(Error::data(format!(
                    "{file} has a row group of {rows} rows and {bytes} bytes, at most \
                     {MAX_GROUP_ROWS} rows and {MAX_GROUP_BYTES} bytes are read at once"
                ))
                .with_hint("write it again with smaller row groups"));
            }
        }
        let map = ColumnMap::find(&names, &options.columns, file)?;
        let group_rows = groups.into_iter().map(|(rows, _)| rows).filter(|&rows| rows > 0);
        Ok(Self { map, group_rows: group_rows.collect(), names })
    }

    /// The columns of bars of one row group.
    fn group(&self, path: &Path, first_row: usize, rows: usize) -> PolarsResult<DataFrame> {
        let places = SourceColumn::ALL.into_iter().filter_map(|column| self.map.place(column));
        let wanted = places.map(|place| self.names[place].clone()).collect();
        ParquetReader::new(File::open(path)?)
            .with_columns(Some(wanted))
            .with_slice(Some((first_row, rows)))
            .read_parallel(ParallelStrategy::None)
            .finish()
    }

    fn name(&self, column: SourceColumn) -> Option<&str> {
        self.map.place(column).map(|place| self.names[place].as_str())
    }
}

/// Runs a decoder on bytes of strangers: its refusals and its panics are damage of the file.
fn guarded<T>(file: &str, decode: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(refusal)) => Err(damaged(file, &refusal.to_string())),
        Err(_) => Err(damaged(file, "the decoder gave up")),
    }
}

fn damaged(file: &str, what: &str) -> Error {
    let line = what.lines().next().unwrap_or_default();
    Error::data(format!("{file} cannot be read as Parquet: {line}"))
        .with_hint("it may be damaged; write it again from its source")
}

/// The columns of one row group, each in the type of a bar.
struct Columns {
    moments: Vec<Result<Moment, RejectReason>>,
    symbols: Option<polars::prelude::StringChunked>,
    open: Option<Float64Chunked>,
    high: Option<Float64Chunked>,
    low: Option<Float64Chunked>,
    close: Option<Float64Chunked>,
    volume: Option<Float64Chunked>,
}

impl Columns {
    fn of(frame: &DataFrame, plan: &Plan, options: &SourceOptions, file: &str) -> Result<Self> {
        let column = |of| {
            let Some(name) = plan.name(of) else { return Ok(None) };
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
            Some(column) => moments(&column, &options.zone, file)?,
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

    fn row<'a>(&'a self, at: usize, only_symbol: &'a str) -> Result<Row<'a>, Fault> {
        let moment = self.moments.get(at).copied().unwrap_or(Err(RejectReason::Missing));
        let moment = moment.map_err(|reason| Fault::at(SourceColumn::Ts, reason))?;
        let symbol = match &self.symbols {
            Some(symbols) => symbols.get(at).unwrap_or_default(),
            None => only_symbol,
        };
        let number = |of, values: &Option<Float64Chunked>| match values {
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
    fn raw(&self, at: usize) -> String {
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

fn symbols(column: &Column, file: &str) -> Result<polars::prelude::StringChunked> {
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
    let local: DateTime =
        utc.map_err(|_| RejectReason::YearOutOfRange)?.to_zoned(TimeZone::UTC).datetime();
    moment::from_local(local, zone)
}

fn wrong_type(of: SourceColumn, column: &Column, wanted: &str, file: &str) -> Error {
    Error::data(format!(
        "{file}: column '{}' holds {}, not {wanted}",
        column.name(),
        column.dtype()
    ))
    .with_hint(format!("name another column with --columns {of}=NAME"))
}

#[cfg(test)]
mod tests {
    use std::{fs, fs::File, path::Path};

    use polars::prelude::{DataFrame, DataType, ParquetWriter, TimeUnit, df};

    use crate::{
        error::Result,
        store::source::{
            Gathered, RejectReason, SourceColumn, SourceOptions, SourceReading, read_source,
        },
    };

    const MONDAY: i64 = 1_704_067_200_000_000;

    fn bars() -> DataFrame {
        df!(
            "Close" => [Some(1.5), Some(15.0), None, Some(-2.0), Some(f64::NAN), Some(1.25)],
            "extra" => ["x"; 6],
            "SYMBOL" => [Some("A"), Some("B"), Some("A"), Some("A"), Some("B"), Some("A")],
            "ts" => (0..6).map(|hour| MONDAY + hour * 3_600_000_000).collect::<Vec<_>>(),
        )
        .expect("columns of one length")
    }

    fn write(path: &Path, frame: &mut DataFrame) {
        let file = File::create(path).expect("a file");
        ParquetWriter::new(file).with_row_group_size(Some(4)).finish(frame).expect("written");
    }

    fn read(path: &Path) -> Result<(SourceReading, Gathered)> {
        let mut gathered = Gathered::default();
        let reading = read_source(path, &SourceOptions::default(), &mut gathered)?;
        Ok((reading, gathered))
    }

    #[test]
    fn rows_of_every_group_are_read_and_bad_ones_are_refused_by_row() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bars.parquet");
        write(&path, &mut bars());
        let (reading, gathered) = read(&path).expect("a file of bars");
        assert_eq!(reading.symbols, ["A", "B"]);
        assert_eq!(reading.columns, [SourceColumn::Ts, SourceColumn::Symbol, SourceColumn::Close]);
        let refused: Vec<_> =
            gathered.rejects().iter().map(|reject| (reject.line, reject.reason)).collect();
        let expected = [
            (3, RejectReason::Missing),
            (4, RejectReason::NotPositive),
            (5, RejectReason::Missing),
        ];
        assert_eq!(refused, expected);
        assert_eq!(gathered.rejects()[1].raw, "2024-01-01T03:00:00Z,A,-2");
        let counts = reading.accounting;
        assert_eq!((counts.read, counts.accepted, counts.rejected), (6, 3, 3));
        let settled = gathered.settle();
        assert_eq!(settled.symbols[0].bars.len(), 2);
        assert!(settled.symbols[0].bars[1].open.is_nan());
    }

    #[test]
    fn moments_of_every_type_are_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bars.parquet");
        let micros = bars();
        let ts = micros.column("ts").expect("ts");
        let in_unit = |unit| {
            ts.cast(&DataType::Datetime(TimeUnit::Microseconds, None))
                .and_then(|ts| ts.cast(&DataType::Datetime(unit, None)))
                .expect("times")
        };
        let expected = {
            write(&path, &mut micros.clone());
            format!("{:?}", read(&path).expect("whole numbers").1.settle().symbols)
        };
        let text = in_unit(TimeUnit::Microseconds).cast(&DataType::String).expect("text");
        for column in [in_unit(TimeUnit::Nanoseconds), in_unit(TimeUnit::Milliseconds), text] {
            let mut frame = micros.clone();
            let dtype = column.dtype().clone();
            frame.with_column(column).expect("a column");
            write(&path, &mut frame);
            let (_, gathered) = read(&path).expect("a file of bars");
            assert_eq!(format!("{:?}", gathered.settle().symbols), expected, "{dtype}");
        }
    }

    #[test]
    fn a_column_of_the_wrong_type_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bars.parquet");
        let mut frame = bars();
        let close = frame.column("extra").expect("text").clone().with_name("Close".into());
        frame.with_column(close).expect("a column");
        write(&path, &mut frame);
        let refusal = read(&path).expect_err("text prices").to_string();
        assert!(refusal.contains("'Close' holds str"), "{refusal}");
    }

    #[test]
    fn a_file_cut_anywhere_or_with_a_damaged_footer_ends_in_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bars.parquet");
        write(&path, &mut bars());
        let whole = fs::read(&path).expect("bytes");
        for keep in (1..whole.len()).step_by(7) {
            fs::write(&path, &whole[..keep]).expect("a file");
            assert!(read(&path).is_err(), "{keep} of {} bytes", whole.len());
        }
        let [.., a, b, c, d, _, _, _, _] = whole[..] else { unreachable!("a file of bars") };
        let footer = u32::from_le_bytes([a, b, c, d]) as usize + 8;
        for at in whole.len() - footer..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            fs::write(&path, &bytes).expect("a file");
            if let Err(refusal) = read(&path) {
                assert!(!refusal.to_string().contains('\n'), "{refusal}");
            }
        }
    }
}

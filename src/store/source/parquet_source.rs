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

use polars::prelude::{DataFrame, ParallelStrategy, ParquetReader, PolarsResult, SerReader};

use super::{
    Expected, Layout, SourceColumn, SourceOptions,
    column_map::ColumnMap,
    csv_source::Shape,
    intake::Intake,
    reading::{only_symbol, present},
    typed_columns::TypedColumns,
};
use crate::error::{Error, Result};

pub(super) const MAGIC: &[u8; 4] = b"PAR1";
/// Largest footer accepted; a footer describes columns and row groups, not rows.
const MAX_FOOTER_BYTES: u64 = 64 << 20;
/// Most rows and bytes of one row group, which is decoded as a whole.
const MAX_GROUP_ROWS: usize = 64 << 20;
const MAX_GROUP_BYTES: usize = 2 << 30;

/// Reads `path` into `intake`.
pub(super) fn read(path: &Path, options: &SourceOptions, intake: &mut Intake<'_>) -> Result<Shape> {
    let file = intake.file();
    check_ends(path, file)?;
    let plan = Plan::of(path, options, file)?;
    let layout = layout_of(&plan.names);
    let symbol = match plan.map.place(SourceColumn::Symbol) {
        Some(_) => None,
        None => Some(only_symbol(path, options, layout)?),
    };
    let only_symbol = symbol.as_deref().unwrap_or_default();
    let mut first_row = 0;
    for &rows in &plan.group_rows {
        let frame = guarded(file, || plan.group(path, first_row, rows))?;
        if frame.height() != rows {
            return Err(damaged(file, "a row group holds fewer rows than it says"));
        }
        let columns = TypedColumns::of(&frame, |of| plan.name(of), &options.zone, file)?;
        for at in 0..rows {
            let row = columns.row(at, only_symbol);
            intake.take((first_row + at + 1) as u64, row, || columns.raw(at).into_bytes())?;
        }
        first_row += rows;
    }
    Ok(Shape { layout, columns: present(&plan.map), only_symbol: symbol })
}

/// The layout of a file with a schema: freqtrade's has exactly its columns.
pub(super) fn layout_of(names: &[String]) -> Layout {
    if *names == ["date", "open", "high", "low", "close", "volume"] {
        Layout::Freqtrade
    } else {
        Layout::Barline
    }
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

/// What the footer at `path` says of its rows, and of its largest row group; `None` if it cannot be
/// read.
pub(super) fn expected(path: &Path) -> Option<Expected> {
    let file = path.display().to_string();
    check_ends(path, &file).ok()?;
    let groups: Vec<(u64, u64)> = guarded(&file, || {
        let mut reader = ParquetReader::new(File::open(path)?);
        let groups = reader.get_metadata()?.row_groups.iter();
        Ok(groups.map(|g| (g.num_rows() as u64, g.total_byte_size() as u64)).collect())
    })
    .ok()?;
    let rows = groups.iter().fold(0, |sum: u64, (rows, _)| sum.saturating_add(*rows));
    let largest = groups.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0);
    Some(Expected { rows, decoded_bytes: largest })
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
        let map = ColumnMap::find(&names, options, file)?;
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
pub(super) fn guarded<T>(file: &str, decode: impl FnOnce() -> PolarsResult<T>) -> Result<T> {
    guarded_as("Parquet", file, decode)
}

/// The same for a file of another `kind`.
pub(super) fn guarded_as<T>(
    kind: &str,
    file: &str,
    decode: impl FnOnce() -> PolarsResult<T>,
) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(refusal)) => Err(damaged_as(kind, file, &refusal.to_string())),
        Err(_) => Err(damaged_as(kind, file, "the decoder gave up")),
    }
}

/// A file whose bytes make no sense, in one line.
pub(super) fn damaged(file: &str, what: &str) -> Error {
    damaged_as("Parquet", file, what)
}

fn damaged_as(kind: &str, file: &str, what: &str) -> Error {
    let line = what.lines().next().unwrap_or_default();
    Error::data(format!("{file} cannot be read as {kind}: {line}"))
        .with_hint("it may be damaged; write it again from its source")
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

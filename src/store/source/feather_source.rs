//! Feather: a file of Arrow's IPC, decoded as a whole, only the columns of bars.
//!
//! Panics of the decoder are caught and told as damage, as with Parquet.

use std::{fs, fs::File, path::Path};

use polars::prelude::{DataFrame, IpcReader, PolarsResult, SerReader};

use super::{
    Expected, SourceColumn, SourceOptions,
    column_map::ColumnMap,
    csv_source::Shape,
    intake::Intake,
    parquet_source::{guarded_as, layout_of},
    reading::{only_symbol, present},
    typed_columns::TypedColumns,
};
use crate::error::{Error, Result};

/// Largest file, which is decoded as a whole.
const MAX_BYTES: u64 = 2 << 30;
/// Fewest bytes that a bar takes in a file, packed.
const LEAST_ROW_BYTES: u64 = 16;

/// Reads `path` into `intake`.
pub(super) fn read(path: &Path, options: &SourceOptions, intake: &mut Intake<'_>) -> Result<Shape> {
    let file = intake.file();
    let bytes = fs::metadata(path).map_err(|e| Error::io("read", path, &e))?.len();
    if bytes > MAX_BYTES {
        let what = format!("{file} has {bytes} bytes; Feather of at most {MAX_BYTES} is read");
        return Err(Error::data(what).with_hint("write it as Parquet, which is read in groups"));
    }
    let names = guarded_as("Feather", file, || {
        let mut reader = IpcReader::new(File::open(path)?);
        Ok(reader.schema()?.iter_names().map(ToString::to_string).collect::<Vec<String>>())
    })?;
    let map = ColumnMap::find(&names, options, file)?;
    let layout = layout_of(&names);
    let symbol = match map.place(SourceColumn::Symbol) {
        Some(_) => None,
        None => Some(only_symbol(path, options, layout)?),
    };
    let wanted = SourceColumn::ALL.into_iter().filter_map(|column| map.place(column));
    let wanted: Vec<String> = wanted.map(|place| names[place].clone()).collect();
    let frame = guarded_as("Feather", file, || decoded(path, wanted))?;
    let name_of = |column| map.place(column).map(|place| names[place].as_str());
    let columns = TypedColumns::of(&frame, name_of, &options.zone, file)?;
    let only = symbol.as_deref().unwrap_or_default();
    for at in 0..frame.height() {
        intake.take(at as u64 + 1, columns.row(at, only), || columns.raw(at).into_bytes())?;
    }
    Ok(Shape { layout, columns: present(&map), only_symbol: symbol })
}

fn decoded(path: &Path, wanted: Vec<String>) -> PolarsResult<DataFrame> {
    IpcReader::new(File::open(path)?).with_columns(Some(wanted)).finish()
}

/// What a file of so many bytes can hold.
pub(super) fn expected(bytes: u64) -> Expected {
    Expected { rows: bytes / LEAST_ROW_BYTES, decoded_bytes: bytes.saturating_mul(4) }
}

#[cfg(test)]
mod tests {
    use std::{fs, fs::File, path::Path};

    use polars::prelude::{
        DataFrame, DataType, IpcCompression, IpcWriter, SerWriter, TimeUnit, df,
    };

    use crate::{
        error::Result,
        store::source::{Gathered, Layout, SourceOptions, SourceReading, read_source},
    };

    const MONDAY: i64 = 1_704_067_200_000;

    fn candles() -> DataFrame {
        let mut frame = df!(
            "date" => (0..4).map(|hour| MONDAY + hour * 3_600_000).collect::<Vec<i64>>(),
            "open" => [1.0, 2.0, 3.0, 4.0],
            "high" => [2.0, 3.0, 4.0, 5.0],
            "low" => [0.5, 1.5, 2.5, 3.5],
            "close" => [1.5, 2.5, 3.5, 4.5],
            "volume" => [10.0, 0.0, 1.0, 2.0],
        )
        .expect("columns of one length");
        let utc = polars::prelude::TimeZone::UTC;
        let date = frame.column("date").expect("date");
        let date = date.cast(&DataType::Datetime(TimeUnit::Milliseconds, Some(utc)));
        frame.with_column(date.expect("moments")).expect("a column");
        frame
    }

    fn write(path: &Path) {
        let file = File::create(path).expect("a file");
        let mut writer = IpcWriter::new(file).with_compression(Some(IpcCompression::LZ4));
        writer.finish(&mut candles()).expect("written");
    }

    fn read(path: &Path) -> Result<(SourceReading, Gathered)> {
        let mut gathered = Gathered::default();
        let reading = read_source(path, &SourceOptions::default(), &mut gathered)?;
        Ok((reading, gathered))
    }

    #[test]
    fn candles_of_freqtrade_are_read_and_named_for_their_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("BTC_USDT-1h.feather");
        write(&path);
        let (reading, gathered) = read(&path).expect("candles");
        assert_eq!((reading.layout, reading.symbols.len()), (Layout::Freqtrade, 1));
        assert_eq!(reading.symbols, ["BTC_USDT"]);
        let bars = &gathered.settle().symbols[0].bars;
        assert_eq!((bars.len(), bars[3].ts.micros()), (4, (MONDAY + 3 * 3_600_000) * 1_000));
    }

    #[test]
    fn a_file_cut_anywhere_ends_in_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.feather");
        write(&path);
        let whole = fs::read(&path).expect("bytes");
        for keep in (8..whole.len() - 8).step_by(97) {
            fs::write(&path, &whole[..keep]).expect("a file");
            let error = read(&path).expect_err("cut").to_string();
            assert!(!error.contains('\n'), "{error}");
        }
    }
}

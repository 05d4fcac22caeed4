//! Opening a file of bars: what it is, what is read from it, what became of its rows.

use std::{
    fmt,
    fs::{self, File, Metadata},
    io::Read,
    path::Path,
};

use jiff::tz::TimeZone;

use super::{
    Accounting, BarSink, SourceColumn, column_map::ColumnMap, csv_source, intake::Intake,
    parquet_source,
};
use crate::{
    domain::EventKind,
    error::{Error, Result},
};

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowKind {
    /// Bars.
    #[default]
    Bars,
    /// Events of one kind, whose value takes the place of the close.
    Events(EventKind),
    /// Target weights, which take the place of the close.
    Weights,
}

/// How a file is to be read, where it does not say so itself.
#[derive(Debug, Clone)]
pub struct SourceOptions {
    /// Header names that stand for a column, where the header uses no name of the house.
    pub columns: Vec<(SourceColumn, String)>,
    /// The zone of moments without an offset.
    pub zone: TimeZone,
    /// The symbol of a file without a symbol column; the file's name without its ending when
    /// `None`.
    pub symbol: Option<String>,
    /// What the rows are.
    pub rows: RowKind,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self { columns: Vec::new(), zone: TimeZone::UTC, symbol: None, rows: RowKind::Bars }
    }
}

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFormat {
    /// Text with a delimiter.
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl SourceFormat {
    /// The name in lower case, as in `--format`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Parquet => "Parquet",
        })
    }
}

/// What was read from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReading {
    /// The kind of the file.
    pub format: SourceFormat,
    /// The columns found, in the order of the house.
    pub columns: Vec<SourceColumn>,
    /// Symbols in order of first appearance.
    pub symbols: Vec<String>,
    /// What became of the rows.
    pub accounting: Accounting,
}

impl SourceReading {
    /// True if the file gives closes without opens: fills can only be at the close.
    pub fn is_close_only(&self) -> bool {
        !self.columns.contains(&SourceColumn::Open)
    }

    /// True if the symbol was taken from the options or the file's name.
    pub fn is_of_one_symbol(&self) -> bool {
        !self.columns.contains(&SourceColumn::Symbol)
    }
}

/// Reads the bars of `path` into `sink`. What the file is, its first bytes decide, not its name.
///
/// # Errors
/// Io, if it cannot be read; Data, if it is not a regular file, is empty, is neither CSV nor
/// Parquet, is damaged, lacks a column, or changes while it is read; whatever the sink reports. A
/// bad row is not an error but a [`super::Reject`]: how many are too many, the sink decides.
pub fn read_source(
    path: &Path,
    options: &SourceOptions,
    sink: &mut dyn BarSink,
) -> Result<SourceReading> {
    let shown = path.display().to_string();
    let before = require_file(path)?;
    let mut intake = Intake::new(&shown, options.rows, sink);
    let format = format_of(path, &shown)?;
    let map = match format {
        SourceFormat::Csv => csv_source::read(path, options, &mut intake)?,
        SourceFormat::Parquet => parquet_source::read(path, options, &mut intake)?,
    };
    let (symbols, accounting) = intake.finish()?;
    require_unchanged(path, &before)?;
    Ok(SourceReading { format, columns: present(&map), symbols, accounting })
}

/// What stands at `path`, if it is a regular file with something in it. Looks without opening: a
/// pipe that is opened waits for its writer.
pub(in crate::store) fn require_file(path: &Path) -> Result<Metadata> {
    let shown = path.display();
    let found = fs::metadata(path).map_err(|e| Error::io("read", path, &e))?;
    if !found.is_file() {
        let what = if found.is_dir() { "is a directory" } else { "is not a regular file" };
        return Err(
            Error::data(format!("{shown} {what}")).with_hint("name the files of bars themselves")
        );
    }
    if found.len() == 0 {
        return Err(Error::data(format!("{shown} is empty")));
    }
    Ok(found)
}

/// The symbol of a file that has no symbol column.
pub(in crate::store) fn only_symbol(path: &Path, options: &SourceOptions) -> String {
    let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    options.symbol.clone().or_else(stem).unwrap_or_default()
}

/// Refuses a file that is no longer as long or as old as it was `before`.
pub(in crate::store) fn require_unchanged(path: &Path, before: &Metadata) -> Result<()> {
    let after = fs::metadata(path).map_err(|e| Error::io("read", path, &e))?;
    if before.len() == after.len() && before.modified().ok() == after.modified().ok() {
        return Ok(());
    }
    Err(Error::data(format!("{} changed while it was read", path.display()))
        .with_hint("import it again when nothing writes to it"))
}

fn present(map: &ColumnMap) -> Vec<SourceColumn> {
    SourceColumn::ALL.into_iter().filter(|&column| map.place(column).is_some()).collect()
}

fn format_of(path: &Path, shown: &str) -> Result<SourceFormat> {
    let refuse =
        |what: &str, remedy: &str| Err(Error::data(format!("{shown} is {what}")).with_hint(remedy));
    let mut first = Vec::new();
    let mut file = File::open(path).map_err(|e| Error::io("open", path, &e))?;
    file.by_ref().take(8).read_to_end(&mut first).map_err(|e| Error::io("read", path, &e))?;
    match &first[..] {
        [b'P', b'A', b'R', b'1', ..] => Ok(SourceFormat::Parquet),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => refuse("UTF-16 text", "save it as UTF-8"),
        [0x1f, 0x8b, ..] => refuse("compressed (gzip)", "unpack it first"),
        [b'P', b'K', 3, 4, ..] => refuse("an archive (zip)", "unpack it first"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => refuse("compressed (zstd)", "unpack it first"),
        bytes if bytes.contains(&0) => {
            refuse("neither CSV nor Parquet", "give a CSV file with a header, or a Parquet file")
        }
        _ => Ok(SourceFormat::Csv),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{SourceOptions, read_source};
    use crate::store::source::Gathered;

    fn refusal(path: &Path) -> String {
        read_source(path, &SourceOptions::default(), &mut Gathered::default())
            .expect_err("not a file of bars")
            .to_string()
    }

    #[test]
    fn what_is_not_a_file_of_bars_is_refused_in_one_line() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes, says) in [
            ("empty.csv", &b""[..], "is empty"),
            ("utf16.csv", b"\xff\xfet\0s\0", "UTF-16"),
            ("bars.csv.gz", b"\x1f\x8b\x08\x00", "gzip"),
            ("bars.zip", b"PK\x03\x04....", "zip"),
            ("image.csv", b"\x00\x01\x02", "neither CSV nor Parquet"),
            ("cut.parquet", b"PAR1", "not a whole Parquet file"),
            ("garbage.parquet", b"PAR1 garbage of some length PAR1", "Parquet"),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).expect("a file");
            let line = refusal(&path);
            assert!(line.contains(says) && line.contains(name), "{line}");
            assert!(!line.contains('\n'), "{line}");
        }
        assert!(refusal(folder.path()).contains("is a directory"));
        assert!(refusal(&folder.path().join("none.csv")).contains("cannot read"));
    }

    #[test]
    fn the_name_of_a_file_is_taken_literally() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a[1].csv", "b*.csv", "q?.csv", "o'brien.csv", "-rf.csv"] {
            let path = folder.path().join(name);
            fs::write(&path, format!("ts,close\n2024-01-01,1.5\n# {name}\n")).expect("a file");
            let reading = read_source(&path, &SourceOptions::default(), &mut Gathered::default());
            let reading = reading.expect("a file of one bar");
            assert_eq!(reading.symbols, [name.trim_end_matches(".csv")]);
            assert!(reading.is_close_only() && reading.is_of_one_symbol());
        }
    }
}

//! Opening a file of bars: what it is, what is read from it, what became of its rows.

use std::{
    fmt,
    fs::{self, File, Metadata},
    io::Read,
    path::Path,
};

use jiff::tz::TimeZone;

use super::{
    Accounting, BarSink, Layout, SourceColumn,
    column_map::ColumnMap,
    csv_source::{self, Shape},
    feather_source,
    intake::Intake,
    json_source,
    layout::symbol_in,
    packed::{Packing, each_part, unreadable},
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
    /// The layout of the files; recognised by what they hold when `None`.
    pub layout: Option<Layout>,
    /// The zone of moments without an offset.
    pub zone: TimeZone,
    /// True if the zone was said. Layouts that leave it open are refused otherwise.
    pub zone_given: bool,
    /// The symbol of a file without a symbol column; the file's name without its ending when
    /// `None`.
    pub symbol: Option<String>,
    /// What the rows are.
    pub rows: RowKind,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            layout: None,
            zone: TimeZone::UTC,
            zone_given: false,
            symbol: None,
            rows: RowKind::Bars,
        }
    }
}

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFormat {
    /// Text with a delimiter.
    Csv,
    /// JSON.
    Json,
    /// Feather, which is a file of Arrow's IPC.
    Feather,
    /// Apache Parquet.
    Parquet,
}

impl SourceFormat {
    /// The name in lower case, as in `--format`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Feather => "feather",
            Self::Parquet => "parquet",
        }
    }
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Feather => "Feather",
            Self::Parquet => "Parquet",
        })
    }
}

/// What was read from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReading {
    /// The kind of the file.
    pub format: SourceFormat,
    /// How it is packed, where it is.
    pub packing: Option<&'static str>,
    /// How its columns are laid out.
    pub layout: Layout,
    /// The columns found, in the order of the house.
    pub columns: Vec<SourceColumn>,
    /// Symbols in order of first appearance.
    pub symbols: Vec<String>,
    /// The symbol, where it was said or taken from the name of the file.
    pub only_symbol: Option<String>,
    /// What became of the records.
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
/// Io, if it cannot be read; Data, if it is not a regular file, is empty, is of no kind that is read,
/// is damaged, lacks a column, breaks a limit, or changes while it is read; Usage, if it is not in the
/// layout that is said, or its layout leaves open what has to be said; whatever the sink reports. A
/// bad row is not an error but a [`super::Reject`]: how many are too many, the sink decides.
pub fn read_source(
    path: &Path,
    options: &SourceOptions,
    sink: &mut dyn BarSink,
) -> Result<SourceReading> {
    let shown = shown_name(path);
    let before = require_file(path)?;
    let mut intake = Intake::new(&shown, options.rows, sink);
    let (format, packing, shape) = match kind_of(path, &shown)? {
        Kind::Parquet => {
            require_columns_by_name(options, &shown)?;
            (
                SourceFormat::Parquet,
                Packing::Plain,
                parquet_source::read(path, options, &mut intake)?,
            )
        }
        Kind::Feather => {
            require_columns_by_name(options, &shown)?;
            (
                SourceFormat::Feather,
                Packing::Plain,
                feather_source::read(path, options, &mut intake)?,
            )
        }
        Kind::Text(packing) => {
            let (format, shape) = read_text(path, packing, options, &mut intake)?;
            (format, packing, shape)
        }
    };
    let (symbols, accounting) = intake.finish()?;
    require_unchanged(path, &before)?;
    let packing = (packing != Packing::Plain).then(|| packing.name());
    let Shape { layout, columns, only_symbol } = shape;
    Ok(SourceReading { format, packing, layout, columns, symbols, only_symbol, accounting })
}

/// Reads every text in a file; they must be of one layout.
fn read_text(
    path: &Path,
    packing: Packing,
    options: &SourceOptions,
    intake: &mut Intake<'_>,
) -> Result<(SourceFormat, Shape)> {
    let mut found: Option<(SourceFormat, Shape)> = None;
    each_part(path, packing, &mut |mut part| {
        intake.enter(part.member);
        let first = part.input.fill_buf().map_err(|e| unreadable(path, &e))?;
        let begins = first.iter().find(|byte| !byte.is_ascii_whitespace());
        let format = match begins {
            Some(b'[' | b'{') => SourceFormat::Json,
            _ if first.iter().take(8).any(|&byte| byte == 0) => {
                let what = format!("{} holds neither CSV nor JSON", intake.file());
                return Err(Error::data(what).with_hint("give CSV with a header, JSON, or Parquet"));
            }
            _ => SourceFormat::Csv,
        };
        let shape = match format {
            SourceFormat::Json => json_source::read(path, &mut part, options, intake)?,
            _ => csv_source::read(path, &mut part, options, intake)?,
        };
        match &mut found {
            None => found = Some((format, shape)),
            Some((_, one)) if one.layout == shape.layout && one.columns == shape.columns => {
                // Of several members each is named for its own symbol.
                one.only_symbol = None;
            }
            Some((_, one)) => {
                let (file, a, b) = (intake.file(), one.layout, shape.layout);
                let what = format!("{file} holds files of different layouts: {a}, then {b}");
                return Err(Error::data(what).with_hint("unpack it, and import them apart"));
            }
        }
        Ok(())
    })?;
    let file = intake.file();
    found.ok_or_else(|| Error::data(format!("{file} holds no file")))
}

/// Files with a schema say their columns by name.
fn require_columns_by_name(options: &SourceOptions, shown: &str) -> Result<()> {
    match options.layout {
        None | Some(Layout::Barline | Layout::Freqtrade) => Ok(()),
        Some(layout) => Err(Error::usage(format!(
            "{shown} has a schema: its columns are found by name, not by the layout {layout}"
        ))
        .with_hint("leave --layout out; --columns names columns that have other names")),
    }
}

/// The name of what stands on standard input, set down in a file of this name.
const STANDARD_INPUT: &str = "-";

/// A path as it is shown.
pub(in crate::store) fn shown_name(path: &Path) -> String {
    if path.file_name().is_some_and(|name| name == STANDARD_INPUT) {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
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

/// The symbol of a file that has no symbol column: the one that is said, else the one in its name.
///
/// # Errors
/// Usage, where none is said and there is no name.
pub(in crate::store) fn only_symbol(
    path: &Path,
    options: &SourceOptions,
    layout: Layout,
) -> Result<String> {
    if let Some(symbol) = &options.symbol {
        return Ok(symbol.clone());
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name == STANDARD_INPUT {
        return Err(Error::usage("standard input has no name to take the symbol from")
            .with_hint("say it with --symbol NAME"));
    }
    Ok(symbol_in(layout, &name))
}

/// Every symbol that a file without a symbol column may get.
pub(in crate::store) fn possible_symbols(path: &Path, options: &SourceOptions) -> Vec<String> {
    Layout::all().filter_map(|layout| only_symbol(path, options, layout).ok()).collect()
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

/// The columns that a file with a schema has.
pub(super) fn present(map: &ColumnMap) -> Vec<SourceColumn> {
    SourceColumn::ALL.into_iter().filter(|&column| map.place(column).is_some()).collect()
}

/// What the first bytes of a file show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Parquet,
    Feather,
    Text(Packing),
}

/// The kind of a file by its first bytes.
pub(super) fn kind_of(path: &Path, shown: &str) -> Result<Kind> {
    let refuse =
        |what: &str, remedy: &str| Err(Error::data(format!("{shown} is {what}")).with_hint(remedy));
    let mut first = Vec::new();
    let mut file = File::open(path).map_err(|e| Error::io("open", path, &e))?;
    file.by_ref().take(8).read_to_end(&mut first).map_err(|e| Error::io("read", path, &e))?;
    match &first[..] {
        [b'P', b'A', b'R', b'1', ..] => Ok(Kind::Parquet),
        b"ARROW1\0\0" => Ok(Kind::Feather),
        [b'F', b'E', b'A', b'1', ..] => {
            refuse("Feather of version 1", "write it again with a version of Arrow after 0.17")
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => refuse("UTF-16 text", "save it as UTF-8"),
        [b'B', b'Z', b'h', ..] => refuse("compressed (bzip2)", "unpack it first"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => refuse("compressed (xz)", "unpack it first"),
        [b'P', b'K', 5, 6, ..] => refuse("an empty archive", "pack the files again"),
        bytes => match Packing::of(bytes) {
            Packing::Plain if bytes.contains(&0) => refuse(
                "neither CSV, JSON, Parquet nor Feather",
                "give a CSV file with a header, or a Parquet file",
            ),
            packing => Ok(Kind::Text(packing)),
        },
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
            ("bars.csv.gz", b"\x1f\x8b\x08\x00", "cannot be unpacked"),
            ("bars.zip", b"PK\x03\x04....", "cannot be unpacked"),
            ("bars.csv.xz", b"\xfd7zXZ\0", "xz"),
            ("page.csv", b"<!DOCTYPE html><html>", "an HTML page"),
            ("image.csv", b"\x00\x01\x02", "neither CSV, JSON, Parquet nor Feather"),
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

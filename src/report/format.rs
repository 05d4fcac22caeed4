//! The four forms an answer can take on standard output.

use std::{fmt, io, str::FromStr};

use super::{csv, json, long_table, parquet, table};
use crate::{
    error::{Error, Result},
    store::{Rows, Table},
};

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Aligned columns, rounded for reading; undefined values are `-`.
    #[default]
    Table,
    /// RFC 4180 with a header; full precision, undefined values are empty.
    Csv,
    /// An array of objects; full precision, undefined values are `null`.
    Json,
    /// One Parquet file with typed columns: bytes for a file, not for a terminal.
    Parquet,
}

impl Format {
    const ALL: [Self; 4] = [Self::Table, Self::Csv, Self::Json, Self::Parquet];

    /// The name used in `--format`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| {
            Error::usage(format!("'{text}' is not an output format"))
                .with_hint("one of table, csv, json, parquet")
        })
    }
}

/// Writes `answer` to `out` as `format`; `width` is the terminal's, `None` where there is none.
///
/// # Errors
/// Only what `out` refuses.
pub fn write(
    answer: &Table,
    format: Format,
    width: Option<u16>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Table => out.write_all(table::aligned(answer, width).as_bytes()),
        Format::Csv => csv::write(answer, out),
        Format::Json => json::write(answer, out),
        Format::Parquet => parquet::write(answer, out),
    }
}

/// Writes rows that may be more than memory holds, one after the other, as `format`; a table for the
/// eye without regard to a terminal's width.
///
/// # Errors
/// What `out` refuses, or what reading the rows reports.
pub fn write_rows(rows: &dyn Rows, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Table => long_table::write(rows, out),
        Format::Csv => csv::write(rows, out),
        Format::Json => json::write(rows, out),
        Format::Parquet => parquet::write(rows, out),
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn names_read_back_and_others_are_refused() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>().expect("a format"), format);
        }
        let error = "xml".parse::<Format>().expect_err("not a format");
        assert_eq!(error.hint(), Some("one of table, csv, json, parquet"));
    }
}

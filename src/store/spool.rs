//! An answer that may be larger than memory: its first rows are held, the rest stands in a file.
//!
//! Whoever asks wants all of an answer or none of it, and wants the store closed before a pager that
//! waits is written to. So rows are set down as they come, in a form of our own, and read again when
//! the last one is there: the first [`HELD_BYTES`] in memory, all of them in `<store>.answer` where they
//! are more. The file has no name from the moment it is made, so nothing is left of it however the
//! process ends; its pages are the kernel's cache.
//!
//! A row is its cells one after the other: a byte for the kind, then a number in eight bytes, or a text
//! in as many as the four bytes before it say.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{Cell, CellKind, Rows, Table, answer::row_bytes, beside::beside};
use crate::error::{Error, Result};

/// Rows are held in memory up to here.
const HELD_BYTES: usize = 4 << 20;

/// An answer to a question. Where it is large its rows stand on disk; it is read like a [`Table`].
#[derive(Debug, Default)]
pub struct Answer {
    columns: Vec<String>,
    kinds: Vec<CellKind>,
    rows: u64,
    /// What its rows would take in a [`Table`].
    table_bytes: u64,
    held: Vec<u8>,
    /// Where its file is made; `None` for that of a store in memory, which holds everything.
    place: Option<PathBuf>,
    file: Option<BufWriter<File>>,
}

impl Answer {
    /// An answer without rows; its file would stand beside the store at `path`.
    pub(super) fn beside(path: Option<&Path>) -> Self {
        Self { place: path.map(|path| beside(path, ".answer")), ..Self::default() }
    }

    pub(super) fn describe(&mut self, columns: Vec<String>, kinds: Vec<CellKind>) {
        (self.columns, self.kinds) = (columns, kinds);
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Disk full, or what else the file reports, with its path.
    pub(super) fn push(&mut self, row: &[Cell]) -> Result<()> {
        for (kind, seen) in self.kinds.iter_mut().zip(row.iter().map(CellKind::of)) {
            *kind = seen.map_or(*kind, |seen| kind.widest(seen));
        }
        self.rows += 1;
        self.table_bytes += row_bytes(row);
        for cell in row {
            set_down(cell, &mut self.held);
        }
        if self.held.len() >= HELD_BYTES && self.place.is_some() { self.spill() } else { Ok(()) }
    }

    /// What is held goes to the file.
    fn spill(&mut self) -> Result<()> {
        let Some(place) = &self.place else { return Ok(()) };
        let failed = |error: io::Error| {
            let done = self.rows;
            Error::io("write an answer to", place, &error).with_hint(format!(
                "{done} rows were written down; free room for the rest, or ask for less"
            ))
        };
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(nameless(place).map_err(failed)?)),
        };
        file.write_all(&self.held).map_err(failed)?;
        self.held.clear();
        Ok(())
    }

    /// The same when the last row is there.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub(super) fn finished(mut self) -> Result<Self> {
        if self.file.is_some() {
            self.spill()?;
            self.held = Vec::new();
        }
        let place = self.place.clone().unwrap_or_default();
        if let Some(file) = &mut self.file {
            file.flush().map_err(|error| Error::io("write an answer to", &place, &error))?;
        }
        Ok(self)
    }

    /// Number of rows.
    pub fn len(&self) -> u64 {
        self.rows
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// What its rows take in a [`Table`].
    pub fn table_bytes(&self) -> u64 {
        self.table_bytes
    }

    /// The answer as a table.
    ///
    /// # Errors
    /// What reading the file reports.
    pub fn into_table(self) -> Result<Table> {
        let mut rows = Vec::with_capacity(usize::try_from(self.rows).unwrap_or(0));
        self.each(&mut |row| {
            rows.push(row.to_vec());
            Ok(())
        })
        .map_err(|error| Error::store(format!("an answer cannot be read again: {error}")))?;
        Ok(Table { columns: self.columns, kinds: self.kinds, rows })
    }
}

impl Rows for Answer {
    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn kinds(&self) -> Vec<CellKind> {
        self.kinds.clone()
    }

    fn each(&self, take: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
        match &self.file {
            None => read(&mut self.held.as_slice(), self.columns.len(), self.rows, take),
            Some(file) => {
                let mut file = file.get_ref();
                file.seek(SeekFrom::Start(0))?;
                read(&mut BufReader::new(file), self.columns.len(), self.rows, take)
            }
        }
    }
}

/// A file that is gone when it is closed.
pub(super) fn nameless(path: &Path) -> io::Result<File> {
    if path.symlink_metadata().is_ok() {
        // Of a process that was killed between the two lines below: the lock of the store is ours.
        fs::remove_file(path)?;
    }
    let file = File::options().read(true).write(true).create_new(true).open(path)?;
    fs::remove_file(path)?;
    Ok(file)
}

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const TIME: u8 = 5;
const TEXT: u8 = 6;

fn set_down(cell: &Cell, out: &mut Vec<u8>) {
    let mut number = |kind: u8, bytes: [u8; 8]| {
        out.push(kind);
        out.extend_from_slice(&bytes);
    };
    match cell {
        Cell::Null => out.push(NULL),
        Cell::Bool(yes) => out.push(if *yes { TRUE } else { FALSE }),
        Cell::Int(value) => number(INT, value.to_le_bytes()),
        Cell::Float(value) => number(FLOAT, value.to_bits().to_le_bytes()),
        Cell::Time(micros) => number(TIME, micros.to_le_bytes()),
        Cell::Text(text) => {
            out.push(TEXT);
            // DuckDB's texts are shorter than 4 GiB.
            let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&bytes.to_le_bytes());
            out.extend_from_slice(&text.as_bytes()[..bytes as usize]);
        }
    }
}

fn read(
    from: &mut dyn Read,
    columns: usize,
    rows: u64,
    take: &mut dyn FnMut(&[Cell]) -> io::Result<()>,
) -> io::Result<()> {
    let mut row = Vec::with_capacity(columns);
    for _ in 0..rows {
        row.clear();
        for _ in 0..columns {
            row.push(read_cell(from)?);
        }
        take(&row)?;
    }
    Ok(())
}

fn read_cell(from: &mut dyn Read) -> io::Result<Cell> {
    let [kind] = read_bytes(from)?;
    Ok(match kind {
        NULL => Cell::Null,
        FALSE => Cell::Bool(false),
        TRUE => Cell::Bool(true),
        INT => Cell::Int(i64::from_le_bytes(read_bytes(from)?)),
        FLOAT => Cell::Float(f64::from_bits(u64::from_le_bytes(read_bytes(from)?))),
        TIME => Cell::Time(i64::from_le_bytes(read_bytes(from)?)),
        TEXT => {
            let mut text = vec![0; u32::from_le_bytes(read_bytes(from)?) as usize];
            from.read_exact(&mut text)?;
            let text = String::from_utf8(text);
            Cell::Text(text.map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?)
        }
        other => {
            let line = format!("no cell begins with {other}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, line));
        }
    })
}

fn read_bytes<const N: usize>(from: &mut dyn Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Answer, Cell, CellKind, HELD_BYTES, Rows};

    fn row(at: i64) -> Vec<Cell> {
        vec![
            Cell::Int(at),
            if at % 3 == 0 { Cell::Null } else { Cell::Float(f64::from_bits(at.unsigned_abs())) },
            Cell::Text("ä\n".repeat(usize::try_from(at % 40).expect("small"))),
            Cell::Bool(at % 2 == 0),
            Cell::Time(-at),
        ]
    }

    fn answer(rows: i64, place: Option<&std::path::Path>) -> Answer {
        let mut answer = Answer::beside(place);
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let kinds =
            [CellKind::Int, CellKind::Float, CellKind::Text, CellKind::Bool, CellKind::Time];
        answer.describe(names.to_vec(), kinds.to_vec());
        (0..rows).for_each(|at| answer.push(&row(at)).expect("room"));
        answer.finished().expect("room")
    }

    #[test]
    fn rows_come_back_as_they_were_from_memory_and_from_a_file_that_has_no_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("s.duckdb");
        std::fs::write(folder.path().join("s.duckdb.answer"), "of a killed process").expect("left");
        for (rows, place) in [(0, None), (7, None), (7, Some(&*store)), (150_000, Some(&*store))] {
            let answer = answer(rows, place);
            assert_eq!(answer.file.is_some(), rows > 100_000);
            assert!(answer.held.len() < HELD_BYTES);
            for _ in 0..2 {
                let mut at = 0;
                answer
                    .each(&mut |read| {
                        assert_eq!(read, row(at));
                        at += 1;
                        Ok(())
                    })
                    .expect("read");
                assert_eq!(at, rows);
            }
            let files = std::fs::read_dir(folder.path()).expect("a folder").count();
            assert_eq!(files, usize::from(rows < 100_000), "it was removed with the first file");
        }
    }

    #[test]
    fn a_table_is_made_of_it_that_takes_what_it_says() {
        let (few, many) = (answer(7, None), answer(70, None));
        assert!(many.table_bytes() > 9 * few.table_bytes());
        let table = few.into_table().expect("read");
        assert_eq!(table.rows[6], row(6));
        assert_eq!(table.columns, ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn a_whole_number_that_is_text_makes_its_column_text() {
        let mut answer = Answer::beside(None);
        answer.describe(vec!["n".into()], vec![CellKind::Int]);
        for cell in [Cell::Int(1), Cell::Null, Cell::Text("18446744073709551616".into())] {
            answer.push(&[cell]).expect("room");
        }
        assert_eq!(answer.kinds(), [CellKind::Text]);
    }
}

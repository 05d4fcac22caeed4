//! Rows in order, which may be more than memory holds: sorted runs in a file without a name.
//!
//! Rows are pushed in any order and held up to a bound; beyond, what is held is sorted and written down as
//! a run. They are read again by merging the runs, as often as wanted. Where all fit no file is made, and
//! a store in memory has no place for one: everything is held then. Runs do not become many: once there
//! are [`MOST_RUNS`] they are merged to one. The file stands beside the store and has no name from the moment
//! it is made, so nothing is left of it however the process ends; its pages are the kernel's cache.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    fs::File,
    io::{self, BufWriter, Write},
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use super::{Store, beside::beside, spool::nameless};
use crate::error::{Error, Result};

/// Runs that are merged at a time.
const MOST_RUNS: usize = 128;
/// A run is read so many bytes at a time: at least, and at most.
const LEAST_READ: usize = 4 << 10;
const MOST_READ: usize = 64 << 10;

/// A row of a fixed number of bytes.
pub trait FixedRow: Copy {
    /// Bytes it takes in a file.
    const BYTES: usize;

    /// Total order of rows.
    fn order(&self, other: &Self) -> Ordering;

    /// Appends its [`Self::BYTES`] bytes.
    fn put(&self, out: &mut Vec<u8>);

    /// The row of these bytes.
    fn get(bytes: &[u8]) -> Self;
}

impl Store {
    /// The place beside this store where rows are sorted.
    pub fn sorting_place(&self) -> SortingPlace {
        let real = self.reader.held.real.as_deref();
        SortingPlace(real.map(|path| beside(path, ".sorting")))
    }
}

/// Where the files of rows that are sorted are made; nowhere for a store in memory.
#[derive(Debug, Clone)]
pub struct SortingPlace(Option<PathBuf>);

impl SortingPlace {
    /// No rows yet, of which so many are held in memory.
    pub fn sorting<T: FixedRow>(&self, most_held: usize) -> Sorting<T> {
        Sorting::at(self.0.clone(), most_held)
    }
}

/// Rows on their way into order.
#[derive(Debug)]
pub struct Sorting<T> {
    /// Where a file is made; `None` where there is no place for one.
    place: Option<PathBuf>,
    most_held: usize,
    held: Vec<T>,
    runs: Option<Runs>,
}

/// Sorted runs in a file.
#[derive(Debug)]
struct Runs {
    file: File,
    /// The bytes of each.
    bytes: Vec<Range<u64>>,
}

impl Runs {
    fn end(&self) -> u64 {
        self.bytes.last().map_or(0, |last| last.end)
    }
}

impl<T: FixedRow> Sorting<T> {
    fn at(place: Option<PathBuf>, most_held: usize) -> Self {
        Self { place, most_held: most_held.max(1), held: Vec::new(), runs: None }
    }

    /// Rows that are held in memory.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Rows that may be held before they go to the file.
    pub fn most_held(&self) -> usize {
        self.most_held
    }

    /// Lets go of the rows in memory that are not wanted.
    pub fn retain(&mut self, wanted: impl FnMut(&T) -> bool) {
        self.held.retain(wanted);
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Disk full, or what else the file reports, with its path.
    pub fn push(&mut self, row: T) -> Result<()> {
        if self.held.len() >= self.most_held && self.place.is_some() {
            self.write_run()?;
        }
        self.held.push(row);
        Ok(())
    }

    /// All of them, in order.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn sorted(mut self) -> Result<Sorted<T>> {
        if self.runs.is_some() {
            self.write_run()?;
            self.held = Vec::new();
        } else {
            self.held.sort_unstable_by(T::order);
        }
        let place = self.place.unwrap_or_default();
        Ok(Sorted { place, held: self.held, runs: self.runs, most_held: self.most_held })
    }

    fn write_run(&mut self) -> Result<()> {
        let Some(place) = &self.place else { return Ok(()) };
        let failed = |error: io::Error| not_written(place, &error);
        self.held.sort_unstable_by(T::order);
        let runs = match &mut self.runs {
            Some(runs) => runs,
            none => none.insert(Runs { file: nameless(place).map_err(failed)?, bytes: Vec::new() }),
        };
        let mut rows = self.held.drain(..).map(Ok);
        append(runs, &mut rows).map_err(failed)?;
        if runs.bytes.len() >= MOST_RUNS {
            let mut merged = Runs { file: nameless(place).map_err(failed)?, bytes: Vec::new() };
            let room = self.most_held * T::BYTES;
            let mut rows = Merge::<T>::of(runs, room).map_err(|error| not_read(place, &error))?;
            append(&mut merged, &mut rows).map_err(failed)?;
            *runs = merged;
        }
        Ok(())
    }
}

/// Appends sorted rows as a run.
fn append<T: FixedRow>(
    runs: &mut Runs,
    rows: &mut dyn Iterator<Item = io::Result<T>>,
) -> io::Result<()> {
    let from = runs.end();
    let (mut to, mut bytes) = (from, Vec::with_capacity(T::BYTES));
    let mut file = BufWriter::with_capacity(MOST_READ, &runs.file);
    for row in rows {
        bytes.clear();
        row?.put(&mut bytes);
        file.write_all(&bytes)?;
        to += bytes.len() as u64;
    }
    file.flush()?;
    drop(file);
    runs.bytes.push(from..to);
    Ok(())
}

fn not_written(place: &Path, error: &io::Error) -> Error {
    Error::io("write what is sorted to", place, error)
        .with_hint("free room beside the store, or raise --memory-budget")
}

fn not_read(place: &Path, error: &io::Error) -> Error {
    Error::io("read what was sorted from", place, error)
}

/// Rows in order.
#[derive(Debug)]
pub struct Sorted<T> {
    place: PathBuf,
    held: Vec<T>,
    runs: Option<Runs>,
    most_held: usize,
}

impl<T: FixedRow> Sorted<T> {
    /// Number of rows.
    pub fn len(&self) -> u64 {
        let written: u64 =
            self.runs.iter().flat_map(|runs| &runs.bytes).map(|run| run.end - run.start).sum();
        self.held.len() as u64 + written / T::BYTES as u64
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True where they stand in a file.
    pub fn is_on_disk(&self) -> bool {
        self.runs.is_some()
    }

    /// The rows from the first on.
    ///
    /// # Errors
    /// What the file reports.
    pub fn rows(&self) -> Result<Box<dyn Iterator<Item = Result<T>> + '_>> {
        let Some(runs) = &self.runs else { return Ok(Box::new(self.held.iter().copied().map(Ok))) };
        let failed = |error: io::Error| not_read(&self.place, &error);
        let merge = Merge::of(runs, self.most_held * T::BYTES).map_err(failed)?;
        Ok(Box::new(merge.map(move |row| row.map_err(failed))))
    }
}

/// The rows of some runs, in order.
struct Merge<'a, T> {
    runs: Vec<Run<'a>>,
    /// The first row of each that is left, and where it comes from.
    heads: BinaryHeap<Reverse<Head<T>>>,
}

impl<'a, T: FixedRow> Merge<'a, T> {
    /// Those of `runs`, with about `room` bytes for what is read at a time.
    fn of(runs: &'a Runs, room: usize) -> io::Result<Self> {
        let read = (room / runs.bytes.len().max(1)).clamp(LEAST_READ, MOST_READ);
        let read = read.next_multiple_of(T::BYTES);
        let of = |bytes: &Range<u64>| Run {
            file: &runs.file,
            left: bytes.clone(),
            buffer: Vec::new(),
            at: 0,
            read,
        };
        let mut merge =
            Self { runs: runs.bytes.iter().map(of).collect(), heads: BinaryHeap::new() };
        for run in 0..merge.runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, run: usize) -> io::Result<()> {
        if let Some(row) = self.runs[run].next()? {
            self.heads.push(Reverse(Head { row, run }));
        }
        Ok(())
    }
}

impl<T: FixedRow> Iterator for Merge<'_, T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse(Head { row, run }) = self.heads.pop()?;
        Some(self.advance(run).map(|()| row))
    }
}

struct Head<T> {
    row: T,
    run: usize,
}

impl<T: FixedRow> Ord for Head<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.row.order(&other.row).then(self.run.cmp(&other.run))
    }
}

impl<T: FixedRow> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: FixedRow> Eq for Head<T> {}

impl<T: FixedRow> PartialEq for Head<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

/// What is left of a run.
struct Run<'a> {
    file: &'a File,
    left: Range<u64>,
    buffer: Vec<u8>,
    at: usize,
    read: usize,
}

impl Run<'_> {
    fn next<T: FixedRow>(&mut self) -> io::Result<Option<T>> {
        if self.at == self.buffer.len() {
            let left = usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX);
            if left == 0 {
                self.buffer = Vec::new();
                self.at = 0;
                return Ok(None);
            }
            self.buffer.resize(left.min(self.read), 0);
            self.file.read_exact_at(&mut self.buffer, self.left.start)?;
            self.left.start += self.buffer.len() as u64;
            self.at = 0;
        }
        let row = T::get(&self.buffer[self.at..self.at + T::BYTES]);
        self.at += T::BYTES;
        Ok(Some(row))
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::{FixedRow, MOST_RUNS, Sorting};

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    struct Pair(u32, u64);

    impl FixedRow for Pair {
        const BYTES: usize = 12;

        fn order(&self, other: &Self) -> Ordering {
            self.cmp(other)
        }

        fn put(&self, out: &mut Vec<u8>) {
            out.extend_from_slice(&self.0.to_le_bytes());
            out.extend_from_slice(&self.1.to_le_bytes());
        }

        fn get(bytes: &[u8]) -> Self {
            let (first, second) = bytes.split_at(4);
            Self(
                u32::from_le_bytes(first.try_into().expect("four")),
                u64::from_le_bytes(second.try_into().expect("eight")),
            )
        }
    }

    proptest! {
        #[test]
        fn law_rows_come_in_order_whatever_is_held(
            rows in prop::collection::vec((0..9_u32, 0..1_000_u64), 0..600),
            most in 1..700_usize,
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let place = folder.path().join("s.duckdb.sorting");
            let rows: Vec<Pair> = rows.into_iter().map(|(a, b)| Pair(a, b)).collect();
            let mut expected = rows.clone();
            expected.sort_unstable();
            for place in [None, Some(place)] {
                let mut sorting = Sorting::at(place.clone(), most);
                for row in &rows {
                    sorting.push(*row).expect("room");
                    prop_assert!(sorting.held() <= most || place.is_none());
                }
                let sorted = sorting.sorted().expect("room");
                prop_assert_eq!(sorted.is_on_disk(), place.is_some() && rows.len() > most);
                prop_assert_eq!(sorted.len(), rows.len() as u64);
                for _ in 0..2 {
                    let read: Vec<Pair> =
                        sorted.rows().expect("read").map(|row| row.expect("read")).collect();
                    prop_assert_eq!(&read, &expected);
                }
            }
            prop_assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
        }
    }

    #[test]
    fn runs_do_not_become_many() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut sorting = Sorting::at(Some(folder.path().join("s.sorting")), 1);
        let count = 3 * MOST_RUNS as u64;
        for at in (0..count).rev() {
            sorting.push(Pair(0, at)).expect("room");
            let runs = sorting.runs.as_ref().map_or(0, |runs| runs.bytes.len());
            assert!(runs < MOST_RUNS, "{runs}");
        }
        let sorted = sorting.sorted().expect("room");
        let read: Vec<u64> = sorted.rows().expect("read").map(|row| row.expect("read").1).collect();
        assert_eq!(read, (0..count).collect::<Vec<_>>());
    }
}

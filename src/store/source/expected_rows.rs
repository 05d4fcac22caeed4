//! How much a file holds, told before it is read: exactly for Parquet, by its first lines for CSV.

use std::{fs::File, io::Read, path::Path};

use super::{parquet_source, reading::require_file};

/// Bytes of a CSV file whose lines are counted.
const SAMPLE_BYTES: u64 = 256 * 1024;

/// What a file is expected to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expected {
    /// Rows, without a header.
    pub rows: u64,
    /// What is decoded at a time, bytes.
    pub decoded_bytes: u64,
}

/// What the file at `path` is expected to hold; nothing, where it cannot be told: reading it says
/// why.
pub fn expected(path: &Path) -> Expected {
    if require_file(path).is_err() {
        return Expected::default();
    }
    let mut head = Vec::new();
    let Ok(file) = File::open(path) else { return Expected::default() };
    let bytes = file.metadata().map_or(0, |found| found.len());
    if file.take(SAMPLE_BYTES).read_to_end(&mut head).is_err() {
        return Expected::default();
    }
    if head.starts_with(parquet_source::MAGIC) {
        return parquet_source::expected(path).unwrap_or_default();
    }
    let lines = head.split(|&byte| byte == b'\n').count().saturating_sub(1) as u64;
    let lines_in_all = u128::from(lines) * u128::from(bytes) / (head.len() as u128).max(1);
    // A last line may lack its end; the header is no row.
    let rows = u64::try_from(lines_in_all).unwrap_or(u64::MAX);
    Expected { rows, decoded_bytes: SAMPLE_BYTES }
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write, fs};

    use super::{Expected, expected};

    #[test]
    fn lines_are_counted_in_a_sample_and_scaled() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        let mut text = String::from("ts,close\n");
        for row in 0..40_000 {
            writeln!(text, "2024-01-01T00:00:00Z,{row:08}").expect("a line");
        }
        fs::write(&path, &text).expect("written");
        let rows = expected(&path).rows;
        assert!((39_900..=40_100).contains(&rows), "{rows}");
        assert_eq!(expected(&folder.path().join("none")), Expected::default());
    }
}

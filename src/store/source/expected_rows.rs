//! How much a file holds, told before it is read: exactly for Parquet, by its first lines for text. A packed
//! file is unpacked once for it: its size says nothing, and its directory may lie.

use std::{
    fs,
    io::{BufRead, Read},
    path::Path,
};

use super::{
    SourceOptions, feather_source,
    layout::{Head, TextPlan},
    packed::{MOST_RATIO, Packing, each_part},
    parquet_source,
    reading::{Kind, kind_of, require_file, shown_name},
};
use crate::error::{Error, Result};

/// Bytes of a text whose lines are counted.
const SAMPLE_BYTES: u64 = 256 * 1024;
/// Lines of it that show how many records a line has.
const HEAD_LINES: usize = 8;

/// What a file is expected to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expected {
    /// Rows, without a header.
    pub rows: u64,
    /// What is decoded at a time, bytes.
    pub decoded_bytes: u64,
}

/// What the file at `path` is expected to hold, read under `options`; nothing, where it cannot be
/// told: reading it says why.
pub fn expected(path: &Path, options: &SourceOptions) -> Expected {
    if require_file(path).is_err() {
        return Expected::default();
    }
    let bytes = fs::metadata(path).map_or(0, |found| found.len());
    match kind_of(path, &shown_name(path)) {
        Ok(Kind::Parquet) => parquet_source::expected(path).unwrap_or_default(),
        Ok(Kind::Feather) => feather_source::expected(bytes),
        Ok(Kind::Text(packing)) => of_text(path, packing, bytes, options),
        Err(_) => Expected::default(),
    }
}

/// What the sampled texts of a file show.
#[derive(Default)]
struct Seen {
    bytes: u64,
    records: u64,
}

fn of_text(path: &Path, packing: Packing, bytes: u64, options: &SourceOptions) -> Expected {
    let mut seen = Seen::default();
    // Ends after the first text: the others are taken to be like it.
    let enough = || Error::internal("enough was seen");
    let _ = each_part(path, packing, &mut |part| {
        seen = sampled(part.input, part.name, options);
        Err(enough())
    });
    let unpacked = match packing {
        Packing::Plain => bytes,
        _ => unpacked_bytes(path, packing, bytes),
    };
    let in_all = u128::from(seen.records) * u128::from(unpacked) / u128::from(seen.bytes).max(1);
    // A last line may lack its end; the header is no row.
    let rows = u64::try_from(in_all).unwrap_or(u64::MAX);
    Expected { rows, decoded_bytes: SAMPLE_BYTES }
}

/// Records in the first bytes of a text.
fn sampled(input: &mut dyn BufRead, name: &str, options: &SourceOptions) -> Seen {
    let mut head = Vec::new();
    if input.take(SAMPLE_BYTES).read_to_end(&mut head).is_err() {
        return Seen::default();
    }
    let bytes = head.len() as u64;
    let count = |byte: u8| head.iter().map(|have| u64::from(*have == byte)).sum::<u64>();
    if head.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|b| b"[{".contains(b)) {
        return Seen { bytes, records: count(b']').max(count(b'}')) };
    }
    let lines = count(b'\n').max(count(b'\r'));
    let telling: Vec<&[u8]> = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&head)
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
        .take(HEAD_LINES)
        .collect();
    let plan = Head::of(&telling, name, name).and_then(|head| TextPlan::of(&head, options));
    let of_line = plan.map_or(1, |plan| plan.records() as u64);
    Seen { bytes, records: lines * of_line }
}

/// Bytes that a packed file unpacks to: counted, since what it says of itself may be a lie.
fn unpacked_bytes(path: &Path, packing: Packing, bytes: u64) -> u64 {
    let mut unpacked = 0;
    let mut buffer = vec![0; 1 << 16];
    let counted: Result<()> = each_part(path, packing, &mut |part| {
        loop {
            match part.input.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => unpacked += count as u64,
                Err(error) => return Err(Error::io("read", path, &error)),
            }
        }
    });
    // What breaks off is refused when it is read.
    if counted.is_ok() { unpacked } else { unpacked.min(bytes.saturating_mul(MOST_RATIO)) }
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write, fs};

    use super::{Expected, SourceOptions, expected};

    #[test]
    fn lines_are_counted_in_a_sample_and_scaled() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        let mut text = String::from("ts,close\n");
        for row in 0..40_000 {
            writeln!(text, "2024-01-01T00:00:00Z,{row:08}").expect("a line");
        }
        fs::write(&path, &text).expect("written");
        let rows = expected(&path, &SourceOptions::default()).rows;
        assert!((39_900..=40_100).contains(&rows), "{rows}");
        assert_eq!(
            expected(&folder.path().join("none"), &SourceOptions::default()),
            Expected::default()
        );
    }
}

//! DuckDB's errors, told in one line of ours.
//!
//! DuckDB answers with several lines (message, position, advice about its own settings). The
//! first one is kept, classified by who can act on it, and given a remedy where there is one.

use std::path::Path;

use crate::error::{Error, ErrorKind};

/// What the store was doing when DuckDB refused: completes "cannot ...".
#[derive(Debug, Clone, Copy)]
pub(super) struct Doing(pub(super) &'static str);

impl Doing {
    /// The error to report for `cause`.
    pub(super) fn failed(self, cause: &duckdb::Error) -> Error {
        let text = cause.to_string();
        let line = first_line(&text);
        let (kind, hint) = classify(&text);
        let line = if hint == Some(TIMES) { "time zones are not available" } else { &line };
        let error = Error::new(kind, format!("cannot {}: {line}", self.0));
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// Longest message passed on; DuckDB quotes whole statements now and then.
const MAX_CHARS: usize = 400;

fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason");
    line.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect()
}

/// What stands for time zones.
const TIMES: &str = "all times are UTC: leave out AT TIME ZONE and timezone(), and shift a time by an \
                     INTERVAL, such as ts + INTERVAL 2 HOUR";

/// What DuckDB says where its spill directory is full, and before the sizes that it names.
const OFFLOAD: &str = "failed to offload data block of size ";

/// What it says of blocks that are not what was written, or are not there.
const DAMAGED: [&str; 5] = [
    "does not match stored checksum",
    "Corrupt",
    "Could not read enough bytes",
    "Failed to load metadata pointer",
    "Failed to deserialize",
];

/// The same error with the place that is full, where DuckDB spills beside the store at `shown`
/// and does not say where.
pub(super) fn placed(error: Error, shown: &Path) -> Error {
    let text = error.to_string();
    let Some((doing, sizes)) = text.split_once(OFFLOAD).filter(|_| error.is_disk_full()) else {
        return error;
    };
    let doing = doing.split(": ").next().unwrap_or_default();
    let (block, used) = sizes.split_once(" (").unwrap_or((sizes, ""));
    let used = used.split('/').next().filter(|used| !used.is_empty()).unwrap_or("nothing");
    let line = format!(
        "{doing}: no space left on the disk for {}.tmp, where {used} are put aside that memory has no \
         room for: {block} more are needed at least",
        shown.display()
    );
    let placed = Error::new(error.kind(), line);
    match error.hint() {
        Some(hint) => placed.with_hint(hint),
        None => placed,
    }
}

fn classify(text: &str) -> (ErrorKind, Option<&'static str>) {
    if text.contains("xtension") && text.contains("icu") {
        // Time zones live in an extension of DuckDB that is not there and is not fetched.
        (ErrorKind::Usage, Some(TIMES))
    } else if text.contains("INTERRUPT") {
        (ErrorKind::Interrupted, None)
    } else if text.contains("No space left") || text.contains("enough disk space") {
        (
            ErrorKind::DiskFull,
            Some("free some space and run again; everything committed before is kept"),
        )
    } else if text.contains(OFFLOAD) {
        // DuckDB stops at nine tenths of what the disk has free, before the system says anything.
        (ErrorKind::DiskFull, Some("free some space, or raise --memory-budget, and run again"))
    } else if text.contains("Out of Memory Error") {
        (ErrorKind::Budget, Some("raise --memory-budget"))
    } else if text.contains("Could not set lock") {
        (ErrorKind::Locked, Some("wait for the other process to end, or name another store"))
    } else if text.contains("database has been invalidated") {
        (ErrorKind::Store, Some("run again; everything committed before is kept"))
    } else if text.contains("decoding Variant columns") {
        // Columns of DuckDB's own catalogue; none of ours is one.
        (ErrorKind::Usage, Some("give such a column as text: \"NAME\"::VARCHAR"))
    } else if DAMAGED.iter().any(|sign| text.contains(sign)) {
        (
            ErrorKind::Store,
            Some(
                "the store is damaged: 'barline doctor' with --db says what is lost and how to rebuild it",
            ),
        )
    } else {
        (ErrorKind::Store, None)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Doing, ErrorKind, placed};

    fn told(text: &str) -> crate::error::Error {
        let cause = duckdb::Error::DuckDBFailure(duckdb::ffi::Error::new(1), Some(text.into()));
        Doing("write a batch").failed(&cause)
    }

    #[test]
    fn one_line_remains_and_says_who_can_act() {
        let error = told("IO Error: Could not write \"x\": No space left on device\n\nmore\nlines");
        assert_eq!(
            error.to_string(),
            "cannot write a batch: IO Error: Could not write \"x\": No space left on device"
        );
        assert!(error.hint().is_some() && error.is_disk_full());
        assert_eq!(told("INTERRUPT Error: Interrupted!").kind(), ErrorKind::Interrupted);
        assert_eq!(told("Out of Memory Error: failed").kind(), ErrorKind::Budget);
        assert!(told("IO Error: Could not set lock on file").is_locked());
        let zone = told(
            "Binder Error: the extension \"icu\" is needed\n\nExtension Autoloading Error: no network",
        );
        assert_eq!(zone.to_string(), "cannot write a batch: time zones are not available");
        assert!(zone.is_usage() && zone.hint().is_some_and(|hint| hint.contains("UTC")));
        assert_eq!(told("").to_string(), "cannot write a batch: no reason");
    }

    #[test]
    fn a_full_disk_that_is_met_while_spilling_names_its_place() {
        let error = told(
            "Out of Memory Error: failed to offload data block of size 256.0 KiB (1.2 MiB/1.5 MiB \
             used).\nThis limit was set by the 'max_temp_directory_size' setting.",
        );
        assert!(error.is_disk_full());
        let error = placed(error, Path::new("bars/a.duckdb"));
        assert_eq!(
            error.to_string(),
            "cannot write a batch: no space left on the disk for bars/a.duckdb.tmp, where 1.2 MiB are \
             put aside that memory has no room for: 256.0 KiB more are needed at least"
        );
        assert!(error.is_disk_full() && error.hint().is_some());
        let other = placed(told("Out of Memory Error: failed"), Path::new("a"));
        assert_eq!(other.to_string(), "cannot write a batch: Out of Memory Error: failed");
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_sent_to_the_doctor() {
        for text in [
            "IO Error: Could not read enough bytes from file \"a\": attempted to read 9 bytes",
            "IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2",
        ] {
            let error = told(text);
            assert!(error.hint().is_some_and(|hint| hint.contains("barline doctor")), "{text}");
        }
    }
}

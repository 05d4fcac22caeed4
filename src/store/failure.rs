//! DuckDB's errors, told in one line of ours.
//!
//! DuckDB answers with several lines (message, position, advice about its own settings). The
//! first one is kept, classified by who can act on it, and given a remedy where there is one.

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
    } else if text.contains("Out of Memory Error") {
        (ErrorKind::Budget, Some("raise --memory-budget"))
    } else if text.contains("Could not set lock") {
        (ErrorKind::Locked, Some("wait for the other process to end, or name another store"))
    } else if text.contains("database has been invalidated") {
        (ErrorKind::Store, Some("run again; everything committed before is kept"))
    } else if text.contains("does not match stored checksum") || text.contains("Corrupt") {
        (
            ErrorKind::Store,
            Some("the store is damaged: 'barline doctor' with --db says what is lost"),
        )
    } else {
        (ErrorKind::Store, None)
    }
}

#[cfg(test)]
mod tests {
    use super::{Doing, ErrorKind};

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
}

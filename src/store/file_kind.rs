//! What a file is, told from its first bytes before DuckDB touches it.
//!
//! Called only under the store's lock: closing a descriptor of a file that DuckDB has open in the
//! same process would drop DuckDB's own lock.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

use crate::error::{Error, Result};

/// Where DuckDB's magic stands, after the checksum of the first block.
const MAGIC_AT: usize = 8;
const MAGIC: &[u8] = b"DUCK";
const SQLITE: &[u8] = b"SQLite format 3\0";
const PARQUET: &[u8] = b"PAR1";
/// Where the version of the writing library stands.
const LIBRARY_AT: std::ops::Range<usize> = 0x34..0x54;
const HEAD_BYTES: usize = 4096;

/// Refuses a path that cannot be a store because of what stands there, without opening it.
pub(super) fn require_file(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(meta) if meta.is_dir() => {
            Err(Error::store(format!("{} is a directory, not a store", path.display()))
                .with_hint("a store is one file, such as barline.duckdb"))
        }
        Ok(meta) if !meta.is_file() => {
            Err(Error::store(format!("{} is not a regular file", path.display())))
        }
        Ok(_) => Ok(()),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            Err(Error::store(format!("there is no store at {}", path.display())).with_hint(
                "'barline demo' makes one with synthetic bars, 'barline import' one from yours",
            ))
        }
        Err(e) => Err(Error::io("read", path, &e)),
    }
}

/// Refuses a file that DuckDB did not write. Returns the version of the DuckDB that did.
pub(super) fn require_duckdb(path: &Path) -> Result<String> {
    let head = head_of(path).map_err(|e| Error::io("read", path, &e))?;
    let refuse = |what: &str| {
        Error::store(format!("{} is not a store: {what}", path.display()))
            .with_hint("nothing was changed; name a store with --db")
    };
    if head.is_empty() {
        return Err(refuse("it is empty"));
    }
    if head.get(MAGIC_AT..MAGIC_AT + MAGIC.len()) == Some(MAGIC) {
        return Ok(library_version(&head));
    }
    Err(refuse(if head.starts_with(SQLITE) {
        "it is a SQLite database"
    } else if head.starts_with(PARQUET) {
        "it is a Parquet file"
    } else if head.iter().all(|byte| byte.is_ascii() && *byte != 0) {
        "it holds text"
    } else {
        "DuckDB did not write it"
    }))
}

fn head_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    File::open(path)?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

fn library_version(head: &[u8]) -> String {
    let field = head.get(LIBRARY_AT).unwrap_or_default();
    field.iter().take_while(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{require_duckdb, require_file};

    #[test]
    fn foreign_files_are_named_for_what_they_are() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        for (bytes, what) in [
            (&b""[..], "it is empty"),
            (b"ts,symbol,close\n", "it holds text"),
            (b"SQLite format 3\0rest", "it is a SQLite database"),
            (b"PAR1....", "it is a Parquet file"),
            (b"\x00\x01\x02", "DuckDB did not write it"),
        ] {
            fs::write(&path, bytes).expect("written");
            let error = require_duckdb(&path).expect_err("not a store");
            assert!(error.to_string().ends_with(what), "{error}");
        }
        let error = require_file(&folder.path().join("missing")).expect_err("missing");
        assert!(error.hint().is_some());
        let error = require_file(folder.path()).expect_err("a directory");
        assert!(error.to_string().contains("is a directory"));
    }
}
